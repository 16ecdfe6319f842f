from __future__ import annotations

import pytest

from edged.photos.album import EventPlan, PhotoEvent, Terms
from edged.photos.guest_link import GuestLinks

EVENT = "2b0b6f3e-6a4e-4a57-8f2c-0d2f6c8f2a11"
REQUEST = "0f8fad5b-d9cb-469f-a165-70867728950e"
END = 1_800_000_000


def token_of(path: str) -> str:
    return path.partition("?t=")[2]


def test_a_link_says_when_it_is_over_to_whoever_has_the_key() -> None:
    links = GuestLinks(b"k" * 32)

    path = links.path(EVENT, REQUEST, END + 0.7)

    assert path.startswith(f"/g/{REQUEST}?t=")
    assert links.end_of(EVENT, REQUEST, token_of(path)) == END
    assert GuestLinks(b"j" * 32).end_of(EVENT, REQUEST, token_of(path)) is None


def test_a_link_holds_for_its_own_search_event_and_end_only() -> None:
    links = GuestLinks(b"k" * 32)
    token = token_of(links.path(EVENT, REQUEST, END))
    end, _, signature = token.partition(".")

    assert links.end_of(EVENT, REQUEST.replace("0", "1"), token) is None
    assert links.end_of(EVENT.replace("2", "3"), REQUEST, token) is None
    later = token_of(links.path(EVENT, REQUEST, END + 1)).partition(".")[0]
    assert links.end_of(EVENT, REQUEST, f"{later}.{signature}") is None
    for at in range(len(signature)):
        other = "A" if signature[at] != "A" else "B"
        changed = signature[:at] + other + signature[at + 1 :]
        assert links.end_of(EVENT, REQUEST, f"{end}.{changed}") is None


def test_what_is_no_token_is_none() -> None:
    links = GuestLinks(b"k" * 32)
    for token in ("", ".", "a", "a.b", "é." + "A" * 22, "0." + "A" * 23, "-1." + "A" * 22, "a." + "A" * 22 + "\n"):
        assert links.end_of(EVENT, REQUEST, token) is None


@pytest.mark.parametrize(("expires", "end"), [(None, END + 60), (END + 90.0, END + 60), (END + 30.5, END + 30)])
def test_a_link_is_over_after_its_life_or_with_the_event(expires: float | None, end: int) -> None:
    links = GuestLinks(b"k" * 32)
    event = PhotoEvent(EVENT, "acme", "run", EventPlan("Run", terms=Terms(expires=expires)), 0.0)

    made = links.made_for(event, REQUEST, "http://10.42.0.1:8767", now=END + 0.25, life_s=60)

    assert made.end == end
    assert made.url.startswith(f"http://10.42.0.1:8767/g/{REQUEST}?t=")
    assert links.end_of(EVENT, REQUEST, token_of(made.url)) == end
