from __future__ import annotations

import json
from datetime import timedelta, timezone
from typing import Any

import pytest

from edged.control.authority import CONFIG, CONFIG_S, EARLIEST, REQUEST_S, Authority
from edged.control.claim import Claim, claim_of
from edged.control.signing import seal
from edged.domain.errors import ConfigInvalid, Refused
from edged.wire.order import MAX_ORDER_BYTES, Desired, Request
from edged.wire.payload import instant
from tests.control.orders import ANNA, BOB, KEYS, LOCKED, NOW, OPEN, Device, order_of, signed_order

SYNC = "request/sync"
EVERYWHERE = [(kind, to) for kind in (CONFIG, SYNC) for to in ("door", "_group/doors")]


def plain(**fields: Any) -> bytes:
    return json.dumps({"transaction": "t-1"} | fields).encode()


@pytest.mark.parametrize(("kind", "to"), EVERYWHERE)
def test_a_signed_order_is_followed_in_the_signers_name(kind: str, to: str) -> None:
    opened = LOCKED.opened(signed_order(kind, to, by="somebody else", number=7), kind, to)
    assert (opened.by, opened.signed) == ("anna", True)
    assert opened.order.model_dump() == order_of(kind, to=to, order=kind, by="somebody else", number=7).model_dump()
    assert LOCKED.opened(signed_order(kind, to, BOB), kind, to).by == "bob"


@pytest.mark.parametrize(("kind", "to"), EVERYWHERE)
def test_without_keys_a_plain_order_is_followed(kind: str, to: str) -> None:
    for order in (order_of(kind, by="anna"), order_of(kind, expires=None, to=to, order=kind, by="anna")):
        opened = OPEN.opened(order.encoded(), kind, to)
        assert (opened.by, opened.signed, opened.order) == ("anna", False, order)


@pytest.mark.parametrize(("kind", "to"), EVERYWHERE)
def test_without_keys_a_signed_order_is_followed_and_not_said_to_be_checked(kind: str, to: str) -> None:
    opened = OPEN.opened(signed_order(kind, to, by="her own words"), kind, to)
    assert (opened.by, opened.signed) == ("her own words", False)


@pytest.mark.parametrize("device", [LOCKED, OPEN])
def test_a_signed_order_is_judged_alike_with_and_without_keys(device: Device) -> None:
    assert device.refusal(signed_order(SYNC, "gate"), SYNC, "door") == "other_target"
    assert device.refusal(signed_order("request/reboot", "door"), SYNC, "door") == "other_order"
    assert device.refusal(signed_order(SYNC, "door"), SYNC, "door", NOW + 60) == "expired"
    assert device.refusal(signed_order(SYNC, "door", expires=NOW + REQUEST_S + 1), SYNC, "door") == "too_long_lived"
    text = {"to": "door", "order": SYNC, "transaction": "a", "expires": "2027-01-15T08:01:00Z"}
    assert device.refusal(seal(json.dumps(text), ANNA), SYNC, "door") == ""
    for missing, code in {"to": "other_target", "order": "other_order", "expires": "no_expiry"}.items():
        less = {key: value for key, value in text.items() if key != missing}
        assert device.refusal(seal(json.dumps(less), ANNA), SYNC, "door") == code


def test_without_keys_what_an_order_says_must_fit() -> None:
    assert OPEN.refusal(plain(), SYNC, "door") == ""
    assert OPEN.refusal(plain(to="gate"), SYNC, "door") == "other_target"
    assert OPEN.refusal(plain(to="door"), SYNC, "_group/doors") == "other_target"
    assert OPEN.refusal(plain(order="config"), SYNC, "door") == "other_order"
    assert OPEN.refusal(plain(expires="2027-01-15T08:00:00Z"), SYNC, "door") == "expired"
    assert OPEN.refusal(plain(expires="2027-01-15T08:00:01Z"), SYNC, "door") == ""
    assert OPEN.refusal(plain(expires="2099-01-15T08:00:01Z"), SYNC, "door") == ""


def test_an_unsigned_order_is_refused_before_its_form_is_looked_at() -> None:
    assert LOCKED.refusal(order_of(SYNC).encoded(), SYNC, "door") == "unsigned"
    assert LOCKED.refusal(b'{"never": "seen"}', SYNC, "door") == "unsigned"
    assert Device(keys={}).refusal(order_of(SYNC).encoded(), SYNC, "door") == "unsigned"
    assert Device(keys={}).refusal(signed_order(SYNC, "door"), SYNC, "door") == "unknown_key"


def test_nothing_inside_counts_before_the_signature_does() -> None:
    good = json.loads(signed_order(SYNC, "door"))
    for text in ("", "[]", "{", "\x00", '{"a": 1, "a": 2}', "[" * 5000, '{"to": "gate"}', "\N{PERSONAL COMPUTER}"):
        assert LOCKED.refusal(json.dumps(good | {"signed": text}).encode(), SYNC, "door") == "bad_signature"
    half = json.dumps(good | {"signed": "\ud800"}).encode()
    assert LOCKED.refusal(half, SYNC, "door") == "invalid"


