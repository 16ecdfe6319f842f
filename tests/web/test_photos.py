"""The organiser's pages in a real Chromium, with the real desk, database and files behind."""

from __future__ import annotations

import json
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from edged.accounts.account import Role
from edged.api.console.photos import photos_routes
from edged.config.photos import PhotoSettings
from edged.photos.album import Tally
from edged.photos.kept import KeptPurge
from edged.photos.photo import Standing
from edged.photos.report import ReportReason
from edged.runtime.booth import GUEST
from edged.runtime.folder_progress import FolderProgress
from edged.vault.receipt import is_genuine
from tests.api.asking import ask
from tests.api.pretend_device import PretendDevice, Served, serving
from tests.runtime.booth_evening import HOUSE
from tests.runtime.photo_site import ANNA, PhotoSite, photo_site, picture
from tests.web.axe import faults
from tests.web.chromium import Chromium, Page

SIZES = [(390, 844, True), (1280, 800, False), (3840, 2160, False)]


@pytest.fixture
def site(tmp_path: Path) -> Iterator[PhotoSite]:
    with photo_site(tmp_path) as site:
        yield site


@contextmanager
def looking_at(
    chromium: Chromium, site: PhotoSite, address: str = "photos", role: Role = Role.ADMINISTRATOR
) -> Iterator[tuple[Page, Served]]:
    with (
        serving(PretendDevice("front"), rooms=site.rooms, role=role) as server,
        chromium.page(f"{server.url}{address}", key=server.key) as page,
    ):
        page.wait_for_text(".rail-device", "entrance")
        yield page, server


def fits(page: Page) -> None:
    """Nothing sticks out and nothing serious is found, narrow and dark, wide and light, and on a large screen."""
    for width, height, dark in SIZES:
        page.resize(width, height)
        page.paint(dark=dark)
        assert page.run("document.scrollingElement.scrollWidth") == width
        assert faults(page) == []
    page.resize(1280, 800)


def press(page: Page, selector: str) -> None:
    page.run(f"document.querySelector({json.dumps(selector)}).click()")


def type_in(page: Page, selector: str, text: str) -> None:
    """As a reader does who selects what is there and types over it."""
    page.run(f"(e => {{ e.focus(); e.select?.() }})(document.querySelector({json.dumps(selector)}))")
    page.ask("Input.insertText", text=text)


def choose(page: Page, selector: str, value: str) -> None:
    script = f"(e => {{ e.value = {json.dumps(value)}; e.dispatchEvent(new Event('input', {{bubbles: true}})) }})"
    page.run(f"{script}(document.querySelector({json.dumps(selector)}))")


def choose_files(page: Page, *paths: Path) -> None:
    document = page.ask("DOM.getDocument")["root"]["nodeId"]
    found = page.ask("DOM.querySelector", nodeId=document, selector="#upload-files")["nodeId"]
    page.ask("DOM.setFileInputFiles", nodeId=found, files=[str(path) for path in paths])


def tiles(page: Page) -> int:
    return int(page.run("document.querySelectorAll('.photo-tile').length"))


def wait_for_tiles(page: Page, many: int) -> None:
    page.wait(lambda: tiles(page) == many, f"{many} photographs")


def standings(site: PhotoSite, ids: list[str]) -> list[str]:
    found = (site.albums.any_photo(site.current(), photo) for photo in ids)
    return [photo.standing if photo else "gone" for photo in found]


def test_photographs_that_are_off_are_told_with_how_to_switch_them_on(chromium: Chromium) -> None:
    with (
        serving(PretendDevice("front"), rooms=photos_routes(None)) as server,
        chromium.page(f"{server.url}photos", key=server.key) as page,
    ):
        page.wait_for_text("#off", "Photographs are switched off")
        assert "photos.enabled under Config" in page.text("#off")
        assert page.text("#new") == ""
        fits(page)
        assert page.complaints() == []


