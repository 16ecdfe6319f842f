"""The parts that tests of several rooms share: the real models, a real face and a real broker."""

from __future__ import annotations

import fcntl
import shutil
import signal
import subprocess
import sys
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import Final

import cv2
import numpy as np
import pytest
from hypothesis import settings
from xdist.remote import Producer
from xdist.scheduler import LoadFileScheduling

from edged.config.document import ModelSettings
from edged.domain.frame import Image
from edged.domain.progress import quiet
from edged.runtime.mosquitto import Mosquitto
from edged.vision.build.builder import build_models
from edged.vision.build.source import Sources
from edged.vision.manifest import manifest_names, read_manifest
from edged.vision.sight import Sight, open_sight

ROOT: Final = Path(__file__).parents[1]
MODELS: Final = ROOT / "build" / "models"

pytest.register_assert_rewrite(*(f"tests.{room.parent.name}" for room in Path(__file__).parent.glob("*/__init__.py")))
"""A contract or a stand that fails shows its values like a test, whichever room's tests import it first."""

if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    # Whoever starts the tests in the background may have it ignored, and every child would, too.
    signal.signal(signal.SIGINT, signal.default_int_handler)

settings.register_profile("steady", deadline=None, derandomize=True)
settings.load_profile("steady")
"""The same examples in every run, on a machine of any speed: a change that breaks nothing never fails."""


class _ByRoom(LoadFileScheduling):  # type: ignore[misc]  # it ships no types
    def _split_scope(self, nodeid: str) -> str:
        file = Path(nodeid.partition("::")[0])
        return str(file.parent if file.parent.name == "systemd" else file)


def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> _ByRoom:
    """Side by side, a file stays in one process with what its tests share; all that boot a machine share that, too."""
    return _ByRoom(config, log)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """What was logged may be no text; between processes only text passes."""
    report = yield
    report.sections = [(title, text.encode(errors="backslashreplace").decode()) for title, text in report.sections]
    return report


@pytest.fixture(scope="session")
def models_dir() -> Path:
    """A directory with the manifests of this checkout and their models: built by the first run, kept for the next."""
    MODELS.mkdir(parents=True, exist_ok=True)
    with (MODELS / ".building").open("w") as turn:
        fcntl.flock(turn, fcntl.LOCK_EX)  # two processes of tests may come here at once
        for pattern in ("*.yaml", "*-ranges.json"):
            for source in (ROOT / "models").glob(pattern):
                kept = MODELS / source.name
                if not kept.is_file() or kept.read_bytes() != source.read_bytes():
                    shutil.copy(source, kept)
        manifests = [read_manifest(MODELS, name) for name in manifest_names(MODELS)]
        build_models(manifests, MODELS, Sources(MODELS / "cache"), quiet)
    return MODELS


@pytest.fixture(scope="session")
def model_settings(models_dir: Path) -> ModelSettings:
    """The default models, from `models_dir`."""
    return ModelSettings(directory=models_dir)


@pytest.fixture(scope="session")
def sight(model_settings: ModelSettings) -> Sight:
    """The default detector and embedder."""
    return open_sight(model_settings)


@pytest.fixture(scope="session")
def astronaut_path() -> Path:
    """NASA's portrait of Eileen Collins (public domain): one face, 512 × 512. Fetched by the first run, then kept."""
    command = [sys.executable, str(ROOT / "scripts" / "demo-photo"), str(ROOT / "build" / "photos")]
    return Path(subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout.strip())


@pytest.fixture(scope="session")
def astronaut(astronaut_path: Path) -> Image:
    """That photograph as BGR pixels, read-only."""
    image = np.asarray(cv2.imread(str(astronaut_path), cv2.IMREAD_COLOR), np.uint8)
    image.flags.writeable = False
    return image


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[Mosquitto]:
    """A real one, open to all."""
    folder = tmp_path / "mosquitto"
    folder.mkdir()
    with Mosquitto(folder) as mosquitto:
        yield mosquitto
