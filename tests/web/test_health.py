"""The health page and the camera doctor, in a real Chromium."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from edged.api.console.health import health_routes
from edged.domain.frame import Image
from edged.wire.device import CentralPart
from tests.api.pretend_device import PretendDevice, serving
from tests.api.pretend_health import PretendHealth, a_checkup
from tests.web.axe import faults
from tests.web.chromium import Chromium, Page
from tests.web.test_page import SIZES, a_busy_device, in_trouble


@contextmanager
def looking_at(
    chromium: Chromium, device: PretendDevice, name: str = "health", health: PretendHealth | None = None
) -> Iterator[Page]:
    """A page of a device, once it knows whose it is."""
    rooms = health_routes(health or PretendHealth())
    with serving(device, rooms=rooms) as server, chromium.page(f"{server.url}{name}", key=server.key) as page:
        page.wait_for_text(".rail-device", device.state_now.info.device)
        yield page


def fits_every_screen(page: Page) -> None:
    """Fails where something sticks out of the screen at one of its sizes."""
    out = (
        "[...document.querySelectorAll('main *')]"
        ".filter((e) => e.checkVisibility() && !e.closest('.unseen, .grid-scroll, svg'))"
        ".filter((e) => e.getBoundingClientRect().right > innerWidth + 0.5).map((e) => e.outerHTML.slice(0, 80))"
    )
    for width, height in SIZES:
        page.resize(width, height)
        assert page.run("document.scrollingElement.scrollWidth") == width, page.run(out)
        assert page.run(out) == []
    page.resize(1280, 800)


def test_it_shows_how_the_device_is_and_was(chromium: Chromium, astronaut: Image) -> None:
    with looking_at(chromium, a_busy_device(astronaut)) as page:
        page.wait_for_text("#health", "250 people")
        assert "237 ms" in page.text("#health")
        assert "back\t3.1 22\t28 41\t141 237\t9.8 31" in page.text("#health"), "each camera's own p50 and p95"
        page.wait_for_text("#charts", "Temperature")
        spoken = page.run("document.querySelector('#charts svg[role=img]').getAttribute('aria-label')")
        assert spoken.startswith("p50: from 120 ms to 160 ms")
        path = page.run("document.querySelector('#charts .line.a').getAttribute('d')")
        assert path.count("M") == 2, "the line is lifted over the gap"
        assert "Nothing was measured in this time." in page.text("#charts"), "no event was sent"
        page.run("document.querySelector('#spans input[value=\"24h\"]').click()")
        page.wait(lambda: page.run("location.search") == "?span=24h", "the span in the address")
        assert page.complaints() == []


def test_its_faults_are_none(chromium: Chromium, astronaut: Image) -> None:
    with looking_at(chromium, in_trouble(a_busy_device(astronaut))) as page:
        page.wait_for_text("#charts", "Temperature")
        page.wait_for_text("#conditions", "Start it: systemctl start mosquitto.")
        for dark in (False, True):
            page.paint(dark=dark)
            assert faults(page) == []
        fits_every_screen(page)


def test_how_sync_with_the_centre_stands_is_shown_where_there_is_one(chromium: Chromium, astronaut: Image) -> None:
    device = a_busy_device(astronaut)
    with looking_at(chromium, device) as page:
        page.wait_for_text("#health", "Broker")
        assert "Centre" not in page.text("#health")
        central = CentralPart(revision=41, stale_s=12.0, shared=120, queued=2, held=0, roster="")
        device.change_health(central=central)
        page.wait_for_text("#health", "In step")
        assert "12 s ago" in page.text("#health")
        assert "120 people" in page.text("#health")
        device.complain("central", "the centre does not answer", "Is it running?")
        page.wait_for_text("#conditions", "The centre does not answer")
        page.wait(lambda: "In step" not in page.text("#health"), "that the centre is shown as away")
        assert page.complaints() == []


def test_one_camera_alone_is_as_fast_as_all_together(chromium: Chromium) -> None:
    with looking_at(chromium, PretendDevice("front")) as page:
        page.wait_for_text("#health", "237 ms")
        assert "p50, p95" not in page.text("#health")


def test_the_camera_doctor_says_what_to_do(chromium: Chromium) -> None:
    health = PretendHealth()
    health.cameras.append(a_checkup("gate", 30.0, fps=None, count=0))
    with looking_at(chromium, PretendDevice("front", "yard"), "cameras", health) as page:
        page.wait_for_text("#doctor", "Faces are 14 px between the eyes at the middle")
        said = page.text("#doctor")
        assert "are smaller than 16 px and are not judged" in said
        assert "Have people come closer, use a longer lens, or set a larger picture." in said
        assert "People's faces point down as the camera sees them" in said
        assert "Put a lamp in front of people" in said
        assert "large enough for everything" in said, "the good one is said to be good"
        assert "No frame for 5 s." in said
        worst = page.run("document.querySelectorAll('.doctor')[1].querySelector('.advice li').className")
        assert worst == "bad", "the worst comes first"
        label = page.run("document.querySelector('.measure svg').getAttribute('aria-label')")
        assert label.startswith("Size: median 4")
        for dark in (False, True):
            page.paint(dark=dark)
            assert faults(page) == []
        fits_every_screen(page)
        assert page.complaints() == []


def test_without_a_camera_the_doctor_says_how_to_add_one(chromium: Chromium) -> None:
    health = PretendHealth()
    health.cameras.clear()
    with looking_at(chromium, PretendDevice(), "cameras", health) as page:
        page.wait_for_text("#doctor", "No camera is set up yet")
        assert faults(page) == []


@pytest.mark.parametrize("size", [12.0, 22.0, 30.0, 60.0])
def test_advice_follows_the_size(size: float) -> None:
    words = {12.0: "not judged", 22.0: "recognised best", 30.0: "turning the head", 60.0: "large enough"}
    (advice,) = [each for each in a_checkup("door", size).advice if each.about == "size"]
    assert words[size] in advice.what


def test_a_page_whose_session_has_ended_leads_to_the_sign_in_and_back(chromium: Chromium) -> None:
    device = PretendDevice("front")
    with (
        serving(device, rooms=health_routes(PretendHealth())) as server,
        chromium.page(f"{server.url}health", key=server.key) as page,
    ):
        page.wait_for_text("#health", "250 people")
        server.accounts.sign_out(server.key.cookie.partition("=")[2])
        page.wait(lambda: page.run("location.pathname") == "/sign-in", "the sign-in")
        assert page.run("location.search") == "?next=%2Fhealth"
