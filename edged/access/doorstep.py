"""Who stands at one door, and how far they have come: from the faces of a camera to knocks, and back to the screen."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Final, Protocol

import numpy as np
from numpy.typing import NDArray

from edged.access.guidance import eye_distance, guidance
from edged.access.showing import Showing
from edged.access.words import Reason, public_reason
from edged.config.access import DoorSettings
from edged.domain.event import Outcome
from edged.domain.face import Box, Flaw
from edged.domain.frame import Moment
from edged.domain.passage import Decision, Factor, Knock, Liveness, LivenessMethod, Need, Pass, Verdict, Way
from edged.domain.person import Person
from edged.domain.screen import Prompt, Stage
from edged.liveness.challenge import Challenge, ChallengeSettings, Head, Progress, Turn

_LEFT_S: Final = 1.0
"""A face unseen for so long has left the doorstep."""
_TYPING_S: Final = 4.0
"""While a code is waited for it may be out of sight for longer: whoever types looks down."""
_RIVAL: Final = 0.75
"""A second face counts from this share of the first one's size on: whoever stands behind is no matter."""
_SHOWN_S: Final = 3.0
"""So long a verdict stays on the screen."""
_NEAR: Final = 0.5
"""A face is spoken to from this share of the size that is needed on: passers-by are not."""


class Sighting(Protocol):
    """A face in a frame; `edged.recognition.recognizer.Sighting` is one."""

    @property
    def track(self) -> int: ...
    @property
    def box(self) -> Box: ...
    @property
    def landmarks(self) -> NDArray[np.float32]: ...
    @property
    def outcome(self) -> Outcome | None: ...
    @property
    def person(self) -> Person | None: ...
    @property
    def similarity(self) -> float: ...
    @property
    def margin(self) -> float: ...
    @property
    def threshold(self) -> float: ...
    @property
    def confidence(self) -> float: ...
    @property
    def visit(self) -> str: ...
    @property
    def face(self) -> NDArray[np.float32] | None: ...
    @property
    def flaw(self) -> Flaw | None: ...
    @property
    def liveness(self) -> float | None: ...


@dataclass(slots=True, eq=False)
class _Subject:
    """Whoever is dealt with.

    Attributes:
        sighting: as last seen; seen: when.
        knock: id of the attempt; empty before there is one.
        asked: the outcome and person of the last knock; answered: when it was answered.
        told: verdict and word of the last answer, so that a repeated one is no news.
    """

    sighting: Sighting
    seen: Moment
    knock: str = ""
    asked: tuple[Outcome, str] | None = None
    answered: Moment | None = None
    told: tuple[Verdict, str] | None = None
    challenge: Challenge | None = None
    progress: Progress | None = None
    liveness: Liveness | None = None
    factors: frozenset[Factor] = frozenset()
    ticket: Pass | None = None
    waits: Decision | None = None
    deadline: float = float("inf")


@dataclass(slots=True, eq=False)
class _Shown:
    """A verdict on the screen."""

    showing: Showing
    until: float = field(default=float("inf"))


