"""The attempts of an installer, kept in a file, and what they say: error rates by type of attack, with intervals."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, TypeAdapter, ValidationError

from edged.config.text import read_json
from edged.domain.errors import ConfigInvalid, Refused, Unavailable
from edged.liveness.challenge import Turn
from edged.measure.liveness_attempt import Attempt
from edged.measure.proportion import Proportion
from edged.measure.report import Report, Table
from edged.vault.private_file import private_file

PEOPLE: Final = "bona_fide"
ATTACKS: Final = ("print", "bent_print", "screen", "video_replay", "mask")
_FEW: Final = 60
"""With fewer attempts that all went well, the true rate may still be above 6 %."""
_MAX_BYTES: Final = 4 * 1024 * 1024

Label = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9_-]{0,31}$")]


_LABEL: Final[TypeAdapter[str]] = TypeAdapter(Label)


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class TurnedPart(_Part):
    """See `Turned`."""

    passed: bool
    turns: tuple[Turn, ...]
    steps: int
    why: str
    is_attack: bool


class ScoredPart(_Part):
    """See `Scored`."""

    passed: bool
    score: float


class AttemptPart(_Part):
    """One attempt. No picture and no face is in it."""

    label: Label
    """`bona_fide`, or the type of attack."""
    at: datetime
    challenge: TurnedPart | None
    passive: ScoredPart | None
    frames: int
    fps: float


class Setup(_Part):
    """What was measured; attempts with another setup do not belong together."""

    camera: str
    door: str = ""
    embedder: str
    """Digest of the embedding model."""
    liveness: str = ""
    """Name of the passive model; empty without one."""
    threshold: float | None = None
    """That model's."""


class Ledger(_Part):
    """All attempts with one setup."""

    v: Literal[1] = 1
    setup: Setup
    attempts: tuple[AttemptPart, ...] = Field(default=(), max_length=10_000)

    def with_attempt(self, label: str, made: Attempt, utc: float) -> Ledger:
        """The same with one more; `label` as of `checked_label`, `utc`: when it was made."""
        turned, scored = made.turned, made.scored
        part = AttemptPart(
            label=label,
            at=datetime.fromtimestamp(utc, UTC),
            challenge=turned
            and TurnedPart(
                passed=turned.passed,
                turns=turned.turns,
                steps=turned.steps,
                why=turned.why,
                is_attack=turned.is_attack,
            ),
            passive=scored and ScoredPart(passed=scored.passed, score=scored.score),
            frames=made.frames,
            fps=round(made.fps, 1),
        )
        return self.model_copy(update={"attempts": (*self.attempts, part)})

    def store(self, path: Path) -> None:
        """Writes the file, whole or not at all, and the same as Markdown beside it.

        Raises:
            Unavailable: it cannot be written.
        """
        try:
            with private_file(path) as file:
                file.write(self.model_dump_json(indent=2).encode())
            with private_file(path.with_suffix(".md"), durable=False) as file:
                file.write(f"# {report(self).heading}\n\n{markdown(self)}".encode())
        except OSError as error:
            raise Unavailable(f"{path} cannot be written: {error.strerror}", "Name another with --report.") from error

    @classmethod
    def resume(cls, path: Path, setup: Setup) -> Ledger:
        """What the file has; an empty one where there is none.

        Raises:
            Refused: it is no such file, or its attempts were made with another setup.
        """
        try:
            data = path.read_bytes()
        except FileNotFoundError:
            return cls(setup=setup)
        except OSError as error:
            raise Refused("unreadable", f"{path} cannot be read: {error.strerror}") from error
        try:
            read_json(data, str(path), _MAX_BYTES)
            found = cls.model_validate_json(data)
        except (ConfigInvalid, ValidationError) as error:
            raise Refused("not_a_report", f"{path} is no report of this command", "Name another: --report.") from error
        if found.setup != setup:
            raise Refused(
                "other_setup",
                f"{path} was measured with another camera, door or model",
                "Begin a new one: --report NAME.json.",
            )
        return found


