"""The Live page, in a real Chromium."""

import re
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import replace
from pathlib import Path

from edged.api.port import BrokerPart, BrokerState
from edged.domain.event import Outcome, Phase
from edged.domain.face import Box, Flaw
from edged.domain.frame import Image
from edged.domain.person import Candidate, Person
from edged.measure.sample_event import sample_event
from tests.api.pretend_device import Face, PretendDevice, serving
from tests.api.signed_in import accounts_in
from tests.web.axe import faults
from tests.web.chromium import Chromium, Page

CONTRAST = Path(__file__).with_name("contrast.js").read_text(encoding="utf-8")
SIZES = [(320, 640), (390, 844), (820, 1180), (1280, 800), (1920, 1080)]


def a_busy_device(picture: Image) -> PretendDevice:
    """Two cameras, a person of every kind in front of one of them, a visit of every kind behind it."""
    device = PretendDevice("front", "back")
    device.faces = (
        Face(1, Box(250, 100, 350, 230), Outcome.KNOWN, "Anna Müller"),
        Face(2, Box(80, 200, 170, 310), Outcome.UNKNOWN),
        Face(3, Box(480, 120, 560, 220), None, flaw=Flaw.TURNED_AWAY),
    )
    for number, outcome in enumerate(Outcome, start=1):
        event = sample_event(number, outcome=outcome, utc=time.time() - 3600 + 60 * number)
        device.keep(event, picture[0:260, 110:370])
    return device


def in_trouble(device: PretendDevice) -> PretendDevice:
    """The same with three conditions, one of them a camera that is away."""
    device.take_away("front", "no frame for 5 s", "Check its cable and power supply")
    device.complain("broker", "the broker localhost:1883 does not answer", "Start it: systemctl start mosquitto")
    device.complain("disk", "the disk has 80 MB left", "Free some space in /var/lib/edged")
    broker = BrokerPart(state=BrokerState.AWAY, address="localhost:1883")
    device.state_now = device.state_now.model_copy(update={"broker": broker})
    return device


@contextmanager
def looking_at(
    chromium: Chromium, device: PretendDevice, *, width: int = 1280, height: int = 800, dark: bool = False
) -> Iterator[Page]:
    """The page of a device, once it has heard of it."""
    with (
        serving(device) as server,
        chromium.page(server.url, width=width, height=height, dark=dark, key=server.key) as page,
    ):
        page.wait_for_text(".rail-device", device.state_now.info.device)
        yield page


def a_pixel(page: Page, canvas: str, x: float, y: float) -> list[int]:
    """Red, green, blue and alpha at fractions of a canvas."""
    copy = "new OffscreenCanvas(1, 1).getContext('2d', { willReadFrequently: true })"
    drawn = f"p.drawImage(c, -Math.round(c.width * {x}), -Math.round(c.height * {y}))"
    read = "[...p.getImageData(0, 0, 1, 1).data]"
    pixel = page.run(f"((c, p) => {{ {drawn}; return {read} }})(document.querySelector('{canvas}'), {copy})")
    return [int(value) for value in pixel]


def test_it_shows_who_is_there_and_who_was(chromium: Chromium, astronaut: Image) -> None:
    device = a_busy_device(astronaut)
    with looking_at(chromium, device) as page:
        page.wait_for_text("#in-view", "Anna Müller")
        assert page.text("#in-view").split("\n") == ["Anna Müller", "unknown", "looking…", "turned away"]
        assert a_pixel(page, "#picture", 0.1, 0.1)[3] == 255
        assert a_pixel(page, "#boxes", 250 / 640, 0.35)[1] > 150, "the known face's box is green"
        assert a_pixel(page, "#boxes", 0.5, 0.9)[3] == 0

        rows = page.run("[...document.querySelectorAll('#visits summary')].map((row) => row.innerText)")
        assert [row.split("\n")[0] for row in rows] == [
            "Not a living face", "No face", "Undecided", "Unknown", "Anna Müller",
        ]  # fmt: skip
        assert "59 min ago" in rows[4]
        page.wait(lambda: bool(page.run("document.querySelector('#visits img').naturalWidth === 260")), "the picture")
        assert page.complaints() == []
        origin = str(page.run("location.origin"))
        assert {address.startswith(origin) for address in page.requests()} == {True}


