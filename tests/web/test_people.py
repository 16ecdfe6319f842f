"""Events, people and their enrolment in a real Chromium, with the real desks, models and databases behind."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest

from edged.accounts.account import Role
from edged.domain.frame import Image
from edged.vision.sight import Sight
from tests.api.pretend_device import PretendDevice, serving
from tests.runtime.console_site import ConsoleSite, console_site, jpeg
from tests.web.axe import faults
from tests.web.chromium import Chromium, Page

SIZES = [(390, 844, True), (1280, 800, False)]


@pytest.fixture
def site(tmp_path: Path, sight: Sight, astronaut: Image) -> Iterator[ConsoleSite]:
    with console_site(tmp_path, sight, astronaut) as site:
        yield site


class SiteDevice(PretendDevice):
    """Has the pictures of a site."""

    def __init__(self, site: ConsoleSite) -> None:
        super().__init__("door", scene=site.photo)
        self._site = site

    def picture(self, event_id: str) -> bytes | None:
        return self._site.shots.picture(event_id)


@contextmanager
def looking_at(chromium: Chromium, site: ConsoleSite, name: str, role: Role = Role.ADMINISTRATOR) -> Iterator[Page]:
    device = SiteDevice(site)
    with (
        serving(device, reviewer=site.desk, rooms=site.rooms, role=role) as server,
        chromium.page(f"{server.url}{name}", key=server.key) as page,
    ):
        page.wait_for_text(".rail-device", "entrance")
        yield page


def focus_is_seen(page: Page) -> bool:
    return bool(page.run("getComputedStyle(document.activeElement).outlineStyle !== 'none'"))


def tab_to(page: Page, words: str) -> None:
    """Presses Tab until something with these words has the focus, which is seen all the way."""
    for _ in range(60):
        page.press("Tab")
        assert focus_is_seen(page), page.run("document.activeElement.outerHTML")
        shown = "(e => (e.getAttribute('aria-label') || e.innerText || e.name || ''))(document.activeElement)"
        if str(page.run(shown)).startswith(words):
            return
    raise AssertionError(f"the keyboard does not come to {words!r}")


def fits(page: Page) -> None:
    """Nothing sticks out and nothing serious is found, narrow and dark, wide and light."""
    for width, height, dark in SIZES:
        page.resize(width, height)
        page.paint(dark=dark)
        assert page.run("document.scrollingElement.scrollWidth") == width
        assert faults(page) == []


def choose_file(page: Page, path: Path) -> None:
    """As a reader does in the dialog of the browser."""
    document = page.ask("DOM.getDocument")["root"]["nodeId"]
    found = page.ask("DOM.querySelector", nodeId=document, selector="dialog input[type=file]")["nodeId"]
    page.ask("DOM.setFileInputFiles", nodeId=found, files=[str(path)])


def test_empty_pages_say_what_to_do_next(chromium: Chromium, site: ConsoleSite) -> None:
    with looking_at(chromium, site, "events") as page:
        page.wait_for_text("#nothing", "Step in front of a camera")
    with looking_at(chromium, site, "people") as page:
        page.wait_for_text("#nothing", "Choose Enrol somebody above")
    with looking_at(chromium, site, "people", Role.GUARD) as page:
        page.wait_for_text("#nothing", "Whoever has an installer's account")
        assert page.text("#enrol") == ""


def test_somebody_is_enrolled_from_files_after_each_was_judged(
    chromium: Chromium, site: ConsoleSite, tmp_path: Path
) -> None:
    good, bad = tmp_path / "good.jpg", tmp_path / "dark.jpg"
    good.write_bytes(jpeg(site.photo))
    bad.write_bytes(jpeg((site.photo * 0.1).astype(np.uint8)))
    with looking_at(chromium, site, "people") as page:
        page.wait_for_text("#enrol", "Enrol somebody")
        page.run("document.querySelector('#enrol').click()")
        choose_file(page, good)
        page.wait_for_text(".draft.good", "Good: quality")
        choose_file(page, bad)
        page.wait_for_text(".draft.bad", "Use more light, from the front.")
        assert "The face is too dark." in page.text(".draft.bad")
        assert page.text("dialog .main") == "Enrol with 1 photograph"
        assert site.gallery.snapshot().persons == 0, "nothing is stored yet"
        for name, value in {"customer_person_id": "4711", "name": "Eve", "groups": "staff, night"}.items():
            page.run(f"document.querySelector('dialog [name={name}]').value = {json.dumps(value)}")
        fits(page)
        page.run("document.querySelector('dialog form').requestSubmit()")
        page.wait_for_text(".toasts", "Eve is enrolled with 1 photograph")
        page.wait_for_text("#detail", "1 photograph")
        page.wait_for_text("#people", "Eve")
        assert "open=" in str(page.run("location.search"))
        assert page.complaints() == []
        origin = str(page.run("location.origin"))
        assert [address for address in page.requests() if not address.startswith((origin, "data:"))] == []


def test_the_keyboard_alone_enrols_from_a_camera(chromium: Chromium, site: ConsoleSite) -> None:
    with looking_at(chromium, site, "people") as page:
        page.wait_for_text("#enrol", "Enrol somebody")
        tab_to(page, "Enrol somebody")
        page.press("Enter")
        tab_to(page, "Use a camera")
        page.press("Enter")
        page.wait_for_text(".booth", "Take a picture")
        page.wait(lambda: bool(page.run("document.querySelector('.live-view').naturalWidth > 0")), "the live picture")
        page.press("Enter")
        page.wait_for_text(".draft.good", "Good: quality")
        tab_to(page, "customer_person_id")
        page.ask("Input.insertText", text="4711")
        page.press("Enter")
        page.wait_for_text(".toasts", "4711 is enrolled with 1 photograph")
        assert site.gallery.snapshot().persons == 1


def test_what_is_odd_is_said_and_has_to_be_confirmed(chromium: Chromium, site: ConsoleSite, tmp_path: Path) -> None:
    site.enrol("4711", site.photo, name="Eve")
    again = tmp_path / "again.jpg"
    again.write_bytes(jpeg(np.ascontiguousarray(site.photo[:, ::-1])))
    with looking_at(chromium, site, "people") as page:
        page.wait_for_text("#people", "Eve")
        page.run("document.querySelector('#enrol').click()")
        choose_file(page, again)
        page.wait_for_text(".draft.warn", "The face resembles Eve (4711)")
        page.run("document.querySelector('dialog [name=customer_person_id]').value = '4712'")
        page.run("document.querySelector('dialog form').requestSubmit()")
        page.wait_for_text("dialog [role=alert]", "Nothing is stored yet")
        assert site.gallery.snapshot().persons == 1
        page.wait_for_text("dialog .main", "I am sure: go on")
        page.run("document.querySelector('dialog form').requestSubmit()")
        page.wait_for_text(".toasts", "4712 is enrolled")


def test_a_person_is_found_edited_blocked_and_deleted_by_name(chromium: Chromium, site: ConsoleSite) -> None:
    site.enrol("4711", site.photo, name="Eve Müller", groups=("staff",))
    with looking_at(chromium, site, "people?q=MÜLLER") as page:
        page.wait_for_text("#people", "Eve Müller")
        page.run("document.querySelector('#people .name').click()")
        page.wait_for_text("#detail", "Nothing is kept of them yet.")
        page.wait(lambda: page.run("document.activeElement.id") == "pane-title", "the focus in the pane")
        fits(page)
        tab_to(page, "Edit")
        page.press("Enter")
        page.run("document.querySelector('dialog [name=name]').value = 'Eva Müller'")
        page.run("document.querySelector('dialog form').requestSubmit()")
        page.wait_for_text("#pane-title", "Eva Müller")
        page.run("[...document.querySelectorAll('.toast button')].find((b) => b.innerText === 'Undo').click()")
        page.wait_for_text("#pane-title", "Eve Müller")
        page.run("[...document.querySelectorAll('#detail button')].find((b) => b.innerText === 'Block …').click()")
        page.run("document.querySelector('dialog input').value = 'lost badge'")
        page.run("document.querySelector('dialog form').requestSubmit()")
        page.wait_for_text("#detail", "Blocked at every door: lost badge")
        page.run("[...document.querySelectorAll('#detail button')].find((b) => b.innerText === 'Delete …').click()")
        page.wait_for_text("dialog", "1 template of their face")
        assert page.run("document.querySelector('dialog [type=submit]').disabled"), "their name has to be typed"
        page.ask("Input.insertText", text="Eve Müller")
        page.press("Enter")
        page.wait_for_text(".toasts", "Eve Müller is deleted")
        page.wait_for_text("#nothing", "Nobody fits")
        assert site.gallery.snapshot().persons == 0
        assert page.complaints() == []


def test_a_guard_looks_and_changes_nothing(chromium: Chromium, site: ConsoleSite) -> None:
    site.enrol("4711", site.photo, name="Eve")
    with looking_at(chromium, site, "people", Role.GUARD) as page:
        page.wait_for_text("#people", "Eve")
        page.run("document.querySelector('#people .name').click()")
        page.wait_for_text("#detail", "1 photograph")
        words = page.run("[...document.querySelectorAll('#detail button')].map((b) => b.innerText)")
        assert words == [""], "closing it is all there is"


def test_events_are_searched_explained_and_come_by_themselves(chromium: Chromium, site: ConsoleSite) -> None:
    first, _second = site.keep(), site.keep()
    site.pseudonyms.give([first.visit], "Blue Heron", 1e10)
    with looking_at(chromium, site, "events") as page:
        page.wait(lambda: page.run("document.querySelectorAll('.item').length") == 2, "the visits")
        fits(page)
        tab_to(page, "Unknown")
        page.press("ArrowDown")
        page.press("Enter")
        page.wait_for_text("#pane-title", "Blue Heron")
        for words in (
            "Nobody enrolled is similar enough",
            "had to be reached",
            "Lead over the next person",
            "Picture quality",
        ):
            assert words in page.text("#detail")
        scale = page.run("document.querySelector('#detail svg[role=img]').getAttribute('aria-label')")
        assert scale.startswith("Similarity 0.21 on a scale from 0 to 1, needed 0.42")
        fits(page)
        page.press("Escape")
        page.wait(lambda: bool(page.run("document.activeElement.matches('.item')")), "the focus back at its row")
        page.run("document.querySelector('[name=q]').value = 'heron'")
        page.run("document.querySelector('[name=q]').dispatchEvent(new Event('input', {bubbles: true}))")
        page.wait(lambda: page.run("document.querySelectorAll('.item').length") == 1, "the one that fits")
        assert page.run("location.search") == "?q=heron"
        page.run("document.querySelector('#clear').click()")
        page.wait(lambda: page.run("document.querySelectorAll('.item').length") == 2, "all of them again")
        site.keep()
        page.wait(lambda: page.run("document.querySelectorAll('.item').length") == 3, "the new one")
        page.wait_for_text("#news", "Unknown")
        assert page.complaints() == []


def test_an_address_shows_what_it_showed_before(chromium: Chromium, site: ConsoleSite) -> None:
    event = site.keep()
    site.keep()
    with looking_at(chromium, site, f"events?camera=front&answer=unknown&open={event.visit}") as page:
        page.wait_for_text("#detail", "Recognition")
        assert page.run("document.querySelector('[name=answer]').value") == "unknown"
        assert page.run("document.querySelector('[name=camera]').value") == "front"
    with looking_at(chromium, site, "events?q=nobody-is-called-so") as page:
        page.wait_for_text("#nothing", "Nothing fits")
