"""What goes on in front of one camera."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from edged.config.document import VisitSettings
from edged.domain.event import Event
from edged.domain.face import Face
from edged.domain.frame import Moment
from edged.recognition.tracker import Track, Tracker
from edged.recognition.visit import Judged, NewId, VisitBook
from edged.recognition.watch import Watch


class Scene:
    """The faces that are followed, what is known about each, and the visits.

    Args:
        camera: its name, for the events.
        numbers: gives the tracks their ids.
        new_id: makes the identifiers of visits and events.
    """

    def __init__(self, camera: str, numbers: Iterator[int], new_id: NewId) -> None:
        self._tracker = Tracker(numbers)
        self._watches: dict[Track, Watch] = {}
        self._book = VisitBook(camera, new_id)
        self._now = Moment(float("-inf"), 0.0)

    @property
    def is_watching(self) -> bool:
        """Whether a face is in the picture or was a moment ago."""
        return bool(self._tracker.tracks)

    def follow(self, faces: Sequence[Face], at: Moment) -> list[Watch]:
        """What is known about each face of a frame, in their order."""
        self._now = max(self._now, at)
        return [self._watch(track, at) for track in self._tracker.follow([face.box for face in faces], at)]

    def take_over(self, watch: Watch, at: Moment) -> Watch:
        """Another face stands where this one was: the old one has left, a new one is watched at its place.

        If they changed places with others, those are in doubt too, unless they have been looked at in this frame.
        """
        self._tracker.forget(watch.track)
        del self._watches[watch.track]
        for other in self._watches.values():
            other.track.sure &= other.looked == at.mono
        return self._watch(self._tracker.begin(watch.track.box, at), at)

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
