"""The screen at a door, in a real Chromium."""

import json
import re
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path
from typing import Any, get_args

import numpy as np
import pytest

from edged.access.words import Reason
from edged.api.kiosk import Post
from edged.api.port import Closed
from edged.config.kiosk import KioskSettings
from edged.domain.face import Box
from edged.domain.frame import Image
from edged.domain.passage import Factor
from edged.domain.screen import Prompt, Stage
from tests.web.axe import faults
from tests.web.chromium import Chromium, Page
from tests.web.scripted_door import ScriptedDoor, guarded, somebody

CONTRAST = Path(__file__).with_name("contrast.js").read_text(encoding="utf-8")
SIZES = [(800, 480), (1024, 600), (1280, 800), (1920, 1080), (1080, 1920)]
LANGUAGES = get_args(KioskSettings.model_fields["language"].annotation)
ALL = frozenset({Factor.PIN, Factor.CARD, Factor.QR})
STAGES: dict[str, dict[str, Any]] = {
    "rest": {"stage": Stage.REST, "accepts": frozenset({Factor.PIN})},
    "closer": {"stage": Stage.GUIDE, "prompt": Prompt.COME_CLOSER, "progress": 0.4, "face": Box(0.4, 0.2, 0.5, 0.5)},
    "light": {"stage": Stage.GUIDE, "prompt": Prompt.MORE_LIGHT},
    "turn": {"stage": Stage.CHALLENGE, "prompt": Prompt.TURN_LEFT, "progress": 0.5, "step": 1, "steps": 2},
    "ask": {"stage": Stage.ASK_FACTOR, "accepts": ALL, "reason": "wrong_code"},
    "second": {"stage": Stage.ASK_SECOND},
    "granted": {"stage": Stage.GRANTED, "name": "Wolfeschlegelsteinhausen von Hohenzollern-Sigmaringen"},
    "refused": {"stage": Stage.REFUSED, "reason": "not_live", "accepts": ALL},
    "open": {"stage": Stage.OPEN},
    "closed": {"stage": Stage.CLOSED, "reason": "not_open_yet"},
    "away": {"stage": Stage.AWAY, "prompt": Prompt.CAMERA_AWAY, "accepts": frozenset({Factor.PIN})},
}
DRAWN = "document.querySelector('#kiosk')?.hasAttribute('data-picture') === true"
STAGE = "document.querySelector('#kiosk').dataset.stage"


@contextmanager
def standing_before(
    chromium: Chromium, door: ScriptedDoor, *, width: int = 1280, height: int = 800, dark: bool = False
) -> Iterator[Page]:
    """The page, once it shows a picture."""
    with guarded(door) as server, chromium.page(f"{server.url}kiosk", width=width, height=height, dark=dark) as page:
        page.wait(lambda: bool(page.run(DRAWN)), "a picture")
        yield page


def show(page: Page, door: ScriptedDoor, name: str, /, **more: Any) -> None:
    """Has the door show one of `STAGES`, and waits for it."""
    fields = {**STAGES[name], **more}
    door.show(fields.pop("stage"), **fields)
    number = door.shown.number
    stage = door.shown.stage
    page.wait(lambda: bool(page.run(f"{STAGE} === '{stage}'")), f"{stage} ({number})")
    page.wait(lambda: page.text("h1") != "", "something said")


def complaints(page: Page) -> list[str]:
    """All but that a browser which nobody touched is silent: at a door it is started so that it may sound."""
    return [text for text in page.complaints() if "AudioContext" not in text]


def at_stage(page: Page, stage: str) -> None:
    page.wait(lambda: bool(page.run(f"{STAGE} === '{stage}'")), stage)


def test_every_language_has_every_word(chromium: Chromium) -> None:
    with guarded(ScriptedDoor()) as server, chromium.page(f"{server.url}kiosk") as page:
        page.wait_for_text("h1", "Look here")
        spoken: dict[str, dict[str, Any]] = {
            language: page.run(f"import('/static/kiosk_words.{language}.js').then(({{ WORDS }}) => WORDS)")
            for language in LANGUAGES
        }
    assert len(spoken) >= 3
    for language, words in spoken.items():
        assert words.keys() == spoken["en"].keys(), language
        assert words["stages"].keys() == {*Stage} - {Stage.ASK_FACTOR}, language
        assert words["prompts"].keys() == {*Prompt} - {Prompt.NONE}, language
        assert words["reasons"].keys() == {*Reason}, language
        assert words["ask_factor"].keys() == spoken["en"]["ask_factor"].keys()
        assert len(words["ask_factor"]) == 7
        texts = json.dumps(words)
        for key in ("name", "step", "steps", "count", "door"):
            assert texts.count(f"{{{key}}}") == json.dumps(spoken["en"]).count(f"{{{key}}}"), (language, key)
        flat = [text for group in ("prompts", "reasons", "ask_factor") for text in words[group].values()]
        assert all(text.strip() for text in flat), language
    assert len({words["greeting"] + words["prompts"]["closer"] for words in spoken.values()}) == len(spoken)


