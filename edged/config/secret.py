"""Secrets of a document: hidden from whoever looks, written out only into files that nobody else may read."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final
from urllib.parse import parse_qsl, unquote, urlsplit

from pydantic import BaseModel, SecretStr

MASK: Final = "********"

_SHORTEST: Final = 4
_TELLING_PATH: Final = 12
_ADDRESS: Final = re.compile(r"(:/+).+", re.DOTALL)


def hidden(text: str) -> str:
    """The text without what follows `://`: an address may carry a user, a password or a token anywhere in it."""
    return _ADDRESS.sub(rf"\1{MASK}", text)


def shown(value: Any) -> Any:
    """A value of a document as JSON data for people, topics and pages: every secret is MASK."""
    match value:
        case SecretStr():
            return MASK
        case Mapping():
            return {key: shown(below) for key, below in value.items()}
        case list() | tuple():
            return [shown(below) for below in value]
        case str() | Path():
            return hidden(str(value))
        case _:
            return value


def revealed(value: Any) -> Any:
    """A value of a document as JSON data with its secrets, for a file that only the daemon may read."""
    match value:
        case SecretStr():
            return value.get_secret_value()
        case Mapping():
            return {key: revealed(below) for key, below in value.items()}
        case list() | tuple():
            return [revealed(below) for below in value]
        case Path():
            return str(value)
        case _:
            return value


def secrets_of(value: Any) -> frozenset[str]:
    """Every secret text of a document, and of an address that is one the parts that may give somebody access."""
    match value:
        case SecretStr():
            return frozenset(_revealing(value.get_secret_value()))
        case BaseModel():
            return secrets_of({name: getattr(value, name) for name in type(value).model_fields})
        case Mapping():
            return frozenset().union(*map(secrets_of, value.values()))
        case list() | tuple():
            return frozenset().union(*map(secrets_of, value))
        case _:
            return frozenset()


def _revealing(secret: str) -> Iterator[str]:
    yield secret
    _scheme, mark, rest = secret.partition("://")
    if not mark:
        return
    yield rest
    try:
        address = urlsplit(secret)
        password = address.password or ""
    except ValueError:
        return
    yield from (password, unquote(password), address.query)
    for _name, text in parse_qsl(address.query):
        yield text
    path = address.path.strip("/")
    if len(path) >= _TELLING_PATH:  # a token may stand there; `live` is none
        yield path


def without_secrets(text: str, secrets: Iterable[str]) -> str:
    """The text with MASK in the place of every secret that is in it. Short ones are left: they are parts of words."""
    for secret in sorted(secrets, key=len, reverse=True):
        if len(secret) >= _SHORTEST:
            text = text.replace(secret, MASK)
    return text