def test_an_event_is_made_with_what_guests_will_read_beside_it(chromium: Chromium, site: PhotoSite) -> None:
    with looking_at(chromium, site) as (page, _server):
        page.wait_for_text("#none", "Choose New event above")
        press(page, "#new")
        type_in(page, "dialog [name=name]", "Sommerfest – Läufer 2026")
        assert page.run("document.querySelector('dialog [name=slug]').value") == "sommerfest-laufer-2026"
        type_in(page, "dialog [name=consent]", "We look for you.\nYou may say no.")
        assert page.text(".consent-preview").startswith("Sommerfest – Läufer 2026")
        assert "We look for you.\nYou may say no." in page.text(".consent-preview")
        choose(page, "dialog [name=threshold]", "0.5")
        assert "about 96 of 100" in page.text("dialog")
        choose(page, "dialog [name=expires]", "7")
        fits(page)
        press(page, "dialog [type=submit]")
        page.wait_for_text("#title", "Sommerfest – Läufer 2026")
        assert page.complaints() == []
    event = site.current("sommerfest-laufer-2026")
    terms = event.plan.terms
    assert (event.plan.threshold, terms.consent) == (0.5, "We look for you.\nYou may say no.")
    assert terms.closes is not None
    assert terms.expires is not None
    assert 6.9 * 86_400 < terms.expires - time.time() < 7.1 * 86_400
    assert 0 < terms.closes - time.time() <= 86_400


def test_another_text_of_consent_is_told_to_be_another_version_and_times_stay_exact(
    chromium: Chromium, site: PhotoSite
) -> None:
    closes = time.time() + 5000.125
    site.event(closes=closes)
    with looking_at(chromium, site, "photos?event=gala") as (page, _server):
        page.wait_for_text("#event", "Edit")
        press(page, "[data-do=edit]")
        page.wait_for_text("dialog", "This is version 1")
        type_in(page, "dialog [name=consent]", "Another text")
        assert "Saving makes this version 2" in page.text("dialog")
        press(page, "dialog [type=submit]")
        page.wait_for_text(".toasts", "Gala is saved")
    assert site.current().consent_version == 2
    assert site.current().plan.terms.closes == pytest.approx(closes, abs=0.001)


def test_a_mistake_in_the_form_is_said_there_and_nothing_is_lost(chromium: Chromium, site: PhotoSite) -> None:
    site.event("gala")
    with looking_at(chromium, site) as (page, _server):
        page.wait_for_text("#events", "Gala")
        press(page, "#new")
        type_in(page, "dialog [name=name]", "Gala")
        press(page, "dialog [type=submit]")
        page.wait_for_text("dialog .problem", "has an event gala already")
        assert page.run("document.querySelector('dialog [name=name]').value") == "Gala"


def test_the_list_tells_events_storage_and_the_watched_folder(chromium: Chromium, site: PhotoSite) -> None:
    site.event(is_moderated=True, expires=time.time() + 86_400)
    photos = site.photographs("gala", 3)
    site.guest("gala", str(uuid.uuid4()), [])
    site.settings = PhotoSettings(enabled=True, max_gb=site.space.used() / 0.95e9)
    site.progress = FolderProgress(
        "/media/card",
        done=120,
        waiting=380,
        refused=1,
        event="gala",
        finishes=time.time() + 4000,
        refusals=(("clip.jpg", "not_an_image", "this is no photograph"),),
    )
    with looking_at(chromium, site) as (page, _server):
        page.wait_for_text("#events", "Gala")
        assert "to check\n3" in page.text("#events")
        assert "Nearly full" in page.text("#storage")
        assert "new photographs are refused" in page.text("#storage")
        assert "120 of 500. 380 photographs wait." in page.text("#intake")
        press(page, "#intake summary")
        site.albums.set_standing(site.current(), photos[0], Standing.SHOWN, by=ANNA)
        page.wait_for_text("#events", "to check\n2")
        assert "clip.jpg – This is no photograph" in page.text("#intake"), "what is unfolded stays so"
        fits(page)
        assert page.complaints() == []


