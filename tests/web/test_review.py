"""The review of unknown visits, in a real Chromium."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import cv2
import numpy as np

from edged.accounts.account import Role
from edged.api.port import Closed, Reviewer, Unknown
from edged.domain.errors import Refused
from edged.domain.frame import Image
from edged.domain.identity import uuid7
from tests.api.pretend_device import PretendDevice, PretendReviewer, serving
from tests.web.axe import faults
from tests.web.chromium import Chromium, Page

CONTRAST = Path(__file__).with_name("contrast.js").read_text(encoding="utf-8")
SIZES = [(320, 640), (390, 844), (820, 1180), (1280, 800), (1920, 1080)]


def visits(device: PretendDevice, picture: Image, first: int, many: int, camera: str) -> tuple[Unknown, ...]:
    """Some visits of one person, newest first, with pictures that can be told apart."""
    found = []
    for number in range(first, first + many):
        captured = time.time() - 600 * number - 90
        event = uuid7(captured, number.to_bytes(10, "big"))
        shot = np.clip(picture[0:300, 90 + 5 * number : 390 + 5 * number] * (1 - 0.03 * number), 0, 255)
        device.pictures[event] = cv2.imencode(".jpg", shot.astype(np.uint8))[1].tobytes()
        found.append(Unknown(event, captured, camera))
    return tuple(found)


def a_queue(picture: Image) -> tuple[PretendDevice, PretendReviewer]:
    """Three groups: ten visits, two, one."""
    device = PretendDevice("door", "yard")
    mirrored = np.ascontiguousarray(picture[:, ::-1])
    groups = [
        visits(device, picture, 0, 10, "door"),
        visits(device, mirrored, 3, 2, "yard"),
        visits(device, picture, 9, 1, "door"),
    ]
    return device, PretendReviewer(*groups)


@contextmanager
def reviewing(
    chromium: Chromium,
    device: PretendDevice,
    reviewer: Reviewer | Closed,
    *,
    width: int = 1280,
    height: int = 900,
    role: Role = Role.ADMINISTRATOR,
) -> Iterator[Page]:
    with (
        serving(device, reviewer=reviewer, role=role) as server,
        chromium.page(server.url + "review", width=width, height=height, key=server.key) as page,
    ):
        page.wait_for_text(".rail-device", "entrance")
        yield page


def open_form(page: Page, group: int = 0) -> None:
    page.wait(lambda: page.run(f"document.querySelectorAll('.group').length > {group}"), "the group")
    page.run(f"document.querySelectorAll('.group')[{group}].querySelector('.actions .main').click()")


def fill_in(page: Page, **fields: str) -> None:
    for name, value in fields.items():
        page.run(f"document.querySelector('form input[name={name}]').value = {value!r}")


def send(page: Page) -> None:
    page.run("document.querySelector('form [type=submit]').click()")


def headings(page: Page) -> list[str]:
    return [str(text) for text in page.run("[...document.querySelectorAll('.group h3')].map((e) => e.innerText)")]


def test_it_shows_who_was_not_known_in_groups(chromium: Chromium, astronaut: Image) -> None:
    device, reviewer = a_queue(astronaut)
    with reviewing(chromium, device, reviewer) as page:
        page.wait_for_text("#groups", "10 visits")
        assert headings(page) == [
            "10 visits, the latest 1 min ago · door",
            "2 visits, the latest 31 min ago · yard",
            "1 visit, the latest 1 h ago · door",
        ]
        page.wait(lambda: bool(page.run("document.querySelector('.face img').naturalWidth === 300")), "the picture")
        chosen = "[...document.querySelectorAll('.group')].map((g) => g.querySelectorAll(':checked').length)"
        assert page.run(chosen) == [8, 2, 1], "a few of many are chosen at first"
        assert page.text("nav [aria-current]") == "Review"
        assert page.complaints() == []
        origin = str(page.run("location.origin"))
        assert {address.startswith(origin) for address in page.requests()} == {True}


def test_somebody_is_enrolled_with_the_chosen_pictures_and_leaves_the_list(
    chromium: Chromium, astronaut: Image
) -> None:
    device, reviewer = a_queue(astronaut)
    group = [visit.event_id for visit in reviewer.groups[1]]
    with reviewing(chromium, device, reviewer) as page:
        open_form(page, 1)
        assert page.run("document.activeElement.name") == "customer_person_id"
        fill_in(page, customer_person_id=" 4711 ", name="Eve Müller", groups="staff, night ,")
        send(page)
        page.wait_for_text("#done", "Eve Müller is enrolled with 2 pictures and is recognised from now on.")
        ((person, events, known),) = reviewer.enrolled
        assert (person.customer_person_id, person.name, person.groups) == ("4711", "Eve Müller", ("staff", "night"))
        assert (events, known) == (group, False)
        assert [heading.split(",")[0] for heading in headings(page)] == ["10 visits", "1 visit"]
        assert page.complaints() == []


def test_what_is_left_out_stays_in_the_list(chromium: Chromium, astronaut: Image) -> None:
    device, reviewer = a_queue(astronaut)
    with reviewing(chromium, device, reviewer) as page:
        open_form(page, 1)
        page.run("document.querySelectorAll('.group')[1].querySelector('.face').click()")
        page.run("document.querySelector('form [name=known]').click()")
        fill_in(page, customer_person_id="4711")
        send(page)
        page.wait_for_text("#done", "4711 is enrolled with 1 picture")
        page.wait(lambda: len(headings(page)) == 3, "the visit that was left out")
        assert headings(page)[1].startswith("1 visit,")
        assert reviewer.enrolled[0][2] is True


def test_a_refusal_is_said_beside_the_form_which_stays(chromium: Chromium, astronaut: Image) -> None:
    device, reviewer = a_queue(astronaut)
    reviewer.refusal = Refused("exists", "the ID 4711 belongs to Anna already", "Choose another ID")
    with reviewing(chromium, device, reviewer) as page:
        open_form(page)
        send(page)
        assert page.run("document.querySelector('form :invalid').name") == "customer_person_id", "an ID is needed"
        fill_in(page, customer_person_id="4711")
        send(page)
        page.wait_for_text("form [role=alert]", "The ID 4711 belongs to Anna already. Choose another ID.")
        assert page.run("document.querySelector('form [name=customer_person_id]').value") == "4711"
        reviewer.refusal = None
        page.run("document.querySelectorAll('.group')[0].querySelectorAll(':checked').forEach((box) => box.click())")
        page.run("document.querySelector('form').requestSubmit()")
        page.wait_for_text("form [role=alert]", "Choose one picture at least.")
        assert reviewer.enrolled == []


def test_visits_are_put_aside_and_taken_back(chromium: Chromium, astronaut: Image) -> None:
    device, reviewer = a_queue(astronaut)
    with reviewing(chromium, device, reviewer) as page:
        page.wait_for_text("#groups", "10 visits")
        page.run("document.querySelector('.group .actions .button:not(.main)').click()")
        page.wait_for_text("#done", "10 visits are ignored.")
        assert len(headings(page)) == 2
        assert page.run("document.activeElement.innerText") == "Undo"
        page.press("Enter")
        page.wait_for_text("#groups", "10 visits")
        assert [undo for _, undo in reviewer.dismissed] == [False, True]


def test_a_device_that_still_compares_says_so_and_is_asked_again(chromium: Chromium, astronaut: Image) -> None:
    device, reviewer = a_queue(astronaut)
    reviewer.waiting = [40] * 30
    with reviewing(chromium, device, reviewer) as page:
        page.wait_for_text("#waiting", "Comparing 40 more visits …")
        page.wait(lambda: page.text("#waiting") == "", "the end of it")
        assert len(headings(page)) == 3


def test_nobody_to_review_and_no_review_are_said(chromium: Chromium) -> None:
    with reviewing(chromium, PretendDevice("door"), PretendReviewer()) as page:
        page.wait_for_text("#nobody", "Nobody to review")
    closed = Closed("the page can be opened from other machines", "Set http.listen to 127.0.0.1")
    with reviewing(chromium, PretendDevice("door"), closed) as page:
        page.wait_for_text("#trouble", "The page can be opened from other machines. Set http.listen to 127.0.0.1.")
        assert page.text("#nobody") == ""


def test_a_page_of_an_earlier_session_is_told_to_load_again(chromium: Chromium, astronaut: Image) -> None:
    device, reviewer = a_queue(astronaut)
    with reviewing(chromium, device, reviewer) as page:
        page.wait_for_text("#groups", "10 visits")
        posted = (
            "fetch('/api/v1/console/review/dismiss', {method: 'POST', body: '{}',"
            " headers: {'content-type': 'application/json', 'edged-token': 'of yesterday'}})"
            ".then((answer) => answer.json())"
        )
        error = page.run(posted)["error"]
        assert error["what"] == "somebody signed in anew since this page was loaded"


def test_the_keyboard_does_it_all(chromium: Chromium, astronaut: Image) -> None:
    device, reviewer = a_queue(astronaut)
    reviewer.groups = reviewer.groups[2:]
    with reviewing(chromium, device, reviewer) as page:
        page.wait_for_text("#groups", "1 visit")
        outlined = (
            "(e => getComputedStyle(e.matches('.face input') ? e.closest('.face').querySelector('img') : e)"
            ".outlineStyle)(document.activeElement)"
        )
        page.run("document.getElementById('main').focus()")
        steps = []
        for _ in range(5):
            page.press("Tab")
            steps.append((page.run("document.activeElement.tagName"), page.run(outlined)))
        assert [tag for tag, _ in steps] == ["BUTTON", "INPUT", "BUTTON", "BUTTON", "BUTTON"]
        assert {outline for _, outline in steps} == {"solid"}, "the focus is always seen"
        page.press("Tab", shift=True)
        page.press("Tab", shift=True)
        page.press("Enter")
        page.ask("Input.insertText", text="4711")
        page.press("Enter")
        page.wait_for_text("#done", "4711 is enrolled")
        page.wait_for_text("#nobody", "Nobody to review")


def letter(page: Page, key: str) -> None:
    """Types a letter where the focus is."""
    page.ask("Input.dispatchKeyEvent", type="keyDown", key=key, text=key)
    page.ask("Input.dispatchKeyEvent", type="keyUp", key=key)


def test_letters_deal_with_the_group_that_has_the_focus(chromium: Chromium, astronaut: Image) -> None:
    device, reviewer = a_queue(astronaut)
    groups = [[visit.event_id for visit in group] for group in reviewer.groups]
    with reviewing(chromium, device, reviewer) as page:
        page.wait_for_text("#groups", "10 visits")
        letter(page, "i")
        assert reviewer.dismissed == [], "without a group it is a letter like others"
        page.run("document.querySelector('.group .main').focus()")
        letter(page, "j")
        letter(page, "n")
        assert page.run("document.activeElement.name") == "pseudonym"
        suggested = page.run("document.activeElement.value")
        assert re.fullmatch("[A-Z][a-z]+ [A-Z][a-z]+", suggested)
        letter(page, "i")
        assert (reviewer.dismissed, page.run("document.activeElement.value")) == ([], "i"), "in a field it is typed"
        page.run("document.activeElement.value = 'Blue Heron'")
        page.press("Enter")
        page.wait_for_text("#done", "2 visits are shown as Blue Heron from now on, on this device only.")
        assert reviewer.named == [(groups[1], "Blue Heron")]
        page.press("Enter")
        page.wait_for_text("#groups", "2 visits")
        assert reviewer.named[1] == (groups[1], "")
        page.run("document.querySelector('.group .main').focus()")
        letter(page, "i")
        page.wait_for_text("#done", "ignored")


def test_a_name_that_was_given_is_offered_again(chromium: Chromium, astronaut: Image) -> None:
    device, reviewer = a_queue(astronaut)
    reviewer.likely = ("", "Blue Heron", "")
    with reviewing(chromium, device, reviewer) as page:
        page.wait_for_text("#groups", "Looks like Blue Heron, whom somebody has named before.")
        page.run("document.querySelector('[aria-keyshortcuts=A]').click()")
        page.wait_for_text("#done", "shown as Blue Heron")
        assert [name for _events, name in reviewer.named] == ["Blue Heron"]


def test_a_guard_names_and_ignores_but_does_not_enrol(chromium: Chromium, astronaut: Image) -> None:
    device, reviewer = a_queue(astronaut)
    with reviewing(chromium, device, reviewer, role=Role.GUARD) as page:
        page.wait_for_text("#groups", "10 visits")
        assert page.run("document.querySelectorAll('.actions .main').length") == 0
        assert faults(page) == []


def test_every_text_can_be_read_and_everything_fits(chromium: Chromium, astronaut: Image) -> None:
    sticking_out = (
        "[...document.querySelectorAll('body *')].filter((e) => e.checkVisibility() && !e.closest('.unseen, .skip'))"
        ".filter((e) => e.getBoundingClientRect().right > innerWidth + 0.5).map((e) => e.outerHTML.slice(0, 80))"
    )
    controls = (
        "[...document.querySelectorAll('main :is(button, .face, .tick, .field input)')]"
        ".filter((e) => e.checkVisibility()).map((e) => Math.min(e.offsetWidth, e.offsetHeight))"
    )
    device, reviewer = a_queue(astronaut)
    reviewer.refusal = Refused("exists", "the ID 4711 belongs to Anna already", "Choose another ID")
    with reviewing(chromium, device, reviewer) as page:
        page.wait_for_text("#groups", "10 visits")
        page.run("document.querySelectorAll('.group')[2].querySelector('.actions .button:not(.main)').click()")
        page.wait_for_text("#done", "ignored")
        open_form(page)
        fill_in(page, customer_person_id="4711")
        send(page)
        page.wait_for_text("form [role=alert]", "already")
        for dark in (False, True):
            page.paint(dark=dark)
            found = page.run(CONTRAST)
            assert found["count"] > 25
            assert found["bad"] == []
        for width, height in SIZES:
            page.resize(width, height)
            assert page.run("document.scrollingElement.scrollWidth") == width, page.run(sticking_out)
            assert page.run(sticking_out) == []
            assert min(page.run(controls)) >= 36
