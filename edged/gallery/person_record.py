"""A person as lists, manifests and exports write them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from edged.domain.errors import Refused
from edged.domain.person import Person
from edged.gallery.admission import clean_person

FIELDS: Final = (
    "customer_person_id",
    "name",
    "email",
    "phone",
    "groups",
    "valid_from",
    "valid_until",
    "notes",
)
_TEXTS: Final = ("customer_person_id", "name", "email", "phone", "notes")
_DATE_LENGTH: Final = len("2026-01-31")


def record(person: Person) -> dict[str, Any]:
    """The person's fields as JSON values; times in UTC, RFC 3339, None where they are unbounded."""
    return {
        "customer_person_id": person.customer_person_id,
        "name": person.name,
        "email": person.email,
        "phone": person.phone,
        "groups": list(person.groups),
        "valid_from": utc(person.valid_from),
        "valid_until": utc(person.valid_until),
        "notes": person.notes,
    }


def person_of(values: Mapping[str, object]) -> Person:
    """The person that a record describes; fields may be absent, empty or None.

    Times are RFC 3339, or a day as `2026-01-31` in the device's own time zone: valid from its beginning, until its end.

    Raises:
        Refused: with the name of the field that is unfit as its reason.
    """
    texts = {field: _text(field, values.get(field)) for field in _TEXTS}
    return clean_person(
        Person(
            id="",
            **texts,
            groups=_groups(values.get("groups")),
            valid_from=_time("valid_from", values.get("valid_from"), ends=False),
            valid_until=_time("valid_until", values.get("valid_until"), ends=True),
        )
    )


def utc(seconds: float | None) -> str | None:
    """A time as RFC 3339 in UTC, to the second or as exact as it is."""
    if seconds is None:
        return None
    exact = "seconds" if seconds == int(seconds) else "microseconds"
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec=exact).replace("+00:00", "Z")


def _text(field: str, value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool) or not isinstance(value, (str, int)):
        raise Refused(field, f"{field} is not a text", "Write it in quotes.")
    return str(value)


def _groups(value: object) -> tuple[str, ...]:
    if value is None:
        return ()
    if not isinstance(value, (list, tuple)) or not all(isinstance(group, str) for group in value):
        raise Refused("groups", "groups is not a list of texts", 'Write it like ["staff", "lab"].')
    return tuple(value)


def _time(field: str, value: object, *, ends: bool) -> float | None:
    if value is None or value == "":
        return None
    try:
        moment = datetime.fromisoformat(_text(field, value))
        if len(str(value)) == _DATE_LENGTH and ends:
            moment += timedelta(days=1)
        return moment.timestamp()
    except (ValueError, OverflowError, OSError) as error:
        raise Refused(
            field, f"{field} is not a day or a time: {str(value)[:40]!r}", "Write it like 2026-01-31."
        ) from error