def test_each_visit_says_why(chromium: Chromium, astronaut: Image) -> None:
    with looking_at(chromium, a_busy_device(astronaut)) as page:
        page.wait_for_text("#visits", "Anna Müller")
        page.run("document.querySelectorAll('#visits details').forEach((row) => { row.open = true; })")
        whys = page.run("[...document.querySelectorAll('.why')].map((why) => why.innerText)")
        unknown, known = whys[3], whys[4]
        assert "Over 3 frames, similarity to Anna Müller was 0.70; 0.42 had to be reached." in known
        assert "99.98 %" in known
        assert "Nobody enrolled is similar enough. Anna Müller comes closest with 0.21" in unknown
        assert "81 of 100" in unknown
        scales = page.run("[...document.querySelectorAll('.scale')].map((scale) => scale.getAttribute('aria-label'))")
        assert scales[4] == "Similarity 0.70 on a scale from 0 to 1, needed 0.42"
        edges = page.run(
            "[...document.querySelectorAll('.scale')].map((scale) => scale.querySelector('.here').nodeName)"
        )
        assert (edges[3], edges[4]) == ("path", "circle"), "reached or not is told by shape"


def test_whoever_was_deleted_since_is_nobody_and_breaks_nothing(chromium: Chromium) -> None:
    device = PretendDevice("front")
    device.keep(replace(sample_event(1, outcome=Outcome.KNOWN, utc=time.time() - 60), best=None))
    with looking_at(chromium, device) as page:
        page.wait_for_text("#visits", "Somebody deleted since")
        page.run("document.querySelector('#visits details').open = true")
        page.wait_for_text(".why", "Whoever it was is deleted since")
        assert page.complaints() == []


def test_a_stranger_who_comes_again_is_said_to(chromium: Chromium) -> None:
    device = PretendDevice("front")
    device.keep(replace(sample_event(1, utc=time.time() - 600), stranger="bafo-miru", stranger_visits=1))
    device.keep(replace(sample_event(2, utc=time.time() - 60), stranger="bafo-miru", stranger_visits=2))
    with looking_at(chromium, device) as page:
        page.wait_for_text("#visits", "seen before as bafo-miru")
        assert page.text("#visits").count("seen before") == 1, "the first time is no repetition"
        page.run("document.querySelector('#visits details').open = true")
        assert "bafo-miru, 2 visits so far" in page.text(".why")


def test_one_visit_is_one_row_however_many_events_it_took(chromium: Chromium, astronaut: Image) -> None:
    device = PretendDevice("front")
    first = sample_event(1, utc=time.time() - 60)
    device.keep(first, astronaut)
    with looking_at(chromium, device) as page:
        page.wait_for_text("#visits", "still here")
        page.run("document.querySelector('#visits details').open = true")
        later = replace(first.captured, utc=first.captured.utc + 42)
        known = sample_event(1, outcome=Outcome.KNOWN)
        end = replace(known, id=sample_event(2).id, visit=first.visit, phase=Phase.END, captured=later, decided=later)
        device.keep(end)
        page.wait_for_text("#visits", "Known · front · for 42 s")
        assert page.run("document.querySelectorAll('#visits > li').length") == 1
        assert page.run("document.querySelector('#visits details').open") is True
        assert f"edged replay {first.id}" in page.text("#visits"), "the event whose best shot is kept"


def test_news_arrive_by_themselves_and_are_announced(chromium: Chromium) -> None:
    device = PretendDevice("front")
    with looking_at(chromium, device) as page:
        page.wait_for_text("#events", "Nobody has come by yet")
        device.keep(sample_event(1, outcome=Outcome.KNOWN, utc=time.time()))
        page.wait_for_text("#visits", "just now")
        assert page.run("document.querySelector('[role=status]').textContent") == "Anna Müller, at front"
        assert "Nobody has come by" not in page.text("#events")


