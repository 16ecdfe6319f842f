"""What guests' pages say, in the languages there are."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

NAMES: Final[Mapping[str, str]] = {"en": "English", "de": "Deutsch", "es": "Español", "fr": "Français"}
"""Of the languages, each in its own."""
_MOST_ASKED: Final = 20


class Words:
    """What is said in one language. Immutable."""

    def __init__(self, language: str, texts: Mapping[str, str]) -> None:
        self.language = language
        self._texts = texts

    def say(self, key: str, **values: str | int) -> str:
        """A sentence, with what stands in braces put in. KeyError where there is none."""
        return self._texts[key].format_map(values) if values else self._texts[key]

    def count(self, key: str, number: int, *, none: bool = False) -> str:
        """A sentence about so many; `none`: there are words of their own for nothing."""
        if none and not number:
            return self.say(f"{key}_0")
        return self.say(f"{key}_1") if number == 1 else self.say(key, count=number)

    def has(self, key: str) -> bool:
        return key in self._texts


def read_words(folder: Path) -> Mapping[str, Words]:
    """What is said, by language. Blocks; once at the start."""
    return {
        language: Words(language, json.loads((folder / f"{language}.json").read_text(encoding="utf-8")))
        for language in NAMES
    }


def preferred(accept_language: str, languages: Sequence[str], otherwise: str) -> str:
    """The language that a browser's user likes best of these (RFC 9110, 12.5.4)."""
    best, liking = otherwise, 0.0
    for asked in accept_language.split(",")[:_MOST_ASKED]:
        name, _, weight = asked.strip().lower().partition(";")
        language = name.partition("-")[0]
        quality = _quality(weight.strip())
        if language in languages and quality > liking:
            best, liking = language, quality
    return best


def _quality(weight: str) -> float:
    if not weight:
        return 1.0
    try:
        quality = float(weight.removeprefix("q="))
    except ValueError:
        return 0.0
    return quality if 0 <= quality <= 1 else 0.0