def test_photographs_are_let_through_and_hidden_by_keyboard_alone(chromium: Chromium, site: PhotoSite) -> None:
    site.event(is_moderated=True)
    ids = site.photographs("gala", 5)
    with looking_at(chromium, site, "photos?event=gala") as (page, _server):
        wait_for_tiles(page, 5)
        for _ in range(60):
            page.press("Tab")
            if page.run("document.activeElement.classList.contains('open')"):
                break
        assert page.run("getComputedStyle(document.activeElement).outlineStyle !== 'none'")
        page.press("a")
        wait_for_tiles(page, 4)
        page.wait(lambda: page.run("document.activeElement.classList.contains('open')"), "the next photograph")
        page.press("h")
        wait_for_tiles(page, 3)
        page.press("ArrowRight")
        page.press("x")
        page.wait_for_text(".tools", "1 chosen")
        page.press("a")
        wait_for_tiles(page, 2)
        page.wait(
            lambda: standings(site, ids) == ["shown", "hidden", "waiting", "shown", "waiting"],
            "what was decided to be kept",
        )
        page.wait_for_text("#event", "shown\n2")
        fits(page)
        assert page.complaints() == []


def test_what_was_decided_can_be_taken_back(chromium: Chromium, site: PhotoSite) -> None:
    site.event(is_moderated=True)
    ids = site.photographs("gala", 2)
    with looking_at(chromium, site, "photos?event=gala") as (page, _server):
        wait_for_tiles(page, 2)
        press(page, ".tools [data-act=all]")
        page.wait_for_text(".tools", "2 chosen")
        press(page, ".tools [data-act=show]")
        page.wait_for_text(".toasts", "2 photographs are shown")
        page.wait(lambda: standings(site, ids) == ["shown", "shown"], "both shown")
        press(page, ".toast .button:not(.plain)")
        page.wait(lambda: standings(site, ids) == ["waiting", "waiting"], "both waiting again")
        wait_for_tiles(page, 2)


def test_a_photograph_is_hidden_at_once_and_deleted_unless_it_is_taken_back(
    chromium: Chromium, site: PhotoSite
) -> None:
    site.event()
    ids = site.photographs("gala", 2)
    with looking_at(chromium, site, "photos?event=gala") as (page, server):
        wait_for_tiles(page, 2)
        press(page, ".photo-tile .open")
        page.wait_for_text(".photo-dialog", "IMG_0000.jpg")
        fits(page)
        press(page, ".photo-dialog .danger")
        wait_for_tiles(page, 1)
        page.wait_for_text(".toasts", "1 photograph is deleted")
        assert standings(site, ids)[0] == "hidden", "from guests, at once"
        press(page, ".toast .button:not(.plain)")
        page.wait(lambda: standings(site, ids)[0] == "shown", "taken back")
        wait_for_tiles(page, 2)

        press(page, ".photo-tile .open")
        page.wait_for_text(".photo-dialog", "IMG_0000.jpg")
        press(page, ".photo-dialog .danger")
        page.wait(lambda: standings(site, ids)[0] == "hidden", "hidden from guests")
        page.ask("Page.navigate", url=f"{server.url}audit")
        page.wait(lambda: standings(site, ids) == ["gone", "shown"], "deleted when the page was left")


def test_files_are_added_one_after_the_other_and_refusals_say_why(
    chromium: Chromium, site: PhotoSite, tmp_path: Path
) -> None:
    site.event()
    paths = []
    for name, content in (("a.jpg", picture(1)), ("b.jpg", b"no photograph at all"), ("c.jpg", picture(2))):
        paths.append(tmp_path / name)
        paths[-1].write_bytes(content)
    with looking_at(chromium, site, "photos?event=gala") as (page, _server):
        page.wait_for_text("#upload", "Drop photographs here")
        choose_files(page, *paths)
        page.wait_for_text("#upload", "2 photographs are in, 1 was refused.")
        assert "b.jpg – " in page.text("#upload .refused")
        wait_for_tiles(page, 2)
        fits(page)
    assert site.current().photos == 2


def test_a_guard_looks_and_changes_nothing(chromium: Chromium, site: PhotoSite) -> None:
    site.event(is_moderated=True)
    site.photographs("gala", 1)
    with looking_at(chromium, site, "photos?event=gala", Role.GUARD) as (page, _server):
        wait_for_tiles(page, 1)
        assert page.run("document.querySelectorAll('[data-do], .under button, .tools button').length") == 0
        assert page.text("#upload") == ""
        page.run("document.querySelector('.photo-tile .open').focus()")
        page.press("h")
        page.press("Enter")
        page.wait_for_text(".photo-dialog", "Download")
        assert "Delete" not in page.text(".photo-dialog")
    assert site.current().waiting == 1