def test_a_name_is_never_markup(chromium: Chromium) -> None:
    device = PretendDevice("front")
    name = "<img src=x onerror=alert(1)><b>Eve</b>"
    device.faces = (Face(1, Box(250, 100, 350, 230), Outcome.KNOWN, name),)
    eve = Candidate(Person(id="x", customer_person_id="eve", name=name), 0.7)
    device.keep(replace(sample_event(1, outcome=Outcome.KNOWN), best=eve))
    device.complain("disk", name, name)
    with looking_at(chromium, device) as page:
        page.wait_for_text("#visits", name)
        page.wait_for_text("#in-view", name)
        assert name in page.text("#conditions")
        assert page.run("document.querySelectorAll('main b, main img').length") == 0
        assert page.complaints() == []


def test_the_picture_is_fetched_only_while_it_is_wanted(chromium: Chromium, astronaut: Image) -> None:
    device = a_busy_device(astronaut)
    with looking_at(chromium, device) as page:
        page.wait_for_text("#in-view", "Anna Müller")
        page.run("document.querySelector('#pause').click()")
        page.wait_for_text("#message", "Paused")
        assert page.text("#pause") == "Play"
        assert a_pixel(page, "#picture", 0.1, 0.1)[3] == 0, "nothing frozen stays"
        time.sleep(0.4)
        asked = device.views
        time.sleep(0.6)
        assert device.views == asked
        page.run("document.querySelector('#pause').click()")
        page.wait_for_text("#in-view", "Anna Müller")


def test_a_camera_that_goes_away_is_named_and_its_picture_vanishes(chromium: Chromium, astronaut: Image) -> None:
    device = a_busy_device(astronaut)
    with looking_at(chromium, device) as page:
        page.wait_for_text("#in-view", "Anna Müller")
        in_trouble(device)
        page.wait_for_text("#message", "No picture from front for 1 min")
        assert "No frame for 5 s. Check its cable and power supply." in page.text("#message")
        assert a_pixel(page, "#picture", 0.1, 0.1)[3] == 0
        assert page.text("#in-view") == ""
        assert page.text("#attention-title") == "3 things need attention"
        assert "Start it: systemctl start mosquitto." in page.text("#conditions")
        assert page.text("#life") == "Needs attention"
        assert page.run("document.title") == "(3) Live – entrance – edged"
        page.run("document.querySelector('#cameras input[value=back]').click()")
        page.wait_for_text("#in-view", "Anna Müller")
        assert page.run("location.search") == "?camera=back"


def test_an_empty_device_says_what_to_do_next(chromium: Chromium) -> None:
    device = PretendDevice()
    index = device.state_now.index.model_copy(update={"persons": 0, "templates": 0})
    broker = BrokerPart(state=BrokerState.OFF, address="")
    device.state_now = device.state_now.model_copy(update={"index": index, "broker": broker})
    device.change_health(stages={}, faces_refused={})
    with looking_at(chromium, device) as page:
        page.wait_for_text("#message", "No camera is set up yet")
        assert "kind: v4l2" in page.text("#message")
        page.wait_for_text("#no-visits", "edged enroll anna anna.jpg")
        assert page.text("#attention") == ""
        assert page.complaints() == []


def test_a_device_that_stops_answering_is_said_and_found_again(
    chromium: Chromium, astronaut: Image, tmp_path: Path
) -> None:
    device = a_busy_device(astronaut)
    with ExitStack() as things:
        accounts = things.enter_context(closing(accounts_in(tmp_path)))
        with serving(device, accounts=accounts) as server:
            page = things.enter_context(chromium.page(server.url, key=server.key))
            page.wait_for_text("#in-view", "Anna Müller")
        page.wait_for_text("#link", "The device does not answer. What you see is from")
        assert page.text("#life") == "No connection"
        assert a_pixel(page, "#picture", 0.1, 0.1)[3] == 0, "nothing frozen stays"
        things.enter_context(serving(device, port=server.port, accounts=accounts))
        page.wait_for_text("#in-view", "Anna Müller")
        assert page.text("#link") == ""
        assert page.text("#life") == "Ready"


