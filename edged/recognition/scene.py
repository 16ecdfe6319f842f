"""What goes on in front of one camera."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from edged.config.document import VisitSettings
from edged.domain.event import Event
from edged.domain.face import Face
from edged.domain.frame import Moment
from edged.recognition.strangers import Strangers
from edged.recognition.tracker import Track, Tracker
from edged.recognition.visit import Judged, NewId, VisitBook
from edged.recognition.watch import Watch


class Scene:
    """The faces that are followed, what is known about each, and the visits.

    Args:
        camera: its name, for the events.
        numbers: gives the tracks their ids.
        new_id: makes the identifiers of visits and events.
        strangers: gives the unknown their pseudonyms.
    """

    def __init__(self, camera: str, numbers: Iterator[int], new_id: NewId, strangers: Strangers) -> None:
        self._tracker = Tracker(numbers)
        self._watches: dict[Track, Watch] = {}
        self._book = VisitBook(camera, new_id, strangers)
        self._now = Moment(float("-inf"), 0.0)

    @property
    def is_watching(self) -> bool:
        """Whether a face is in the picture or was a moment ago."""
        return bool(self._tracker.tracks)

    def follow(self, faces: Sequence[Face], at: Moment) -> list[Watch]:
        """What is known about each face of a frame, in their order."""
        self._now = max(self._now, at)
        return [self._watch(track, at) for track in self._tracker.follow([face.box for face in faces], at)]

    def sort_out(
        self, watches: list[Watch], strays: Mapping[int, NDArray[np.float32]], at: Moment, alike: float
    ) -> None:
        """Finds out whose faces these are that their tracks did not expect, and changes `watches` accordingly.

        Each is that of somebody who is missing at the moment or stands in for another, as when two change places; or
        it is a new one. Those whose place was taken and who are nowhere to be found have left.

        Args:
            watches: of the frame.
            strays: the embeddings of those faces, by their index in `watches`.
            alike: the cosine from which they are one face.
        """
        expected = {index: watches[index] for index in strays}
        places = {index: watch.track.box for index, watch in expected.items()}
        missing = [watch for watch in self._watches.values() if watch not in watches] + list(expected.values())
        for index, embedding in strays.items():
            found = max(missing, key=lambda watch: watch.ballot.likeness(embedding), default=None)
            if found and found.ballot.likeness(embedding) >= alike:
                missing.remove(found)
                found.track.see(places[index], at)
                watches[index] = found
            elif watches[index].ballot.votes:
                watches[index] = self._watch(self._tracker.begin(places[index], at), at)
        for watch in expected.values():
            if watch not in watches:
                self._tracker.forget(watch.track)
                del self._watches[watch.track]

    def names_out_of_sight(self, watches: Sequence[Watch]) -> set[str]:
        """Ids of the people whose faces are missing in this frame's `watches`, but have not left yet."""
        return {watch.name for watch in self._watches.values() if watch.name and watch not in watches}

    def settle(self, watch: Watch, judged: Judged, watches: Sequence[Watch], alike: float) -> list[Event]:
        """Takes over an answer; see `VisitBook.settle`.

        A visit has one face. If it turns out to be this one, whoever had it before is somebody else.
        """
        present = {other.track.id for other in watches if not other.in_doubt}
        watch.visit, events = self._book.settle(watch.visit, judged, present=present, alike=alike)
        self._watches = {
            track: other for track, other in self._watches.items() if other is watch or other.visit is not watch.visit
        }
        return events

    def see(self, watch: Watch, at: Moment, settings: VisitSettings) -> list[Event]:
        """A face is still there: its visit goes on."""
        return self._book.see(watch.visit, watch.shot, at, settings) if watch.visit else []

    def lapse(self, at: Moment, settings: VisitSettings) -> list[Event]:
        """Lets time pass: faces leave, visits end."""
        self._now = max(self._now, at)
        self._tracker.lapse(at, settings.leave_s)
        self._watches = {track: self._watches[track] for track in self._tracker.tracks if track in self._watches}
        return self._book.lapse(at, settings)

    def close(self) -> list[Event]:
        """Ends all visits."""
        return self._book.close(self._now)

    def _watch(self, track: Track, at: Moment) -> Watch:
        return self._watches.setdefault(track, Watch(track, at))
