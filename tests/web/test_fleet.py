"""The hub's page of all devices, in a real Chromium."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from edged.wire.device import ConditionPart
from edged.wire.fleet import Drift, FleetDevice, FleetIndex
from edged.wire.payload import instant
from edged.wire.reported import ProblemPart
from tests.api.serving import serving
from tests.api.token_gate import ADMIN
from tests.api.whole_centre import whole_centre
from tests.fleet.made_up import EVIL, MadeUpWatch
from tests.fleet.pretend import UTC
from tests.web.chromium import Chromium, Page

CONTRAST = Path(__file__).with_name("contrast.js").read_text(encoding="utf-8")
SIZES = [(320, 640), (390, 844), (820, 1180), (1280, 800), (1920, 1080)]


@contextmanager
def looking(
    chromium: Chromium, folder: Path, watch: MadeUpWatch, *, query: str = "", width: int = 1280, height: int = 900
) -> Iterator[Page]:
    """The page, not signed in."""
    with (
        whole_centre(folder, watch) as whole,
        serving(whole.app) as port,
        chromium.page(f"http://127.0.0.1:{port}/fleet{query}", width=width, height=height) as page,
    ):
        page.wait_for_text("#sign-in", "Show the fleet")
        yield page


def sign_in(page: Page, token: str = ADMIN) -> None:
    page.run(f"document.getElementById('token').value = {token!r}")
    page.run("document.querySelector('#sign-in [type=submit]').click()")


def names(page: Page) -> list[str]:
    return [
        str(name) for name in page.run("[...document.querySelectorAll('[data-device]')].map((e) => e.dataset.device)")
    ]


def changed(device: FleetDevice, **fields: object) -> FleetDevice:
    return device.model_copy(update=fields)


def test_it_asks_for_a_token_and_shows_every_device(chromium: Chromium, tmp_path: Path) -> None:
    with looking(chromium, tmp_path, MadeUpWatch()) as page:
        assert page.run("document.activeElement.id") == "token"
        sign_in(page)
        page.wait_for_text("#table", "entrance")
        assert names(page)[:3] == ["cellar", "entrance", "gate"]
        rows = {
            row.split("\n")[0]: row
            for row in page.run("[...document.querySelectorAll('tbody tr')].map((r) => r.innerText)")
        }
        assert "Went back" in rows["office-1"]
        assert "Rejected" in rows["office-2"]
        assert "Not yet" in rows["loading-dock"]
        assert "camera.front, objective.latency and 1 more" in rows["gate"]
        assert "71 °C" in rows["gate"]
        assert "restart needed" in rows["cellar"]
        assert page.text("#life") == "6 need attention"
        assert page.text("#tiles").split("\n")[:2] == ["6", "Online"]
        assert page.complaints() == []
        origin = str(page.run("location.origin"))
        assert {address.startswith(origin) for address in page.requests()} == {True}


def test_a_device_opens_to_all_that_is_known_of_it(chromium: Chromium, tmp_path: Path) -> None:
    watch = MadeUpWatch()
    with looking(chromium, tmp_path, watch) as page:
        sign_in(page)
        page.wait_for_text("#table", "office-1")
        page.run("document.querySelector('[data-device=office-1]').click()")
        page.wait_for_text(".details", "The camera gives no pictures.")
        assert "version 4 of 5" in page.text(".details")
        assert "decision.margin" in page.text(".details")
        page.run("document.querySelector('[data-device=office-1]').click()")
        page.run("document.querySelector('[data-device=gate]').click()")
        page.wait_for_text(".details", "Look at its cable.")
        assert watch.list is not None
        watch.list = watch.list.model_copy(
            update={"devices": tuple(changed(one, temperature_c=33.0) for one in watch.list.devices)}
        )
        page.wait_for_text("#table", "33 °C")
        assert "Look at its cable." in page.text(".details"), "what is open stays open"


def test_who_changed_what_is_told_by_roll_out(chromium: Chromium, tmp_path: Path) -> None:
    with looking(chromium, tmp_path, MadeUpWatch()) as page:
        sign_in(page)
        page.wait_for_text("#pushes", "→ group doors")
        entries = page.run("[...document.querySelectorAll('#pushes li')].map((e) => e.innerText)")
        assert len(entries) == 3
        assert "office-3, office-2, office-1" in entries[1]
        assert "decision.margin = 0.05" in entries[1]
        assert "signed, key abababababababab" in entries[1]
        assert 'mqtt.password = "********", decision given back' in entries[2]


def test_what_is_shown_stands_in_the_address(chromium: Chromium, tmp_path: Path) -> None:
    with looking(chromium, tmp_path, MadeUpWatch(), query="?show=offline") as page:
        sign_in(page)
        page.wait_for_text("#table", "yard")
        assert names(page) == ["loading-dock", "yard"]
        page.run("document.querySelector('#filter [value=all]').click()")
        page.wait(lambda: len(names(page)) == 8, "all of them")
        page.run("document.querySelector('[data-sort=warmth]').click()")
        assert names(page)[0] == "gate", "the warmest first"
        page.run(
            "(e => { e.value = 'office'; e.dispatchEvent(new Event('input')); })(document.getElementById('search'))"
        )
        assert names(page) == ["office-1", "office-2", "office-3"]
        assert page.run("location.search") == "?sort=warmth&name=office"
        page.run(
            "(e => { e.value = 'nobody'; e.dispatchEvent(new Event('input')); })(document.getElementById('search'))"
        )
        page.wait_for_text("#nobody", "No device fits.")


def test_a_wrong_token_is_told_and_forgotten(chromium: Chromium, tmp_path: Path) -> None:
    with looking(chromium, tmp_path, MadeUpWatch()) as page:
        sign_in(page, "nobody")
        page.wait_for_text("#denied", "The token is not valid.")
        assert page.run("sessionStorage.length") == 0
        sign_in(page)
        page.wait_for_text("#table", "entrance")
        page.run("document.getElementById('leave').click()")
        page.wait_for_text("#sign-in", "Token")
        assert page.text("#table") == ""
        assert page.run("sessionStorage.length") == 0


def test_a_broker_that_is_away_is_told(chromium: Chromium, tmp_path: Path) -> None:
    with looking(chromium, tmp_path, MadeUpWatch(trouble="nothing listens at broker:1883")) as page:
        sign_in(page)
        page.wait_for_text("#trouble", "The broker cannot be heard: Nothing listens at broker:1883.")
        assert page.text("#life") == "Broker away"
        assert "entrance" in page.text("#table"), "what was seen last is still shown"


def test_what_devices_say_is_text_and_nothing_else(chromium: Chromium, tmp_path: Path) -> None:
    watch = MadeUpWatch()
    assert watch.list is not None
    devices = tuple(changed(one, edged=EVIL, config=EVIL, groups=(EVIL,)) for one in watch.list.devices)
    watch.list = watch.list.model_copy(update={"devices": devices})
    with looking(chromium, tmp_path, watch) as page:
        sign_in(page)
        page.wait_for_text("#table", "<img src=x")
        assert page.run("document.querySelectorAll('img').length") == 0
        assert page.complaints() == []


def test_whatever_one_device_says_the_page_stays_as_it_is(chromium: Chromium, tmp_path: Path) -> None:
    watch = MadeUpWatch()
    assert watch.list is not None
    long = EVIL + "W" * (300 - len(EVIL))
    condition = ConditionPart(name=long, what=long, remedy=long, since=instant(UTC))
    evil = changed(
        watch.list.devices[1],
        edged=long,
        config=long,
        groups=("g" * 64,) * 16,
        drift=Drift.REJECTED,
        problems=(ProblemPart(path=long, message=long, allowed=long),),
        overruled=(long,) * 3,
        conditions=(condition,) * 64,
        fps={long: 1e5, EVIL: -1e5},
        temperature_c=1e5,
        index=FleetIndex(version=2**53 - 1, digest=long, persons=10**9, age_s=1e9),
        events_waiting=2**53 - 1,
    )
    watch.list = watch.list.model_copy(update={"devices": (*watch.list.devices[:1], evil, *watch.list.devices[2:])})
    push = watch.said[0]
    watch.said = (push.model_copy(update={"by": "W" * 80, "change": {long: {EVIL: long}}}), *watch.said)
    with looking(chromium, tmp_path, watch) as page:
        sign_in(page)
        page.wait_for_text("#table", "entrance")
        page.run("document.querySelector('[data-device=entrance]').click()")
        page.wait_for_text(".details", "<img src=x")
        assert page.run("document.querySelectorAll('img').length") == 0
        for width, height in SIZES:
            page.resize(width, height)
            assert page.run("document.documentElement.scrollWidth <= innerWidth"), f"{width} wide"
        assert page.complaints() == []


def test_a_hub_that_does_not_answer_yet_is_asked_again(chromium: Chromium, tmp_path: Path) -> None:
    watch = MadeUpWatch()
    seen, watch.list = watch.list, None
    with looking(chromium, tmp_path, watch) as page:
        sign_in(page)
        page.wait_for_text("#trouble", "It is asked again every few seconds.")
        watch.list = seen
        page.wait_for_text("#table", "entrance")
        assert page.run("document.getElementById('trouble').hidden && document.getElementById('sign-in').hidden")


@pytest.mark.parametrize("dark", [False, True])
def test_it_fits_every_screen_and_can_be_read(chromium: Chromium, tmp_path: Path, dark: bool) -> None:
    with looking(chromium, tmp_path, MadeUpWatch()) as page:
        page.paint(dark=dark)
        sign_in(page)
        page.wait_for_text("#table", "entrance")
        page.run("document.querySelector('[data-device=gate]').click()")
        page.wait_for_text(".details", "Look at its cable.")
        for width, height in SIZES:
            page.resize(width, height)
            assert page.run("document.documentElement.scrollWidth <= innerWidth"), f"{width} wide"
            found = page.run(CONTRAST)
            assert found["count"] > 50
            assert found["bad"] == []