def checked_label(label: str) -> str:
    """The same.

    Raises:
        Refused: `bad_label`.
    """
    try:
        return _LABEL.validate_python(label)
    except ValidationError as error:
        raise Refused("bad_label", f"{label!r} is no label", "Use a–z, 0–9, _ and -, up to 32 of them.") from error


def report(ledger: Ledger) -> Report:
    """As text for people: error rates for each method that was asked."""
    parts: list[str | Table] = []
    for name, asked in _METHODS:
        counted = [(one.label, passed, why) for one in ledger.attempts for passed, why in asked(one)]
        if counted:
            parts += [f"{name}:", _table(counted)]
    if not parts:
        parts.append("Nothing was tried yet.")
    parts.append(_what_it_proves(ledger))
    return Report(f"Liveness at {ledger.setup.camera}", tuple(parts))


def figures(ledger: Ledger) -> dict[str, dict[str, dict[str, object]]]:
    """The same for programs: by method and label, how many of how many were wrong, the rate and its limits."""
    found: dict[str, dict[str, dict[str, object]]] = {}
    for name, asked in _METHODS:
        counted = [(one.label, passed, why) for one in ledger.attempts for passed, why in asked(one)]
        for label in _labels(counted):
            wrong = _wrong(label, counted)
            low, high = wrong.limits
            found.setdefault(name, {})[label] = {
                "error": "BPCER" if label == PEOPLE else "APCER",
                "wrong": wrong.count,
                "of": wrong.of,
                "rate": wrong.share,
                "low": round(low, 5),
                "high": round(high, 5),
            }
    return found


def markdown(ledger: Ledger) -> str:
    """The report as Markdown, without its heading."""
    parts = report(ledger).parts
    return "\n\n".join(part.markdown() if isinstance(part, Table) else part for part in parts) + "\n"


_Counted = tuple[str, bool, str]


def _challenge(one: AttemptPart) -> list[tuple[bool, str]]:
    return [] if one.challenge is None else [(one.challenge.passed, one.challenge.why)]


def _passive(one: AttemptPart) -> list[tuple[bool, str]]:
    return [] if one.passive is None else [(one.passive.passed, "" if one.passive.passed else "spoof")]


_METHODS: Final[tuple[tuple[str, Callable[[AttemptPart], list[tuple[bool, str]]]], ...]] = (
    ("challenge", _challenge),
    ("passive", _passive),
)


def _labels(counted: Sequence[_Counted]) -> list[str]:
    return sorted({label for label, _, _ in counted}, key=lambda label: (label != PEOPLE, label))


def _wrong(label: str, counted: Sequence[_Counted]) -> Proportion:
    own = [passed for name, passed, _ in counted if name == label]
    return Proportion(own.count(label != PEOPLE), len(own))


def _table(counted: Sequence[_Counted]) -> Table:
    rows = []
    for label in _labels(counted):
        reasons = Counter(why for name, passed, why in counted if name == label and not passed)
        wrong = _wrong(label, counted)
        low, high = wrong.limits
        what = "BPCER: refused" if label == PEOPLE else "APCER: let through"
        rows.append(
            (
                label,
                what,
                f"{wrong.count} of {wrong.of}",
                f"{wrong.share:.1%}",
                f"{low:.1%} to {high:.1%}",
                ", ".join(f"{why} {count}" for why, count in reasons.most_common()) or "–",
            )
        )
    return Table(("what was shown", "error", "count", "rate", "95 % interval", "why refused"), tuple(rows))


def _what_it_proves(ledger: Ledger) -> str:
    ten = Proportion(0, 10).limits[1]
    many = Proportion(0, 300).limits[1]
    words = (
        f"What this proves: none of 10 let through leaves a true rate of up to {ten:.0%} possible, none of 300 one of "
        f"up to {many:.1%}. The figures hold for this camera, this light, these people and these pictures only. A kind "
        "of attack that is not in the table was not measured."
    )
    numbers = Counter(one.label for one in ledger.attempts)
    few = [label for label, number in sorted(numbers.items()) if number < _FEW]
    return f"{words} Too few to rely on, below {_FEW}: {', '.join(few)}." if few else words
