"""Signing in and out, and the accounts page, in a real Chromium."""

from __future__ import annotations

import pytest

from edged.accounts.account import Account, Role
from tests.api.pretend_device import PretendDevice, Served, serving
from tests.web.axe import faults
from tests.web.chromium import Chromium, Page
from tests.web.test_health import fits_every_screen

WORDS = "a long password of words"


def type_in(page: Page, selector: str, words: str) -> None:
    page.run(f"document.querySelector({selector!r}).focus()")
    page.ask("Input.insertText", text=words)


def sign_in(page: Page, name: str, password: str) -> None:
    page.wait(lambda: bool(page.run("document.activeElement?.id === 'name'")), "the form")
    type_in(page, "#name", name)
    type_in(page, "#password", password)
    page.press("Enter")


def add(server: Served, name: str, role: Role, password: str | None = WORDS) -> None:
    server.accounts.add(Account(name, role), password)


def test_one_signs_in_where_one_wanted_to_go_and_out_again(chromium: Chromium) -> None:
    with serving(PretendDevice("front")) as server:
        add(server, "Anna", Role.GUARD)
        with chromium.page(f"{server.url}review?x=1") as page:
            sign_in(page, "anna", "not the password")
            page.wait_for_text("#trouble", "That name and that password do not belong together.")
            assert page.run("location.pathname") == "/sign-in"
            type_in(page, "#password", WORDS)
            page.press("Enter")
            page.wait(
                lambda: page.run("location.pathname + location.search") == "/review?x=1", "the page that was wanted"
            )
            page.wait_for_text(".rail-who", "Anna")
            assert "guard" in page.text(".rail-who")
            assert "Accounts" not in page.text(".rail-pages"), "a guard keeps no accounts"
            page.run("document.querySelector('.rail-who .button').click()")
            page.wait(lambda: page.run("location.pathname") == "/sign-in", "the sign-in")
            page.ask("Page.navigate", url=f"{server.url}health")
            page.wait(lambda: page.run("location.search") == "?next=%2Fhealth", "that nobody is signed in")
        assert [kept.sessions for kept in server.accounts.everybody() if kept.account.name == "Anna"] == [0]


def test_a_link_opens_once(chromium: Chromium) -> None:
    with serving(PretendDevice("front")) as server:
        address = f"{server.url}sign-in#once={server.accounts.link('tester')}"
        with chromium.page(address) as page:
            page.wait_for_text(".rail-who", "tester")
            assert page.run("location.pathname") == "/"
            history = page.ask("Page.getNavigationHistory")["entries"]
            assert not any("once" in entry["url"] for entry in history), "whoever goes back finds no link"
        with chromium.page(address) as page:
            page.wait_for_text("#trouble", "That link was used already, or is too old")
            page.wait_for_text("#form", "Password")


def test_a_link_opens_where_the_sign_in_stands_already(chromium: Chromium) -> None:
    with serving(PretendDevice("front")) as server, chromium.page(f"{server.url}sign-in") as page:
        page.wait_for_text("#form", "Password")
        page.ask("Page.navigate", url=f"{server.url}sign-in#once={server.accounts.link('tester')}")
        page.wait_for_text(".rail-who", "tester")
        assert page.run("location.pathname + location.hash") == "/"


def test_the_first_time_it_says_how_to_make_an_account(chromium: Chromium) -> None:
    with serving(PretendDevice("front")) as server:
        server.accounts.add(Account("last", Role.ADMINISTRATOR), None)
        server.accounts.remove("tester")
        with chromium.page(server.url) as page:
            page.wait_for_text("#form", "Password")
            assert faults(page) == []
        with server.accounts._writing() as sql:
            sql.execute("DELETE FROM account")
        with chromium.page(server.url) as page:
            page.wait_for_text("#first", "sudo -u edged edged account add NAME --role administrator")
            assert faults(page) == []


@pytest.mark.parametrize(
    "wanted", ["//evil.example", "https://evil.example/", "/\\evil.example", "javascript:alert(1)"]
)
def test_it_leads_nowhere_else(chromium: Chromium, wanted: str) -> None:
    with serving(PretendDevice("front")) as server:
        link = server.accounts.link("tester")
        with chromium.page(f"{server.url}sign-in?next={wanted}#once={link}") as page:
            page.wait_for_text(".rail-who", "tester")
            assert page.run("location.href") == server.url


def test_the_sign_in_has_no_faults(chromium: Chromium) -> None:
    with serving(PretendDevice("front")) as server, chromium.page(f"{server.url}sign-in") as page:
        sign_in(page, "anna", "not the password")
        page.wait_for_text("#trouble", "do not belong together")
        for dark in (False, True):
            page.paint(dark=dark)
            assert faults(page) == []
        fits_every_screen(page)


def test_one_changes_ones_password(chromium: Chromium) -> None:
    with serving(PretendDevice("front"), role=Role.GUARD) as server:
        with chromium.page(server.url, key=server.key) as page:
            page.wait_for_text(".rail-who", "Change password")
            page.run("document.querySelector('.rail-who .link').click()")
            type_in(page, "dialog input[autocomplete=new-password]", "short")
            page.press("Enter")
            page.wait_for_text("dialog [role=alert]", "A password has 10 to 256 characters.")
            assert faults(page) == []
            page.run("document.querySelector('dialog input[autocomplete=new-password]').select()")
            type_in(page, "dialog input[autocomplete=new-password]", WORDS)
            page.press("Enter")
            page.wait_for_text("dialog", "Your password is changed")
        assert server.accounts.fits("tester", WORDS)


def test_an_administrator_keeps_the_accounts(chromium: Chromium) -> None:
    with serving(PretendDevice("front")) as server, chromium.page(f"{server.url}accounts", key=server.key) as page:
        page.wait_for_text("#accounts", "tester (you)")
        page.run("document.querySelector('#add').click()")
        type_in(page, "dialog input[name=name]", "Ben Cole")
        page.press("Enter")
        page.wait_for_text("dialog", "A link for Ben Cole")
        link = str(page.run("document.querySelector('dialog input').value"))
        page.run("document.querySelector('dialog .button:not(.main)').click()")
        page.run(
            "(s => { s.value = 'installer'; s.dispatchEvent(new Event('change')); })"
            "(document.querySelector('[data-name=\"Ben Cole\"] select'))"
        )
        page.wait_for_text(".toasts", "Ben Cole is an installer now.")
        with chromium.page(link) as other:
            other.wait_for_text(".rail-who", "Ben Cole")
            other.ask("Page.navigate", url=f"{server.url}accounts")
            other.wait_for_text("#trouble", "Ask an administrator of this device.")
        for dark in (False, True):
            page.paint(dark=dark)
            assert faults(page) == []
        fits_every_screen(page)
        page.run("document.querySelector('[data-name=\"Ben Cole\"] .leave').click()")
        page.wait_for_text("dialog", "Remove the account Ben Cole?")
        assert page.run("document.activeElement.innerText") == "Cancel", "Enter destroys nothing"
        page.run("document.querySelector('dialog .main').click()")
        page.wait_for_text(".toasts", "The account Ben Cole is removed.")
        assert [kept.account.name for kept in server.accounts.everybody()] == ["tester"]
        assert page.complaints() == []
