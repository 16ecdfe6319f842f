"""The doors' page in a real Chromium."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from edged.accounts.account import Role
from edged.domain.door import Mode
from edged.domain.errors import Refused
from tests.api.pretend_device import PretendDevice, serving
from tests.api.pretend_rooms import Rooms
from tests.api.signed_in import accounts_in, signed_in
from tests.runtime.daemon import running
from tests.web.axe import faults
from tests.web.chromium import Chromium, Page

YESTERDAY = (datetime.now(UTC) - timedelta(days=1)).date().isoformat()
CONTRAST = Path(__file__).with_name("contrast.js").read_text(encoding="utf-8")


@contextmanager
def guarding(
    chromium: Chromium,
    rooms: Rooms,
    *,
    role: Role = Role.INSTALLER,
    width: int = 1280,
    height: int = 800,
    dark: bool = False,
) -> Iterator[Page]:
    with (
        serving(PretendDevice("front"), rooms=rooms.routes, role=role) as server,
        chromium.page(
            f"{server.url}doors?since={YESTERDAY}", width=width, height=height, dark=dark, key=server.key
        ) as page,
    ):
        page.wait_for_text("#doors", "front")
        page.wait_for_text("#passages", "Anna Weber")
        yield page


def press(page: Page, selector: str) -> None:
    page.run(f"document.querySelector({selector!r}).click()")


def confirm(page: Page, words: str) -> None:
    page.wait_for_text("dialog", words)
    press(page, "dialog [type=submit]")


def test_each_door_says_how_it_stands_and_what_is_wrong(chromium: Chromium) -> None:
    rooms = Rooms()
    with guarding(chromium, rooms) as page:
        front, store = "[data-door=front]", "[data-door=store]"
        assert "Secured" in page.text(front)
        assert "Shut" in page.text(front)
        assert "Open too long" in page.text(store)
        rooms.doors.modes["front"] = Mode.EMERGENCY
        page.wait_for_text(front, "Emergency: open for everybody")
        assert "Unlocked" in page.text(front)
        press(page, "[data-act=quiet]")
        page.wait_for_text(".toasts", "Seen to: open too long at store.")
        page.wait(lambda: "Open too long" not in page.text(store), "the alarm is over")
        assert rooms.doors.done == [("quiet", "store", "held_too_long", "tester")]
        assert page.complaints() == []
        origin = str(page.run("location.origin"))
        own = (origin, "data:image/svg+xml")  # the browser's own picture of a calendar
        assert [address for address in page.requests() if not address.startswith(own)] == []


def test_a_door_opens_on_a_second_press_only(chromium: Chromium) -> None:
    rooms = Rooms()
    with guarding(chromium, rooms, role=Role.GUARD) as page:
        press(page, "[data-door=front] [data-act=open]")
        page.wait_for_text("dialog", "Open front now?")
        assert page.run("document.activeElement.innerText") == "Cancel"
        page.press("Enter")
        page.wait(lambda: page.run("document.querySelector('dialog') === null"), "no dialog")
        assert rooms.doors.done == []
        press(page, "[data-door=front] [data-act=open]")
        confirm(page, "Open front now?")
        page.wait_for_text(".toasts", "Front is open for 4 s.")
        assert rooms.doors.done == [("open", "front", "tester")]
        rooms.doors.refusal = Refused("locked", "the door front is locked", "Set it back to normal first")
        press(page, "[data-door=front] [data-act=open]")
        confirm(page, "Open front now?")
        page.wait_for_text(".toast.bad", "The door front is locked. Set it back to normal first.")


def test_a_guard_sees_only_what_a_guard_may(chromium: Chromium) -> None:
    rooms = Rooms()
    acts = "[...document.querySelectorAll('[data-door=front] button')].map((e) => e.innerText)"
    with guarding(chromium, rooms, role=Role.GUARD) as page:
        assert page.run(acts) == ["Open", "Lock", "Emergency …"]
        page.wait_for_text("#hours", "office")
        assert "Edit …" not in page.text("main")
        assert "Issue a pass" not in page.text("main")
        assert "Reset …" not in page.text("main")
        press(page, "[data-door=front] [data-mode=locked]")
        confirm(page, "Lock front?")
        page.wait(lambda: page.run(acts) == ["Back to normal", "Emergency …"], "what may be done with a locked door")
    with guarding(chromium, Rooms()) as page:
        assert page.run(acts) == ["Open", "Lock", "Hold open", "Emergency …"]


def test_a_passage_says_which_rule_decided_and_what_every_rule_said(chromium: Chromium) -> None:
    rooms = Rooms()
    with guarding(chromium, rooms) as page:
        assert "Outside the hours (office: opens at 07:00)." in page.text("#passages")
        assert "Opened by hand; no rule was asked." in page.text("#passages")
        press(page, "#passages > li:nth-child(3) summary")
        decided = "#passages > li:nth-child(3) .decided"
        page.wait_for_text(decided, "At this hour")
        assert "office: opens at 07:00" in page.text(decided)
        assert "Not asked any more: Somebody came first, Not inside already" in page.text("#passages > li:nth-child(3)")
        page.run(
            "(e => { e.value = 'store'; e.dispatchEvent(new Event('change')); })"
            "(document.getElementById('passages-door'))"
        )
        page.wait(lambda: page.run("document.querySelectorAll('#passages > li').length") == 1, "those of one door")
        assert page.run("location.search") == f"?since={YESTERDAY}&door=store"


def test_the_rules_are_asked_without_opening(chromium: Chromium) -> None:
    rooms = Rooms()
    with guarding(chromium, rooms) as page:
        page.run("document.querySelector('#trial [name=person]').value = '4711'")
        press(page, "#trial [type=submit], #trial form .main")
        page.wait_for_text("#trial", "It would stay shut.")
        assert "Outside the hours" in page.text("#trial")
        page.run("document.querySelector('#trial [name=person]').value = '0815'")
        press(page, "#trial form .main")
        page.wait_for_text("#trial [role=alert]", "Nobody has the ID 0815.")
        assert rooms.doors.done == []


def test_everybody_counts_as_outside_after_a_reset(chromium: Chromium) -> None:
    rooms = Rooms()
    with guarding(chromium, rooms) as page:
        page.wait_for_text("#areas", "2 people")
        press(page, "[data-act=reset]")
        confirm(page, "Reset building?")
        page.wait_for_text("#areas", "Nobody, as far as passages tell.")
        assert rooms.doors.done == [("reset", "building", "tester")]


def test_a_pass_is_issued_shown_once_and_revoked(chromium: Chromium) -> None:
    rooms = Rooms()
    with guarding(chromium, rooms) as page:
        page.wait_for_text("#passes", "Lift service")
        press(page, "#passes .head button")
        page.wait_for_text("dialog", "A visitor’s pass")
        page.run("document.querySelector('dialog [name=name]').value = 'Acme'")
        press(page, "dialog form .main")
        page.wait_for_text("dialog", "K7QF-29XM-TR4D")
        assert page.run("document.querySelector('dialog .qr').getBoundingClientRect().width > 150") is True
        assert "This code is shown once." in page.text("dialog")
        press(page, "dialog .actions .button:not(.main)")
        page.wait_for_text("#passes", "Acme")
        assert "K7QF" not in page.run("document.documentElement.outerHTML")
        press(page, "#passes li:nth-child(2) button")
        confirm(page, "Revoke the pass “Lift service”?")
        page.wait(lambda: "Lift service" not in page.text("#passes"), "it is gone")
        assert rooms.passes.done == [("issue", "Acme", "tester"), ("revoke", "p1", "tester")]
        assert page.complaints() == []


def test_a_schedule_is_a_picture_and_its_change_goes_the_way_of_the_configuration(chromium: Chromium) -> None:
    rooms = Rooms()
    with guarding(chromium, rooms) as page:
        page.wait_for_text("#hours", "office")
        said = str(page.run("document.querySelector('.schedule .week').getAttribute('aria-label')"))
        assert said == "office: Mon–Thu 07:00–12:00, 13:00–18:30; Fri 07:00–14:00; on holidays never"
        assert page.run("document.querySelectorAll('.schedule')[0].querySelectorAll('.off-name').length") == 1
        press(page, "[aria-label='Edit the schedule office']")
        page.wait_for_text("dialog", "Schedule office")
        page.run("document.querySelector('dialog [name=sat]').value = '09:00 – 25:00'")
        press(page, "dialog form .main")
        assert page.run("document.querySelector('dialog input:invalid').name") == "sat"
        page.run(
            "(e => { e.value = '09:00 – 12:00'; e.dispatchEvent(new Event('input', {bubbles: true})); })"
            "(document.querySelector('dialog [name=sat]'))"
        )
        press(page, "dialog form .main")
        # The pretended hours are not those of the pretended configuration's file, which says so.
        page.wait_for_text(".order", "access.schedules.office.sat")
        page.wait(lambda: page.run("document.activeElement.innerText") == "Apply", "the button")
        page.press("Enter")
        page.wait_for_text(".order", "Applied.")
        patch = rooms.steward.asked[0][0]
        assert patch == {"access": {"schedules": {"office": {"sat": ["09:00-12:00"]}}}}


def test_a_device_without_doors_says_what_to_do(chromium: Chromium) -> None:
    rooms = Rooms()
    rooms.doors.modes, rooms.doors.inside = {}, ()
    with (
        serving(PretendDevice("front"), rooms=rooms.routes) as server,
        chromium.page(server.url + "doors", key=server.key) as page,
    ):
        page.wait_for_text("#none", "This device has no doors yet")
        assert page.run("document.querySelector('#none a').getAttribute('href')") == "/config?section=access"


def test_a_door_is_opened_by_keyboard_alone(chromium: Chromium) -> None:
    rooms = Rooms()
    with guarding(chromium, rooms) as page:
        for _ in range(40):
            page.press("Tab")
            if page.run("document.activeElement.dataset.act") == "open":
                break
        page.press("Enter")
        page.wait_for_text("dialog", "Open front now?")
        page.press("Tab", shift=True)
        page.wait(lambda: page.run("document.activeElement.innerText") == "Open front", "the button")
        page.press("Enter")
        page.wait_for_text(".toasts", "Front is open for 4 s.")


@pytest.mark.parametrize("size", [(1280, 800), (390, 844)])
def test_it_fits_and_nothing_serious_is_wrong_with_it(chromium: Chromium, size: tuple[int, int]) -> None:
    with guarding(chromium, Rooms(), width=size[0], height=size[1], dark=size[0] < 600) as page:
        page.wait_for_text("#hours", "office")
        page.wait_for_text("#passes", "Lift service")
        press(page, "#passages > li:nth-child(3) summary")
        assert page.run("document.documentElement.scrollWidth") <= size[0]
        assert faults(page) == []
        edges = (
            "(e => [...e.children].map((child) => child.getBoundingClientRect()))(document.querySelector('.door-card'))"
            ".map(({top, bottom}) => [top, bottom])"
        )
        parts = page.run(edges)
        assert all(above[1] <= below[0] for above, below in itertools.pairwise(parts)), "one below the other"
        contrast = page.run(CONTRAST)
        assert contrast["count"] > 10
        assert contrast["bad"] == []
        press(page, "#passes .head button")
        page.wait_for_text("dialog", "A visitor’s pass")
        assert faults(page) == []


def test_a_door_of_a_real_daemon_is_opened_and_the_audit_says_who_did(
    chromium: Chromium, tmp_path: Path, models_dir: Path
) -> None:
    access = {"doors": {"front": {"area": "hall", "visitors": True}}}
    with running(tmp_path, models_dir, http={"enabled": True, "port": 0}, access=access) as daemon:
        daemon.ready()
        url = next(word for word in daemon.log.read_text().split() if word.startswith("http://")).rstrip(".,")
        with closing(accounts_in(tmp_path / "state")) as accounts:
            key = signed_in(accounts, int(url.rstrip("/").rsplit(":", 1)[1]), name="adele")
        with chromium.page(url.rstrip("/") + "/doors", key=key) as page:
            page.wait_for_text("[data-door=front]", "Secured")
            press(page, "[data-act=open]")
            confirm(page, "Open front now?")
            page.wait_for_text(".toasts", "Front is open for 4 s.")
            page.wait_for_text("#passages", "Opened by hand; no rule was asked.")
            assert "adele" in page.text("#passages")
            page.wait_for_text("[data-door=front]", "Unlocked")
            press(page, "#trial form .main")
            page.wait_for_text("#trial", "A face of nobody who is enrolled.")
            press(page, "#passes .head button")
            page.wait_for_text("dialog", "A visitor’s pass")
            page.run("document.querySelector('dialog [name=name]').value = 'Acme'")
            press(page, "dialog form .main")
            page.wait_for_text("dialog", "This code is shown once.")
            assert page.complaints() == []
        with chromium.page(url.rstrip("/") + "/audit", key=key) as page:
            page.wait_for_text("#entries [data-act=opening]", "front was opened.")
            assert "adele" in page.text("#entries [data-act=opening] .who")
            page.wait_for_text("#entries [data-act=pass]", "A visitor's pass was issued")
            press(page, "#verify")
            page.wait_for_text("#chain", "Whole: entries 1 to")
            lines = page.run("fetch(document.getElementById('export-json').href).then((answer) => answer.json())")
            assert "account:adele" in {entry["by"] for entry in lines["entries"]}
            assert page.complaints() == []