def test_somebody_is_guided_challenged_asked_and_greeted(chromium: Chromium, astronaut: Image) -> None:
    door = ScriptedDoor(somebody(astronaut))
    with standing_before(chromium, door) as page:
        page.wait_for_text("h1", "Look here to come in")
        assert page.text("#door") == "Door front"
        show(page, door, "closer")
        page.wait_for_text("h1", "Come a little closer")
        filled = "getComputedStyle(document.querySelector('.filled')).strokeDasharray"
        assert str(page.run(filled)).startswith("40")
        door.change(prompt=Prompt.HOLD_STILL, progress=0.9)
        page.wait_for_text("h1", "Hold still")
        assert str(page.run(filled)).startswith("90")
        show(page, door, "turn")
        page.wait_for_text("h1", "Turn your head to the left")
        assert page.text("#step") == "Step 1 of 2"
        show(page, door, "ask", reason="")
        page.wait_for_text("h1", "Enter your PIN, or show your card or QR code")
        assert page.text("#line") == "Hold the QR code up to the camera"
        for accepts, wanted in [({Factor.QR}, "qr"), ({Factor.PIN}, "keys"), ({Factor.PIN, Factor.CARD}, "factor")]:
            drawn = f"mark('{wanted}').innerHTML === document.querySelector('#mark svg').innerHTML"
            show(page, door, "ask", accepts=frozenset(accepts), reason="")
            page.wait(partial(page.run, f"import('/static/marks.js').then(({{ mark }}) => {drawn})"), wanted)
        show(page, door, "second")
        page.wait_for_text("h1", "One more person")
        show(page, door, "granted", name="Anna")
        page.wait_for_text("h1", "Welcome, Anna")
        for stage, words in [("open", "The door is open"), ("closed", "This door is closed"), ("away", "The camera")]:
            show(page, door, stage)
            page.wait_for_text("h1", words)
        assert page.text("#line") == "Please ask for help or use another door"
        assert complaints(page) == []
        origin = str(page.run("location.origin"))
        assert {address.startswith(origin) for address in page.requests()} == {True}


@pytest.mark.parametrize(
    ("prompt", "mirrored", "side"),
    [(Prompt.TURN_LEFT, False, "left"), (Prompt.TURN_RIGHT, False, "right"), (Prompt.TURN_LEFT, True, "left")],
)
def test_it_is_a_mirror(chromium: Chromium, *, prompt: Prompt, mirrored: bool, side: str) -> None:
    scene: Image = np.zeros((720, 1280, 3), np.uint8)
    scene[:, :400] = 255  # bright where the camera's picture has its left
    door = ScriptedDoor(scene[:, ::-1].copy() if mirrored else scene)
    door.post = Post("front", mirrored=mirrored)
    with standing_before(chromium, door) as page:
        flipped = page.run("getComputedStyle(document.querySelector('#mirror')).transform")
        assert flipped == ("none" if mirrored else "matrix(-1, 0, 0, 1, 0, 0)")
        # A face on the left of an unmirrored picture is seen on the right, as in a mirror.
        face = Box(0.8, 0.3, 0.9, 0.6) if mirrored else Box(0.1, 0.3, 0.2, 0.6)
        show(page, door, "closer", face=face)
        middle = "(b => (b.left + b.right) / 2 / innerWidth)(document.querySelector('.face').getBoundingClientRect())"
        page.wait(lambda: float(page.run(middle)) > 0.75, "the face, on the right")
        show(page, door, "turn", prompt=prompt)
        page.wait_for_text("h1", f"to the {side}")
        arrows = (
            "[...document.querySelectorAll('.chevron')].map((c) => c.getBoundingClientRect())"
            ".map((b) => (b.left + b.right) / 2 / innerWidth)"
        )
        assert all((x < 0.4) if side == "left" else (x > 0.6) for x in page.run(arrows))
        assert page.run("document.querySelector('#mark .head').classList.contains('" + side + "')")


