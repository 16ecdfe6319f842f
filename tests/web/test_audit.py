"""The audit's page in a real Chromium."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from edged.accounts.account import Role
from tests.api.pretend_device import PretendDevice, serving
from tests.api.pretend_rooms import Rooms
from tests.web.axe import faults
from tests.web.chromium import Chromium, Page

CONTRAST = Path(__file__).with_name("contrast.js").read_text(encoding="utf-8")


@contextmanager
def auditing(
    chromium: Chromium,
    rooms: Rooms,
    query: str = "",
    *,
    role: Role = Role.ADMINISTRATOR,
    width: int = 1280,
    height: int = 800,
    dark: bool = False,
) -> Iterator[Page]:
    with (
        serving(PretendDevice("front"), rooms=rooms.routes, role=role) as server,
        chromium.page(f"{server.url}audit{query}", width=width, height=height, dark=dark, key=server.key) as page,
    ):
        page.wait(lambda: rows(page) > 0, "entries")
        yield page


def rows(page: Page) -> int:
    return int(page.run("document.querySelectorAll('#entries tr').length"))


def choose(page: Page, name: str, value: str) -> None:
    page.run(
        f"(e => {{ e.value = '{value}'; e.dispatchEvent(new Event('input', {{bubbles: true}})); }})"
        f"(document.getElementById('filters').elements.{name})"
    )


def row(page: Page, number: int) -> str:
    return page.text(f"#entries tr:nth-child({number})")


def test_entries_are_sentences_with_who_did_it(chromium: Chromium) -> None:
    with auditing(chromium, Rooms()) as page:
        assert "front was opened for 4 s." in page.text("#entries [data-act=opening]")
        assert "olga" in page.text("#entries [data-act=opening]")
        assert "store was set: locked." in page.text("#entries [data-act=mode]")
        assert "decision.margin" in page.text("#entries [data-act=config]")
        decisions = page.run("[...document.querySelectorAll('[data-act=decision] .said p')].map((e) => e.innerText)")
        assert any(text.startswith("Anna Weber was let through front") for text in decisions)
        refused = "Somebody who is enrolled no more was refused at store (At this hour: outside the hours)."
        assert any(text.lower().startswith(refused.lower()) for text in decisions)
        assert page.complaints() == []


def test_older_ones_follow_and_filters_stay_in_the_address(chromium: Chromium) -> None:
    with auditing(chromium, Rooms(), "?act=opening") as page:
        page.wait(lambda: "Door opened" in row(page, 1), "openings only")
        assert rows(page) == 42
        choose(page, "act", "")
        page.wait(lambda: rows(page) == 100, "all")
        page.run("document.getElementById('more').click()")
        page.wait(lambda: rows(page) == 200, "older ones")
        page.run(
            "(e => { e.value = 'zebra'; e.dispatchEvent(new Event('input', {bubbles: true})); })(filters.elements.by)"
        )
        page.wait_for_text("#none", "No entry fits")
        assert page.run("location.search") == "?by=zebra"


def test_it_says_whether_the_log_is_whole(chromium: Chromium) -> None:
    rooms = Rooms()
    with auditing(chromium, rooms, role=Role.INSTALLER) as page:
        page.wait_for_text("#chain", "Not verified since edged started.")
        page.run("document.getElementById('verify').click()")
        page.wait_for_text("#chain", "Whole: entries 1 to 250 verified just now")
        rooms.audit.findings = ("entry 7 does not say what it said when the device wrote it",)
        page.run("document.getElementById('verify').click()")
        page.wait_for_text("#chain", "Not whole: 1 finding")
        assert "entry 7 does not say what it said" in page.text("#chain")
        assert rooms.audit.done == [("verify", "tester")] * 2
        assert page.text("#exports") == "", "an installer takes nothing away"


def test_an_administrator_takes_it_away(chromium: Chromium) -> None:
    with auditing(chromium, Rooms(), "?since=2026-01-01") as page:
        page.wait_for_text("#exports", "Export CSV")
        address = str(page.run("document.getElementById('export-json').getAttribute('href')"))
        assert address.startswith("/api/v1/console/audit/export?since=")
        assert address.endswith("form=json")
        status = page.run("fetch(document.getElementById('export-csv').href).then((answer) => answer.status)")
        assert status == 200


@pytest.mark.parametrize("size", [(1280, 800), (390, 844)])
def test_it_fits_and_nothing_serious_is_wrong_with_it(chromium: Chromium, size: tuple[int, int]) -> None:
    rooms = Rooms()
    rooms.audit.kept = rooms.audit.kept[-12:]
    with auditing(chromium, rooms, width=size[0], height=size[1], dark=size[0] < 600) as page:
        page.run("document.querySelector('.facts summary').click()")
        assert page.run("document.documentElement.scrollWidth") <= size[0]
        assert faults(page) == []
        contrast = page.run(CONTRAST)
        assert contrast["count"] > 10
        assert contrast["bad"] == []
