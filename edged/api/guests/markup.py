"""HTML that is right by the way it is made: text is text, wherever it comes from."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from html import escape
from typing import Final


class Html(str):
    """Markup. Any other text is escaped where it becomes part of some."""

    __slots__ = ()


Attribute = str | int | bool | None
"""Left out where it is None or False; without a value where it is True."""
Attributes = Mapping[str, Attribute]
Content = str | Iterable["Content"] | None
_EMPTY: Final[Attributes] = {}
_VOID: Final = frozenset({"br", "img", "input", "link", "meta"})


def el(name: str, attributes: Attributes = _EMPTY, *content: Content) -> Html:
    """An element."""
    opened = f"<{name}{''.join(_attribute(*one) for one in attributes.items())}>"
    return Html(opened if name in _VOID else f"{opened}{joined(*content)}</{name}>")


def joined(*content: Content) -> Html:
    """One after the other."""
    return Html("".join(_markup(one) for one in content))


def _markup(content: Content) -> str:
    if content is None:
        return ""
    if isinstance(content, Html):
        return content
    if isinstance(content, str):
        return escape(content)
    return joined(*content)


def _attribute(name: str, value: Attribute) -> str:
    if value is None or value is False:
        return ""
    return f" {name}" if value is True else f' {name}="{escape(str(value))}"'
