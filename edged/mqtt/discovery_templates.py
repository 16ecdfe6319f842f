"""How Home Assistant reads our payloads, and writes a request: Jinja templates that run there, in its sandbox.

Names of devices and cameras stand in them as they are: the document allows them letters, digits, `-` and `_` only.
"""

from __future__ import annotations

from typing import Final

_EXPIRES_S: Final = 60
"""So long a press may take to arrive: one that a broker held back for a device that was away does nothing."""

AVAILABLE: Final = "{{ 'online' if value == 'online' else 'offline' }}"
"""Of the three words of `available`. Home Assistant knows two, and passes a third over: a device that was stopped would
seem to be there."""

PRESENT: Final = "{{ 'ON' if value_json.total > 0 else 'OFF' }}"

PEOPLE: Final = (
    "{{ {'known': value_json.known, 'unknown': value_json.unknown, 'undecided': value_json.undecided,"
    " 'people': value_json.people} | to_json }}"
)

CONNECTED: Final = "{{ {'online': 'ON', 'offline': 'OFF'}.get(value_json.state, 'None') }}"
"""A camera that is switched off is neither."""

STATUS: Final = "{{ {'state': value_json.state, 'reason': value_json.reason, 'since': value_json.since} | to_json }}"

CONDITIONS: Final = "{{ value_json.conditions | count }}"

CONDITION_LIST: Final = "{{ {'conditions': value_json.conditions} | to_json }}"

WAITING: Final = "{{ value_json.queues.get('events') }}"

DECISION_TIME: Final = "{{ (value_json.stages.get('decide') or {}).get('p95') }}"


def frames(camera: str) -> str:
    """Frames a second, out of `health`; `None`, which shows as unknown, of a camera that is switched off."""
    return f"{{{{ (value_json.cameras.get('{camera}') or {{}}).get('fps') }}}}"


def visit(camera: str) -> str:
    """An event, out of `event`: see `EVENT_TYPES`. Nothing for other cameras, and for a visit that only goes on.

    An `update` tells of a visit that goes on, or that it was decided otherwise: only the latter is news.
    """
    return (
        f"{{% set e = value_json %}}{{% if e.camera == '{camera}' %}}"
        "{% set kind = 'replayed' if e.replayed else 'left' if e.type == 'end' else e.outcome %}"
        "{% if e.type != 'update' or e.replayed or this.attributes.get('visit') != e.visit"
        " or this.attributes.get('event_type') != kind %}"
        "{% set p = e.person or {} %}"
        "{{ {'event_type': kind, 'outcome': e.outcome, 'type': e.type, 'person': p.get('customer_person_id'),"
        " 'name': p.get('name'), 'confidence': e.confidence, 'captured': e.at.captured, 'visit': e.visit,"
        " 'id': e.id} | to_json }}"
        "{% endif %}{% endif %}"
    )


def last_person(camera: str) -> str:
    """The name, else the key, of whom an event knows; for every other event what was there before."""
    return (
        f"{{% set e = value_json %}}{{% if e.camera == '{camera}' and e.outcome == 'known' and e.person %}}"
        "{{ (e.person.get('name') or e.person.customer_person_id)[:255] }}"
        "{% else %}{{ this.state if this.state not in ('unknown', 'unavailable') else 'None' }}{% endif %}"
    )


def request(device: str, data: str = "{}") -> str:
    """A request for a device: with a transaction of its own, so that each press is one, and an end.

    Args:
        data: what it asks with, as a Jinja literal.
    """
    return (
        "{{ {'v': 1,"
        " 'transaction': 'ha-' ~ utcnow().strftime('%Y%m%dT%H%M%S%f') ~ '-' ~ (range(100000) | random),"
        f" 'to': '{device}', 'by': 'Home Assistant',"
        f" 'expires': (utcnow() + timedelta(seconds={_EXPIRES_S})).isoformat(){_of(data)}}} | to_json }}}}"
    )


def _of(data: str) -> str:
    return "" if data == "{}" else f", 'data': {data}"
