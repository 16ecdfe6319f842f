"""Many people at once: read, looked at on every core, judged and stored one person after the other."""

from __future__ import annotations

import hashlib
import json
from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import Future
from dataclasses import asdict, dataclass
from typing import Final, Protocol

from edged.domain.errors import Refused
from edged.domain.person import Person, Template
from edged.domain.progress import Progress
from edged.gallery.person_record import record
from edged.gallery.roster import Applicant, Roster
from edged.recognition.doubt import Known
from edged.recognition.finding import Looked, PersonFinding, find
from edged.runtime.clock import Clock
from edged.runtime.import_journal import ImportJournal
from edged.runtime.portrayers import Portrayers, Terms
from edged.vision.photo import MAX_BYTES

_WAITING: Final = 8
"""People whose photographs are looked at while the first of them is stored."""
_MINUTE: Final = 60


class Register(Protocol):
    """Where people are enrolled; `edged.gallery.gallery.Gallery` and `edged.recognition.rehearsal.Rehearsal` are."""

    def snapshot(self) -> Known: ...
    def enroll(self, person: Person, templates: Sequence[Template]) -> Person: ...


@dataclass(frozen=True, slots=True, eq=False)
class _Turn:
    """A person whose photographs are being looked at, or who was done before."""

    applicant: Applicant
    digest: str
    looks: tuple[tuple[str, Future[Looked] | Refused], ...]
    before: PersonFinding | None = None


class BulkEnrolment:
    """One import.

    A person is stored in one transaction, and then noted in the journal: stopped at any point, by a kill too, the same
    call goes on with the next. Memory does not grow with the photographs, only with the words about them.

    Args:
        register: takes the people.
        portrayers: look at the photographs; terms: what they take.
        journal: of this source; None keeps none.
        clock: for the rate.
    """

    def __init__(
        self, register: Register, portrayers: Portrayers, terms: Terms, journal: ImportJournal | None, clock: Clock
    ) -> None:
        self._register = register
        self._portrayers = portrayers
        self._terms = terms
        self._journal = journal
        self._clock = clock

    def run(self, roster: Roster, progress: Progress) -> list[PersonFinding]:
        """Enrols everybody; what came of each, in the roster's order, the entries that name nobody first.

        Blocks for as long as it takes; about 25 ms of a core for each photograph of 250 × 250 pixels.

        Raises:
            Unavailable, Corrupt: of the gallery or the journal. What was done is done.
        """
        findings = [PersonFinding.rejected(item.where, item.refusal) for item in roster.rejected]
        pace = _Pace(roster.photos, self._clock)
        for turn in self._turns(roster):
            finding = turn.before or self._settle(turn)
            findings.append(finding)
            pace.count(len(finding.photos), anew=turn.before is None)
            progress(pace.words(), pace.share)
        return findings

    def _turns(self, roster: Roster) -> Iterator[_Turn]:
        """People in order, each once their photographs are being looked at, with some more under way behind them."""
        waiting: deque[_Turn] = deque()
        for applicant in roster.applicants:
            waiting.append(self._begin(roster, applicant))
            if len(waiting) > _WAITING:
                yield waiting.popleft()
        yield from waiting

    def _begin(self, roster: Roster, applicant: Applicant) -> _Turn:
        journal, key = self._journal, applicant.person.customer_person_id
        if journal and journal.mentions(key):
            digest = self._digest(applicant, [_hash(_read(roster, name)) for name in applicant.photos])
            if before := journal.finding(key, digest):
                return _Turn(applicant, digest, (), before)
        looks: list[tuple[str, Future[Looked] | Refused]] = []
        hashes: list[str] = []
        for name in applicant.photos:
            photo = _read(roster, name)
            hashes.append(_hash(photo))
            looks.append((name, photo if isinstance(photo, Refused) else self._portrayers.begin(photo)))
        return _Turn(applicant, self._digest(applicant, hashes), tuple(looks))

    def _settle(self, turn: _Turn) -> PersonFinding:
        person, where = turn.applicant.person, turn.applicant.where
        looked = [(name, look if isinstance(look, Refused) else look.result()) for name, look in turn.looks]
        known, curve = self._register.snapshot(), self._portrayers.sight.curve
        key = person.customer_person_id
        photos, templates = find(known, curve, key, looked, strict=self._terms.strict)
        finding = PersonFinding(where, key, person.name, bool(templates or not looked), photos)
        if finding.stored:
            try:
                self._register.enroll(person, templates)
            except Refused as refusal:
                finding = PersonFinding.rejected(where, refusal, person, photos)
        if self._journal:
            self._journal.add(turn.digest, finding)
        return finding

    def _digest(self, applicant: Applicant, hashes: Sequence[str]) -> str:
        """Of everything that the finding depends on but the rest of the gallery."""
        terms = asdict(self._terms) | {"quality": self._terms.quality.model_dump(mode="json")}
        content = [
            record(applicant.person),
            list(zip(applicant.photos, hashes, strict=True)),
            terms,
            self._portrayers.sight.model.digest,
        ]
        return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()


class _Pace:
    """How far an import is, how fast it goes, and how long it will take."""

    def __init__(self, total: int, clock: Clock) -> None:
        self._total = total
        self._clock = clock
        self._began = clock.now().mono
        self._done = 0
        self._anew = 0

    def count(self, photos: int, *, anew: bool) -> None:
        """So many more photographs are done; those that were done in an earlier run say nothing about the rate."""
        if not self._anew:
            self._began = self._began if anew else self._clock.now().mono
        self._done += photos
        self._anew += photos if anew else 0

    @property
    def share(self) -> float:
        return self._done / self._total if self._total else 1.0

    def words(self) -> str:
        text = f"{self._done:,} of {self._total:,} photographs"
        seconds = self._clock.now().mono - self._began
        if not self._anew or seconds < 1:
            return text
        rate = self._anew / seconds
        left = (self._total - self._done) / rate
        time = f"{left:.0f} s" if left < 2 * _MINUTE else f"{left / _MINUTE:.0f} min"
        return f"{text}, {rate:.0f} a second, {time} left"


def _read(roster: Roster, name: str) -> bytes | Refused:
    try:
        return roster.bundle.read(name, MAX_BYTES)
    except Refused as refusal:
        return refusal


def _hash(photo: bytes | Refused) -> str:
    return photo.reason if isinstance(photo, Refused) else hashlib.sha256(photo).hexdigest()
