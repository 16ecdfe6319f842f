"""What has to be in a booth's store after all that was done to it, and what must not be there any more."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from edged.measure.made_photo import GUESTS, file_of, guests_in, selfie_of, traces_of_file, vector_of
from edged.photos.photo import PhotoKind


@dataclass(frozen=True, slots=True)
class Deed:
    """Something that is done to an event.

    Attributes:
        word: `create`, `add`, `delete`, `search`, `deny`, `forget`, `purge`, or `finish`: the rest of a purge that was
            acknowledged already; event: its id.
        what: the slug that it is created under; the number of the photograph that is added, deleted or denied.
        request: id of the search that is done, denies or is forgotten; guest: whose face it is done with.
    """

    word: str
    event: str
    what: str = ""
    request: str = ""
    guest: int = -1

    def line(self) -> str:
        """As one process tells another."""
        return f"{self.word} {self.event} {self.what or '-'} {self.request or '-'} {self.guest}"

    @classmethod
    def read(cls, line: str) -> Deed:
        word, event, what, request, guest = line.split()
        return cls(word, event, what.strip("-"), "" if request == "-" else request, int(guest))

    @property
    def number(self) -> int:
        """Of the photograph."""
        return int(self.what)


@dataclass(slots=True)
class ExpectedEvent:
    """An event that is there.

    Attributes:
        photos: numbers; searches: whose each is, by request id; denied: numbers of photographs by request id.
        shown: numbers of the photographs that each search shows, by request id.
        forgotten: guest and number of the photograph of each face that is gone from it.
    """

    slug: str
    photos: set[int] = field(default_factory=set)
    searches: dict[str, int] = field(default_factory=dict)
    denied: dict[str, set[int]] = field(default_factory=dict)
    shown: dict[str, set[int]] = field(default_factory=dict)
    forgotten: set[tuple[int, int]] = field(default_factory=set)

    def found_by(self, guest: int) -> set[int]:
        """Numbers of the photographs that are theirs for a search that is done now."""
        there = {number for number in self.photos if guest in guests_in(number)}
        return {number for number in there if (guest, number) not in self.forgotten} - self.denied_by(guest)

    def denied_by(self, guest: int) -> set[int]:
        """Numbers of the photographs of which this guest has said that it is not them."""
        theirs = (numbers for request, numbers in self.denied.items() if self.searches.get(request) == guest)
        return set().union(*theirs)

    def faces(self, event: str) -> set[bytes]:
        """The vectors that its photographs have."""
        return {
            vector_of(event, guest, str(number)).tobytes()
            for number in self.photos
            for guest in guests_in(number)
            if (guest, number) not in self.forgotten
        }


@dataclass(slots=True)
class BoothLedger:
    """Keeps the account. `purged`: ids of events; `traces`: of all that was purged, deleted or forgotten."""

    events: dict[str, ExpectedEvent] = field(default_factory=dict)
    purged: set[str] = field(default_factory=set)
    traces: set[bytes] = field(default_factory=set)

    def done(self, deed: Deed) -> None:
        """A deed was done, whole."""
        if deed.word == "finish":
            return
        if deed.word == "create":
            self.events[deed.event] = ExpectedEvent(deed.what)
            return
        event = self.events[deed.event]
        match deed.word:
            case "add":
                event.photos.add(deed.number)
            case "delete":
                self._delete(deed.event, event, deed.number)
            case "search":
                event.shown[deed.request] = event.found_by(deed.guest)
                event.searches[deed.request] = deed.guest
            case "deny":
                event.denied.setdefault(deed.request, set()).add(deed.number)
                event.shown[deed.request].discard(deed.number)
            case "forget":
                self._forget(deed.event, event, deed.request)
            case "purge":
                self._purge(deed.event, event)
            case _:
                raise ValueError(deed.word)

    def undone(self, deed: Deed) -> None:
        """A deed was begun and came to nothing: what it would have added must have left no trace."""
        if deed.word == "add":
            self.traces |= set(_traces_of_photo(deed.event, deed.number))
        elif deed.word == "search":
            self.traces |= set(_traces_of_search(deed.event, deed.request, deed.guest))

    def _purge(self, own_id: str, event: ExpectedEvent) -> None:
        for number in event.photos:
            self.traces |= set(_traces_of_photo(own_id, number))
        for request, guest in event.searches.items():
            self.traces |= set(_traces_of_search(own_id, request, guest))
        del self.events[own_id]
        self.purged.add(own_id)

    def _delete(self, own_id: str, event: ExpectedEvent, number: int) -> None:
        event.photos.discard(number)
        for numbers in (*event.denied.values(), *event.shown.values()):
            numbers.discard(number)
        self.traces |= set(_traces_of_photo(own_id, number))

    def _forget(self, own_id: str, event: ExpectedEvent, request_id: str) -> None:
        """What a search shows is theirs who ask by it, also where they have denied it in another one since."""
        guest = event.searches[request_id]
        for number in event.found_by(guest) | event.shown[request_id]:
            event.forgotten.add((guest, number))
            self.traces.add(vector_of(own_id, guest, str(number)).tobytes())
        for request in [request for request, whose in event.searches.items() if whose == guest]:
            self.traces |= set(_traces_of_search(own_id, request, guest))
            del event.searches[request]
            event.denied.pop(request, None)
            event.shown.pop(request, None)


def _traces_of_photo(event: str, number: int) -> Iterator[bytes]:
    for kind in PhotoKind:
        yield from traces_of_file(file_of(event, number, kind))
    for guest in range(GUESTS):
        if guest in guests_in(number):
            yield vector_of(event, guest, str(number)).tobytes()


def _traces_of_search(event: str, request: str, guest: int) -> Iterator[bytes]:
    yield from traces_of_file(selfie_of(request))
    yield vector_of(event, guest, request).tobytes()
