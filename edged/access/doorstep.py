"""Who stands at one door, and how far they have come: from the faces of a camera to knocks, and back to the screen."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Final

from edged.access.case import codes_taken
from edged.access.guidance import eye_distance, guidance
from edged.access.showing import showing_challenge, showing_verdict
from edged.access.sighting import Sighting, said_of, settles
from edged.access.subject import Subject
from edged.access.words import Reason, public_reason
from edged.config.access import DoorSettings
from edged.domain.event import Outcome
from edged.domain.frame import Moment
from edged.domain.passage import Decision, Factor, Knock, Liveness, LivenessMethod, Need, Pass, Verdict, Way
from edged.domain.person import Person
from edged.domain.screen import Prompt, Screen, Stage
from edged.liveness.challenge import Challenge, ChallengeSettings, Head

_BLIND_S: Final = 1.5
"""Without a frame for so long, nobody is seen any more."""
_RIVAL: Final = 0.75
"""A second face counts from this share of the first one's size on: whoever stands behind is no matter."""
_SHOWN_S: Final = 3.0
"""So long a verdict stays on the screen."""
_NEAR: Final = 0.5
"""A face is spoken to from this share of the size that is needed on: passers-by are not."""
_MOST_TOLD: Final = 32
"""Of so many visits it is known what they were told."""


