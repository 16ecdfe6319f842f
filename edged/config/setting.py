"""A setting: one value of a document, at its dotted path."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from pydantic.fields import FieldInfo

from edged.config.field import COST, FILE_ONLY, Cost, Section


@dataclass(frozen=True, slots=True)
class Setting:
    """One value and what is known of its field.

    Attributes:
        path: `decision.margin`, `cameras.door.fps`.
        value: as the document holds it; a secret is a SecretStr.
        cost: what changing it costs.
        given: somebody has set it; false where it is the default.
        file_only: only the device's own file may set it.
    """

    path: str
    value: Any = field(repr=False)
    cost: Cost
    given: bool
    file_only: bool


def settings(section: Section, prefix: str = "") -> Iterator[Setting]:
    """Every setting of a document or a part of it, in the order of the schema."""
    for name, info in type(section).model_fields.items():
        value = getattr(section, name)
        path = f"{prefix}{name}"
        if isinstance(value, Section):
            yield from settings(value, f"{path}.")
        elif isinstance(value, dict):
            for key, entry in value.items():
                yield from settings(entry, f"{path}.{key}.")
        else:
            extra = _extra(info)
            given = name in section.model_fields_set
            yield Setting(path, value, Cost(extra[COST]), given, bool(extra.get(FILE_ONLY)))


def _extra(info: FieldInfo) -> dict[str, Any]:
    if not isinstance(info.json_schema_extra, dict):
        raise TypeError("a field of the document is made by live(), camera(), models() or restart()")
    return dict(info.json_schema_extra)
