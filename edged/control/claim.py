"""What an order that is refused calls itself, so that whoever sent it finds the refusal."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, TypeVar

from pydantic import TypeAdapter, ValidationError

from edged.config.text import read_json
from edged.config.tree import Tree
from edged.domain.errors import ConfigInvalid
from edged.wire.order import MAX_ORDER_BYTES, SIGNED, Version, Word

T = TypeVar("T")

_WORD: Final = TypeAdapter[str](Word)
_VERSION: Final = TypeAdapter[int](Version)


@dataclass(frozen=True, slots=True)
class Claim:
    """Names that an order gives itself; None where it has none, or none that is fit.

    Nothing of it was checked: it may stand in the refusal, and decide nothing.
    """

    transaction: str | None = None
    token: str | None = None
    version: int | None = None
    patch: Mapping[str, Any] = field(default_factory=dict, repr=False)


def claim_of(payload: bytes) -> Claim:
    """What a message says of itself, signed or not, whatever else is wrong with it. Raises nothing."""
    tree = _tree(payload)
    inner = tree.get(SIGNED)
    if isinstance(inner, str):
        tree = _tree(inner.encode(errors="replace"))
    patch = tree.get("patch")
    return Claim(
        _fit(_WORD, tree.get("transaction")),
        _fit(_WORD, tree.get("token")),
        _fit(_VERSION, tree.get("version")),
        patch if isinstance(patch, Mapping) else {},
    )


def _tree(data: bytes) -> Tree:
    try:
        return read_json(data, "the order", MAX_ORDER_BYTES, unread=(SIGNED,))
    except ConfigInvalid:
        return {}


def _fit(adapter: TypeAdapter[T], value: object) -> T | None:
    try:
        return adapter.validate_python(value, strict=True)
    except ValidationError:
        return None
