"""A page for one person to look through."""

from __future__ import annotations

import re
from pathlib import Path

import cv2
import numpy as np
import pytest

from edged.web.contact_sheet import Card, Mark, Section, contact_sheet
from tests.web.chromium import Chromium

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


@pytest.mark.parametrize(("width", "dark"), [(1280, False), (390, True)])
def test_in_a_browser_it_fits_shows_its_pictures_and_breaks_no_rule_of_its_own(
    tmp_path: Path, chromium: Chromium, *, width: int, dark: bool
) -> None:
    jpeg = cv2.imencode(".jpg", np.full((90, 160, 3), 128, np.uint8))[1].tobytes()
    long = "a-name-without-any-space-in-it" * 4
    cards = (Card(long, f"{long}.jpg", Mark.REFUSED, long, long, jpeg), Card("Ben", "", Mark.DOUBTFUL, "odd", "", None))
    path = tmp_path / "sheet.html"
    path.write_text(_page(*cards), encoding="utf-8")
    with chromium.page(path.as_uri(), width=width, height=900, dark=dark) as page:
        page.wait(lambda: page.run("document.images.length && document.images[0].naturalWidth") == 160, "the picture")
        assert page.run("document.documentElement.scrollWidth <= innerWidth")
        assert page.run("getComputedStyle(document.querySelector('.card')).display") == "grid"
        assert page.text("h1") == NASTY
        assert page.complaints() == []
