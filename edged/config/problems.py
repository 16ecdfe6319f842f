"""Checking a document, and saying in people's words everything that is wrong with it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from pydantic import SecretStr, ValidationError

from edged.config.document import Document
from edged.config.field import FOLDER
from edged.config.schema import Node, Place, allowed, find, kinds
from edged.config.secret import MASK, hidden
from edged.config.tree import MAX_PROBLEMS, capped, dotted
from edged.domain.errors import ConfigInvalid, Problem

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails

_WORDS: Final = {
    "missing": "is required",
    "greater_than": "is too small",
    "greater_than_equal": "is too small",
    "less_than": "is too large",
    "less_than_equal": "is too large",
    "too_short": "is too short",
    "string_too_short": "is too short",
    "too_long": "is too long",
    "string_too_long": "is too long",
    "string_pattern_mismatch": "does not fit",
    "string_type": "is not text, or text that needs quotes",
    "literal_error": "is none of the choices",
    "finite_number": "is not a finite number",
}
"""By pydantic's error type; the others are values of a wrong type."""


def checked(tree: Mapping[str, Any], source: str, folder: Path | None = None) -> Document:
    """The document that `tree` describes.

    Args:
        tree: plain data without `flaws`; may hold values of a former document as they are.
        source: what to call it in errors.
        folder: where relative paths count from; without it they are refused.

    Raises:
        ConfigInvalid: with all problems, the first MAX_PROBLEMS of them in words.
    """
    try:
        return Document.model_validate(tree, context={FOLDER: folder})
    except ValidationError as error:
        raise ConfigInvalid(problems_of(error), source) from None


def problems_of(error: ValidationError, root: Node | None = None) -> tuple[Problem, ...]:
    """Every error as a Problem, without any secret; `root`: see `find`."""
    details = error.errors(include_url=False)
    return capped([_problem(detail, root) for detail in details[:MAX_PROBLEMS]], len(details))


def _problem(detail: ErrorDetails, root: Node | None) -> Problem:
    place = find(detail["loc"], root)
    path = dotted(place.path)
    match detail["type"]:
        case "extra_forbidden":
            return _unknown(place, find(detail["loc"][:-1], root))
        case "missing":
            return Problem(path, "is required", allowed=allowed(place.node))
        case "union_tag_not_found" | "union_tag_invalid":
            return _kind(place, detail["input"])
        case "value_error":
            got = _got(place, detail["input"]) if place.is_setting else ""
            return Problem(path, str(detail["ctx"]["error"]), got)
        case kind if detail["loc"][-1:] == ("[key]",):
            return Problem(path, "is not a fit name", allowed=f"a name that matches `{detail['ctx']['pattern']}`")
        case kind:
            words = _WORDS.get(kind, "has the wrong type")
            return Problem(path, words, _got(place, detail["input"]), allowed(place.node))


def _unknown(place: Place, section: Place) -> Problem:
    """The value of an unknown key is not shown: it may be a misspelt password."""
    known = list(section.node.get("properties", {}))
    near = get_close_matches(place.path[-1], known, n=1)
    if near:
        return Problem(dotted(place.path), f"is not a setting; did you mean {near[0]}?")
    return Problem(dotted(place.path), "is not a setting", allowed=", ".join(known))


def _kind(place: Place, section: Mapping[str, Any]) -> Problem:
    path, choices = dotted((*place.path, "kind")), ", ".join(kinds(place.node))
    if "kind" not in section:
        return Problem(path, "is required", allowed=choices)
    return Problem(path, "is none of the kinds", _short(section["kind"]), choices)


def _got(place: Place, value: object) -> str:
    """The value in short, where it is one and no secret; otherwise only what sort of thing it is."""
    if isinstance(value, Mapping):
        return "a section"
    if isinstance(value, list | tuple):
        return "a list"
    if place.is_setting and not place.is_secret:
        return _short(value)
    if value is None:
        return "nothing"
    return MASK if isinstance(value, str | SecretStr) else "a number"


def _short(value: object) -> str:
    text = json.dumps(hidden(value) if isinstance(value, str) else value, ensure_ascii=False, default=str)
    return text if len(text) <= 60 else f"{text[:59]}…"