class Doorstep:
    """One door's. Belongs to one thread; computes only. Every clock reading is passed in.

    Args:
        door: its name.
        settings: of the door.
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
        self._subject: Subject | None = None
        self._passed: Subject | None = None
        """Who was let through last."""
        self._looked = float("-inf")
        self._shown = Screen(Stage.REST)
        self._shown_until = float("-inf")
        self._second_until = float("-inf")
        self._guide = Screen(Stage.REST)
        self._told: OrderedDict[str, tuple[Verdict, str]] = OrderedDict()
        self.given_up: list[Decision] = []

    @property
    def wants_every_frame(self) -> bool:
        """A head turn is being judged: every face of every frame is to be embedded."""
        return self._subject is not None and self._subject.challenge is not None

    @property
    def takes_codes(self) -> frozenset[Factor]:
        """By what somebody could go on right now."""
        waits = self._waits
        return codes_taken(self.settings) if waits is None else waits.accepts

    @property
    def person(self) -> Person | None:
        """Whose second factor is waited for; None where a code would have to do alone."""
        waits = self._waits
        return None if waits is None or waits.needs is not Need.SECOND_FACTOR else waits.knock.person

    def configure(self, settings: DoorSettings, challenge: ChallengeSettings, min_eyes_px: float) -> None:
        """Other settings from now on: what was begun under the former ones is begun anew."""
        if (settings, challenge, min_eyes_px) == (self.settings, self._challenge, self._min_eyes_px):
            return
        if self._subject is not None:
            self._give_up(self._subject)
        self.settings, self._challenge, self._min_eyes_px = settings, challenge, min_eyes_px
        self._subject, self._guide, self._second_until = None, Screen(Stage.REST), float("-inf")

    def look(self, sightings: Sequence[Sighting], size: tuple[int, int], at: Moment) -> Knock | None:
        """A frame of its camera has been judged.

        Args:
            sightings: its faces.
            size: width and height of the frame, pixels.
            at: when it was taken.

        Returns:
            what is to be decided now; `heed` takes the answer.
        """
        self._looked = at.mono
        main = self._main(sightings)
        rivals = [] if main is None else [other for other in sightings if _rivals(other, main)]
        subject = self._follow(main, at)
        self._guide = guidance(main, bool(rivals), size, self._needed_px)
        if subject is None:
            return None
        if subject.challenge is not None:
            return self._challenged(subject, main, len(rivals), at)
        if main is None or rivals or not settles(main) or not subject.is_due(at, self.settings.again_s):
            return None
        if self._passed is not None and self._passed.asked == said_of(main) and subject.answered is None:
            subject.asked, subject.answered = self._passed.asked, self._passed.answered  # they are only followed anew
            if not subject.is_due(at, self.settings.again_s):
                return None
        return self._knock_by_face(subject, main, at)

    def lapse(self, at: Moment) -> Knock | None:
        """Time passes. A frame may be on its way: only when none has come for a while, nobody is there any more."""
        if at.mono - self._looked <= _BLIND_S:
            if self._subject is not None:
                self._expire(self._subject, at)
            return None
        self._guide = Screen(Stage.REST)
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
        fits = person is not None or ticket is not None
        shown = frozenset({factor})
        wrong = frozenset[Factor]() if fits else shown
        waits = self._waits
        if waits is None:
            factors = shown if fits else frozenset[Factor]()
            way = Way(self.settings.way)
            return Knock(
                self._new_id(at), self.door, way, at, Outcome.NO_FACE, person, factors, wrong=wrong, ticket=ticket
            )
        knock = waits.knock
        # A pass beside somebody known is no code of theirs: the rules say whether it is good for anything.
        counts = person is not None or (ticket is not None and knock.person is None)
        return replace(
            knock,
            at=at,
            person=knock.person or person,
            factors=knock.factors | shown if counts else knock.factors,
            wrong=wrong,
            ticket=ticket or knock.ticket,
        )

    def heed(self, decision: Decision, at: Moment, *, is_open: bool) -> bool:
        """What came of a knock.

        Args:
            is_open: the door did open for it.

        Returns:
            whether that is news, and not what the same visit was told before.
        """
        subject = self._subject
        is_theirs = subject is not None and decision.knock.id == subject.knock
        if subject is not None and is_theirs:
            self._answer(subject, decision, at)
        if decision.needs is Need.SECOND_PERSON:
            self._second_until = at.mono + self.settings.wait_s
        elif decision.verdict is Verdict.GRANTED and is_open:
            self._second_until = float("-inf")
            self._passed = subject if is_theirs else None
        self._show(showing_verdict(decision, is_open=is_open), at)
        if decision.verdict is Verdict.WAITS:
            return False
        return not is_theirs or self._is_news(decision)

    def say(self, reason: Reason, at: Moment) -> None:
        """Shows why something is not possible now."""
        self._show(Screen(Stage.REFUSED, reason=reason), at)

    def showing(self, at: Moment) -> Screen:
        """What belongs on the screen, as far as it depends on who stands there."""
        subject, face = self._subject, self._guide.face
        if subject is not None and subject.challenge is not None:
            return showing_challenge(subject.progress, face)
        if at.mono < self._shown_until:
            return replace(self._shown, face=face, until=_utc(self._shown_until, at))
        waits = self._waits
        if subject is not None and waits is not None:
            reason = public_reason(waits)
            until = _utc(subject.deadline, at)
            return Screen(Stage.ASK_FACTOR, reason=reason, face=face, accepts=waits.accepts, until=until)
        was_answered = subject is not None and subject.answered is not None
        if at.mono < self._second_until and (subject is None or was_answered):
            return Screen(Stage.ASK_SECOND, face=face, until=_utc(self._second_until, at))
        if was_answered and self._guide.prompt is Prompt.LOOK_HERE:
            return Screen(Stage.REST, face=face)
        return self._guide

    def _show(self, screen: Screen | None, at: Moment) -> None:
        """Shows this for a few seconds; None: what was shown so far is over."""
        self._shown = screen or self._shown
        self._shown_until = float("-inf") if screen is None else at.mono + _SHOWN_S

    @property
    def _waits(self) -> Decision | None:
        """The answer that a code may still change, of whoever is dealt with."""
        subject = self._subject
        return subject.waits if subject is not None and subject.waits is not None and subject.waits.accepts else None

    @property
    def _needed_px(self) -> float:
        challenged = LivenessMethod(self.settings.liveness) is LivenessMethod.CHALLENGE
        return max(self._min_eyes_px, self._challenge.min_eyes_px if challenged else 0.0)

    def _main(self, sightings: Sequence[Sighting]) -> Sighting | None:
        """Whom to deal with: whoever is being dealt with already, else the nearest."""
        near = [item for item in sightings if eye_distance(item.landmarks) >= _NEAR * self._needed_px]
        subject = self._subject
        if subject is not None and (subject.challenge is not None or subject.waits is not None):
            same = next((item for item in sightings if item.track == subject.sighting.track), None)
            if same is not None:
                return same
        return max(near, key=lambda item: eye_distance(item.landmarks), default=None)

    def _follow(self, main: Sighting | None, at: Moment) -> Subject | None:
        """Who is dealt with after this frame; gives up whoever has left or waited for too long."""
        subject = self._subject
        if subject is not None and subject.challenge is not None:
            if main is not None and main.track == subject.sighting.track:
                subject.see(main, at)
            return subject
        if subject is not None and subject.has_left(main, at):
            self._give_up(subject)
            subject = None
        if subject is not None:
            self._expire(subject, at)
        if main is not None:
            subject = subject or Subject(main, at)
            subject.see(main, at)
        self._subject = subject
        return subject

    def _expire(self, subject: Subject, at: Moment) -> None:
        if subject.waits is not None and at.mono >= subject.deadline:
            self._give_up(subject)
            subject.waits, subject.deadline = None, float("inf")

    def _give_up(self, subject: Subject) -> None:
        waits = subject.waits
        if waits is not None and waits.verdict is Verdict.WAITS and self._is_news(waits):
            self.given_up.append(waits)

    def _is_news(self, decision: Decision) -> bool:
        """Whether the visit was not told the same before: whoever stays there for an hour fills no book."""
        knock = decision.knock
        visit, said = knock.visit or f"track {knock.track}", (decision.verdict, decision.why)
        before = self._told.pop(visit, None)
        self._told[visit] = said
        while len(self._told) > _MOST_TOLD:
            self._told.popitem(last=False)
        return decision.verdict is Verdict.GRANTED or bool(knock.wrong) or said != before

    def _knock_by_face(self, subject: Subject, main: Sighting, at: Moment) -> Knock:
        method = LivenessMethod(self.settings.liveness)
        subject.knock = self._new_id(at)
        subject.liveness = _passive(main) if method is LivenessMethod.PASSIVE else None
        subject.asked, subject.face = said_of(main), main.face
        return self._knock(subject, main, at)

    def _knock(self, subject: Subject, main: Sighting, at: Moment) -> Knock:
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

    def _challenged(self, subject: Subject, main: Sighting | None, rivals: int, at: Moment) -> Knock | None:
        """The head turn goes on; what is to be decided once it has ended."""
        challenge, waited = subject.challenge, subject.waits
        if challenge is None or waited is None:
            return None
        head = None if main is None else Head(main.track, main.box, main.landmarks, main.face)
        progress = subject.progress = challenge.see(head, rivals, at)
        if progress.state not in ("passed", "failed"):
            return None
        said = None if main is None else said_of(main)
        why, is_attack = progress.why, progress.is_attack
        if progress.state == "passed" and said is None:
            why = "lost"  # whose face it is, is in doubt: nobody knows who has turned it
        elif progress.state == "passed" and (said != subject.asked or not self._turned_by(subject, challenge)):
            why, is_attack = "other_person", True
        subject.liveness = Liveness(LivenessMethod.CHALLENGE, not why, why=why, is_attack=is_attack)
        subject.challenge = subject.waits = None
        if main is not None and said == subject.asked:
            return self._knock(subject, main, at)
        return replace(waited.knock, at=at, liveness=subject.liveness)

    def _turned_by(self, subject: Subject, challenge: Challenge) -> bool:
        """Whether the head that turned is the one that was recognised: the name alone may be left over from it."""
        if subject.face is None or challenge.frontal is None:
            return False
        return float(subject.face @ challenge.frontal) >= self._challenge.steady

    def _answer(self, subject: Subject, decision: Decision, at: Moment) -> None:
        subject.answered, subject.waits, subject.deadline = at, None, float("inf")
        if decision.needs is Need.LIVENESS:
            subject.answered, subject.waits = None, decision
            turns = Challenge.draw(self._entropy(1))
            subject.challenge, subject.progress = Challenge(turns, at, self._challenge), None
        elif decision.accepts:
            subject.waits, subject.deadline = decision, at.mono + self.settings.wait_s


def _utc(mono: float, at: Moment) -> float:
    """What the clock on the wall will show then."""
    return round(at.utc + mono - at.mono, 1)


def _rivals(other: Sighting, main: Sighting) -> bool:
    return other.track != main.track and eye_distance(other.landmarks) >= _RIVAL * eye_distance(main.landmarks)


def _passive(main: Sighting) -> Liveness | None:
    if main.liveness is None:
        return None
    passed = main.outcome is not Outcome.SPOOF
    return Liveness(LivenessMethod.PASSIVE, passed, main.liveness, "" if passed else "passive", is_attack=not passed)
