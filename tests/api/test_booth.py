"""The booth, as its page asks for it: what is agreed to, what is shown in a round, and to whom."""

from __future__ import annotations

import json
import re
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

import pytest

from edged.api.booth_port import BoothCamera
from edged.api.booth_round import IDLE_S, Rounds
from edged.api.server import Server
from edged.config.photos import PhotoSettings
from edged.domain.errors import Busy, Refused, Unavailable
from edged.domain.face import Box
from edged.domain.screen import Prompt, Screen, Stage
from tests.api.asking import Answer, ask, next_message, streaming
from tests.web.scripted_booth import PARTY, ScriptedBooth, booth_served, drawn, photo_id

STATE = "/api/v1/booth/state"
ROUNDS = "/api/v1/booth/rounds"


def post(server: Server, path: str, document: object = None, **headers: str) -> Answer:
    given = {"Cookie": "", "edged_token": "", "Sec_Fetch_Site": "same-origin", "Content_Type": "application/json"}
    body = document if isinstance(document, bytes) else json.dumps(document or {}).encode()
    return ask(server, path, "POST", body, **{name: value for name, value in (given | headers).items() if value})


def get(server: Server, path: str) -> Answer:
    return ask(server, path, Cookie="", edged_token="")


def agreement(booth: ScriptedBooth, purpose: str) -> dict[str, object]:
    assert booth.here is not None
    return {"event": booth.here.id, "consent": booth.here.consent_version, "purpose": purpose}


def begun(server: Server, booth: ScriptedBooth, purpose: str = "find") -> str:
    """The address of a new round."""
    answer = post(server, ROUNDS, agreement(booth, purpose))
    assert answer.status == 200, answer.body
    return f"{ROUNDS}/{answer.document['round']}"


@contextmanager
def at_the_booth(found: int = 0) -> Iterator[tuple[ScriptedBooth, Server]]:
    booth = ScriptedBooth(found)
    with booth_served(booth) as server:
        yield booth, server


def test_the_screen_is_told_how_things_stand_and_when_they_change() -> None:
    with at_the_booth() as (booth, server), streaming(server, STATE) as news:
        name, look = next_message(news)
        assert name == "look"
        assert look == {
            "v": 1, "language": "en", "countdown_s": 1, "trouble": "", "event": PARTY.id, "name": "Summer party",
            "consent": PARTY.plan.terms.consent, "consent_version": 3, "keeps_selfies": False, "expires": None,
            "is_moderated": False, "can_find": True, "has_phones": True, "mirrored": False,
        }  # fmt: skip
        booth.plan(consent="Another text", keeps_selfies=True, expires=1_800_000_000.0)
        booth.forbid_searches()
        look = until(news, "look")
        assert (look["consent"], look["consent_version"], look["can_find"]) == ("Another text", 4, False)
        assert (look["keeps_selfies"], look["expires"]) == (True, "2027-01-15T08:00:00.000Z")
        booth.scene = None
        assert until(news, "look")["trouble"] == "camera_away"
        booth.seat = None
        assert until(news, "look")["trouble"] == "no_camera"
        booth.here = None
        look = until(news, "look")
        assert (look["trouble"], look["name"], look["event"]) == ("no_event", "", "")
        assert next_message(news)[0] == "alive"


def until(news: Any, wanted: str) -> dict[str, Any]:
    while True:
        name, document = next_message(news)
        if name == wanted:
            return dict(document)


def test_guests_are_guided_while_they_look_into_the_mirror_and_never_otherwise() -> None:
    with at_the_booth() as (booth, server), streaming(server, STATE) as news:
        booth.guided = Screen(Stage.GUIDE, Prompt.COME_CLOSER, 0.25, face=Box(0.1, 0.2, 0.3, 0.4), name="Anna")
        assert [next_message(news)[0] for _ in range(3)] == ["look", "alive", "alive"]
        with streaming(server, f"{begun(server, booth)}/mirror") as mirror:
            assert mirror.readline() == b"--mirror\r\n"
            assert until(news, "guide") == {"v": 1, "prompt": "closer", "progress": 0.25, "face": [0.1, 0.2, 0.3, 0.4]}


