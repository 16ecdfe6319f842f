"""A passage as `edged replay` shows it: what the door answered, and what each rule did."""

from __future__ import annotations

from typing import Any, Final

from edged.commands.columns import columns
from edged.domain.passage import Answer, Verdict
from edged.wire.passage import PassageRecord

_MARKS: Final = {
    Answer.YES: "yes",
    Answer.NO: "NO",
    Answer.WAITS: "waits",
    Answer.SILENT: "–",
    Answer.UNASKED: "(not asked)",
}


def listed(passage: PassageRecord) -> str:
    """In one line."""
    at = passage.at.decided.astimezone()
    return f"{passage.id}  {at:%Y-%m-%d %H:%M:%S}  {passage.door:12} {'door':6} {passage.verdict:9} {_who(passage)}"


def shown(passage: PassageRecord) -> dict[str, Any]:
    """For programs: the passage as it was kept."""
    return {"passage": passage.model_dump(mode="json")}


def told(passage: PassageRecord) -> str:
    """For people: every figure as it was kept."""
    at = passage.at.decided.astimezone()
    who = f" {_who(passage)}" if _who(passage) else ""
    lines = [
        f"passage {passage.id}: {passage.verdict}{who} at {passage.door} ({passage.way}), {at:%Y-%m-%d %H:%M:%S}",
        f"  because of {passage.rule or passage.cause}" + (f": {passage.why}" if passage.why else ""),
    ]
    if passage.verdict is Verdict.GRANTED and not passage.opened:
        lines.append("  the door did NOT open: its relay did not answer")
    if passage.similarity or passage.threshold:
        lines.append(
            f"  face  {passage.outcome}: similarity {passage.similarity:.3f}, threshold {passage.threshold:.3f},"
            f" margin {passage.margin:.3f}, confidence {passage.confidence:.4f}"
        )
    if live := passage.liveness:
        score = "" if live.score is None else f", score {live.score:.3f}"
        passed = "passed" if live.passed else f"NOT passed ({live.why})"
        lines.append(f"  liveness  {live.method}: {passed}{score}")
    if passage.factors or passage.wrong:
        wrong = f"; wrong: {', '.join(passage.wrong)}" if passage.wrong else ""
        lines.append(f"  shown  {', '.join(passage.factors) or 'nothing'}{wrong}")
    if passage.rules:
        rows = [(f"  {item.rule}", _MARKS[item.answer], item.why, item.detail) for item in passage.rules]
        lines.append(columns(rows))
    return "\n".join(lines)


def _who(passage: PassageRecord) -> str:
    if passage.person:
        return passage.person.name or passage.person.customer_person_id
    if passage.ticket:
        return f"pass {passage.ticket.name or passage.ticket.id}"
    return passage.by or passage.cause.value