def test_many_photographs_are_paged_and_the_page_is_in_the_address(chromium: Chromium, site: PhotoSite) -> None:
    site.event()
    site.photographs("gala", 62)
    with looking_at(chromium, site, "photos?event=gala") as (page, _server):
        wait_for_tiles(page, 60)
        assert "1–60 of 62" in page.text("#photos nav")
        press(page, "#photos nav [data-step='1']")
        wait_for_tiles(page, 2)
        assert "from=60" in page.run("location.search")


def test_an_event_is_purged_when_its_name_is_typed_and_its_report_is_there(chromium: Chromium, site: PhotoSite) -> None:
    event = site.event()
    photos = site.photographs("gala", 2)
    site.guest("gala", str(uuid.uuid4()), photos)
    with looking_at(chromium, site, "photos?event=gala") as (page, server):
        page.wait_for_text("#event", "Purge")
        press(page, "[data-do=purge]")
        page.wait_for_text("dialog", "2 photographs in all their sizes")
        assert "every link and QR code" in page.text("dialog")
        assert page.run("document.querySelector('dialog [type=submit]').disabled")
        type_in(page, "dialog input", "gala")
        press(page, "dialog [type=submit]")
        page.wait_for_text("#purges", "files are removed")
        fits(page)
        site.purger.run_once()
        page.wait_for_text("#purges", "Nothing is left")
        site.purge.heed("https://hub.example", KeptPurge(event.id, time.time(), Tally(shown=2)), time.time())
        page.wait_for_text("#purges", "Nor at the hub")
        file = ask(server, f"/api/v1/console/photos/purges/{event.id}?download=1")
        assert is_genuine(json.loads(file.body))
        press(page, "#purges [href^='/event-report']")
        page.wait_for_text("#report", "nothing of it is left on this device")
        assert page.run("document.querySelector('#report h1').innerText") == "Gala"
        assert "https://hub.example" in page.text("#report")
        fits(page)
        assert page.complaints() == []
    assert site.albums.events(HOUSE, 0, 1)[0] == 0


def test_the_sign_off_report_is_calm_to_read_and_to_print(chromium: Chromium, site: PhotoSite) -> None:
    site.event(expires=time.time() + 86_400)
    photos = site.photographs("gala", 3)
    site.albums.set_standing(site.current(), photos[0], Standing.HIDDEN, by=ANNA)
    for _ in range(2):
        site.guest("gala", str(uuid.uuid4()), photos[1:])
    with looking_at(chromium, site, "event-report?event=gala") as (page, _server):
        page.wait_for_text("#report", "Sign-off report")
        words = page.text("#report")
        for told in (
            "Photographs\n3",
            "Uploaded\n3",
            "Hidden\n1",
            "Searches\n2",
            "We look for your face.",
            "2 searches",
        ):
            assert told in words, told
        fits(page)
        page.ask("Emulation.setEmulatedMedia", media="print")
        assert page.text(".rail-pages") == ""
        assert page.text("#report .no-print") == ""
        assert "Signed off by" in page.text(".sign-line")
        assert page.complaints() == []


def test_what_a_guest_reports_waits_with_their_reason_until_somebody_has_looked(
    chromium: Chromium, site: PhotoSite
) -> None:
    site.event()
    photos = site.photographs("gala", 2)
    request = str(uuid.uuid4())
    site.guest("gala", request, photos)
    site.albums.report(site.current(), request, photos[0], ReportReason.CHILD, by=GUEST)
    with looking_at(chromium, site, "photos?event=gala") as (page, _server):
        wait_for_tiles(page, 1)
        page.wait_for_text(".photo-tile .reported", "Reported: shows a child")
        press(page, ".photo-tile .open")
        page.wait_for_text(".photo-dialog", "A guest reported it: shows a child")
        fits(page)
        press(page, ".photo-dialog .actions .button")
        page.wait(lambda: standings(site, photos) == ["shown", "shown"], "shown again")
        assert page.complaints() == []
