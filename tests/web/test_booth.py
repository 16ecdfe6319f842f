"""The booth, in a real Chromium."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any, get_args

import pytest

from edged.config.photos import PhotoSettings
from edged.domain.errors import Refused, Unavailable
from edged.domain.face import Box
from edged.domain.frame import Image
from edged.domain.screen import Prompt, Screen, Stage
from tests.web.axe import faults
from tests.web.chromium import Chromium, Page
from tests.web.scripted_booth import ScriptedBooth, booth_served, photo_id
from tests.web.scripted_door import somebody
from tests.web.test_kiosk import CONTRAST

SIZES = [(390, 844), (844, 390), (800, 480), (1024, 768), (1080, 1920), (3840, 2160)]
LANGUAGES = get_args(PhotoSettings.model_fields["language"].annotation)
STAGE = "document.querySelector('#booth')?.dataset.stage"
LOADED = "document.images.length > 0 && [...document.images].every((i) => i.complete && i.naturalWidth)"
HURRY = (
    "const wait = setTimeout; const hurry = (ms) => ms >= 10000 ? ms / 60 : ms === 1000 ? 250 : ms;"
    "window.setTimeout = (act, ms, ...more) => wait(act, hurry(ms), ...more);"
)
"""Minutes without a touch are seconds; what is due within seconds is not hurried."""


@contextmanager
def at_the_booth(
    chromium: Chromium, booth: ScriptedBooth, *, width: int = 1280, height: int = 800, dark: bool = False
) -> Iterator[Page]:
    """The page, once it invites."""
    with (
        booth_served(booth) as server,
        chromium.page(f"{server.url}booth", width=width, height=height, dark=dark) as page,
    ):
        at_stage(page, "attract")
        yield page


def at_stage(page: Page, stage: str) -> None:
    page.wait(lambda: bool(page.run(f"{STAGE} === '{stage}'")), stage)


def press(page: Page, act: str) -> None:
    button = f"document.querySelector('#sheet [data-act={act}]:not(:disabled)')"
    page.wait(lambda: bool(page.run(f"Boolean({button})")), f"the button {act}")
    page.run(f"{button}.click()")


def agreed(page: Page, purpose: str) -> None:
    press(page, purpose)
    at_stage(page, "consent")
    press(page, "yes")
    at_stage(page, "mirror")


def looked_for(page: Page) -> None:
    agreed(page, "find")
    press(page, "ready")


def complaints(page: Page) -> list[str]:
    """All but that a browser which nobody touched is silent."""
    return [text for text in page.complaints() if "AudioContext" not in text]


def test_a_guest_is_found_and_takes_the_photographs_along(chromium: Chromium, astronaut: Image) -> None:
    booth = ScriptedBooth(30, somebody(astronaut))
    with at_the_booth(chromium, booth) as page:
        assert page.text("h1") == "Summer party"
        assert not any("mirror" in address for address in page.requests() if "/api/" in address)
        press(page, "find")
        page.wait_for_text("h1", "Before you look into the camera")
        assert "guests of this evening only" in page.text("blockquote")
        assert booth.did == []
        press(page, "yes")
        page.wait_for_text("h1", "Just like that")
        page.wait(lambda: bool(page.run("document.querySelector('#booth').hasAttribute('data-picture')")), "the mirror")
        booth.guided = Screen(Stage.GUIDE, Prompt.COME_CLOSER, 0.4, face=Box(0.4, 0.2, 0.5, 0.5))
        page.wait_for_text("h1", "Come a little closer")
        assert booth.did == []
        press(page, "ready")
        at_stage(page, "countdown")
        page.wait_for_text("h1", "30 photographs of you")
        assert [did[0] for did in booth.did] == ["portrait", "search"]
        page.wait(lambda: bool(page.run(LOADED)), "the photographs")
        assert not page.run("document.querySelector('#booth').hasAttribute('data-picture')"), "the camera rests"
        first = page.run("document.images[0].src")
        press(page, "page")
        page.wait(lambda: page.text("header .line").startswith("Page 2 of"), "the second page")
        assert page.run("document.images[0].src") != first
        press(page, "code")
        page.wait_for_text("h1", "Take them with you")
        drawn = page.run("document.querySelector('.qr').getBoundingClientRect().width / innerHeight")
        assert float(drawn) > 0.4
        assert "for whoever has it" in page.text(".until")
        press(page, "done")
        page.wait_for_text("h1", "Summer party")
        assert complaints(page) == []


def test_where_photographs_are_checked_first_nobody_is_told_that_theirs_is_there(chromium: Chromium) -> None:
    booth = ScriptedBooth()
    booth.plan(is_moderated=True)
    with at_the_booth(chromium, booth) as page:
        agreed(page, "take")
        press(page, "ready")
        at_stage(page, "review")
        assert "once the organiser has let it through" in page.text("header")
        press(page, "keep")
        at_stage(page, "kept")
        assert "once the organiser has let it through" in page.text("header")
        assert "in the album" not in page.text("#sheet")


def test_who_goes_while_the_device_is_slow_leaves_no_consent_to_the_next(chromium: Chromium) -> None:
    booth = ScriptedBooth(2)
    with at_the_booth(chromium, booth) as page:
        press(page, "find")
        at_stage(page, "consent")
        page.run(
            "{ const now = fetch; window.fetch = (...of) =>"
            " new Promise((done) => setTimeout(() => done(now(...of)), 500)); }"
        )
        press(page, "yes")
        page.press("Escape")
        at_stage(page, "attract")
        time.sleep(1.0)
        at_stage(page, "attract")
        press(page, "find")
        at_stage(page, "consent")


def test_a_photograph_is_opened_leafed_through_and_denied(chromium: Chromium) -> None:
    booth = ScriptedBooth(3)
    with at_the_booth(chromium, booth) as page:
        looked_for(page)
        page.wait_for_text("h1", "3 photographs of you")
        press(page, "open")
        page.wait_for_text("h1", "Photograph 1 of 3")
        page.press("ArrowRight")
        page.wait_for_text("h1", "Photograph 2 of 3")
        page.wait(lambda: bool(page.run(LOADED)), "it")
        assert photo_id(2) in page.run("document.images[0].src")
        press(page, "deny")
        page.wait_for_text("h1", "2 photographs of you")
        page.wait_for_text("header .line", "not be found for you again")
        assert booth.did[-1] == ("deny", photo_id(2))
        for _ in range(2):
            press(page, "open")
            at_stage(page, "photograph")
            press(page, "deny")
            page.wait(lambda: page.run(STAGE) != "photograph", "what is left")
        page.wait_for_text("h1", "No photograph of you yet")
        assert complaints(page) == []


def test_the_photographs_of_a_later_page_are_reached_one_by_one(chromium: Chromium) -> None:
    with at_the_booth(chromium, ScriptedBooth(40), width=390, height=844) as page:
        looked_for(page)
        page.wait(lambda: bool(page.run(LOADED)), "the photographs")
        shown = int(page.run("document.images.length"))
        assert shown >= 4
        press(page, "open")
        for number in range(2, shown + 2):
            page.press("ArrowRight")
            page.wait_for_text("h1", f"Photograph {number} of 40")
        page.press("Escape")
        page.wait_for_text("header .line", "Page 2 of")


def test_a_photograph_is_taken_again_and_kept(chromium: Chromium) -> None:
    booth = ScriptedBooth(2)
    with at_the_booth(chromium, booth) as page:
        agreed(page, "take")
        page.wait_for_text("h1", "Everybody in the picture?")
        assert page.run("getComputedStyle(document.querySelector('#guide')).display") == "none"
        press(page, "ready")
        page.wait(lambda: bool(page.run("!document.querySelector('#flash').hidden")), "the flash")
        page.wait_for_text("h1", "Here it is")
        assert page.run("document.querySelector('#flash').hidden")
        page.wait(lambda: bool(page.run(LOADED)), "the photograph")
        (former,) = (photo for photo in booth.album if photo not in booth.finds)
        press(page, "retake")
        at_stage(page, "mirror")
        assert former not in booth.album
        press(page, "ready")
        page.wait_for_text("h1", "Here it is")
        press(page, "keep")
        page.wait_for_text("h1", "It is in the album")
        assert [did[0] for did in booth.did] == ["take", "discard", "take"]
        press(page, "find")
        page.wait_for_text("h1", "Before you look into the camera")
        assert "compared with the faces" in page.text(".plain"), "another thing is asked for by itself"
        press(page, "yes")
        at_stage(page, "mirror")
        press(page, "ready")
        page.wait_for_text("h1", "2 photographs of you")
        assert complaints(page) == []


def test_a_photograph_is_deleted(chromium: Chromium) -> None:
    booth = ScriptedBooth()
    with at_the_booth(chromium, booth) as page:
        agreed(page, "take")
        press(page, "ready")
        at_stage(page, "review")
        press(page, "remove")
        page.wait_for_text("h1", "It is deleted")
        assert booth.album == {}
        assert page.run("document.images.length") == 0


def test_no_is_no(chromium: Chromium) -> None:
    booth = ScriptedBooth(2)
    sizes = "[...document.querySelectorAll('.actions .button')].map((b) => [b.offsetWidth, b.className])"
    with at_the_booth(chromium, booth) as page:
        for purpose in ("find", "take"):
            press(page, purpose)
            at_stage(page, "consent")
            no, yes = page.run(sizes)
            assert no == yes, "neither is easier to find"
            press(page, "no")
            page.wait_for_text("h1", "That is all right")
            at_stage(page, "attract")
        assert booth.did == []
        asked = [address for address in page.requests() if "/api/" in address]
        assert all(address.endswith("/state") for address in asked)


@pytest.mark.parametrize("where", ["consent", "mirror", "review", "found", "photograph", "code"])
def test_who_goes_away_is_forgotten_and_it_was_said_before(chromium: Chromium, where: str) -> None:
    booth = ScriptedBooth(2)
    with booth_served(booth) as server, chromium.page("about:blank") as page:
        page.ask("Page.addScriptToEvaluateOnNewDocument", source=HURRY)
        page.ask("Page.navigate", url=f"{server.url}booth")
        at_stage(page, "attract")
        press(page, "take" if where == "review" else "find")
        at_stage(page, "consent")
        if where != "consent":
            press(page, "yes")
            at_stage(page, "mirror")
        if where not in {"consent", "mirror"}:
            press(page, "ready")
        if where in {"photograph", "code"}:
            at_stage(page, "found")
            press(page, {"photograph": "open", "code": "code"}[where])
        at_stage(page, where)
        page.wait_for_text("#idle", "Are you still there?")
        assert "seconds this screen forgets you" in page.text("#idle-line")
        page.press("Enter" if where in {"mirror", "found"} else "Escape")
        page.wait(lambda: page.text("#idle") == "", "the answer")
        assert page.run(STAGE) == where, "somebody said that they are there"
        at_stage(page, "attract")
        left = str(page.run("document.body.innerHTML"))
        assert "rounds" not in left
        assert page.run("document.images.length") == 0
        assert page.text("#idle") == ""
        posts = [address for address in page.requests() if address.endswith("/end")]
        assert len(posts) == (0 if where == "consent" else 1)


def test_the_next_guest_finds_nothing_of_the_one_before(chromium: Chromium) -> None:
    booth = ScriptedBooth(2)
    with at_the_booth(chromium, booth) as page:
        page.run("document.querySelector('[data-language=de]').click()")
        page.wait_for_text(".choice", "Meine Fotos finden")
        looked_for(page)
        page.wait(lambda: bool(page.run(LOADED)), "the photographs")
        picture = page.run("document.images[0].src")
        press(page, "done")
        page.wait_for_text(".choice", "Find my photographs")
        page.wait(lambda: page.run(f"fetch({json.dumps(picture)}).then((answer) => answer.status)") == 410, "the end")
        page.press("Escape")
        page.press("ArrowLeft")
        assert page.run(STAGE) == "attract"
        booth.finds = []
        looked_for(page)
        page.wait_for_text("h1", "No photograph of you yet")


def test_every_language_has_every_word(chromium: Chromium) -> None:
    def keys(words: object, path: str = "") -> set[str]:
        if isinstance(words, dict):
            return {key for name, value in words.items() for key in keys(value, f"{path}.{name}")}
        if isinstance(words, list):
            return {key for at, value in enumerate(words) for key in keys(value, f"{path}.{at}")}
        assert isinstance(words, str)
        assert words.strip(), path
        return {f"{path} {sorted(part.partition('}')[0] for part in words.split('{')[1:])}"}

    with booth_served(ScriptedBooth()) as server, chromium.page(f"{server.url}booth") as page:
        at_stage(page, "attract")
        spoken: dict[str, Any] = {
            language: page.run(f"import('/static/booth_words.{language}.js').then(({{ WORDS }}) => WORDS)")
            for language in LANGUAGES
        }
        chooser = page.run(
            "[...document.querySelectorAll('[data-language]')].map((b) => [b.dataset.language, b.innerText])"
        )
    assert chooser == [[language, spoken[language]["name"]] for language in ("en", "de", "es", "fr")]
    assert len(spoken) == 4
    for language, words in spoken.items():
        assert keys(words) == keys(spoken["en"]), language
    said = {prompt.value for prompt in Prompt} & spoken["en"]["prompts"].keys()
    assert said == spoken["en"]["prompts"].keys()
    assert len({words["consent"]["yes"] for words in spoken.values()}) == 4


def test_it_speaks_what_is_set_and_what_somebody_chooses(chromium: Chromium) -> None:
    booth = ScriptedBooth()
    booth.look = booth.look.model_copy(update={"language": "fr"})
    with at_the_booth(chromium, booth) as page:
        page.wait_for_text(".choice", "Trouver mes photos")
        assert page.run("document.documentElement.lang") == "fr"
        page.run("document.querySelector('[data-language=es]').click()")
        page.wait_for_text(".choice", "Encontrar mis fotos")
        press(page, "find")
        page.wait_for_text("h1", "Antes de mirar a la cámara")


def test_what_an_organiser_writes_is_text(chromium: Chromium) -> None:
    booth = ScriptedBooth()
    booth.plan(consent="<img src=x onerror=alert(1)>\nsecond line")
    with at_the_booth(chromium, booth) as page:
        press(page, "find")
        page.wait_for_text("blockquote", "<img src=x onerror=alert(1)>\nsecond line")
        assert complaints(page) == []


def test_a_text_that_changed_while_it_was_read_is_not_agreed_to(chromium: Chromium) -> None:
    booth = ScriptedBooth(2)
    with at_the_booth(chromium, booth) as page:
        press(page, "find")
        at_stage(page, "consent")
        booth.plan(consent="We sell them.")
        press(page, "yes")
        page.wait_for_text("blockquote", "We sell them.")
        assert page.run(STAGE) == "consent"
        assert booth.did == []
        press(page, "yes")
        at_stage(page, "mirror")
        assert booth.here is not None
        press(page, "ready")
        page.wait_for_text("h1", "2 photographs of you")
        assert booth.did[-1][-1] == booth.here.consent_version


@pytest.mark.parametrize(
    ("trouble", "words"),
    [("no_event", "There is nothing on"), ("no_camera", "no camera yet"), ("camera_away", "camera does not answer")],
)
def test_what_is_wrong_is_said_and_it_comes_back_by_itself(chromium: Chromium, trouble: str, words: str) -> None:
    booth = ScriptedBooth()
    scene, seat, here = booth.scene, booth.seat, booth.here
    with at_the_booth(chromium, booth) as page:
        booth.here = None if trouble == "no_event" else here
        booth.seat = None if trouble == "no_camera" else seat
        booth.scene = None if trouble == "camera_away" else scene
        page.wait_for_text("h1", words)
        assert "link on your phone" in page.text(".line")
        assert page.text(".choice") == ""
        page.run("document.querySelector('[data-language=de]').click()")
        page.wait_for_text(".line", "Handy")
        booth.here, booth.seat, booth.scene = here, seat, scene
        page.wait_for_text(".choice", "Meine Fotos finden")


def test_silence_is_said_within_seconds_and_nothing_frozen_stays(chromium: Chromium) -> None:
    booth = ScriptedBooth(2)
    with ExitStack() as things:
        with booth_served(booth) as server:
            page = things.enter_context(chromium.page(f"{server.url}booth"))
            at_stage(page, "attract")
            looked_for(page)
            page.wait(lambda: bool(page.run(LOADED)), "the photographs")
        page.wait_for_text("h1", "This screen is not connected")
        assert page.run("document.images.length") == 0
        things.enter_context(booth_served(booth, port=server.port))
        at_stage(page, "attract")


def test_a_mirror_that_freezes_is_taken_away(chromium: Chromium) -> None:
    booth = ScriptedBooth()
    drawn = "document.querySelector('#booth').hasAttribute('data-picture')"
    with at_the_booth(chromium, booth) as page:
        agreed(page, "find")
        page.wait(lambda: bool(page.run(drawn)), "the mirror")
        scene, booth.scene = booth.scene, None
        page.wait_for_text("#no-picture", "No picture at the moment")
        booth.scene = scene
        page.wait(lambda: bool(page.run(drawn)), "the mirror again")


@pytest.mark.parametrize(
    ("trouble", "words", "then"),
    [
        (Unavailable("the camera gives no pictures"), "That did not work", "again"),
        (Refused("full", "32 GB are full"), "no room for more photographs", "find"),
        (Refused("event_closed", "it is closed"), "Let us start again", "done"),
    ],
)
def test_what_does_not_work_is_said_and_one_can_go_on(
    chromium: Chromium, trouble: Unavailable | Refused, words: str, then: str
) -> None:
    booth = ScriptedBooth(2)
    with at_the_booth(chromium, booth) as page:
        agreed(page, "take")
        booth.trouble = trouble
        press(page, "ready")
        page.wait_for_text("h1", words)
        assert page.run("document.querySelector('#flash').hidden")
        booth.trouble = None
        press(page, then)
        at_stage(page, {"again": "mirror", "find": "consent", "done": "attract"}[then])


def test_somebody_who_was_not_seen_tries_again(chromium: Chromium) -> None:
    booth = ScriptedBooth(2)
    booth.sees = False
    with at_the_booth(chromium, booth) as page:
        looked_for(page)
        page.wait_for_text("h1", "did not see you well")
        assert not page.run("Boolean(document.querySelector('[data-act=code]'))")
        booth.sees = True
        press(page, "again")
        at_stage(page, "mirror")
        press(page, "ready")
        page.wait_for_text("h1", "2 photographs of you")


def test_an_event_without_search_offers_none_and_a_device_without_phones_no_code(chromium: Chromium) -> None:
    booth = ScriptedBooth(2)
    booth.look = PhotoSettings(countdown_s=1)
    with at_the_booth(chromium, booth) as page:
        press(page, "find")
        page.wait_for_text(".plain", "The organiser deletes both when you ask.")
        press(page, "yes")
        at_stage(page, "mirror")
        press(page, "ready")
        page.wait_for_text("h1", "2 photographs of you")
        assert not page.run("Boolean(document.querySelector('[data-act=code]'))")
        press(page, "done")
        booth.forbid_searches()
        page.wait(lambda: page.run("document.querySelectorAll('.choice').length") == 1, "one choice")
        assert page.text(".choice .name") == "Take a photograph"


def test_it_works_by_keyboard_alone(chromium: Chromium) -> None:
    focus = "[document.activeElement.dataset.act ?? '', getComputedStyle(document.activeElement).outlineStyle]"
    booth = ScriptedBooth(2)

    def walk(page: Page, act: str) -> None:
        for _ in range(12):
            page.press("Tab")
            name, outline = page.run(focus)
            if name == act:
                assert outline == "solid"
                page.press("Enter")
                return
        raise AssertionError(f"{act} is not reached")

    with at_the_booth(chromium, booth) as page:
        for act, stage in [("find", "consent"), ("yes", "mirror"), ("ready", "found"), ("open", "photograph")]:
            walk(page, act)
            at_stage(page, stage)
            page.wait(lambda: page.run("document.activeElement.tagName") == "H1", "the new heading has the focus")
        for key, stage in [("Escape", "found"), ("Escape", "attract")]:
            page.press(key)
            at_stage(page, stage)
        assert complaints(page) == []


@pytest.mark.parametrize("dark", [False, True])
def test_every_stage_can_be_read_reached_and_heard(chromium: Chromium, *, dark: bool) -> None:
    """Contrast, axe-core, targets and size, for each stage in the longest language at each size."""
    booth = ScriptedBooth(40)
    booth.look = booth.look.model_copy(update={"language": "de", "countdown_s": 10})
    booth.plan(consent="Wir zeigen die Fotos nur den Gästen dieses Abends. " * 8, expires=time.time() + 86_400)
    with at_the_booth(chromium, booth, dark=dark) as page:
        page.wait_for_text(".choice", "Meine Fotos")
        _check(page, "attract")
        press(page, "find")
        at_stage(page, "consent")
        _check(page, "consent")
        press(page, "yes")
        at_stage(page, "mirror")
        booth.guided = Screen(Stage.GUIDE, Prompt.STEP_BACK, 0.4, face=Box(0.4, 0.2, 0.5, 0.5))
        page.wait_for_text("h1", "Einen kleinen Schritt zurück")
        _check(page, "mirror")
        press(page, "ready")
        at_stage(page, "countdown")
        _check(page, "countdown")
        booth.look = booth.look.model_copy(update={"countdown_s": 1})
        at_stage(page, "found")
        _check(page, "found")
        press(page, "open")
        at_stage(page, "photograph")
        _check(page, "photograph")
        press(page, "all")
        press(page, "code")
        at_stage(page, "code")
        _check(page, "code")
        press(page, "done")
        at_stage(page, "attract")
        agreed(page, "take")
        _check(page, "mirror")
        press(page, "ready")
        at_stage(page, "review")
        _check(page, "review")
        press(page, "keep")
        at_stage(page, "kept")
        _check(page, "kept")
        press(page, "done")
        booth.scene = None
        at_stage(page, "away")
        _check(page, "away")


_STICKING_OUT = (
    "[...document.querySelectorAll('main *')].filter((e) => e.checkVisibility() && !e.closest('svg, canvas, .glass'))"
    ".filter((e) => { const b = e.getBoundingClientRect(); return b.width > 1 && !e.closest('.text')"
    " && (b.right > innerWidth + 0.5 || b.bottom > innerHeight + 0.5 || b.left < -0.5"
    " || b.top < -0.5); }).map((e) => e.outerHTML.slice(0, 90))"
)
_OVERLAPPING = (
    "(() => { const t = [...document.querySelectorAll("
    "'header, .body, .button, .choice, .languages button, .cell, .until')]"
    ".filter((e) => e.checkVisibility()).map((e) => [e, e.getBoundingClientRect()]).filter(([, b]) => b.width);"
    "return t.flatMap(([e, a], i) => t.slice(i + 1).filter(([f, b]) => !e.contains(f) && a.left < b.right - 1"
    " && b.left < a.right - 1 && a.top < b.bottom - 1 && b.top < a.bottom - 1)"
    ".map(([f]) => `${e.className || e.tagName} ${f.className}`)); })()"
)
_TARGETS = (
    "[...document.querySelectorAll('button')].filter((e) => e.checkVisibility())"
    ".map((e) => Math.min(e.offsetWidth, e.offsetHeight))"
)


def _check(page: Page, name: str) -> None:
    found = page.run(CONTRAST)
    assert found["count"] >= 1
    assert found["bad"] == [], name
    assert faults(page) == [], name
    for width, height in SIZES:
        page.resize(width, height)
        page.wait(lambda: page.run(_OVERLAPPING) == [] and page.run(_STICKING_OUT) == [], f"{name} {width} {height}")
        assert min(page.run(_TARGETS), default=44) >= 44, (name, width, height)
    page.resize(1280, 800)


def test_photographs_are_as_large_as_they_can_be_and_sharp(chromium: Chromium) -> None:
    booth = ScriptedBooth(5)
    measured = (
        "[...document.querySelectorAll('.cell')].map((c) => [c.offsetWidth, c.querySelector('img').naturalWidth])"
    )
    with at_the_booth(chromium, booth, width=3840, height=2160) as page:
        looked_for(page)
        page.wait(lambda: bool(page.run(LOADED)), "the photographs")
        assert all(width > 900 and real >= width for width, real in page.run(measured))
        page.resize(800, 480)
        page.wait(lambda: all(140 <= width <= 330 and real == 320 for width, real in page.run(measured)), "small ones")


def test_nothing_moves_for_whoever_wants_that(chromium: Chromium) -> None:
    booth = ScriptedBooth(2)
    with at_the_booth(chromium, booth) as page:
        booth.slow_s = 2.0
        looked_for(page)
        at_stage(page, "working")
        assert page.run("document.getAnimations().length") == 0
        page.ask("Emulation.setEmulatedMedia", features=[{"name": "prefers-reduced-motion", "value": "no-preference"}])
        assert int(page.run("document.getAnimations().length")) > 0
