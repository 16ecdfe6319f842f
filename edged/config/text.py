"""Configuration text: YAML for people, JSON for programs, read without trusting either."""

from __future__ import annotations

import json
import re
from collections.abc import Collection
from typing import Any, Final, NoReturn

import yaml

from edged.config.tree import MAX_DEPTH, Tree, capped, dotted, flaws
from edged.domain.errors import ConfigInvalid, Problem

MAX_BYTES: Final = 256 * 1024

_WORDS: Final[dict[str, bool | None]] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL"), None),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}
_WHOLE: Final = re.compile(r"[-+]?[0-9]{1,18}")
_NUMBER: Final = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]{1,9})?")


def read_yaml(data: bytes, source: str) -> Tree:
    """The mapping that a YAML text holds; an empty text is an empty mapping.

    Plain words are read by the core schema of YAML 1.2, as editors do: `no` is text, `010` is ten, a date is text.

    Args:
        data: UTF-8, at most MAX_BYTES.
        source: what to call the text in errors.

    Raises:
        ConfigInvalid: not YAML, not one mapping, a key twice, an anchor, an alias, a tag, or too large or too deep.
    """
    text = _decoded(data, source, MAX_BYTES)
    try:
        loader = _Loader(text)
        node = loader.get_single_node()
    except yaml.YAMLError as error:
        raise ConfigInvalid((Problem("", _yaml_words(error)),), source) from None
    if node is None:
        return {}
    problems: list[Problem] = []
    return _mapping(_plain(node, (), problems), problems, source)


def read_json(data: bytes, source: str, limit: int = MAX_BYTES, *, unread: Collection[str] = ()) -> Tree:
    """The mapping that a JSON text holds.

    Args:
        data: UTF-8, at most `limit` bytes.
        source: what to call the text in errors.
        limit: see `data`.
        unread: keys whose text is a document of its own, to be read later: it may have lines.

    Raises:
        ConfigInvalid: not JSON, not a mapping, a key twice, a control character, or too large or too deep.
    """
    problems: list[Problem] = []

    def unique(pairs: list[tuple[str, Any]]) -> Tree:
        seen: Tree = {}
        for key, value in pairs:
            if key in seen:
                problems.append(Problem(dotted((key,)), "is written twice in one mapping"))
            seen[key] = value
        return seen

    try:
        value = json.loads(_decoded(data, source, limit), object_pairs_hook=unique, parse_constant=_no_constant)
    except json.JSONDecodeError as error:
        problems.append(Problem("", f"is not JSON: {error.msg}, line {error.lineno}, column {error.colno}"))
        value = {}
    except ValueError:
        problems.append(Problem("", "holds something that is no JSON number"))
        value = {}
    except RecursionError:
        problems.append(Problem("", "is nested too deeply", allowed=f"at most {MAX_DEPTH} levels"))
        value = {}
    return _mapping(value, problems, source, unread)


class _Loader(yaml.SafeLoader):
    """Composes nodes only; refuses what could make a small text large: anchors, aliases and deep nesting."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self._depth = 0

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        event: yaml.Event = self.peek_event()  # type: ignore[no-untyped-call]  # missing from the stubs
        if isinstance(event, yaml.NodeEvent) and event.anchor is not None:
            _refuse("anchors and aliases (& and *) are not allowed; put text that begins so in quotes", event)
        if isinstance(event, yaml.ScalarEvent | yaml.CollectionStartEvent) and event.tag is not None:
            _refuse("tags (!) are not allowed; put text that begins so in quotes", event)
        if self._depth > MAX_DEPTH:
            _refuse(f"nested too deeply, at most {MAX_DEPTH} levels are allowed", event)
        self._depth += 1
        node = super().compose_node(parent, index)
        self._depth -= 1
        return node


def _refuse(words: str, event: yaml.Event) -> NoReturn:
    mark = event.start_mark
    raise yaml.MarkedYAMLError(problem=words, problem_mark=mark)  # type: ignore[arg-type]  # stubs: C marks fit too


def _plain(node: yaml.Node, path: tuple[str, ...], problems: list[Problem]) -> Any:
    """The node as plain data; keys are the text that was written."""
    if isinstance(node, yaml.ScalarNode):
        return _scalar(node)
    if isinstance(node, yaml.MappingNode):
        return _pairs(node, path, problems)
    return [_plain(below, (*path, str(index)), problems) for index, below in enumerate(node.value)]


def _pairs(node: yaml.MappingNode, path: tuple[str, ...], problems: list[Problem]) -> Tree:
    tree: Tree = {}
    lines: dict[str, int] = {}
    for key, below in node.value:
        line = key.start_mark.line + 1
        if not isinstance(key, yaml.ScalarNode):
            problems.append(Problem(dotted(path), f"has a key that is not text, on line {line}"))
        elif key.value in lines:
            words = f"is written twice, on lines {lines[key.value]} and {line}"
            problems.append(Problem(dotted((*path, key.value)), words))
        else:
            lines[key.value] = line
            tree[key.value] = _plain(below, (*path, key.value), problems)
    return tree


def _scalar(node: yaml.ScalarNode) -> Any:
    text: str = node.value
    if node.style is not None:  # quoted, or a block of text
        return text
    if text in _WORDS:
        return _WORDS[text]
    if _WHOLE.fullmatch(text):
        return int(text)
    if _NUMBER.fullmatch(text):
        return float(text)
    return text


def _decoded(data: bytes, source: str, limit: int) -> str:
    if len(data) > limit:
        raise ConfigInvalid((Problem("", "is too large", allowed=f"at most {limit} bytes"),), source)
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        words = f"is not UTF-8 text: byte {error.start + 1}"
        raise ConfigInvalid((Problem("", words),), source) from None


def _mapping(value: Any, problems: list[Problem], source: str, unread: Collection[str] = ()) -> Tree:
    problems.extend(flaws(_without_text(value, unread)))
    if not isinstance(value, dict):
        problems.append(Problem("", "is not a mapping of settings", allowed="`section:` with settings below it"))
    if problems:
        raise ConfigInvalid(capped(problems, len(problems)), source)
    return dict(value)


def _without_text(value: Any, keys: Collection[str]) -> Any:
    if not keys or not isinstance(value, dict):
        return value
    return {key: below for key, below in value.items() if key not in keys or not isinstance(below, str)}


def _yaml_words(error: yaml.YAMLError) -> str:
    """What PyYAML has to say, without the lines it quotes: they may hold a password."""
    if not isinstance(error, yaml.MarkedYAMLError) or error.problem_mark is None:
        return "is not YAML: it holds a character that is not allowed in text"
    problem = error.problem or "it cannot be understood"
    if "tag handle" in problem:
        problem = "tags (!) are not allowed; put text that begins so in quotes"
    return f"is not YAML: {problem}, line {error.problem_mark.line + 1}, column {error.problem_mark.column + 1}"


def _no_constant(name: str) -> NoReturn:
    raise ValueError(name)
