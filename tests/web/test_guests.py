"""A guest's own photographs on their phone, in a real Chromium."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from edged.photos.photo import Standing
from tests.api.guests.house import JSON, MINE, House
from tests.hub.album_site import BY
from tests.web.axe import faults
from tests.web.chromium import Chromium, Page
from tests.web.guest_site import GuestSite, add_photo, guest_site

CONTRAST = Path(__file__).with_name("contrast.js").read_text(encoding="utf-8")
SIZES = [(390, 844), (360, 640), (844, 390), (820, 1180), (3840, 2160)]
READY = "document.documentElement?.dataset.ready === ''"
TILES = "document.querySelectorAll('#photos li').length"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[GuestSite]:
    """A guest in 60 photographs; nobody changes it."""
    with guest_site(tmp_path_factory.mktemp("guests"), 60) as made:
        yield made


@contextmanager
def at_page(
    chromium: Chromium, link: str, *, width: int = 390, height: int = 844, dark: bool = False
) -> Iterator[Page]:
    with chromium.page(link, width=width, height=height, dark=dark) as page:
        page.wait(lambda: bool(page.run(READY)), "the page")
        yield page


@contextmanager
def without_scripts(chromium: Chromium, link: str, *, dark: bool = False) -> Iterator[Page]:
    with chromium.page("about:blank", width=390, height=844, dark=dark) as page:
        page.ask("Emulation.setScriptExecutionDisabled", value=True)
        go(page, link)
        yield page


def go(page: Page, link: str) -> None:
    page.ask("Page.navigate", url=link)
    page.wait(lambda: loaded(page) and str(page.run("location.href")) == link, link)


def loaded(page: Page) -> bool:
    return bool(page.run("document.readyState === 'complete'"))


def click(page: Page, selector: str) -> None:
    """Taps on the middle of an element, once it is there, as a thumb does."""
    there = f"document.readyState === 'complete' && document.querySelector({json.dumps(selector)})?.checkVisibility()"
    page.wait(lambda: bool(page.run(there)), selector)
    script = "(e => { e.scrollIntoView({block: 'center'}); const b = e.getBoundingClientRect();"
    script += f"return [b.x + b.width / 2, b.y + b.height / 2] }})(document.querySelector({json.dumps(selector)}))"
    x, y = page.run(script)
    for kind in ("mousePressed", "mouseReleased"):
        page.ask("Input.dispatchMouseEvent", type=kind, x=x, y=y, button="left", clickCount=1)


def is_open(page: Page, dialog: str) -> bool:
    return bool(page.run(f"document.querySelector('#{dialog}').open"))


def check(page: Page) -> None:
    """Nothing is wrong with what is to be seen."""
    page.wait(lambda: loaded(page), "the whole page")
    assert faults(page) == []
    found = page.run(CONTRAST)
    assert found["count"] >= 3
    assert found["bad"] == []
    wide = "document.documentElement.scrollWidth <= document.documentElement.clientWidth"
    assert page.run(wide), "it scrolls sideways"


def check_still(page: Page) -> None:
    """The same for a page that runs no scripts: the ones that look at it are let."""
    page.ask("Emulation.setScriptExecutionDisabled", value=False)
    check(page)
    page.ask("Emulation.setScriptExecutionDisabled", value=True)


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize(("width", "height"), SIZES)
def test_the_photographs_are_there_on_every_screen(
    chromium: Chromium, site: GuestSite, tmp_path: Path, *, width: int, height: int, dark: bool
) -> None:
    with at_page(chromium, site.link, width=width, height=height, dark=dark) as page:
        assert page.text("h1") == "60 photographs of you"
        page.wait(lambda: bool(page.run("document.querySelector('#photos img').naturalWidth === 320")), "a picture")
        check(page)
        boxes = "[...document.querySelectorAll('#photos img')].map(e => e.getBoundingClientRect())"
        assert page.run(f"{boxes}.every(b => Math.abs(b.width - b.height) < 1 && b.width >= 90)")
        page.photograph(tmp_path / "results.png")

        click(page, "#photos li:nth-child(2) a")
        page.wait(lambda: is_open(page, "viewer"), "the photograph")
        page.wait(lambda: "preview" in str(page.run("document.querySelector('#large').src")), "the large one")
        page.wait_for_text("#which", "Photograph 2 of 60")
        check(page)
        box = page.run(
            "(b => [b.left, b.top, b.right, b.bottom])(document.querySelector('#large').getBoundingClientRect())"
        )
        assert box[0] >= 0
        assert box[2] <= width
        assert box[3] <= height
        assert box[3] - box[1] > height / 2
        page.photograph(tmp_path / "viewer.png")
        assert page.complaints() == []


def test_nothing_is_asked_for_elsewhere_and_the_first_page_is_small(chromium: Chromium, site: GuestSite) -> None:
    with at_page(chromium, site.link) as page:
        page.wait(lambda: bool(page.run("document.querySelector('#photos img').complete")), "a picture")
        assert {address.startswith(site.address("/")) for address in page.requests()} == {True}
        entries = "[...performance.getEntriesByType('navigation'), ...performance.getEntriesByType('resource')]"
        sizes = dict(page.run(f"{entries}.map(e => [e.name, e.encodedBodySize])"))
        bare = {name: size for name, size in sizes.items() if "/thumbnail" not in name}
        assert len(bare) >= 8
        assert sum(bare.values()) <= 150_000, bare
        lazy = [name for name in sizes if "/thumbnail" in name]
        assert len(lazy) <= 24, "pictures of the next page are not fetched"


def test_more_come_as_one_scrolls_and_each_once(chromium: Chromium, site: GuestSite) -> None:
    with at_page(chromium, site.link) as page:
        assert page.run(TILES) < 60

        def all_there() -> bool:
            page.run("scrollTo(0, document.body.scrollHeight)")
            return bool(page.run(TILES) == 60)

        page.wait(all_there, "all of them")
        assert not page.run("document.querySelector('#more').checkVisibility()")
        ids = page.run("[...document.querySelectorAll('#photos li')].map(e => e.dataset.photo)")
        assert ids == site.ids
        assert page.run("document.querySelector('#photos li:last-child img').alt").startswith("Photograph 60 of 60")
        assert page.complaints() == []


def test_none_is_passed_over_where_some_are_denied_before_more_come(chromium: Chromium, tmp_path: Path) -> None:
    with guest_site(tmp_path, 60) as site, at_page(chromium, site.link) as page:
        before = page.run(TILES)
        for _ in range(3):
            click(page, "#photos li:nth-child(1) a")
            page.wait(lambda: is_open(page, "viewer"), "the viewer")
            click(page, "[data-do=not-me]")
            page.wait_for_text("#over-notice", "Removed.")
            page.press("Escape")
            page.wait(lambda: not is_open(page, "viewer"), "the list")
        assert page.run(TILES) <= before

        def all_there() -> bool:
            page.run("scrollTo(0, document.body.scrollHeight)")
            return bool(page.run(TILES) == 57)

        page.wait(all_there, "all that are left")
        assert page.run("[...document.querySelectorAll('#photos li')].map(e => e.dataset.photo)") == site.ids


def test_where_more_do_not_come_the_link_stays(chromium: Chromium, site: GuestSite) -> None:
    with at_page(chromium, site.link) as page:
        cut = {"latency": 0, "downloadThroughput": -1, "uploadThroughput": -1}
        page.ask("Network.emulateNetworkConditions", offline=True, **cut)
        before = page.run(TILES)
        page.run("scrollTo(0, document.body.scrollHeight)")
        page.wait_for_text("#notice", "Check the connection")
        assert page.run(TILES) == before
        page.ask("Network.emulateNetworkConditions", offline=False, **cut)
        click(page, "#more")
        page.wait(lambda: bool(page.run(TILES) > before), "more")


def test_one_swipes_and_steps_through_and_the_phones_way_back_closes(chromium: Chromium, site: GuestSite) -> None:
    with at_page(chromium, site.link) as page:
        click(page, "#photos li:nth-child(1) a")
        page.wait_for_text("#which", "Photograph 1 of 60")
        assert not page.run("document.querySelector('[data-do=previous]').matches(':enabled')")
        page.press("ArrowRight")
        page.wait_for_text("#which", "Photograph 2 of 60")
        swipe(page, 300, 60)
        page.wait_for_text("#which", "Photograph 3 of 60")
        swipe(page, 60, 300)
        page.wait_for_text("#which", "Photograph 2 of 60")
        click(page, "[data-do=next]")
        page.wait_for_text("#which", "Photograph 3 of 60")
        page.run("history.back()")
        page.wait(lambda: not is_open(page, "viewer"), "the page")
        assert page.run("document.activeElement.closest('li').dataset.photo") == site.ids[2]
        assert page.run("location.href") == site.link
        # Beyond what is on the page.
        last = page.run(TILES)
        click(page, f"#photos li:nth-child({last}) a")
        page.wait_for_text("#which", f"Photograph {last} of 60")
        page.press("ArrowRight")
        page.wait_for_text("#which", f"Photograph {last + 1} of 60" if last < 60 else "60 of 60")
        page.press("Escape")
        page.wait(lambda: not is_open(page, "viewer"), "the page")
        assert page.complaints() == []


def swipe(page: Page, start: int, end: int) -> None:
    steps = [("mousePressed", start), *(("mouseMoved", start + (end - start) * at // 4) for at in range(1, 4))]
    for kind, x in (*steps, ("mouseReleased", end)):
        page.ask("Input.dispatchMouseEvent", type=kind, x=x, y=400, button="left", buttons=1, clickCount=1)


def test_the_link_that_downloads_a_photograph_is_its_own(chromium: Chromium, site: GuestSite) -> None:
    with at_page(chromium, site.link) as page:
        click(page, "#photos li:nth-child(3) a")
        page.wait_for_text("#which", "Photograph 3")
        address = page.run("document.querySelector('[data-do=download]').href")
        assert f"/photos/{site.ids[2]}/original?t=" in address
        assert page.run(f"fetch({json.dumps(address)}).then(a => a.status)") == 200


def test_a_photograph_is_shared_as_a_file_where_the_phone_can(chromium: Chromium, site: GuestSite) -> None:
    with at_page(chromium, site.link) as page:
        page.run("navigator.canShare = undefined; 0")
        click(page, "#photos li:nth-child(1) a")
        page.wait_for_text("#which", "Photograph 1")
        assert not page.text("[data-do=share]")
        page.run(
            "window.shared = []; navigator.canShare = ({files}) => files[0] instanceof File;"
            "navigator.share = async ({files: [file], ...more}) =>"
            " shared.push([Object.keys(more), file.type, file.size]); 0"
        )
        page.press("ArrowRight")
        page.wait_for_text("[data-do=share]", "Share")
        click(page, "[data-do=share]")
        page.wait(lambda: bool(page.run("shared.length")), "shared")
        ((more, kind, size),) = page.run("shared")
        assert (more, kind) == ([], "image/jpeg"), "never the link"
        assert size > 1000


def test_several_are_chosen_and_downloaded(chromium: Chromium, site: GuestSite) -> None:
    with at_page(chromium, site.link) as page:
        click(page, "#choose")
        page.wait(lambda: bool(page.run("document.querySelector('#fetch').disabled")), "nothing chosen yet")
        for number in (1, 3):
            click(page, f"#photos li:nth-child({number}) img")
        page.wait_for_text("#count", "2 selected")
        assert not is_open(page, "viewer")
        check(page)
        form = "new URLSearchParams(new FormData(document.querySelector('#choice')))"
        address = f"document.querySelector('#choice').action + '?' + {form}"
        sent = page.run(f"fetch({address}).then(a => a.blob()).then(b => b.size)")
        assert sent > 2000
        chosen = page.run(f"{form}.getAll('photo')")
        assert chosen == [site.ids[0], site.ids[2]]
        click(page, "#unchoose")
        assert page.run("document.querySelectorAll('#photos :checked').length") == 0
        click(page, "#photos li:nth-child(1) a")
        page.wait(lambda: is_open(page, "viewer"), "it opens again")


def test_it_is_not_me_and_is_undone(chromium: Chromium, tmp_path: Path) -> None:
    with guest_site(tmp_path, 3) as site, at_page(chromium, site.link) as page:
        first = site.ids[0]
        click(page, "#photos li:nth-child(1) a")
        page.wait_for_text("#which", "Photograph 1 of 3")
        click(page, "[data-do=not-me]")
        page.wait_for_text("#over-notice", "Removed.")
        page.wait_for_text("#which", "Photograph 1 of 2")
        assert first not in site.ids
        check(page)
        click(page, "#over-notice button")
        page.wait_for_text("#over-notice", "is back")
        page.wait_for_text("#which", "Photograph 1 of 3")
        assert set(site.ids) == set(page.run("[...document.querySelectorAll('#photos li')].map(e => e.dataset.photo)"))
        assert page.run("document.querySelector('#photos li').dataset.photo") == first


def test_who_is_in_none_of_them_ends_at_what_to_do_and_can_undo(chromium: Chromium, tmp_path: Path) -> None:
    with guest_site(tmp_path, 1) as site, at_page(chromium, site.link) as page:
        click(page, "#photos li:nth-child(1) a")
        page.wait_for_text("#which", "Photograph 1 of 1")
        click(page, "[data-do=not-me]")
        page.wait_for_text("h1", "No photograph of you yet")
        page.wait_for_text("#notice", "Undo")
        click(page, "#notice button")
        page.wait_for_text("h1", "1 photograph of you")


def test_a_photograph_is_reported_with_a_reason_and_goes(chromium: Chromium, tmp_path: Path) -> None:
    with guest_site(tmp_path, 3) as site, at_page(chromium, site.link) as page:
        first = site.ids[0]
        click(page, "#photos li:nth-child(1) a")
        page.wait_for_text("#which", "Photograph 1 of 3")
        click(page, "[data-do=report]")
        page.wait(lambda: is_open(page, "reporting"), "the question")
        check(page)
        click(page, "#reporting .main")
        assert is_open(page, "reporting"), "a reason is needed"
        click(page, "#reporting input[value=child]")
        click(page, "#reporting .main")
        page.wait_for_text("#over-notice", "Thank you")
        page.wait_for_text("#which", "Photograph 1 of 2")
        (report,) = site.house.albums.reports(site.house.event)
        assert (report.photo, report.reason.value) == (first, "child")
        assert page.complaints() == []


def test_new_photographs_are_looked_for(chromium: Chromium, tmp_path: Path) -> None:
    with guest_site(tmp_path, 2) as site, at_page(chromium, site.link) as page:
        add_photo(site.house, 2)
        click(page, "form.again button")
        page.wait_for_text("h1", "3 photographs of you")
        page.wait_for_text("#notice", "1 new photograph.")
        page.wait(lambda: bool(page.run(READY)), "the page")
        assert page.run("location.href") == site.link, "said once, not again when it is loaded again"


def test_nobody_is_deleted_by_one_slip_and_whoever_wants_to_be_is(chromium: Chromium, tmp_path: Path) -> None:
    with guest_site(tmp_path, 2) as site, at_page(chromium, site.link) as page:
        click(page, "#forget")
        page.wait(lambda: is_open(page, "forgetting"), "the question")
        assert page.run("document.activeElement.textContent") == "Cancel"
        check(page)
        page.press("Enter")
        page.wait(lambda: not is_open(page, "forgetting"), "the page")
        assert site.house.albums.searches_by_id(MINE)
        click(page, "#forget")
        click(page, "#forgetting .bad")
        page.wait_for_text("h1", "Everything about you is deleted")
        page.wait_for_text("main", "This page will not open again")
        assert site.house.albums.searches_by_id(MINE) == []
        assert faults(page) == []
        go(page, site.link)
        page.wait_for_text("h1", "Everything about you is deleted")


def test_a_page_that_was_open_when_the_link_ended_says_so(chromium: Chromium, tmp_path: Path) -> None:
    with guest_site(tmp_path, 2) as site, at_page(chromium, site.link) as page:
        click(page, "#photos li:nth-child(1) a")
        page.wait_for_text("#which", "Photograph 1 of 2")
        site.house.clock.now += 4000
        click(page, "[data-do=not-me]")
        page.wait_for_text("h1", "This link is over")


def over(house: House) -> None:
    house.clock.now += 4000


def event_over(house: House) -> None:
    house.change(expires=house.clock.now)


def forgotten(house: House) -> None:
    house.search.forget(house.event, MINE, by=BY)


def hidden(house: House) -> None:
    for photo in house.albums.photos(house.event, 0, 10).photos:
        house.albums.set_standing(house.event, photo.id, Standing.HIDDEN, by=BY)


STATES = {
    "none": (hidden, "", "No photograph of you yet"),
    "over": (over, "", "This link is over"),
    "event over": (event_over, "", "This event is over"),
    "forgotten": (forgotten, "", "Everything about you is deleted"),
    "no link": (None, "/g", "Nothing is here"),
    "nothing": (None, "/elsewhere", "Nothing is here"),
}


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("state", STATES)
def test_every_end_has_a_page(chromium: Chromium, tmp_path: Path, *, state: str, dark: bool) -> None:
    change, path, title = STATES[state]
    with guest_site(tmp_path, 2) as site:
        if change:
            change(site.house)
        address = site.address(path) if path else site.link
        with chromium.page(address, width=390, height=844, dark=dark) as page:
            page.wait_for_text("h1", title)
            check(page)
            page.photograph(tmp_path / f"{state}.png")
            click(page, ".languages a[hreflang=fr]")
            page.wait(lambda: page.run("document.documentElement?.lang") == "fr", "another language")
            assert page.text("h1") not in {"", title}


def test_too_many_requests_are_told_when_to_come_again(chromium: Chromium, tmp_path: Path) -> None:
    with guest_site(tmp_path, 2) as site, at_page(chromium, site.link) as page:
        answer = "0"
        while answer != "429":
            token = json.dumps(site.link.partition("?")[2])
            asked = f"fetch(location.pathname + '/again?' + {token}, {{method: 'POST', headers: {json.dumps(JSON)}}})"
            answer = str(page.run(f"{asked}.then(a => a.status)"))
        click(page, "form.again button")
        page.wait_for_text("h1", "A little slower, please")
        check(page)
        assert page.text("main a") == "Try again"


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_without_scripts_one_looks_downloads_and_says_what_one_has_to(
    chromium: Chromium, tmp_path: Path, *, dark: bool
) -> None:
    with guest_site(tmp_path, 30) as site, without_scripts(chromium, site.link, dark=dark) as page:
        ids = site.ids
        assert page.run(TILES) == 24
        assert page.text("#more") == "Show more (6 left)"
        assert not page.text("#choose")
        assert page.text("#fetch") == "Download selected"
        check_still(page)
        page.photograph(tmp_path / "results.png", whole=True)
        click(page, "#more")
        page.wait(lambda: loaded(page) and page.run(TILES) == 6, "the second page")
        go(page, site.link)

        click(page, "#photos li:nth-child(2) a")
        page.wait_for_text("h1", "Photograph 2 of 30")
        page.wait(lambda: bool(page.run("document.querySelector('.single img').naturalWidth > 300")), "the picture")
        check_still(page)
        page.photograph(tmp_path / "photo.png", whole=True)
        assert "/original" in page.run("document.querySelector('a.main').href")
        click(page, "[action*='/not-me'] button")
        page.wait_for_text("#notice", "Removed.")
        assert ids[1] not in site.ids
        click(page, "#notice button")
        page.wait_for_text("#notice", "is back")

        go(page, f"{site.link.partition('?')[0]}/photos/{ids[0]}?{site.link.partition('?')[2]}")
        click(page, "input[value=offensive]")
        click(page, "[action*='/report'] .main")
        page.wait_for_text("#notice", "Thank you")
        page.wait_for_text("h1", "29 photographs of you")

        click(page, "#forget")
        page.wait_for_text("h1", "Delete everything about you?")
        check_still(page)
        click(page, ".bad")
        page.wait_for_text("h1", "Everything about you is deleted")


@pytest.mark.parametrize("language", ["de", "es", "fr"])
def test_the_words_of_every_language_fit_on_a_phone(chromium: Chromium, site: GuestSite, *, language: str) -> None:
    with at_page(chromium, f"{site.link}&lang={language}", width=320, height=640) as page:
        assert page.run("document.documentElement.lang") == language
        check(page)
        click(page, "#photos li:nth-child(1) a")
        page.wait(lambda: is_open(page, "viewer"), "the photograph")
        page.wait(lambda: bool(page.run("document.querySelector('#which').textContent.includes('60')")), "its name")
        check(page)
        bar = "document.querySelector('.viewer .bar').getBoundingClientRect()"
        assert page.run(f"{bar}.bottom <= innerHeight + 1 && {bar}.right <= innerWidth + 1")
