"""What an event tells, and what it keeps to itself."""

import json
from dataclasses import replace

import pytest

from edged.domain.errors import Refused
from edged.domain.event import Event, Outcome
from edged.measure.sample_event import ANNA, SAMPLE_UTC, sample_event
from edged.wire.event import MAX_EVENT_BYTES, EventMessage, EventRecord, message_of, parse_event, record_of


def _told(event: Event) -> EventMessage:
    return message_of(record_of(event), device="door", boot="b1", seq=1, published=SAMPLE_UTC + 1, replayed=False)


def test_a_known_person_is_named() -> None:
    message = _told(sample_event(2, outcome=Outcome.KNOWN))
    assert message.person is not None
    assert (message.person.id, message.person.customer_person_id) == (ANNA.id, "anna")


@pytest.mark.parametrize("outcome", [outcome for outcome in Outcome if outcome is not Outcome.KNOWN])
def test_whom_anybody_else_resembles_stays_on_the_device(outcome: Outcome) -> None:
    event = replace(sample_event(1), outcome=outcome)
    told = _told(event).encoded()
    assert b"anna" not in told.lower()
    assert ANNA.id.encode() not in told
    assert json.loads(told)["person"] is None
    assert json.loads(told)["similarity"] == 0.210123
    kept = record_of(event)
    assert kept.best is not None
    assert kept.best.person.customer_person_id == "anna"


def test_a_strangers_word_stays_on_the_device() -> None:
    event = replace(sample_event(1), stranger="bafo-miru", stranger_visits=3)
    kept = record_of(event)
    assert (kept.stranger, kept.stranger_visits) == ("bafo-miru", 3)
    told = _told(event).encoded()
    assert b"stranger" not in told
    assert b"bafo" not in told
    assert EventRecord.model_validate_json(kept.encoded()) == kept
    assert b"stranger" not in record_of(sample_event(1)).encoded(), "older readers find nothing new"


def test_how_alive_a_face_looked_is_told_where_it_was_asked() -> None:
    event = replace(sample_event(1), outcome=Outcome.SPOOF, liveness=0.1234567)
    kept = record_of(event)
    assert kept.liveness == 0.123457
    assert EventRecord.model_validate_json(kept.encoded()) == kept
    told = json.loads(_told(event).encoded())
    assert (told["outcome"], told["liveness"], told["person"]) == ("spoof", 0.123457, None)
    assert b"liveness" not in record_of(sample_event(1)).encoded(), "older readers find nothing new"


def test_an_empty_gallery_and_a_missing_face_have_nothing_to_tell() -> None:
    message = _told(replace(sample_event(1), best=None, similarity=0.0, quality=None, box=None))
    assert (message.person, message.quality, message.box) == (None, None, None)


def test_a_record_comes_back_as_it_was_kept() -> None:
    record = record_of(sample_event(2, outcome=Outcome.KNOWN))
    again = EventRecord.model_validate_json(record.encoded())
    assert again.encoded() == record.encoded()


def test_rounding_never_turns_a_comparison_over() -> None:
    barely = replace(sample_event(2, outcome=Outcome.KNOWN), similarity=0.4230001, threshold=0.423)
    message = _told(barely)
    assert message.similarity >= message.threshold


def test_a_published_event_is_read_back() -> None:
    message = _told(sample_event(2, outcome=Outcome.KNOWN))
    again = parse_event(message.encoded())
    assert again.encoded() == message.encoded()
    assert again.at.published.timestamp() == SAMPLE_UTC + 1


def test_a_reader_outlives_new_fields() -> None:
    document = json.loads(_told(sample_event(2, outcome=Outcome.KNOWN)).encoded()) | {"decision": {"door": "opened"}}
    assert parse_event(json.dumps(document).encode()).type == "new"


@pytest.mark.parametrize("payload", [b"", b"online", b"{}", b'{"v":2}', b"[1]", b"\xff\xfe", b"{" * 5000])
def test_what_is_no_event_is_refused(payload: bytes) -> None:
    with pytest.raises(Refused) as refused:
        parse_event(payload)
    assert refused.value.reason == "bad_event"


def test_an_endless_event_is_not_parsed() -> None:
    with pytest.raises(Refused) as refused:
        parse_event(b'"' + b"a" * MAX_EVENT_BYTES + b'"')
    assert refused.value.reason == "too_large"
