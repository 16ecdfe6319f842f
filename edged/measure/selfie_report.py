"""What `edged bench selfies` found, as text and as a section of docs/benchmarks.md."""

from __future__ import annotations

from dataclasses import asdict
from typing import Final

from edged.measure.report import Goal, Report, Table, goals_table
from edged.measure.selfie_search import Outcome
from edged.measure.selfies import CONFIDENCES, JOINED, PLAIN, PRECISION, RECALL, Selfies

PICTURE: Final = "right-photographs.png"
_MOST_WRONG: Final = 6
_HOW: Final = """\
Events are composed of the embeddings of real photographs: guests with three photographs and more, of which one is the
selfie and is not in the event, people who are there twice, and strangers; a photograph shows one to six people, whoever
they are. Each face is in an event once. One threshold, a confidence among as many faces as the event has, was chosen
for each rule on one half of the people, as the lowest with a precision of 0.995 in every kind of event; all that
follows is of the other half, who had no part in it. There are no 20,000 faces: for such an event the others are judged
as if they were so many, and each wrong photograph counts as often as there would be more of them."""
_SIBLINGS: Final = """\
Brothers and sisters are made ones: another guest's faces, mixed with the middle of the guest's until they are as alike
as the first column says. Where both stand in one photograph, that alone tells them apart in others."""
_SPEED: Final = """\
Processor time of one search without the database and the selfie's own embedding, in events of made-up people, four
faces of ten those of guests with five photographs:"""


def selfie_report(found: Selfies, *, drawn: bool) -> Report:
    """Beside what was aimed at.

    Args:
        drawn: whether the picture is in the folder `figures` beside the page.
    """
    goals = tuple(
        Goal(
            f"the right photographs, {kind}: recall, at a precision of",
            f"≥ {RECALL:.2f}, at ≥ {PRECISION:.2f}",
            f"{outcome.recall:.4f}, at {outcome.precision:.4f}",
            outcome.recall >= RECALL and outcome.precision >= PRECISION,
        )
        for kind, outcome in ((kind, found.outcome(kind, JOINED)) for kind in found.real)
    )
    parts: tuple[str | Table, ...] = (
        _HOW,
        _half(found),
        goals_table(goals),
        _outcomes(found),
        *([f"![precision over recall](figures/{PICTURE})"] if drawn else []),
        "With photographs joined, by the event's threshold; recall / precision:",
        _thresholds(found),
        _wrong(found),
        _SIBLINGS,
        _siblings(found),
        _SPEED,
        Table(
            ("faces", "rule", "CPU p50", "CPU p95"),
            tuple(
                (f"{each.faces:,}", each.rule, f"{each.p50_ms:.2f} ms", f"{each.p95_ms:.2f} ms")
                for each in found.speeds
            ),
        ),
    )
    return Report("Selfies: the right photographs", parts)


def selfie_document(found: Selfies) -> dict[str, object]:
    """The same for machines."""
    return {
        "people": found.people,
        "guests": found.guests,
        "faces": found.faces,
        "largest": found.largest,
        "chosen": dict(found.chosen),
        "events": {
            kind: {
                rule: {
                    "searches": len(each.wanted),
                    "photographs": int(each.wanted.sum()),
                    "recall": found.outcome(kind, rule).recall,
                    "recall_of_guests": found.outcome(kind, rule).guests,
                    "precision": found.outcome(kind, rule).precision,
                    "searches_without_wrong": found.outcome(kind, rule).spared,
                    "best_recall": each.best(PRECISION),
                }
                for rule, each in rules.items()
            }
            for kind, rules in found.searches.items()
        },
        "siblings": {rule: [asdict(each) for each in siblings] for rule, siblings in found.siblings.items()},
        "speeds": [asdict(each) for each in found.speeds],
    }


def _half(found: Selfies) -> str:
    return (
        f"The half has {found.people:,} people, {found.guests} of them guests, and {found.faces:,} faces. An event "
        f"with all of them has {found.largest:,}."
    )


def _outcomes(found: Selfies) -> Table:
    rows = [
        (
            kind,
            rule,
            f"{found.chosen[rule]:g}",
            _both(found.choice[kind][rule]),
            _both(outcome),
            f"{outcome.guests:.4f}",
            f"{outcome.spared:.2%}",
            f"{each.best(PRECISION):.4f}",
            f"{len(each.wanted):,}",
        )
        for kind, rules in found.searches.items()
        for rule, each, outcome in ((rule, each, found.outcome(kind, rule)) for rule, each in rules.items())
    ]
    columns = (
        "event",
        "rule",
        "threshold",
        "choosing half: recall / precision",
        "recall / precision",
        "recall, mean of guests",
        "searches without a wrong photograph",
        f"recall at precision {PRECISION}, best threshold",
        "searches",
    )
    return Table(columns, tuple(rows))


def _thresholds(found: Selfies) -> Table:
    rows = [
        (f"{confidence:g}", *(_both(rules[JOINED].at(confidence)) for rules in found.searches.values()))
        for confidence in CONFIDENCES
    ]
    return Table(("threshold", *found.searches), tuple(rows))


def _wrong(found: Selfies) -> str:
    kind = found.real[-1]
    pairs = found.wrong(kind)
    named = ", ".join(f"{pair.guest} and {pair.taken} ({pair.similarity:.2f})" for pair in pairs[:_MOST_WRONG])
    return f"Taken for each other in the events of {kind}: {len(pairs)} pairs{f': {named}' if named else ''}."


def _siblings(found: Selfies) -> Table:
    rows = [
        (
            f"{alone.cosine:.1f}",
            str(alone.together),
            f"{alone.recall:.3f} / {alone.precision:.3f}",
            f"{alone.shown} of {alone.of}",
            f"{joined.recall:.3f} / {joined.precision:.3f}",
            f"{joined.shown} of {joined.of}",
        )
        for alone, joined in zip(found.siblings[PLAIN], found.siblings[JOINED], strict=True)
    ]
    columns = (
        "cosine",
        "photographs with both",
        f"{PLAIN}: recall / precision",
        "the sibling's shown",
        f"{JOINED}: recall / precision",
        "the sibling's shown",
    )
    return Table(columns, tuple(rows))


def _both(outcome: Outcome) -> str:
    return f"{outcome.recall:.4f} / {outcome.precision:.4f}"