def test_whatever_a_name_or_template_holds_is_text(chromium: Chromium) -> None:
    door = ScriptedDoor()
    door.look = KioskSettings(greeting="<b>Hi</b> {name} {other}", language="de")
    with standing_before(chromium, door) as page:
        show(page, door, "granted", name="<img src=x onerror=alert(1)>")
        page.wait_for_text("h1", "<b>Hi</b> <img src=x onerror=alert(1)> {other}")
        assert page.run("document.querySelectorAll('h1 *').length") == 0
        assert page.run("document.documentElement.lang") == "de"
        door.look = KioskSettings(greeting="Good morning, {name}", show_names=False)
        door.change()
        page.wait_for_text("h1", "Welcome")
        assert page.text("h1") == "Welcome"
        assert complaints(page) == []


def test_a_refusal_says_why_or_something_general(chromium: Chromium) -> None:
    door = ScriptedDoor()
    with standing_before(chromium, door) as page:
        show(page, door, "refused", reason="outside_hours", name="Anna")
        page.wait_for_text("h1", "Not at this hour.")
        assert "Anna" not in page.text("body")
        show(page, door, "rest")
        show(page, door, "refused", reason="a_word_of_next_year")
        page.wait_for_text("h1", "Not this time")
        assert "a_word_of_next_year" not in page.text("body")


def test_a_verdict_gives_way_by_itself(chromium: Chromium) -> None:
    door = ScriptedDoor()
    with standing_before(chromium, door) as page:
        show(page, door, "granted", name="Anna", until=time.time() + 1.0)
        at_stage(page, "rest")
        assert "Anna" not in page.text("body")


def test_a_pin_is_typed_on_the_screen_and_never_shown(chromium: Chromium) -> None:
    door = ScriptedDoor()
    with standing_before(chromium, door) as page:
        show(page, door, "ask", accepts=frozenset({Factor.PIN}), reason="")
        page.wait_for_text("h1", "Enter your PIN")
        press = "[...document.querySelectorAll('.key')].find((k) => k.innerText === '{}').click()"
        for key in ("4", "7", "9", "Erase", "1", "1"):
            page.run(press.format(key))
        assert page.run("document.querySelectorAll('.dots span').length") == 4
        assert page.run("document.querySelector('.dots').getAttribute('aria-label')") == "4 entered"
        html = str(page.run("document.querySelector('.dots').outerHTML + document.querySelector('#words').outerHTML"))
        assert "47" not in html
        page.run(press.format("Done"))
        page.wait(lambda: door.codes == [(Factor.PIN, "4711")], "the code")
        assert page.run("document.querySelectorAll('.dots span').length") == 0
        page.wait_for_text("#line", "One moment")
        door.crowded = True
        page.run(press.format("1"))
        page.run(press.format("Done"))
        page.wait_for_text("#line", "Too many wrong codes. Please wait.")
        door.change(reason="wrong_code")
        page.wait_for_text("#line", "That code does not fit.")


def typed(page: Page, keys: str) -> None:
    for key in keys:
        page.press(key)
    page.press("Enter")


def test_a_keyboard_or_a_reader_types_codes(chromium: Chromium) -> None:
    door = ScriptedDoor()
    with standing_before(chromium, door) as page:
        typed(page, "1234")  # nothing is asked for
        show(page, door, "ask", accepts=frozenset({Factor.CARD}), reason="")
        page.wait_for_text("h1", "Show your card")
        typed(page, "00A1B2C3")
        page.wait(lambda: door.codes == [(Factor.CARD, "00A1B2C3")], "the card")
        show(page, door, "rest", accepts=frozenset({Factor.QR}))
        typed(page, "edged:pass-w8Zx")
        page.wait(lambda: door.codes[1:] == [(Factor.QR, "edged:pass-w8Zx")], "the QR code, at rest too")
        factor = "import('/static/kiosk_pad.js').then((m) => m.factorOf({}))"
        for code, by_machine, accepts, wanted in [
            ("4711", False, ["pin", "card", "qr"], "pin"), ("0004711", True, ["pin", "card", "qr"], "card"),
            ("0004711", True, ["pin"], "pin"), ("aX9-_longer-than-cards", True, ["pin", "card", "qr"], "qr"),
            ("aX9-_longer", False, ["pin"], None), ("4711", False, ["card"], "card"), ("4711", False, [], None),
        ]:  # fmt: skip
            given = ", ".join(json.dumps(value) for value in (code, by_machine, accepts))
            assert page.run(factor.format(given)) == wanted, (code, by_machine, accepts)


