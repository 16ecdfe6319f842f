"""Events as people would tell them."""

from __future__ import annotations

from edged.domain.event import Outcome, Phase
from edged.wire.event import EventMessage


def sentence(event: EventMessage) -> str:
    """One line: when, where, what happened, and how sure that is."""
    when = f"{event.at.captured.astimezone():%H:%M:%S}"
    waited = ", told late" if event.replayed else ""
    return f"{when}  {event.camera}: {_happening(event)} {_why(event)}{waited}"


def _happening(event: EventMessage) -> str:
    who = _who(event)
    match event.type:
        case Phase.NEW:
            return f"{who} came."
        case Phase.UPDATE:
            return f"it is {who}." if event.outcome is Outcome.KNOWN else f"{who} is still there."
        case Phase.END:
            return f"{who} left."


def _who(event: EventMessage) -> str:
    if event.person is not None:
        return event.person.name or event.person.customer_person_id
    return {
        Outcome.UNKNOWN: "a stranger",
        Outcome.UNDECIDED: "somebody who could not be seen well",
        Outcome.SPOOF: "somebody with a picture",
    }.get(event.outcome, "somebody")


def _why(event: EventMessage) -> str:
    latency = (event.at.decided - event.at.captured).total_seconds() * 1000
    figures = f"similarity {event.similarity:.2f}, needed {event.threshold:.2f}, {event.frames} frame(s)"
    if event.outcome is Outcome.KNOWN:
        figures += f", confidence {event.confidence:.1%}"
    if event.type is Phase.NEW:
        figures += f", decided in {latency:.0f} ms"
    return f"({figures}; visit …{event.visit[-6:]})"