def test_somebody_agrees_is_looked_for_and_sees_what_was_found() -> None:
    with at_the_booth(30) as (booth, server):
        there = begun(server, booth)
        answer = post(server, f"{there}/search")
        assert answer.status == 200
        found = answer.document
        assert (found["total"], found["offset"], len(found["photos"]), found["has_face"]) == (30, 0, 24, True)
        assert found["photos"][0] == {"id": photo_id(1), "width": 1600, "height": 1200}
        rows = found["code"]["picture"]
        assert len(rows) == len(rows[0])
        assert found["code"]["until"] > "2026"
        assert booth.did == [("portrait",), ("search", PARTY.id, b"a portrait", 3)]
        (request_id,) = booth.searches
        assert re.fullmatch(r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}", request_id)
        assert request_id not in answer.body.decode(), "what leads to the photographs is in the code alone"

        more = get(server, f"{there}/found?offset=24&limit=4").document
        assert (more["total"], [photo["id"] for photo in more["photos"]]) == (30, [photo_id(n) for n in range(25, 29)])
        assert get(server, f"{there}/found?offset=99").document["photos"] == []
        assert len(get(server, f"{there}/found?limit=9999").document["photos"]) == 24

        picture = get(server, f"{there}/photographs/{photo_id(3)}/thumbnail.jpg")
        assert (picture.status, picture.body) == (200, drawn(3, 320))
        assert picture.headers["cache-control"] == "no-store"
        assert get(server, f"{there}/photographs/{photo_id(3)}/preview.jpg").body == drawn(3, 1600)
        assert get(server, f"{there}/photographs/{photo_id(3)}/original.jpg").status == 404


def test_who_is_not_in_a_photograph_says_so_once() -> None:
    with at_the_booth(3) as (booth, server):
        there = begun(server, booth)
        post(server, f"{there}/search")
        assert post(server, f"{there}/photographs/{photo_id(2)}/not-me").status == 200
        assert booth.did[-1] == ("deny", photo_id(2))
        assert get(server, f"{there}/found").document["total"] == 2
        assert get(server, f"{there}/photographs/{photo_id(2)}/thumbnail.jpg").status == 404
        assert post(server, f"{there}/photographs/{photo_id(2)}/not-me").status == 404


def test_a_photograph_is_taken_seen_and_taken_back() -> None:
    with at_the_booth() as (booth, server):
        there = begun(server, booth, "take")
        answer = post(server, f"{there}/photographs")
        assert answer.status == 200
        photo = answer.document["photo"]["id"]
        booth.hidden.add(photo)  # nobody has let it through yet; whoever took it sees it
        seen = get(server, f"{there}/photographs/{photo}/preview.jpg")
        assert (seen.status, seen.body) == (200, drawn(booth.album[photo], 1600))
        assert post(server, f"{there}/photographs/{photo}/discard").status == 200
        assert booth.album == {}
        assert get(server, f"{there}/photographs/{photo}/preview.jpg").status == 404
        assert post(server, f"{there}/photographs/{photo}/discard").status == 404


def test_only_the_photograph_that_was_just_taken_can_be_taken_back() -> None:
    with at_the_booth(2) as (booth, server):
        there = begun(server, booth)
        post(server, f"{there}/agreed", agreement(booth, "take"))
        post(server, f"{there}/search")
        former = post(server, f"{there}/photographs").document["photo"]["id"]
        post(server, f"{there}/photographs")
        for photo in (former, photo_id(1), photo_id(77)):
            assert post(server, f"{there}/photographs/{photo}/discard").status == 404
        assert len(booth.album) == 4


def test_nothing_is_looked_at_before_somebody_has_agreed_to_that_very_thing() -> None:
    with at_the_booth(2) as (booth, server):
        nobody = f"{ROUNDS}/{'A' * 22}"
        for path in ("search", "photographs"):
            assert post(server, f"{nobody}/{path}").status == 410
        assert get(server, f"{nobody}/mirror").status == 410
        there = begun(server, booth, "find")
        assert post(server, f"{there}/photographs").status == 409
        assert post(server, f"{begun(server, booth, 'take')}/search").status == 409
        assert booth.did == []


@pytest.mark.parametrize(
    "wrong",
    [
        {"consent": 2}, {"consent": 4}, {"event": "0" * 8 + "-0000-4000-8000-" + "0" * 12},
        {"consent": 0}, {"purpose": "all"}, {"event": "party"}, {"more": 1}, {"consent": None},
    ],
)  # fmt: skip
def test_what_was_agreed_to_is_what_the_event_says_now(wrong: dict[str, object]) -> None:
    with at_the_booth() as (booth, server):
        answer = post(server, ROUNDS, agreement(booth, "find") | wrong)
        assert answer.status == (409 if wrong.keys() <= {"consent", "event"} and _fits(wrong) else 400)
        assert "round" not in answer.document


def _fits(wrong: dict[str, object]) -> bool:
    return wrong.get("consent", 1) not in {0, None} and wrong.get("event") != "party"


