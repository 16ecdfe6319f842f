"""Names with brackets, as forms write lists and objects: `galleries[add][]=ppl`."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Any, Final

from edged.domain.errors import Refused

MAX_NAME: Final = 256
MAX_DEPTH: Final = 8

_NAME: Final = re.compile(r"([^\[\]]+)((?:\[[^\[\]]*\])*)")
_KEY: Final = re.compile(r"\[([^\[\]]*)\]")


class BadParameter(Refused):
    """A parameter is not what it should be: Refused, `bad_parameter`.

    Attributes:
        name: of the parameter; value: the beginning of what was sent, for the answer; empty where that is no text.
    """

    def __init__(self, name: str, what: str, remedy: str = "", value: str = "") -> None:
        super().__init__("bad_parameter", what, remedy)
        self.name = name[:MAX_NAME]
        self.value = value[:100]


def assembled(fields: Iterable[tuple[str, str]]) -> dict[str, Any]:
    """Fields put together by the brackets in their names.

    `a=x` is a text; `a[]=x` a list; `a[b]=x` an object; `a[0]=x&a[1]=y` a list again; `a[][b]=x` a list of objects, a
    new one where a name comes the second time. `a[][]=1&a[][]=2` does not say where a row ends: it is one flat list.
    `a=x&a=y` is a list, and the same text twice is that text. An empty text is left out: `a=`, `a[]=`; within an object
    it stays.

    Returns:
        texts, lists and objects by name.

    Raises:
        BadParameter: a name is too long or too deep, or a parameter is a list in one field and an object in another.
    """
    found: dict[str, Any] = {}
    for name, value in fields:
        root, keys = _split(name)
        if root and (value or keys):
            _put(found, root, keys, value, root)
    return {name: _with_rows(value) for name, value in found.items()}


def root_of(name: str) -> str:
    """What stands before the brackets. Raises as `assembled`."""
    return _split(name)[0]


def _split(name: str) -> tuple[str, Sequence[str]]:
    if len(name) > MAX_NAME:
        raise BadParameter(name, f"the name of a parameter is longer than {MAX_NAME} characters")
    match = _NAME.fullmatch(name)
    if match is None:
        return name, ()
    keys = _KEY.findall(match[2])
    if len(keys) > MAX_DEPTH:
        raise BadParameter(match[1], f"{match[1]} is nested more than {MAX_DEPTH} deep")
    return match[1], keys


def _put(holder: dict[str, Any], key: str, keys: Sequence[str], value: str, root: str) -> None:
    if not keys:
        _put_text(holder, key, value, root)
    elif not any(keys):
        row = _list_at(holder, key, root)
        if value:
            row.append(value)
    elif not keys[0]:
        row = _list_at(holder, key, root)
        again = row and isinstance(row[-1], dict) and (keys[1] not in row[-1] or len(keys) > 2)
        if not again:
            row.append({})
        _put(row[-1], keys[1], keys[2:], value, root)
    else:
        inner = holder.setdefault(key, {})
        if not isinstance(inner, dict):
            raise _mixed(root)
        _put(inner, keys[0], keys[1:], value, root)


def _put_text(holder: dict[str, Any], key: str, value: str, root: str) -> None:
    present = holder.setdefault(key, value)
    if isinstance(present, list):
        present.append(value)
    elif not isinstance(present, str):
        raise _mixed(root)
    elif present != value:
        holder[key] = [present, value]


def _list_at(holder: dict[str, Any], key: str, root: str) -> list[Any]:
    present = holder.setdefault(key, [])
    if isinstance(present, str):
        present = holder[key] = [present]
    if not isinstance(present, list):
        raise _mixed(root)
    return present


def _with_rows(value: Any) -> Any:
    """Objects whose names are 0, 1, 2, … are the lists that PHP and Go write so."""
    if isinstance(value, list):
        return [_with_rows(one) for one in value]
    if not isinstance(value, dict):
        return value
    inner = {key: _with_rows(one) for key, one in value.items()}
    places = [str(place) for place in range(len(inner))]
    return [inner[place] for place in places] if inner and inner.keys() == set(places) else inner


def _mixed(root: str) -> BadParameter:
    return BadParameter(root, f"{root} is sent in two ways that do not go together", "Send it once")