def test_the_keyboard_reaches_every_control(chromium: Chromium, astronaut: Image) -> None:
    device = a_busy_device(astronaut)
    for number in range(20, 30):
        device.keep(sample_event(number, utc=time.time() - 100 + number))
    with looking_at(chromium, device) as page:
        page.wait_for_text("#more", "Show all 15")
        page.wait_for_text("#in-view", "Anna Müller")
        focused = (
            "(e => [e.tagName, e.id || e.value || e.innerText, getComputedStyle(e.matches('input') ?"
            " e.nextElementSibling : e).outlineStyle])(document.activeElement)"
        )
        steps = []
        page.wait_for_text(".rail-who", "Sign out")
        for _ in range(32):
            page.press("Tab")
            steps.append(page.run(focused))
        kinds = [step[0] for step in steps]
        rail = ["A", "A", *["A"] * 11, "BUTTON", "BUTTON"]
        assert kinds == [*rail, "BUTTON", "INPUT", "A", *["SUMMARY"] * 12, "BUTTON", "BODY"]
        assert {step[2] for step in steps[:-1]} == {"solid"}, "the focus is always seen"
        assert (steps[0][1], steps[15][1], steps[16][1], steps[30][1]) == (
            "Skip to the content",
            "pause",
            "front",
            "more",
        )

        page.press("Tab", shift=True)
        page.press("Enter")
        assert page.run("document.querySelectorAll('#visits > li').length") == 15
        assert page.run("document.activeElement === document.querySelectorAll('#visits summary')[12]")
        page.press("Enter")
        assert page.run("document.activeElement.parentElement.open")
        page.run("document.querySelector('#cameras input').focus()")
        page.press("ArrowRight")
        page.wait(lambda: page.run("location.search") == "?camera=back", "the other camera")


def test_every_text_can_be_read_in_both_schemes(chromium: Chromium, astronaut: Image) -> None:
    with looking_at(chromium, in_trouble(a_busy_device(astronaut))) as page:
        page.wait_for_text("#in-view", "Anna Müller")
        page.run("document.querySelectorAll('details').forEach((row) => { row.open = true; })")
        for dark in (False, True):
            page.paint(dark=dark)
            background = str(page.run("getComputedStyle(document.body).backgroundColor"))
            assert (sum(map(int, re.findall(r"\d+", background))) < 200) == dark
            found = page.run(CONTRAST)
            assert found["count"] > 100
            assert found["bad"] == []
            assert faults(page) == []


def test_it_fits_every_screen_and_every_thumb(chromium: Chromium, astronaut: Image) -> None:
    sticking_out = (
        "[...document.querySelectorAll('main *')].filter((e) => e.checkVisibility() && !e.closest('.unseen'))"
        ".filter((e) => e.getBoundingClientRect().right > innerWidth + 0.5).map((e) => e.outerHTML.slice(0, 80))"
    )
    controls = (
        "[...document.querySelectorAll('button, summary, .segments label > span')].filter((e) => e.checkVisibility())"
        ".map((e) => Math.min(e.offsetWidth, e.offsetHeight))"
    )
    with looking_at(chromium, in_trouble(a_busy_device(astronaut))) as page:
        page.wait_for_text("#in-view", "Anna Müller")
        page.run("document.querySelectorAll('details').forEach((row) => { row.open = true; })")
        for width, height in SIZES:
            page.resize(width, height)
            assert page.run("document.scrollingElement.scrollWidth") == width, page.run(sticking_out)
            assert page.run(sticking_out) == []
            sizes = page.run(controls)
            assert len(sizes) == (10 if width > 1024 else 9)
            assert min(sizes) >= 36