def test_a_round_is_over_when_its_guest_goes_another_comes_or_the_event_ends() -> None:
    with at_the_booth(2) as (booth, server):
        former = begun(server, booth)
        post(server, f"{former}/search")
        picture = f"photographs/{photo_id(1)}/thumbnail.jpg"
        assert get(server, f"{former}/{picture}").status == 200
        there = begun(server, booth)
        for path in (picture, "found", "mirror"):
            assert get(server, f"{former}/{path}").status == 410
        assert get(server, f"{there}/{picture}").status == 404, "what the one before found is not the next one's"
        assert get(server, f"{there}/found").status == 404
        assert post(server, f"{there}/end").status == 200
        assert post(server, f"{there}/search").status == 410
        there = begun(server, booth)
        booth.here = None
        assert post(server, f"{there}/search").status == 410
        assert post(server, ROUNDS, {"event": PARTY.id, "consent": 3, "purpose": "find"}).status == 410


def test_a_search_that_ends_after_its_guest_has_gone_is_shown_to_nobody() -> None:
    with at_the_booth(2) as (booth, server):
        there = begun(server, booth)
        booth.slow_s = 0.5
        answers: list[Answer] = []
        searching = threading.Thread(target=lambda: answers.append(post(server, f"{there}/search")))
        searching.start()
        time.sleep(0.2)
        post(server, f"{there}/end")
        searching.join()
        assert [answer.status for answer in answers] == [410]
        assert booth.did[-1][0] == "withdraw", "nobody could ask for it to be forgotten"
        assert booth.searches == {}


def test_a_round_that_nobody_touches_is_over_by_itself() -> None:
    at = [0.0]
    rounds = Rounds(lambda: at[0])
    now = rounds.begin(PARTY)
    for _ in range(5):
        at[0] += IDLE_S - 1
        assert rounds.of(now.token) is now
    at[0] += IDLE_S - 1
    assert rounds.is_on(now.token)
    at[0] += 2
    assert rounds.of(now.token) is None
    at[0] -= 2
    assert rounds.of(now.token) is None, "it stays over"


def test_no_round_lasts_for_ever_however_often_it_is_touched() -> None:
    at = [0.0]
    rounds = Rounds(lambda: at[0])
    now = rounds.begin(PARTY)
    touched = 0
    while rounds.of(now.token):
        at[0] += 60
        touched += 1
        assert touched < 100


def test_the_mirror_ends_with_the_round() -> None:
    with at_the_booth() as (booth, server):
        there = begun(server, booth)
        with streaming(server, f"{there}/mirror?side=600") as mirror:
            assert mirror.readline() == b"--mirror\r\n"
            post(server, f"{there}/end")
            deadline = time.monotonic() + 10
            while mirror.readline():
                assert time.monotonic() < deadline, "it goes on"
        booth.scene = None
        assert get(server, f"{begun(server, booth)}/mirror").status == 503


@pytest.mark.parametrize(
    ("trouble", "status"),
    [
        (Unavailable("/var/lib/edged/photos.db cannot be read", "Look at it"), 503),
        (Busy("somebody else is being photographed"), 429),
        (Refused("full", "32 GB are full"), 507),
        (Refused("event_closed", "the event takes no more"), 410),
        (Refused("no_event", "there is none"), 410),
        (Refused("damaged", "the photograph is damaged"), 400),
    ],
)
def test_what_goes_wrong_is_told_apart_and_nothing_of_the_machine_is_told(
    trouble: Unavailable | Refused, status: int
) -> None:
    with at_the_booth() as (booth, server):
        there = begun(server, booth)
        post(server, f"{there}/agreed", agreement(booth, "take"))
        booth.trouble = trouble
        for path in ("photographs", "search"):
            answer = post(server, f"{there}/{path}")
            assert answer.status == status
            assert b"/var" not in answer.body
        booth.trouble = None
        assert post(server, f"{there}/search").status == 200, "it goes on by itself"


def test_an_event_may_have_no_search() -> None:
    with at_the_booth() as (booth, server):
        there = begun(server, booth)
        booth.forbid_searches()
        assert post(server, f"{there}/search").status == 403
        assert booth.did == []


def test_an_event_that_is_switched_off_shows_nothing() -> None:
    with at_the_booth(2) as (booth, server), streaming(server, STATE) as news:
        there = begun(server, booth)
        assert post(server, f"{there}/search").status == 200
        booth.switch_off()
        assert until(news, "look")["event"] == PARTY.id
        assert get(server, f"{there}/found").status == 410
        assert get(server, f"{there}/photographs/{photo_id(1)}/preview.jpg").status == 410
        there = begun(server, booth)
        assert post(server, f"{there}/search").status == 403


def test_what_was_found_is_not_shown_any_more_when_the_event_is_over() -> None:
    with at_the_booth(2) as (booth, server):
        there = begun(server, booth)
        assert post(server, f"{there}/search").status == 200
        booth.here = None
        for address in (f"{there}/found", f"{there}/photographs/{photo_id(1)}/preview.jpg"):
            assert get(server, address).status == 410
        assert post(server, f"{there}/photographs/{photo_id(1)}/not-me").status == 410


