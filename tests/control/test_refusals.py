"""What must not be followed, all of it counted: every order on every topic, every bit of a message turned."""

from __future__ import annotations

import itertools
import json
from collections import Counter
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from edged.config.control import COMMANDS
from edged.control.authority import CONFIG
from edged.control.journal import Journal, Stage
from edged.control.signing import seal
from edged.wire.order import Request
from tests.control.orders import ANNA, BOB, KEYS, NOW, Device, order_of, signed_order, signer

KINDS = (CONFIG, *(f"request/{command}" for command in COMMANDS[::2]))
TARGETS = ("door", "gate", "_group/doors", "_group/gates")
TOPICS = tuple(itertools.product(KINDS, TARGETS))
DEVICES = (Device("door", ("doors",), KEYS), Device("gate", ("gates",), KEYS))


def hears(device: Device, target: str) -> bool:
    return target in {device.name, *(f"_group/{group}" for group in device.groups)}


def test_an_order_is_followed_on_its_own_topic_and_nowhere_else() -> None:
    """Other device's, other group's, other command's, and a message carried from one topic to another."""
    messages = {(kind, to): signed_order(kind, to) for kind, to in TOPICS}
    followed, refused = [], 0
    for device in DEVICES:
        for topic, (kind, to) in itertools.product(TOPICS, TOPICS):
            if device.refusal(messages[topic], kind, to):
                refused += 1
            else:
                followed.append((device.name, topic, (kind, to)))
    assert followed == [
        (device.name, topic, topic) for device in DEVICES for topic in TOPICS if hears(device, topic[1])
    ]
    assert (len(followed), refused) == (len(TOPICS), 2 * 36 * 36 - 36)


@pytest.mark.parametrize(("kind", "to"), [(CONFIG, "door"), ("request/open_door", "door"), (CONFIG, "_group/doors")])
def test_every_bit_of_a_message_counts(kind: str, to: str) -> None:
    message = signed_order(kind, to)
    device = DEVICES[0]
    codes = Counter(
        device.refusal(message[:place] + bytes([message[place] ^ 1 << bit]) + message[place + 1 :], kind, to)
        for place in range(len(message))
        for bit in range(8)
    )
    assert codes[""] == 0
    assert codes.total() == 8 * len(message) > 2500
    assert codes["bad_signature"] > 900
    shorter = Counter(device.refusal(message[:length], kind, to) for length in range(len(message)))
    assert shorter == {"invalid": len(message)}


def test_what_nobody_signed_or_somebody_else() -> None:
    stranger = Ed25519PrivateKey.generate()
    cut = Device("door", ("doors",), {one.id: one for one in (signer("bob", BOB),)})
    codes: Counter[str] = Counter()
    for kind, to in TOPICS:
        if hears(DEVICES[0], to):
            codes[DEVICES[0].refusal(order_of(kind).encoded(), kind, to)] += 1
            codes[DEVICES[0].refusal(order_of(kind, to=to, order=kind, by="anna").encoded(), kind, to)] += 1
            codes[DEVICES[0].refusal(signed_order(kind, to, stranger), kind, to)] += 1
            codes[cut.refusal(signed_order(kind, to, ANNA), kind, to)] += 1
            claimed = json.loads(signed_order(kind, to, stranger)) | {"key": signer("anna", ANNA).id}
            codes[DEVICES[0].refusal(json.dumps(claimed).encode(), kind, to)] += 1
            swapped = json.loads(signed_order(kind, to, BOB)) | {"key": signer("anna", ANNA).id}
            codes[DEVICES[0].refusal(json.dumps(swapped).encode(), kind, to)] += 1
    assert codes == {"unsigned": 36, "unknown_key": 36, "bad_signature": 36}


def test_a_signature_of_something_else_is_none_of_an_order() -> None:
    text = order_of("request/sync", to="door", order="request/sync").model_dump_json()
    good = json.loads(seal(text, ANNA))
    bare = good | {"signature": ANNA.sign(text.encode()).hex()}
    other = good | {"signature": ANNA.sign(b"edged order 2\n" + text.encode()).hex()}
    answers = [DEVICES[0].refusal(json.dumps(one).encode(), "request/sync", "door") for one in (good, bare, other)]
    assert answers == ["", "bad_signature", "bad_signature"]


def test_what_is_stale() -> None:
    codes: Counter[str] = Counter()
    for kind, to in TOPICS:
        if hears(DEVICES[0], to):
            for late in (0.0, 0.001, 1.0, 86400.0, 1e9):
                codes[DEVICES[0].refusal(signed_order(kind, to, expires=NOW), kind, to, NOW + late)] += 1
    assert codes == {"expired": 5 * 18}


def test_what_is_replayed(tmp_path: Path) -> None:
    """A request that comes again, also after a restart, is known; a configuration that comes again has its version."""
    path = tmp_path / "orders.json"
    journal = Journal(path, lambda: NOW)
    again: list[Stage] = []
    for number, (kind, to) in enumerate(TOPICS):
        if kind == CONFIG or not hears(DEVICES[0], to):
            continue
        message = signed_order(kind, to, number=number)
        for attempt in range(3):
            order = DEVICES[0].opened(message, kind, to).order
            assert isinstance(order, Request)
            assert order.expires is not None
            kept = journal.begin(order.transaction, kind, order.expires.timestamp(), order.data)
            if attempt == 0:
                assert kept is None
                journal.finish(order.transaction, None)
                journal = Journal(path, lambda: NOW)
            else:
                assert kept is not None
                again.append(kept.stage)
    assert again == [Stage.DONE] * 2 * 16
