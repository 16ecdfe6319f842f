"""A page for one person to look through."""

from __future__ import annotations

import re

from edged.web.contact_sheet import Card, Mark, Section, contact_sheet

NASTY = "<script>alert(1)</script>\"'&"


def _page(*cards: Card) -> str:
    return "".join(contact_sheet(NASTY, [NASTY], [Section(NASTY, cards)]))


def test_whatever_it_is_told_is_text() -> None:
    page = _page(Card(NASTY, NASTY, Mark.REFUSED, NASTY, NASTY, None))
    assert "<script" not in page
    assert page.count("&lt;script&gt;alert(1)&lt;/script&gt;&quot;&#x27;&amp;") == 8


def test_it_loads_nothing_and_runs_nothing() -> None:
    page = _page(Card("Anna", "4711/1.jpg", Mark.DOUBTFUL, "odd", "Look.", b"\xff\xd8jpeg"))
    assert "default-src &#x27;none&#x27;" in page
    assert "unsafe-inline" not in page
    assert not re.search(r"(src|href)=\"(?!data:image/jpeg;base64,)", page)
    assert "url(" not in page


def test_meaning_is_not_by_colour_alone() -> None:
    page = _page(Card("Anna", "", Mark.REFUSED, "blurred", "", None), Card("Ben", "", Mark.DOUBTFUL, "odd", "", None))
    assert "✗ blurred" in page
    assert "? odd" in page