class Doorstep:
    """One door's. Belongs to one thread; computes only. Every clock reading is passed in.

    Args:
        door: its name.
        settings: of the door; may be replaced at any time.
        challenge: how a head turn is judged at its camera.
        min_eyes_px: the least distance between the eyes with which somebody is recognised.
        new_id: makes the identifiers of knocks.
        entropy: gives so many random bytes from the system's secure source.

    Attributes:
        given_up: decisions that waited for something which never came; whoever takes them clears the list.
    """

    def __init__(
        self,
        door: str,
        settings: DoorSettings,
        challenge: ChallengeSettings,
        *,
        min_eyes_px: float,
        new_id: Callable[[Moment], str],
        entropy: Callable[[int], bytes],
    ) -> None:
        self.door = door
        self.settings = settings
        self._challenge = challenge
        self._min_eyes_px = min_eyes_px
        self._new_id = new_id
        self._entropy = entropy
        self._subject: _Subject | None = None
        self._shown: _Shown | None = None
        self._second_until = float("-inf")
        self._guide = Showing(Stage.REST)
        self.given_up: list[Decision] = []

    @property
    def wants_every_frame(self) -> bool:
        """A head turn is being judged: every face of every frame is to be embedded."""
        return self._subject is not None and self._subject.challenge is not None

    @property
    def takes_codes(self) -> frozenset[Factor]:
        """By what somebody could go on right now."""
        subject, door = self._subject, self.settings
        if subject is not None and subject.waits is not None and subject.waits.accepts:
            return subject.waits.accepts
        alone = frozenset(map(Factor, door.code_alone))
        return alone | {Factor.QR} if door.visitors else alone

    @property
    def person(self) -> Person | None:
        """Whose second factor is waited for; None where a code would have to do alone."""
        subject = self._subject
        if subject is None or subject.waits is None or subject.waits.needs is not Need.SECOND_FACTOR:
            return None
        return subject.waits.knock.person

    def look(self, sightings: Sequence[Sighting], size: tuple[int, int], at: Moment) -> Knock | None:
        """A frame of its camera has been judged.

        Args:
            sightings: its faces.
            size: width and height of the frame, pixels.
            at: when it was taken.

        Returns:
            what is to be decided now; `heed` takes the answer.
        """
        main = self._main(sightings)
        rivals = [] if main is None else [other for other in sightings if _rivals(other, main)]
        subject = self._follow(main, at)
        self._guide = guidance(main, bool(rivals), size, self._needed_px)
        if subject is None:
            return None
        if subject.challenge is not None:
            return self._challenged(subject, main, len(rivals), at)
        if main is None or rivals:
            return None
        return self._knock_by_face(subject, main, at) if self._is_due(subject, main, at) else None

    def lapse(self, at: Moment) -> Knock | None:
        """Time passes without a frame."""
        subject = self._follow(None, at)
        if subject is not None and subject.challenge is not None:
            return self._challenged(subject, None, 0, at)
        return None

    def show(self, factor: Factor, person: Person | None, ticket: Pass | None, at: Moment) -> Knock:
        """A code was typed, or shown.

        Args:
            person: whose it is; where `Doorstep.person` is somebody, that one, if it is theirs.
            ticket: the pass that it is.
            at: when.

        Returns:
            what is to be decided; a code that is nobody's knocks, too, so that it is counted and kept.
        """
        subject = self._subject
        fits = person is not None or ticket is not None
        shown = frozenset({factor})
        if subject is None or subject.waits is None:
            return Knock(
                self._new_id(at),
                self.door,
                Way(self.settings.way),
                at,
                Outcome.NO_FACE,
                person,
                factors=shown if fits else frozenset(),
                wrong=frozenset() if fits else shown,
                ticket=ticket,
            )
        knock = subject.waits.knock
        if fits:
            subject.factors |= shown
            subject.ticket = ticket or subject.ticket
        return replace(
            knock,
            at=at,
            person=knock.person or person,
            factors=knock.factors | subject.factors,
            wrong=frozenset() if fits else shown,
            ticket=subject.ticket,
        )

    def heed(self, decision: Decision, at: Moment, *, is_open: bool) -> bool:
        """What came of a knock.

        Args:
            is_open: the door did open for it.

        Returns:
            whether that is news, and not what the same person was told a moment ago.
        """
        subject = self._subject
        self._shown = None
        if subject is not None and decision.knock.id == subject.knock:
            self._answer(subject, decision, at)
        elif decision.needs is Need.SECOND_PERSON:
            self._second_until = at.mono + self.settings.wait_s
        self._show_verdict(decision, at, is_open=is_open)
        if subject is None or decision.knock.id != subject.knock:
            return decision.verdict is not Verdict.WAITS
        said = decision.verdict, decision.why
        is_news = decision.verdict is Verdict.GRANTED or bool(decision.knock.wrong) or said != subject.told
        subject.told = said
        return is_news and decision.verdict is not Verdict.WAITS

    def say(self, reason: Reason, at: Moment) -> None:
        """Shows why something is not possible now."""
        self._shown = _Shown(Showing(Stage.REFUSED, reason=reason), at.mono + _SHOWN_S)

    def showing(self, at: Moment) -> Showing:
        """What belongs on the screen, as far as it depends on who stands there."""
        subject, shown = self._subject, self._shown
        if subject is not None and subject.challenge is not None:
            return _of_challenge(subject.progress, self._guide.face)
        if shown is not None and at.mono < shown.until:
            return replace(shown.showing, face=self._guide.face, until=shown.until)
        if subject is not None and subject.waits is not None and subject.waits.accepts:
            reason = public_reason(subject.waits)
            return Showing(
                Stage.ASK_FACTOR,
                reason=reason,
                face=self._guide.face,
                accepts=subject.waits.accepts,
                until=subject.deadline,
            )
        if at.mono < self._second_until and (subject is None or subject.answered is not None):
            return Showing(Stage.ASK_SECOND, face=self._guide.face, until=self._second_until)
        if subject is not None and subject.answered is not None and self._guide.prompt is Prompt.LOOK_HERE:
            return Showing(Stage.REST, face=self._guide.face)
        return self._guide

    @property
    def _needed_px(self) -> float:
        challenged = LivenessMethod(self.settings.liveness) is LivenessMethod.CHALLENGE
        return max(self._min_eyes_px, self._challenge.min_eyes_px if challenged else 0.0)

    def _main(self, sightings: Sequence[Sighting]) -> Sighting | None:
        """Whom to deal with: whoever is being dealt with already, else the nearest."""
        near = [item for item in sightings if eye_distance(item.landmarks) >= _NEAR * self._needed_px]
        if self._subject is not None and (self._subject.challenge is not None or self._subject.waits is not None):
            mine = self._subject.sighting.track
            same = next((item for item in sightings if item.track == mine), None)
            if same is not None:
                return same
        return max(near, key=lambda item: eye_distance(item.landmarks), default=None)

    def _follow(self, main: Sighting | None, at: Moment) -> _Subject | None:
        """Who is dealt with after this frame; gives up whoever has left or waited for too long."""
        subject = self._subject
        if subject is not None:
            other = main if main is not None and main.track != subject.sighting.track else None
            patience = _TYPING_S if subject.waits is not None else _LEFT_S
            is_away = at.mono - subject.seen.mono > patience
            if subject.challenge is None and (is_away or (other is not None and not _may_be(other, subject))):
                self._give_up(subject)
                subject = None
            elif subject.waits is not None and at.mono >= subject.deadline:
                self._give_up(subject)
                subject.waits, subject.deadline = None, float("inf")
        if main is not None and (subject is None or subject.challenge is None or main.track == subject.sighting.track):
            subject = subject or _Subject(main, at)
            subject.sighting, subject.seen = main, at
        self._subject = subject
        return subject

    def _give_up(self, subject: _Subject) -> None:
        if subject.waits is not None and subject.waits.verdict is Verdict.WAITS:
            self.given_up.append(subject.waits)

    def _is_due(self, subject: _Subject, main: Sighting, at: Moment) -> bool:
        if main.outcome is None or subject.waits is not None:
            return False
        if subject.asked != _asked(main):
            return True
        return subject.answered is not None and at.mono - subject.answered.mono >= self.settings.again_s

    def _knock_by_face(self, subject: _Subject, main: Sighting, at: Moment) -> Knock:
        if subject.asked != _asked(main) or subject.answered is not None:
            subject.knock, subject.factors, subject.ticket = self._new_id(at), frozenset(), None
        method = LivenessMethod(self.settings.liveness)
        subject.liveness = _passive(main) if method is LivenessMethod.PASSIVE else None
        subject.asked = _asked(main)
        return self._knock(subject, main, at)

    def _knock(self, subject: _Subject, main: Sighting, at: Moment) -> Knock:
        outcome = main.outcome or Outcome.UNDECIDED
        return Knock(
            subject.knock,
            self.door,
            Way(self.settings.way),
            at,
            outcome,
            main.person,
            factors=frozenset({Factor.FACE}) if outcome is Outcome.KNOWN else frozenset(),
            liveness=subject.liveness,
            similarity=main.similarity,
            threshold=main.threshold,
            confidence=main.confidence,
            margin=main.margin,
            camera=self.settings.camera,
            track=main.track,
            visit=main.visit,
        )

    def _challenged(self, subject: _Subject, main: Sighting | None, rivals: int, at: Moment) -> Knock | None:
        """The head turn goes on; what is to be decided once it has ended."""
        assert subject.challenge is not None  # noqa: S101  whoever calls has looked
        head = None if main is None else Head(main.track, main.box, main.landmarks, main.face)
        progress = subject.progress = subject.challenge.see(head, rivals, at)
        if progress.state not in ("passed", "failed"):
            return None
        passed, why = progress.state == "passed", progress.why
        is_still = main is not None and _asked(main) == subject.asked
        if passed and not is_still:
            passed, why = False, "other_person"
        subject.challenge = None
        subject.liveness = Liveness(
            LivenessMethod.CHALLENGE, passed, why=why, is_attack=progress.is_attack or why == "other_person"
        )
        waited = subject.waits
        subject.waits = None
        if is_still and main is not None:
            return self._knock(subject, main, at)
        return None if waited is None else replace(waited.knock, at=at, liveness=subject.liveness)

    def _answer(self, subject: _Subject, decision: Decision, at: Moment) -> None:
        subject.answered, subject.waits, subject.deadline = at, None, float("inf")
        if decision.needs is Need.LIVENESS:
            subject.answered, subject.waits = None, decision
            turns = Challenge.draw(self._entropy(1))
            subject.challenge, subject.progress = Challenge(turns, at, self._challenge), None
        elif decision.needs is Need.SECOND_PERSON:
            self._second_until = at.mono + self.settings.wait_s
        elif decision.accepts:
            subject.waits, subject.deadline = decision, at.mono + self.settings.wait_s

    def _show_verdict(self, decision: Decision, at: Moment, *, is_open: bool) -> None:
        until = at.mono + _SHOWN_S
        match decision.verdict:
            case Verdict.GRANTED if is_open:
                person = decision.knock.person
                name = (person.name if person else "") or (decision.knock.ticket.name if decision.knock.ticket else "")
                self._shown = _Shown(Showing(Stage.GRANTED, name=name), until)
                self._second_until = float("-inf")
            case Verdict.GRANTED:
                self._shown = _Shown(Showing(Stage.REFUSED, reason=Reason.CALL_GUARD), until)
            case Verdict.REFUSED | Verdict.SPOOF if not decision.accepts or decision.knock.wrong:
                self._shown = _Shown(Showing(Stage.REFUSED, reason=public_reason(decision)), until)
            case Verdict.WAITS if decision.knock.wrong:
                self._shown = _Shown(Showing(Stage.REFUSED, reason=Reason.WRONG_CODE), until)
            case _:
                self._shown = None