def test_it_works_by_keyboard_alone(chromium: Chromium) -> None:
    door = ScriptedDoor()
    with standing_before(chromium, door) as page:
        show(page, door, "rest")
        page.wait_for_text("#enter", "Enter a code")
        page.press("Tab")
        assert page.run("document.activeElement.id") == "enter"
        page.press("Enter")
        page.wait_for_text("h1", "Enter a code")
        focus = "[document.activeElement.innerText, getComputedStyle(document.activeElement).outlineStyle]"
        reached = [page.run(focus)]
        for _ in range(12):
            page.press("Tab")
            reached.append(page.run(focus))
        assert [name for name, _ in reached] == [*"123456789", "Erase", "0", "Done", "Cancel"]
        assert {style for _, style in reached} == {"solid"}
        page.press("Escape")
        page.wait(lambda: page.run("document.activeElement.id") == "enter", "the way back")
        page.press(" ")
        page.press("Enter")  # on the key 1
        page.press("Enter")
        assert page.run("document.querySelectorAll('.dots span').length") == 2
        typed(page, "47")
        page.wait(lambda: door.codes == [(Factor.PIN, "1147")], "the code")


def test_silence_is_said_within_seconds_and_nothing_frozen_stays(chromium: Chromium) -> None:
    door = ScriptedDoor()
    with ExitStack() as things:
        with guarded(door) as server:
            page = things.enter_context(chromium.page(f"{server.url}kiosk"))
            page.wait(lambda: bool(page.run(DRAWN)), "a picture")
            show(page, door, "granted", name="Anna")
        page.wait_for_text("h1", "This screen is not connected")
        assert page.run(STAGE) == "away"
        assert not page.run(DRAWN)
        assert "Anna" not in page.text("body")
        door.show(Stage.REST)
        things.enter_context(guarded(door, port=server.port))
        page.wait_for_text("h1", "Look here to come in")
        page.wait(lambda: bool(page.run(DRAWN)), "a picture")


def test_a_server_that_answers_and_says_nothing_is_away_too(chromium: Chromium) -> None:
    door = ScriptedDoor()
    with standing_before(chromium, door) as page:
        door.stuck_s = 4.0
        page.wait_for_text("h1", "This screen is not connected")
        door.stuck_s = 0.0
        page.wait_for_text("h1", "Look here to come in")


def test_a_camera_that_goes_away_leaves_no_picture(chromium: Chromium) -> None:
    door = ScriptedDoor()
    with standing_before(chromium, door) as page:
        scene, door.scene = door.scene, None
        page.wait_for_text("#no-picture", "No picture at the moment")
        lit = "[...document.querySelector('#mirror').getContext('2d').getImageData(9, 9, 1, 1).data].slice(0, 3)"
        assert page.run(lit) == [0, 0, 0]
        assert page.run("getComputedStyle(document.querySelector('#mirror')).visibility") == "hidden"
        door.scene = scene
        page.wait(lambda: bool(page.run(DRAWN)), "the picture again")


def test_a_door_without_a_camera_or_no_door(chromium: Chromium) -> None:
    door = ScriptedDoor()
    door.post = Post("front", has_camera=False)
    door.show(Stage.REST, accepts=frozenset({Factor.PIN}))
    with guarded(door) as server, chromium.page(f"{server.url}kiosk") as page:
        page.wait_for_text("h1", "Enter your code to come in")
        assert not any("mirror" in address for address in page.requests() if "/api/" in address)
        door.post = Closed("no door is set up", "Add one")
        page.wait_for_text("h1", "This screen is not set up yet")
        assert page.text("#enter") == ""


def test_codes_do_while_the_camera_is_away(chromium: Chromium) -> None:
    door = ScriptedDoor()
    with standing_before(chromium, door) as page:
        show(page, door, "away")
        page.wait_for_text("#enter", "Enter a code")
        page.run("document.querySelector('#enter').click()")
        page.wait_for_text(".key.done", "Done")
        page.press("4")
        show(page, door, "rest")
        assert page.text(".key.done") == "Done", "whoever has begun to type goes on"
        typed(page, "711")
        page.wait(lambda: door.codes == [(Factor.PIN, "4711")], "the code")
        show(page, door, "refused", reason="wrong_code")
        page.wait_for_text("h1", "That code does not fit.")
        assert page.text(".key.done") == ""