def test_the_text_that_is_signed_may_have_lines() -> None:
    text = json.dumps(order_of(SYNC, to="door", order=SYNC).model_dump(mode="json"), indent=2) + "\n"
    assert LOCKED.refusal(seal(text, ANNA), SYNC, "door") == ""
    assert LOCKED.refusal(seal(text.replace("front", "fr\\u0007ont"), ANNA), SYNC, "door") == "invalid"
    assert OPEN.refusal(plain(by="two\nlines"), SYNC, "door") == "invalid"


def test_an_order_that_is_too_large_is_not_read() -> None:
    at_most = plain(data={"x": ""})
    at_most = at_most.replace(b'"x": "', b'"x": "' + b"x" * (MAX_ORDER_BYTES - len(at_most)))
    assert OPEN.refusal(at_most, SYNC, "door") == ""
    assert OPEN.refusal(at_most + b" ", SYNC, "door") == "too_large"
    with pytest.raises(Refused) as refused:
        signed_order(SYNC, "door", by="é", number=1).__class__(seal("x" * MAX_ORDER_BYTES, ANNA))
    assert refused.value.reason == "too_large"


def test_all_problems_are_told_and_no_value_of_a_patch() -> None:
    payload = plain(order="x", data=["s3cret"], expires="tomorrow", to=7, passwort="s3cret", transaction="a b")
    with pytest.raises(ConfigInvalid) as invalid:
        OPEN.opened(payload, SYNC, "door")
    assert {problem.path for problem in invalid.value.problems} == {
        "order", "data", "expires", "to", "passwort", "transaction"
    }  # fmt: skip
    assert "s3cret" not in str(invalid.value)
    for patch in ('"s3cret"', '["s3cret"]', '{"a": "s3cret", "a": 1}', '{"a": "s3cret\\u0000"}'):
        with pytest.raises(ConfigInvalid) as invalid:
            OPEN.opened(b'{"version": 1, "patch": %s}' % patch.encode(), CONFIG, "door")
        assert "s3cret" not in str(invalid.value)


def test_a_number_is_no_time() -> None:
    assert OPEN.refusal(plain(expires=1_900_000_000), SYNC, "door") == "invalid"
    assert OPEN.refusal(plain(expires="1900000000"), SYNC, "door") == "invalid"
    assert OPEN.refusal(plain(expires="2027-02-30T08:00:00Z"), SYNC, "door") == "invalid"
    assert OPEN.refusal(plain(expires="2027-01-15T08:01:00"), SYNC, "door") == "invalid"
    eastern = instant(NOW + 60).astimezone(timezone(timedelta(hours=2))).isoformat()
    assert OPEN.refusal(plain(expires=eastern), SYNC, "door") == ""
    assert OPEN.refusal(plain(expires=eastern), SYNC, "door", NOW + 60) == "expired"


def test_how_long_a_signed_order_may_hold() -> None:
    for kind, longest in ((SYNC, REQUEST_S), (CONFIG, CONFIG_S)):
        assert LOCKED.refusal(signed_order(kind, "door", expires=NOW + longest), kind, "door") == ""
        assert LOCKED.refusal(signed_order(kind, "door", expires=NOW + longest + 1), kind, "door") == "too_long_lived"


def test_a_clock_that_was_never_set_makes_no_order_hold() -> None:
    unset = EARLIEST - 1
    assert LOCKED.refusal(signed_order(SYNC, "door"), SYNC, "door", unset) == "clock_unknown"
    assert LOCKED.refusal(signed_order(SYNC, "door"), SYNC, "door", 0.0) == "clock_unknown"
    assert OPEN.refusal(plain(expires="2027-01-15T08:00:01Z"), SYNC, "door", unset) == "clock_unknown"
    assert OPEN.refusal(plain(), SYNC, "door", unset) == ""
    known = Authority("door", tuple, KEYS, earliest=NOW + 1)
    with pytest.raises(Refused) as refused:
        known.opened(signed_order(SYNC, "door"), Request, kind=SYNC, to="door", now=NOW)
    assert refused.value.reason == "clock_unknown"


def test_a_device_that_has_left_a_group_does_not_follow_it() -> None:
    groups = ["doors"]
    authority = Authority("door", lambda: groups, KEYS)
    order = signed_order(CONFIG, "_group/doors")
    assert authority.opened(order, Desired, kind=CONFIG, to="_group/doors", now=NOW).by == "anna"
    groups.clear()
    with pytest.raises(Refused) as refused:
        authority.opened(order, Desired, kind=CONFIG, to="_group/doors", now=NOW)
    assert refused.value.reason == "other_target"


def test_a_refused_order_can_be_named() -> None:
    assert claim_of(signed_order(SYNC, "gate", number=5)) == Claim(transaction="t-5")
    assert claim_of(b'{"version": 3, "token": "abc", "patch": 7, "x": 1}') == Claim(version=3, token="abc")
    assert claim_of(b'{"version": true, "token": "a b", "transaction": ["x"]}') == Claim()
    for junk in (b"", b"\xff", b"[]", b'{"signed": 7}', b'{"signed": "\\ud800"}', b'{"signed": "[]"}', b"[" * 9999):
        assert claim_of(junk) == Claim()
    assert claim_of(b'{"transaction": "t", "by": "' + b"x" * MAX_ORDER_BYTES + b'"}') == Claim()
