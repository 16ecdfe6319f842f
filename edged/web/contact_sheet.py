"""A page of small pictures with words beside them: one file that needs nothing else."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from html import escape
from typing import Final

from edged.web.pages import PAGES

_MARKS: Final = {"refused": "✗", "doubtful": "?", "plain": ""}


class Mark(StrEnum):
    """How a card is marked."""

    REFUSED = "refused"
    DOUBTFUL = "doubtful"
    PLAIN = "plain"


@dataclass(frozen=True, slots=True)
class Card:
    """One picture.

    Attributes:
        title: who or what it is.
        subtitle: where it is from.
        mark: which colour and sign `verdict` has.
        verdict: in a few words.
        remedy: what to do about it; may be empty.
        picture: a JPEG; None where there is none to show.
    """

    title: str
    subtitle: str
    mark: Mark
    verdict: str
    remedy: str
    picture: bytes | None


@dataclass(frozen=True, slots=True)
class Section:
    """Cards under a heading; they are asked for when the page comes to them."""

    heading: str
    cards: Iterable[Card]


def contact_sheet(title: str, about: Sequence[str], sections: Iterable[Section]) -> Iterator[str]:
    """The page, piece by piece, so that it need not fit into memory. HTML without a script, which loads nothing.

    Args:
        about: lines under the title.
    """
    style = "".join((PAGES / name).read_text(encoding="utf-8") for name in ("tokens.css", "sheet.css"))
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    policy = f"default-src 'none'; style-src 'sha256-{digest}'; img-src data:; base-uri 'none'; form-action 'none'"
    yield (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{escape(policy)}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta name="referrer" content="no-referrer">\n'
        f"<title>{escape(title)}</title>\n<style>{style}</style>\n</head>\n<body>\n"
        f"<header>\n<h1>{escape(title)}</h1>\n"
    )
    yield from (f"<p>{escape(line)}</p>\n" for line in about)
    yield "</header>\n<main>\n"
    for section in sections:
        yield f'<section>\n<h2>{escape(section.heading)}</h2>\n<ul class="cards">\n'
        yield from (_card(card) for card in section.cards)
        yield "</ul>\n</section>\n"
    yield "</main>\n</body>\n</html>\n"


def _card(card: Card) -> str:
    if card.picture is None:
        picture = '<span class="none">no picture to show</span>'
    else:
        data = base64.b64encode(card.picture).decode()
        picture = f'<img alt="" loading="lazy" src="data:image/jpeg;base64,{data}">'
    sign = f"{_MARKS[card.mark]} " if _MARKS[card.mark] else ""
    remedy = f"<p>{escape(card.remedy)}</p>" if card.remedy else ""
    return (
        f'<li class="card">{picture}<div class="words"><h3>{escape(card.title)}</h3>'
        f'<p class="soft">{escape(card.subtitle)}</p>'
        f'<p class="mark {card.mark}">{sign}{escape(card.verdict)}</p>{remedy}</div></li>\n'
    )
