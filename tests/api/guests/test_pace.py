"""How often guests may ask, and how many at once."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path

import anyio
import pytest

from edged.api.guests.pace import Deed, Pace
from edged.api.guests.turned_away import TurnedAway, Why
from tests.api.guests.house import JSON, MINE, THEIRS, Clock, House, guest_house


def test_a_hall_of_phones_behind_one_address_is_not_too_much() -> None:
    pace = Pace(Clock())
    for _phone in range(100):
        for _request in range(30):
            with pace.request("192.0.2.1"):
                pass


def test_an_address_that_asks_without_end_waits_and_others_do_not() -> None:
    clock = Clock()
    pace = Pace(clock)
    with pytest.raises(TurnedAway) as away:  # noqa: PT012  which of them it is does not matter
        for _request in range(10_000):
            with pace.request("192.0.2.1"):
                pass
    assert (away.value.why, away.value.retry_after_s) == (Why.TOO_OFTEN, 1)
    with pace.request("192.0.2.2"):
        pass
    clock.now += 1
    with pace.request("192.0.2.1"):
        pass


def test_an_address_has_so_many_requests_under_way_and_no_more() -> None:
    pace = Pace(Clock(), requests=3)
    with ExitStack() as stack:
        for _request in range(3):
            stack.enter_context(pace.request("192.0.2.1"))
        with pytest.raises(TurnedAway) as away, pace.request("192.0.2.1"):
            pass
        assert away.value.why is Why.BUSY
        stack.enter_context(pace.request("192.0.2.2"))
    with pace.request("192.0.2.1"):
        pass


def test_archives_are_few_at_once_of_a_guest_and_in_all() -> None:
    pace = Pace(Clock(), archives=3, archives_each=2)
    with ExitStack() as stack:
        for _archive in range(2):
            stack.enter_context(pace.archive(MINE))
        with pytest.raises(TurnedAway), pace.archive(MINE):
            pass
        stack.enter_context(pace.archive(THEIRS))
        with pytest.raises(TurnedAway), pace.archive("another"):
            pass
    with pace.archive(MINE):
        pass


def test_whoever_guesses_links_is_noticed_and_others_are_not() -> None:
    clock = Clock()
    pace = Pace(clock)
    assert [pace.is_guessing("192.0.2.1") for _guess in range(12)] == [False] * 10 + [True] * 2
    assert not pace.is_guessing("192.0.2.2")
    clock.now += 60
    assert not pace.is_guessing("192.0.2.1")


def test_guessers_wait_and_guests_at_the_same_address_do_not(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    waited: list[float] = []

    async def sleep(seconds: float) -> None:
        waited.append(seconds)

    monkeypatch.setattr(anyio, "sleep", sleep)
    phone = house.phone()
    wrong = phone.token[:-1] + ("A" if phone.token[-1] != "A" else "B")
    answers = [phone.ask("GET", phone.path, params={"t": wrong}) for _guess in range(13)]
    assert {answer.status_code for answer in answers} == {404}
    assert waited == [1.0] * 3
    assert phone.get().status_code == 200
    assert len(waited) == 3


@pytest.mark.parametrize(
    ("deed", "tail", "status"),
    [(Deed.AGAIN, "/again", 200), (Deed.SAY, "/photos/none/not-me", 404), (Deed.ARCHIVE, "/photos.zip", 200)],
)
def test_who_does_something_too_often_is_told_when_to_come_again(
    tmp_path: Path, deed: Deed, tail: str, status: int
) -> None:
    with guest_house(tmp_path) as house:
        house.add("a")
        phone, other = house.phone(house.find(MINE)), house.phone(house.find(THEIRS))
        method = "GET" if deed is Deed.ARCHIVE else "POST"

        answers = [phone.ask(method, phone.path + tail, params={"t": phone.token}, headers=JSON) for _time in range(40)]

        statuses = [answer.status_code for answer in answers]
        allowed = statuses.index(429)
        assert statuses == [status] * allowed + [429] * (40 - allowed)
        assert allowed >= 3
        wait_s = answers[-1].json()["seconds"]
        assert answers[-1].headers["retry-after"] == str(wait_s)
        assert answers[-1].json()["error"] == "too_often"
        assert other.ask(method, other.path + tail, params={"t": other.token}, headers=JSON).status_code == status
        assert phone.get().status_code == 200, "looking is not what was done too often"
        page = phone.ask(method, phone.path + tail, params={"t": phone.token}).text
        assert f"Wait for {wait_s} seconds" in page
        house.clock.now += wait_s
        again = phone.ask(method, phone.path + tail, params={"t": phone.token}, headers=JSON)
        assert again.status_code == status