def test_without_a_face_there_is_nothing_to_take_along() -> None:
    with at_the_booth(2) as (booth, server):
        booth.sees = False
        found = post(server, f"{begun(server, booth)}/search").document
        assert (found["total"], found["has_face"], found["code"]) == (0, False, None)


def test_a_device_that_no_phone_can_reach_shows_no_code() -> None:
    with at_the_booth(2) as (booth, server):
        booth.look = PhotoSettings()
        found = post(server, f"{begun(server, booth)}/search").document
        assert (found["total"], found["code"]) == (2, None)


def test_one_thing_is_done_at_a_time() -> None:
    with at_the_booth() as (booth, server):
        there = begun(server, booth)
        booth.slow_s = 0.5
        statuses: list[int] = []
        several = [
            threading.Thread(target=lambda: statuses.append(post(server, f"{there}/search").status)) for _ in range(4)
        ]
        for one in several:
            one.start()
        for one in several:
            one.join()
        assert sorted(statuses) == [200, 429, 429, 429]
        assert len(booth.searches) == 1


def test_who_taps_for_ever_is_slowed_down_and_others_are_served_later() -> None:
    with at_the_booth() as (booth, server):
        there = begun(server, booth)
        answers = [post(server, f"{there}/search") for _ in range(14)]
        refused = [answer for answer in answers if answer.status == 429]
        assert 10 <= len(booth.searches) <= 11
        assert len(refused) + len(booth.searches) == 14
        assert all(0 < int(answer.headers["retry-after"]) <= 10 for answer in refused)
        begins = [post(server, ROUNDS, agreement(booth, "find")).status for _ in range(25)]
        assert begins.count(429) >= 4


@pytest.mark.parametrize("body", [b"{", b"\xff", b"[]", b'{"a":1}', b'{"event":' + b"1" * 2000 + b"}"])
def test_what_is_nothing_to_do_with_the_booth_is_refused(body: bytes) -> None:
    with at_the_booth() as (booth, server):
        there = begun(server, booth)
        for path in (ROUNDS, f"{there}/search", f"{there}/photographs", f"{there}/agreed"):
            assert post(server, path, body).status == 400
        assert booth.did == []


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Sec_Fetch_Site": "cross-site"}, 403), ({"Sec_Fetch_Site": "same-site"}, 403),
        ({"Sec_Fetch_Site": "none"}, 403), ({"Sec_Fetch_Site": ""}, 403),
        ({"Sec_Fetch_Site": "", "Origin": "http://evil.example"}, 403),
        ({"Content_Type": "text/plain"}, 415), ({"Host": "evil.example"}, 421),
    ],
)  # fmt: skip
def test_only_our_own_page_may_do_anything(headers: dict[str, str], status: int) -> None:
    with at_the_booth() as (booth, server):
        there = begun(server, booth, "take")
        for path in (f"{there}/photographs", f"{there}/end"):
            assert post(server, path, **headers).status == status
        assert booth.did == []
        assert post(server, f"{there}/photographs").status == 200, "the round is still on"


def test_screens_that_are_not_named_are_answered_nothing() -> None:
    with at_the_booth(2) as (booth, server):
        there = begun(server, booth)
        post(server, f"{there}/search")
        booth.look = booth.look.model_copy(update={"screens": ("192.0.2.0/24", "::1")})
        done = list(booth.did)
        page = get(server, "/booth")
        assert page.status == 403
        assert b"127.0.0.1" in page.body
        assert "script" not in page.body.decode()
        picture = f"{there}/photographs/{photo_id(1)}/preview.jpg"
        assert [get(server, path).status for path in (STATE, f"{there}/mirror", f"{there}/found", picture)] == [403] * 4
        for path in (ROUNDS, f"{there}/search", f"{there}/photographs", f"{there}/end"):
            assert post(server, path, agreement(booth, "find")).status == 403
        assert booth.did == done
        booth.look = booth.look.model_copy(update={"screens": ("127.0.0.0/8",)})
        assert get(server, "/booth").status == 200


def test_two_screens_are_served_and_no_third() -> None:
    with at_the_booth() as (_booth, server), ExitStack() as open_ones:
        for _ in range(2):
            open_ones.enter_context(streaming(server, STATE)).readline()
        assert get(server, STATE).status == 503
        assert get(server, "/healthz").status == 200


def test_a_round_cannot_be_guessed() -> None:
    with at_the_booth() as (booth, server):
        tokens = {begun(server, booth).rpartition("/")[2] for _ in range(5)}
    assert len(tokens) == 5
    assert all(re.fullmatch(r"[A-Za-z0-9_-]{22}", token) for token in tokens)


def test_a_camera_that_mirrors_by_itself_is_not_mirrored_again() -> None:
    with at_the_booth() as (booth, server):
        booth.seat = BoothCamera(mirrored=True)
        with streaming(server, STATE) as news:
            assert next_message(news)[1]["mirrored"] is True
