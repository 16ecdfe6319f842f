"""The configuration's page, in a real Chromium; a change is made on a real daemon."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from edged.accounts.account import Role
from tests.api.pretend_device import PretendDevice, serving
from tests.api.pretend_rooms import Rooms
from tests.api.signed_in import accounts_in, signed_in
from tests.runtime.daemon import running
from tests.web.axe import faults
from tests.web.chromium import Chromium, Page

CONTRAST = Path(__file__).with_name("contrast.js").read_text(encoding="utf-8")


@contextmanager
def configuring(
    chromium: Chromium, rooms: Rooms, query: str = "", *, width: int = 1280, height: int = 800, dark: bool = False
) -> Iterator[Page]:
    with (
        serving(PretendDevice("front"), rooms=rooms.routes) as server,
        chromium.page(f"{server.url}config{query}", width=width, height=height, dark=dark, key=server.key) as page,
    ):
        page.wait(lambda: bool(page.run("document.querySelectorAll('.setting').length")), "settings")
        yield page


def field(path: str) -> str:
    return f'[data-path="{path}"]'


def type_into(page: Page, path: str, text: str) -> None:
    page.run(
        f"""(box => {{ box.value = {json.dumps(text)}; box.dispatchEvent(new Event('input', {{bubbles: true}})); }})
        (document.querySelector('{field(path)} :is(input, select, textarea)'))"""
    )


def test_a_setting_shows_its_value_where_it_comes_from_and_what_a_change_costs(chromium: Chromium) -> None:
    with configuring(chromium, Rooms(), "?section=decision") as page:
        assert page.text("#form-title") == "Decision"
        row = page.text(field("decision.margin"))
        assert "By how much the best person must be ahead of the second." in row
        assert "Set here" in row
        assert "At once" in row
        assert "Reset (default: 0.03)" in row
        assert "Default" in page.text(field("decision.frames"))
        page.run("history.pushState(null, '', '?section=mqtt'); dispatchEvent(new PopStateEvent('popstate'))")
        page.wait_for_text("#form-title", "Broker (MQTT)")
        host = field("mqtt.host")
        assert page.run(f"document.querySelector('{host} input').disabled") is True
        assert "Set in /e/edged.yaml; change it there." in page.text(host)
        assert "Restarts edged" in page.text(field("mqtt.port"))
        secret = page.run(
            f"(e => [e.type, e.value, e.placeholder])(document.querySelector('{field('mqtt.password')} input'))"
        )
        assert secret == ["password", "", "set; type to replace it"]
        assert "swordfish" not in page.run("document.documentElement.outerHTML")
        assert page.complaints() == []
        origin = str(page.run("location.origin"))
        assert {address.startswith(origin) for address in page.requests()} == {True}


def test_what_is_wrong_is_said_beside_the_field_before_it_is_asked_for(chromium: Chromium) -> None:
    rooms = Rooms()
    with configuring(chromium, rooms, "?section=decision") as page:
        type_into(page, "decision.margin", "7")
        page.wait_for_text(f"{field('decision.margin')} [role=alert]", "Is too large (it is 7)")
        assert "1 problem" in page.text("#bar")
        assert page.run("document.getElementById('apply').disabled") is True
        type_into(page, "decision.margin", "0.05")
        page.wait(lambda: page.text("#bar") == "", "the value of before is no change")
        type_into(page, "decision.frames", "three")
        page.wait_for_text(f"{field('decision.frames')} [role=alert]", 'Has the wrong type (it is "three")')
        assert rooms.steward.asked == []


def test_a_change_is_looked_at_made_and_followed(chromium: Chromium) -> None:
    rooms = Rooms()
    rooms.steward.waits = True
    with configuring(chromium, rooms, "?section=decision") as page:
        type_into(page, "decision.frames", "5")
        page.wait_for_text("#bar", "1 change · at once")
        page.run("document.getElementById('apply').click()")
        page.wait_for_text("dialog", "decision.frames")
        assert "3" in page.text("dialog del")
        assert "5" in page.text("dialog ins")
        page.wait(lambda: page.run("document.activeElement.innerText") == "Apply", "the button")
        page.press("Enter")
        page.wait_for_text("dialog", "Applying")
        rooms.steward.settle("reverted")
        page.wait_for_text("dialog", "Taken back: what it touches did not work.")
        page.press("Enter")
        page.wait(lambda: page.run("document.querySelector('dialog') === null"), "the page")
        assert rooms.steward.asked == [({"decision": {"frames": 5}}, "account:tester")]
        assert "1 change" in page.text("#bar"), "what was typed is not lost"


def test_a_value_is_reset_and_a_secret_is_replaced(chromium: Chromium) -> None:
    rooms = Rooms()
    with configuring(chromium, rooms, "?section=decision") as page:
        page.run(f"document.querySelector('{field('decision.margin')} .link').click()")
        assert "Will be taken back" in page.text(field("decision.margin"))
        page.run("document.querySelector('[data-section=mqtt]').click()")
        page.wait_for_text("#form-title", "Broker")
        type_into(page, "mqtt.password", "tr0mbone")
        page.wait_for_text("#bar", "2 changes · restarts edged")
        page.run("document.getElementById('apply').click()")
        page.wait(lambda: page.run("document.activeElement.innerText") == "Apply", "the button")
        assert "tr0mbone" not in page.text("dialog")
        page.press("Enter")
        page.wait_for_text("dialog", "Applied. It works and is kept.")
        assert rooms.steward.asked[0][0] == {"decision": {"margin": None}, "mqtt": {"password": "tr0mbone"}}
        page.press("Enter")
        page.wait(lambda: page.text("#bar") == "", "nothing is left to apply")


def test_a_camera_is_added_and_a_wrong_address_is_said(chromium: Chromium) -> None:
    rooms = Rooms()
    with configuring(chromium, rooms, "?section=cameras") as page:
        page.run("document.querySelector('.adding [name=name]').value = 'yard'")
        page.run("document.querySelector('.adding [name=kind]').value = 'rtsp'")
        page.run("document.querySelector('.adding button').click()")
        page.wait_for_text('.entry[data-path="cameras.yard"]', "New, not applied yet")
        url = field("cameras.yard.url")
        page.wait_for_text(f"{url} [role=alert]", "Is required")
        type_into(page, "cameras.yard.url", "http://192.168.1.9/")
        page.wait_for_text(f"{url} [role=alert]", "Must begin with rtsp:// or rtsps://")
        type_into(page, "cameras.yard.url", "rtsp://192.168.1.9/live")
        page.wait_for_text("#bar", "2 changes · reopens the camera")
        page.run("document.getElementById('apply').click()")
        page.wait(lambda: page.run("document.activeElement.innerText") == "Apply", "the button")
        page.press("Enter")
        page.wait_for_text("dialog", "Applied")
        patch = rooms.steward.asked[0][0]
        assert patch == {"cameras": {"yard": {"kind": "rtsp", "url": "rtsp://192.168.1.9/live"}}}
        page.press("Enter")
        page.wait_for_text('.entry[data-path="cameras.yard"]', "Set here")
        kept = page.run("document.querySelector('.entry[data-path=\"cameras.front\"]').textContent")
        assert "it can be removed there only" in str(kept)


def test_settings_are_found_by_what_is_said_of_them(chromium: Chromium) -> None:
    with configuring(chromium, Rooms(), "?find=rotation") as page:
        page.wait_for_text("#form-title", "1 setting")
        assert "After so long everybody is forgotten" not in page.text("#form")
        assert page.run(f"document.querySelector('{field('cameras.front.mirror')}') !== null") is True
        page.run("(e => { e.value = 'zebra'; e.dispatchEvent(new Event('input')); })(document.getElementById('find'))")
        page.wait_for_text("#form", "No setting has “zebra”")
        assert page.run("location.search") == "?find=zebra"


def test_it_works_by_keyboard_alone(chromium: Chromium) -> None:
    rooms = Rooms()
    with configuring(chromium, rooms, "?section=log") as page:
        for _ in range(80):
            page.press("Tab")
            if page.run("document.activeElement.closest('.setting') !== null"):
                break
        assert page.run("document.activeElement.tagName") == "SELECT"
        page.press("ArrowRight")
        page.wait_for_text("#bar", "1 change · at once")
        for _ in range(6):
            page.press("Tab")
            if page.run("document.activeElement.id") == "apply":
                break
        page.press("Enter")
        page.wait(lambda: page.run("document.activeElement.innerText") == "Apply", "the dialog")
        page.press("Enter")
        page.wait_for_text("dialog", "Applied")
        page.press("Enter")
        assert rooms.steward.loaded.document.log.level == "warning"


@pytest.mark.parametrize(
    ("size", "query"),
    [((1280, 800), "?section=cameras"), ((390, 844), "?section=decision"), ((390, 844), "?find=rotation")],
)
def test_it_fits_and_nothing_serious_is_wrong_with_it(chromium: Chromium, size: tuple[int, int], query: str) -> None:
    with configuring(chromium, Rooms(), query, width=size[0], height=size[1], dark=size[0] < 600) as page:
        assert page.run("document.documentElement.scrollWidth") <= size[0]
        assert faults(page) == []
        contrast = page.run(CONTRAST)
        assert contrast["count"] > 10
        assert contrast["bad"] == []


def test_a_change_is_made_on_a_real_daemon_end_to_end(chromium: Chromium, tmp_path: Path, models_dir: Path) -> None:
    http = {"enabled": True, "port": 0}
    with running(tmp_path, models_dir, http=http, control={"probation_s": 10}) as daemon:
        daemon.ready()
        url = next(word for word in daemon.log.read_text().split() if word.startswith("http://")).rstrip(".,")
        port = int(url.rstrip("/").rsplit(":", 1)[1])
        with closing(accounts_in(tmp_path / "state")) as accounts:
            key = signed_in(accounts, port, name="ines", role=Role.INSTALLER)
        with chromium.page(f"http://127.0.0.1:{port}/config?section=decision", key=key) as page:
            page.wait(lambda: bool(page.run("document.querySelectorAll('.setting').length")), "settings")
            type_into(page, "decision.margin", "0.06")
            page.wait_for_text("#bar", "1 change · at once")
            page.run("document.getElementById('apply').click()")
            page.wait(lambda: page.run("document.activeElement.innerText") == "Apply", "the button")
            page.press("Enter")
            page.wait_for_text("dialog", "Applied. It works and is kept.")
            page.press("Enter")
            page.wait_for_text(field("decision.margin"), "Set here")
            assert page.run(f"document.querySelector('{field('decision.margin')} input').value") == "0.06"
            assert page.complaints() == []
        kept = json.loads((tmp_path / "state" / "desired.json").read_text())
        assert kept["verdicts"]["page"]["by"] == "account:ines"
        assert kept["layers"] == {"page": {"decision": {"margin": 0.06}}}
