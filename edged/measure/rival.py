"""Finding and embedding faces, beside PyPI's face_recognition on the same photographs in the same run."""

from __future__ import annotations

import json
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from edged.config.document import Document
from edged.domain.errors import Unavailable, Unsupported
from edged.domain.frame import Image
from edged.domain.progress import Progress
from edged.vision.photo import read_photo
from edged.vision.sight import Sight, open_sight

_WORKER: Final = Path(__file__).with_name("dlib_worker.py")


@dataclass(frozen=True, slots=True)
class Effort:
    """What finding and embedding all faces of one photograph took.

    Attributes:
        faces: found and embedded.
        seconds: of processor time, all threads.
    """

    faces: int
    seconds: float


@dataclass(frozen=True, slots=True)
class Contest:
    """Both on the same photographs.

    Attributes:
        faces, rival_faces: found and embedded in all photographs together.
        cpu_ms, rival_cpu_ms: processor time for one photograph, mean.
    """

    photos: int
    faces: int
    rival_faces: int
    cpu_ms: float
    rival_cpu_ms: float

    @property
    def ratio(self) -> float:
        """Our processor time for one second of theirs."""
        return self.cpu_ms / self.rival_cpu_ms


def compare_with_rival(document: Document, photos: Sequence[Path], python: Path, progress: Progress) -> Contest:
    """Each photograph by both in turns, changing who begins: from pixels to the embeddings of all faces in it.

    face_recognition does what its `face_encodings` does by default: HOG detector with the picture doubled once, five
    landmarks, one encoding. Processor time of all threads. Blocks for about half a second a photograph.

    Args:
        photos: at least one.
        python: the interpreter of an environment that has face_recognition.

    Raises:
        Unsupported: there is no such environment; the remedy says how to make it.
        Unavailable: it ended on its own.
        Refused: a photograph cannot be read.
    """
    sight = open_sight(document.models)
    ours: list[Effort] = []
    theirs: list[Effort] = []
    with _rival(python) as rival:
        for path in photos[:1]:  # both set things up with their first picture
            _take(sight, read_photo(path))
            _ask(rival, path)
        for number, path in enumerate(photos):
            progress(f"beside face_recognition: photograph {number + 1} of {len(photos)}", number / len(photos))
            image = read_photo(path)
            if number % 2:
                theirs.append(_ask(rival, path))
                ours.append(_take(sight, image))
            else:
                ours.append(_take(sight, image))
                theirs.append(_ask(rival, path))
    return Contest(
        photos=len(photos),
        faces=sum(effort.faces for effort in ours),
        rival_faces=sum(effort.faces for effort in theirs),
        cpu_ms=_mean_ms(ours),
        rival_cpu_ms=_mean_ms(theirs),
    )


def _take(sight: Sight, image: Image) -> Effort:
    begun = time.process_time()
    faces = sight.detect(image)
    sight.embed([sight.crop(image, face) for face in faces])
    return Effort(len(faces), time.process_time() - begun)


def _ask(rival: subprocess.Popen[str], path: Path) -> Effort:
    assert rival.stdin is not None and rival.stdout is not None  # noqa: S101, PT018  it was started with both pipes
    rival.stdin.write(f"{path.resolve()}\n")
    rival.stdin.flush()
    answer = rival.stdout.readline()
    if not answer:
        raise Unavailable(f"face_recognition ended on {path}")
    return Effort(**json.loads(answer))


@contextmanager
def _rival(python: Path) -> Iterator[subprocess.Popen[str]]:
    argv = [str(python), "-W", "ignore", str(_WORKER)]  # one of its packages warns about another at every start
    try:
        process = subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    except OSError:
        raise Unsupported(
            f"there is no {python} with face_recognition to compare with", "Make it: scripts/venv compare"
        ) from None
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def _mean_ms(efforts: Sequence[Effort]) -> float:
    return sum(effort.seconds for effort in efforts) * 1000 / len(efforts)
