"""The doors on the Live page, in a real Chromium."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from tests.api.pretend_device import PretendDevice, serving
from tests.web.axe import faults
from tests.web.chromium import Chromium

DOORS = "/api/v1/console/doors"


def test_the_doors_show_how_they_stand_and_one_is_opened(chromium: Chromium) -> None:
    device = PretendDevice("front")
    device.state_now = device.state_now.model_copy(update={"doors": ("front door", "gate")})
    opened: list[object] = []

    async def doors(_request: Request) -> Response:
        common = {"contact": "shut", "unlocked": False, "alarms": []}
        first = {"name": "front door", "mode": "normal", "reachable": True, **common}
        second = {"name": "gate", "mode": "locked", "reachable": False, **common, "alarms": ["held_open"]}
        return JSONResponse({"doors": [first, second]})

    async def open_(request: Request) -> Response:
        opened.append((await request.json())["door"])
        return JSONResponse({"ok": True})

    rooms = [Route(DOORS, doors), Route(f"{DOORS}/open", open_, methods=["POST"])]
    with serving(device, rooms=rooms) as server, chromium.page(server.url, key=server.key) as page:
        page.wait_for_text("#door-list", "gate")
        said = page.text("#door-list")
        for words in ("Locked to everybody", "Its relay does not answer", "Alarm: held open", "shut"):
            assert words in said
        buttons = page.run("[...document.querySelectorAll('#door-list button')].map((button) => button.disabled)")
        assert buttons == [False, True], "a relay that does not answer opens nothing"
        page.run("document.querySelector('#door-list button').click()")
        page.wait_for_text(".toasts", "front door is open for one passage.")
        assert opened == ["front door"]
        assert faults(page) == []
        assert page.complaints() == []


def test_a_device_without_doors_shows_none(chromium: Chromium) -> None:
    with serving(PretendDevice("front")) as server, chromium.page(server.url, key=server.key) as page:
        page.wait_for_text("#life", "Ready")
        assert page.text("#doors") == ""
        assert not any(DOORS in address for address in page.requests())