def _asked(main: Sighting) -> tuple[Outcome, str]:
    assert main.outcome is not None  # noqa: S101  there is an answer
    return main.outcome, main.person.id if main.person else ""


def _may_be(other: Sighting, subject: _Subject) -> bool:
    """Whether a face that is followed anew is that of whoever waits: they looked down at the keys, and up again. Until
    it is known whose it is, it may be; it is nobody's who is known to be somebody else.
    """
    if subject.waits is None:
        return False
    return other.outcome is None or _asked(other) == subject.asked


def _rivals(other: Sighting, main: Sighting) -> bool:
    return other.track != main.track and eye_distance(other.landmarks) >= _RIVAL * eye_distance(main.landmarks)


def _passive(main: Sighting) -> Liveness | None:
    if main.liveness is None:
        return None
    passed = main.outcome is not Outcome.SPOOF
    return Liveness(LivenessMethod.PASSIVE, passed, main.liveness, "" if passed else "passive", is_attack=not passed)


_PROMPTS: Final = {
    "frontal": Prompt.FACE_ME,
    "back": Prompt.TURN_BACK,
}


def _of_challenge(progress: Progress | None, face: Box | None) -> Showing:
    if progress is None:
        return Showing(Stage.CHALLENGE, Prompt.FACE_ME, face=face)
    turn = Prompt.TURN_LEFT if progress.turn is Turn.LEFT else Prompt.TURN_RIGHT
    return Showing(
        Stage.CHALLENGE,
        _PROMPTS.get(progress.state, turn),
        progress.part,
        progress.step,
        progress.steps,
        face=face,
    )
