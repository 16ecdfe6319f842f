"""What `edged bench liveness` found, as text and as a section of docs/benchmarks.md."""

from __future__ import annotations

from typing import Final

from edged.measure.liveness import FLAT, HEAD, Measured
from edged.measure.report import Goal, Report, Table, goals_table

_MOST: Final = 0.001
_LEAST: Final = 0.95
_WANTED: Final = 1000
_ASKED: Final = "30–35"
_ATTACKS: Final = """\
Attacks: a photograph is put before a made-up camera (perspective, noise, a trembling hand, 15 frames a second), and its
landmarks are found by the detector in each frame. Whoever holds it sees what is asked and does what would help. A flat,
bent or folded one counts as one person throughout. Bent, folded and dissolved ones are no flat pictures: they say what
this challenge does not stop."""
_TURNED: Final = """\
Turned faces: pairs of photographs of one person. Degrees are read off nose and outline by the same detector, on a scale
on which faces become narrower by 1/cos on average (0.59 eye distances for a tangent of 1). The challenge goes by the
same two, so this says that they agree, and not that everybody who turns so far is read so: a person whom the detector
reads as turned less is in another row. No video of people who turn was at hand."""
_HEADS: Final = f"""\
Rendered heads: photographs over a generic head with a nose of known height, turned by {_ASKED}°. Here the
angle is known, and the whole course of motion is judged, with embeddings; but the detector reads such heads as turned
by about two thirds of what they are, real ones probably by more."""


def liveness_report(found: Measured) -> Report:
    """Beside what was aimed at."""
    flat, turned = found.attacks[FLAT], found.turned[_ASKED]
    goals = (
        Goal(
            f"rigid flat attacks that pass two steps, of {_WANTED:,} at least",
            f"≤ {_MOST:.1%}",
            flat.text(),
            flat.of >= _WANTED and flat.share <= _MOST,
        ),
        Goal(
            f"photographs that are read as turned by {_ASKED}°, accepted a step",
            f"≥ {_LEAST:.0%}",
            turned.text(),
            turned.share >= _LEAST,
        ),
        Goal(
            f"rendered heads turned by {_ASKED}°, accepted a step",
            f"≥ {_LEAST:.0%}",
            found.heads.text(),
            found.heads.share >= _LEAST,
        ),
    )
    parts: tuple[str | Table, ...] = (
        _fitted(found),
        goals_table(goals),
        _ATTACKS,
        f"Never taken for a face from the front, and left out: {found.unasked}.",
        _attacks(found),
        _manners(found),
        f"{_TURNED} Of the fitting half the tangent of 1 is {found.fit.depth:.2f} eye distances.",
        _turned(found),
        _heads(found),
        f"The challenge itself takes {found.judge_ms:.2f} ms of processor time a frame ({found.frames:,} frames).",
    )
    return Report("The head-turn challenge against pictures", parts)


def is_good(found: Measured) -> bool:
    """Whether all targets were reached."""
    flat, turned = found.attacks[FLAT], found.turned[_ASKED]
    return flat.of >= _WANTED and flat.share <= _MOST and min(turned.share, found.heads.share) >= _LEAST


def _heads(found: Measured) -> str:
    return (
        f"{_HEADS} They passed {found.heads.text()} of the steps they began; why they ended otherwise: "
        f"{_reasons(found, HEAD)}."
    )


def _fitted(found: Measured) -> str:
    fit = found.fit
    return (
        f"Thresholds fixed on {fit.people:,} people ({fit.pairs} pairs of photographs of one person, one from the "
        f"front and one turned by 20–40°): outline {found.outline:.2f}, excess {found.excess:.2f}; nose "
        f"{found.nose:.2f}. All figures are of {found.people:,} other people."
    )


def _attacks(found: Measured) -> Table:
    rows = [
        (kind, passed.text(), found.one_step[kind].text(), _reasons(found, kind))
        for kind, passed in found.attacks.items()
    ]
    return Table(("attack", "passed both steps", "passed the first", "why the others failed"), tuple(rows))


def _manners(found: Measured) -> Table:
    rows = [(manner, passed.text()) for manner, passed in found.manners.items()]
    return Table((FLAT, "passed both steps"), tuple(rows))


def _turned(found: Measured) -> Table:
    rows = [(f"{degrees}°", accepted.text()) for degrees, accepted in found.turned.items()]
    return Table(("turned by", "accepted"), (*rows, (f"{_ASKED}°, taken for the same person", found.same.text())))


def _reasons(found: Measured, kind: str) -> str:
    ranked = sorted(found.why[kind].items(), key=lambda item: -item[1])
    return ", ".join(f"{why} {count}" for why, count in ranked) or "–"