def test_colours_follow_the_light(chromium: Chromium) -> None:
    door = ScriptedDoor(np.full((720, 1280, 3), 20, np.uint8))
    theme = "document.documentElement.dataset.theme"
    with standing_before(chromium, door) as page:
        page.wait(lambda: page.run(theme) == "dark", "dark")
        door.scene = np.full((720, 1280, 3), 180, np.uint8)
        page.wait(lambda: page.run(theme) == "light", "light")
        door.look = KioskSettings(theme="dark")
        page.wait(lambda: page.run(theme) == "dark", "dark, because it is set")


def test_yes_no_and_questions_are_heard_where_wanted(chromium: Chromium) -> None:
    door = ScriptedDoor()
    with standing_before(chromium, door) as page:
        page.run("window.heard = []; document.addEventListener('edged-sound', (e) => heard.push(e.detail.name)); 0")
        for name in ("turn", "ask", "granted", "rest", "refused"):
            show(page, door, name)
        show(page, door, "turn")
        door.change(step=2)
        page.wait(lambda: page.run("heard") == ["ask", "yes", "no", "step"], "the tones")
        door.look = KioskSettings(sounds=False, language="de")
        page.wait_for_text("h1", "Den Kopf")
        show(page, door, "granted")
        page.wait_for_text("h1", "Willkommen")
        assert page.run("heard.length") == 4


@pytest.mark.parametrize("dark", [False, True])
def test_every_stage_can_be_read_reached_and_heard(chromium: Chromium, *, dark: bool) -> None:
    """Contrast, axe-core, targets and size, for each stage in the longest language at each size."""
    door = ScriptedDoor()
    door.look = KioskSettings(theme="dark" if dark else "light", language="de")
    sticking_out = (
        "[...document.querySelectorAll('main *')].filter((e) => e.checkVisibility() && !e.closest('svg, canvas'))"
        ".filter((e) => { const b = e.getBoundingClientRect(); return b.width && (b.right > innerWidth + 0.5"
        " || b.bottom > innerHeight + 0.5 || b.left < -0.5 || b.top < -0.5); }).map((e) => e.outerHTML.slice(0, 90))"
    )
    overlapping = (
        "(() => { const t = [...document.querySelectorAll('#words, #mark, #enter, .key, .dots')]"
        ".filter((e) => e.checkVisibility()).map((e) => [e, e.getBoundingClientRect()]).filter(([, b]) => b.width);"
        "return t.flatMap(([e, a], i) => t.slice(i + 1).filter(([, b]) => a.left < b.right - 1 && b.left < a.right - 1"
        " && a.top < b.bottom - 1 && b.top < a.bottom - 1).map(([f]) => `${e.id || e.className} ${f.id || f.className}`"
        ")); })()"
    )
    targets = (
        "[...document.querySelectorAll('button')].filter((e) => e.checkVisibility())"
        ".map((e) => Math.min(e.offsetWidth, e.offsetHeight))"
    )
    with standing_before(chromium, door, dark=dark) as page:
        page.wait_for_text("h1", "Zum Eintreten")
        ground = re.findall(r"\d+", str(page.run("getComputedStyle(document.querySelector('#card')).backgroundColor")))
        assert (sum(map(int, ground[:3])) < 200) == dark
        for name in STAGES:
            show(page, door, name)
            found = page.run(CONTRAST)
            assert found["count"] >= 1
            assert found["bad"] == [], name
            assert faults(page) == [], name
            for width, height in SIZES:
                page.resize(width, height)
                assert page.run(sticking_out) == [], (name, width, height)
                assert page.run(overlapping) == [], (name, width, height)
                assert min(page.run(targets), default=44) >= 44, (name, width, height)
        size = "parseFloat(getComputedStyle(document.querySelector('h1')).fontSize)"
        page.resize(800, 480)
        assert float(page.run(size)) >= 24
        assert page.run("document.querySelector('#words').getAttribute('role')") == "status"


def test_nothing_moves_for_whoever_wants_that(chromium: Chromium) -> None:
    door = ScriptedDoor()
    with standing_before(chromium, door) as page:
        for name in ("turn", "granted"):
            show(page, door, name, until=time.time() + 20)
            assert page.run("document.getAnimations().length") == 0
        page.ask("Emulation.setEmulatedMedia", features=[{"name": "prefers-reduced-motion", "value": "no-preference"}])
        show(page, door, "turn")
        page.wait(lambda: int(page.run("document.getAnimations().length")) > 0, "an arrow that moves")
