"""Requests with damage anywhere: whatever is sent, the answer is JSON, and never a fault of ours."""

from __future__ import annotations

import random
from typing import Final

import httpx

from tests.api.miicloud.desk import Desk
from tests.api.painted import portrait
from tests.api.token_gate import KEY

_ALPHABET: Final = bytes(range(256))


def _mutated(chance: random.Random, body: bytes) -> bytes:
    changed = bytearray(body)
    for _ in range(chance.randint(1, 8)):
        at = chance.randrange(len(changed))
        match chance.randrange(4):
            case 0:
                changed[at] = chance.choice(_ALPHABET)
            case 1:
                del changed[at : at + chance.randint(1, 40)]
                changed = changed or bytearray(b"-")
            case 2:
                changed[at:at] = changed[max(0, at - 30) : at]
            case _:
                changed[at:at] = chance.choice([b"\r\n", b"--b\r\n", b"\0", b"[]", b"%00", b"\xff\xfe", b'"', b"={"])
    return bytes(changed)


def test_three_hundred_mutated_requests_are_answered_without_a_fault(hub: Desk) -> None:
    hub.enroll("7", 1)
    chance = random.Random(4)
    form = httpx.Request(
        "POST",
        "http://hub.example",
        data={"customer_person_id": "7", "first_name": "Ada"},
        files={"image_path": ("face.png", portrait(1))},
        headers={"content-type": "multipart/form-data; boundary=b"},
    ).read()
    bodies = [
        ("multipart/form-data; boundary=b", form),
        ("application/x-www-form-urlencoded", b"customer_person_id=7&first_name=Ada%20M&email[a][]=b"),
        ("application/json", b'{"customer_person_id": "7", "first_name": ["Ada"], "phone": {"a": null}}'),
    ]
    places = [
        ("POST", "/person"),
        ("PUT", "/person/7"),
        ("PUT", "/person"),
        ("POST", "/match_faces"),
        ("GET", "/get_person"),
        ("DELETE", "/person/8"),
    ]
    statuses = set()
    for _ in range(300):
        kind, body = chance.choice(bodies)
        method, path = chance.choice(places)
        if chance.random() < 0.3:
            path += "?" + _mutated(chance, b"customer_person_id=7&a[b]=c").decode("latin-1").replace("#", "")
        path = "".join(letter for letter in path if letter.isprintable())
        answer = hub.ask(method, path, content=_mutated(chance, body), headers={"content-type": kind})
        assert answer.status_code < 500, (method, path, body)
        assert KEY not in answer.text
        statuses.add(answer.status_code)
    assert {200, 400, 404} <= statuses
