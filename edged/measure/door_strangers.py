"""Strangers at a door that knows a thousand people, and the thousand themselves."""

from __future__ import annotations

import itertools
import os
import tempfile
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from edged.config.document import GallerySettings, ModelSettings, QualitySettings
from edged.domain.errors import Refused
from edged.domain.frame import Frame, Image
from edged.domain.identity import uuid7
from edged.domain.passage import Verdict
from edged.domain.person import Person
from edged.domain.progress import Progress
from edged.gallery.gallery import Gallery
from edged.measure.door_site import CAMERA, CountingLine, HandClock, door_document, door_site
from edged.measure.photo_set import Photo, read_aliases, read_names, read_photos
from edged.measure.sample_event import SAMPLE_UTC
from edged.mqtt.outbox import News
from edged.recognition.enrolment import portray
from edged.recognition.recognizer import Recognizer, Rules
from edged.runtime.judge import Seen
from edged.vault.vault import Vault
from edged.vision.photo import read_photo
from edged.vision.sight import Sight, open_sight
from edged.wire.passage import PassageRecord

_FRAMES: Final = 5
"""Of each photograph: three vote, and the door has its say before the face is gone."""
_APART_S: Final = 0.1
_BETWEEN_S: Final = 30.0
"""From one visitor to the next: nothing of the former is remembered."""


@dataclass(frozen=True, slots=True)
class AtTheDoor:
    """What became of visitors.

    Attributes:
        people, photographs: how many came; seen: photographs in which a face was found.
        granted: how often the door opened; wrongly: for somebody else than who came.
        refused: how often it did not, by the word that said why.
    """

    people: int
    photographs: int
    seen: int
    granted: int
    wrongly: int
    refused: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class DoorStrangers:
    """Attributes:
    enrolled: how many people, with one photograph each; not_fit: whose photograph was refused, and who were left out.
    strangers, members: of nobody who is enrolled, and of those who are, with their other photographs.
    """

    enrolled: int
    not_fit: int
    strangers: AtTheDoor
    members: AtTheDoor


def try_strangers(
    models: ModelSettings,
    faces: Path,
    strangers: Path | None,
    aliases: Path | None,
    enrol: int,
    most: int | None,
    progress: Progress,
) -> DoorStrangers:
    """Enrols people, and shows the door everybody else, then their own other photographs. Blocks for about 0.1 s a
    photograph.

    The daemon's recogniser with the door preset, its doorman and its rules, frame by frame, on a clock moved by hand.

    Args:
        faces: a folder for each person; strangers: names of those among them who are never enrolled; None: nobody is
            kept out, and strangers are those beyond the first `enrol`.
        aliases: names of one person, those on one line together: a set of photographs may have somebody twice.
        enrol: how many people are enrolled, those with most photographs first.
        most: so many photographs of strangers and of members at most; None: all.

    Raises:
        Refused: there are no photographs. Unavailable, Corrupt: the models cannot be used.
    """
    sight = open_sight(models)
    same = read_aliases(aliases) if aliases else {}
    outside = {same.get(name, name) for name in (read_names(strangers) if strangers else ())}
    by_person: dict[str, list[Photo]] = {}
    for photo in read_photos(faces):
        person = same.get(photo.person, photo.person)
        by_person.setdefault(person, []).append(Photo(person, photo.path))
    inside = sorted((name for name in by_person if name not in outside), key=lambda name: (-len(by_person[name]), name))
    with tempfile.TemporaryDirectory(prefix="edged-strangers-") as name:
        folder = Path(name)
        vault = Vault.open(folder, None)
        ids = itertools.count()
        gallery = Gallery.open(
            folder / "gallery.db",
            GallerySettings(),
            sight.model,
            vault,
            now=lambda: SAMPLE_UTC,
            new_id=lambda: uuid7(SAMPLE_UTC, next(ids).to_bytes(10, "big")),
        )
        enrolled, left, not_fit = _enrol(gallery, sight, by_person, inside, enrol, progress)
        door = _Door(folder, sight, gallery)
        others = [photo for name in (*left, *sorted(outside & by_person.keys())) for photo in by_person[name]]
        own = [photo for name in sorted(enrolled) for photo in by_person[name][1:]]
        met = door.meet(others[:most], lambda share: progress("strangers come to the door", 0.2 + 0.4 * share))
        members = door.meet(own[:most], lambda share: progress("members come to the door", 0.6 + 0.4 * share))
        gallery.close()
    return DoorStrangers(len(enrolled), not_fit, met, members)


def _enrol(
    gallery: Gallery,
    sight: Sight,
    by_person: Mapping[str, list[Photo]],
    names: list[str],
    most: int,
    progress: Progress,
) -> tuple[list[str], list[str], int]:
    """Who was enrolled, who was not tried, and how many were not fit."""
    enrolled: list[str] = []
    not_fit = 0
    for place, name in enumerate(names):
        if len(enrolled) >= most:
            return enrolled, names[place:], not_fit
        progress("enrolling", 0.2 * len(enrolled) / most)
        try:
            portrait = portray(sight, by_person[name][0].path.read_bytes(), QualitySettings(), largest=True)
        except Refused:
            not_fit += 1
            continue
        gallery.enroll(Person("", name, name), [portrait.template])
        enrolled.append(name)
    return enrolled, [], not_fit


class _Door:
    """The door, and what it said so far."""

    def __init__(self, folder: Path, sight: Sight, gallery: Gallery) -> None:
        self._clock = HandClock(SAMPLE_UTC)
        self._gallery = gallery
        self._said: list[PassageRecord] = []
        self._line = CountingLine()
        loaded = door_document()
        self._rules = Rules.of(loaded.document, loaded.digest, CAMERA)
        self._recognizer = Recognizer(sight, lambda at: uuid7(at.utc, os.urandom(10)), lambda: os.urandom(32))
        self._doorman = door_site(
            folder,
            loaded,
            clock=self._clock,
            curve=sight.curve,
            line=self._line,
            people=lambda person_id: gallery.snapshot().person(person_id),
            tell=self._take,
        )

    def meet(self, photos: list[Photo], progress: Callable[[float], None]) -> AtTheDoor:
        """One visitor after another."""
        granted = wrongly = seen = 0
        refused: Counter[str] = Counter()
        for place, photo in enumerate(photos):
            progress(place / len(photos))
            self._said.clear()
            seen += self._show(read_photo(photo.path))
            for said in self._said:
                if said.verdict is Verdict.GRANTED:
                    granted += 1
                    wrongly += said.person is None or said.person.customer_person_id != photo.person
                else:
                    refused[said.why] += 1
        people = len({photo.person for photo in photos})
        return AtTheDoor(people, len(photos), seen, granted, wrongly, dict(refused.most_common()))

    def _show(self, image: Image) -> bool:
        """Whether a face was found."""
        self._clock.sleep(_BETWEEN_S)
        self._recognizer.leave(CAMERA)
        self._doorman.run_once(0)
        found = False
        for number in range(_FRAMES):
            self._clock.sleep(_APART_S)
            frame = Frame(CAMERA, number, self._clock.now(), image)
            look = self._recognizer.look(frame, self._rules, self._gallery.snapshot())
            found = found or bool(look.sightings)
            self._doorman.heed(Seen(frame, look))
            self._doorman.run_once(0)
        return found

    def _take(self, news: tuple[News, ...]) -> None:
        self._said += [item for item in news if isinstance(item, PassageRecord)]
