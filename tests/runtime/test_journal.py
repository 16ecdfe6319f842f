"""What stands in the log: one line a message that nobody can forge, without secrets, in two forms."""

from __future__ import annotations

import logging
import os
import re
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edged.api.token import mint
from edged.domain.event import Event, Outcome, Phase
from edged.measure.sample_event import ANNA, sample_event
from edged.runtime.journal import JournalForm, TerminalForm, is_journal
from edged.runtime.redaction import is_secret, redacted
from edged.runtime.visit_log import VisitLog

PAIR = re.compile(r' ?([a-zA-Z0-9_]+)=(?:"((?:[^"\\]|\\.)*)"|([^\s"=\\]+))')
SPELLED = re.compile(r"\\(?:x(..)|u(.{4})|U(.{8})|(.))")


def read(line: str) -> tuple[int, dict[str, str]]:
    """Priority and pairs of a line as the journal gets it; fails where anything else stands in it."""
    head = re.match(r"<([0-7])>", line)
    assert head, line
    at, found = head.end(), dict[str, str]()
    while at < len(line):
        pair = PAIR.match(line, at)
        assert pair, line[at:]
        name, quoted, plain = pair.groups()
        assert name not in found
        found[name] = plain if quoted is None else SPELLED.sub(_letter, quoted)
        at = pair.end()
    return int(head[1]), found


def _letter(found: re.Match[str]) -> str:
    code = found[1] or found[2] or found[3]
    return chr(int(code, 16)) if code else {"n": "\n", "r": "\r", "t": "\t"}.get(found[4], found[4])


def written(message: str, keys: Any = None, *, level: int = logging.WARNING, error: Exception | None = None) -> str:
    """A message as the journal gets it."""
    raised = None if error is None else (type(error), error, error.__traceback__)
    record = logging.LogRecord("edged.cameras.stills", level, "", 1, "%s", (message,), raised)
    if keys is not None:
        record.keys = keys
    return JournalForm().format(record)


def test_a_message_is_pairs_behind_a_priority() -> None:
    line = written("front: known after 41 ms", {"camera": "front", "outcome": "known", "ms": 41, "by": None})
    assert line == '<4>msg="front: known after 41 ms" room=cameras.stills camera=front outcome=known ms=41'


@given(st.text(max_size=300), st.dictionaries(st.text(max_size=20), st.text(max_size=100), max_size=4))
def test_whatever_is_said_is_one_message_and_can_be_read_back(message: str, keys: dict[str, str]) -> None:
    lines = written(message, keys).split("\n")
    assert all(line.isprintable() for line in lines)
    first, *rest = [read(line)[1] for line in lines]
    assert first.pop("msg") == redacted(message).split("\n")[0]
    assert [list(line) for line in rest] == [["more"]] * message.count("\n")


FORGED = 'door\n<2>msg="the disk burns" room=edged\r\x1b[31mred\x1b[0m\u202egnp.exe\u2028\x85'


@pytest.mark.parametrize("form", [JournalForm(), TerminalForm()])
def test_a_hostile_name_makes_no_line_of_its_own(form: logging.Formatter) -> None:
    record = logging.LogRecord("edged.x", logging.INFO, "", 1, "camera %s", (FORGED,), None)
    record.keys = {"camera": FORGED, "a=b\nc": "x"}
    text = form.format(record)
    assert all(letter.isprintable() or letter == "\n" for letter in text)
    first, *rest = text.split("\n")
    assert "burns" not in first.partition(" room=")[0]
    if isinstance(form, JournalForm):
        assert all(line.startswith("<6>more=") for line in rest)
        assert read(first)[1]["a_b_c"] == "x"
    else:
        assert all(line.startswith("    ") for line in rest)


def test_a_line_is_shorter_than_the_journal_cuts() -> None:
    wide = "\U0001f600" * 100_000
    unseen = "\U000e0001" * 100_000
    keys = {f"{'k' * 60}{number}": wide for number in range(50)}
    for message in (wide, unseen):
        (line,) = written(message, keys).split("\n")
        assert len(line.encode()) < 48 * 1024
        assert "more)" in line


def test_a_traceback_is_lines_of_the_same_message() -> None:
    error = ValueError(FORGED + " rtsp://admin:hunter2@camera/")
    lines = written("judge ended by a bug", level=logging.CRITICAL, error=error).split("\n")
    assert read(lines[0])[1]["msg"] == "judge ended by a bug"
    assert all(list(read(line)[1]) == ["trace"] for line in lines[1:])
    assert "hunter2" not in "".join(lines)


SECRETS: list[tuple[str, str]] = [
    ("cannot open rtsp://admin:hun/ter2@192.168.1.20/stream1", "rtsp://***@192.168.1.20/stream1"),
    ("GET https://hub/v1?token=hunter2&limit=5", "token=***&limit=5"),
    ("password=hunter2 user=x", "password=*** user=x"),
    ('{"mqtt": {"password": "hunter2", "host": "a"}}', '{"mqtt": {"password": ***, "host": "a"}}'),
    ("authorization: Bearer hunter2hunter2", "authorization: Bearer ***"),
    ("-----BEGIN PRIVATE KEY-----\nhunter2\n-----END PRIVATE KEY----- is not a key", "*** is not a key"),
]


@pytest.mark.parametrize(("text", "shown"), SECRETS)
def test_secrets_are_taken_out(text: str, shown: str) -> None:
    assert shown in redacted(text)
    assert "hunter2" not in redacted(text)
    assert "hunter2" not in written(text, {"why": text})


def test_our_own_tokens_are_known_by_their_id_only() -> None:
    minted = mint()
    assert redacted(f"the token {minted.text} is not valid") == f"the token edged_{minted.id}_*** is not valid"


def test_a_key_that_is_called_a_secret_is_not_told() -> None:
    line = written("x", {"mqtt.password": "hunter2", "api_key": "hunter2", "tokens": 4, "key": "door"})
    assert "hunter2" not in line
    assert line.endswith("tokens=4 key=door")
    assert not is_secret("passwords_file_count")


@pytest.mark.parametrize(
    "words",
    [
        "mqtt.password: must be a text",
        "the use of the token ab12cd34 was not noted",
        "token must name a file; secret is required",
        "http://127.0.0.1:8765/ is open",
    ],
)
def test_what_is_no_secret_stays(words: str) -> None:
    assert redacted(words) == words


def test_the_journal_is_told_by_where_the_stream_leads(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with (tmp_path / "log").open("w") as stream:
        status = os.fstat(stream.fileno())
        monkeypatch.setenv("JOURNAL_STREAM", f"{status.st_dev}:{status.st_ino}")
        assert is_journal(stream)
        with (tmp_path / "other").open("w") as other:
            assert not is_journal(other), "the variable is inherited, the stream is not"
        monkeypatch.delenv("JOURNAL_STREAM")
        assert not is_journal(stream)


def test_a_terminal_shows_the_sentence_only() -> None:
    record = logging.LogRecord("edged.runtime.daemon", logging.INFO, "", 1, "ready", (), None)
    record.keys = {"camera": "front"}
    assert TerminalForm().format(record)[9:] == "INFO    edged.runtime.daemon: ready"


@pytest.fixture
def told(caplog: pytest.LogCaptureFixture) -> Callable[[], list[dict[str, Any]]]:
    caplog.set_level(logging.INFO)
    return lambda: [vars(record)["keys"] for record in caplog.records if record.name == "edged.runtime.visit_log"]


def test_each_visit_is_told_once_with_why_and_without_whom(
    told: Callable[[], list[dict[str, Any]]], caplog: pytest.LogCaptureFixture
) -> None:
    visits = VisitLog()
    new = sample_event(1, outcome=Outcome.KNOWN)
    update, end = replace(new, phase=Phase.UPDATE, id="2"), replace(new, phase=Phase.END, id="3")
    visits.tell([new, update, end])
    (keys,) = told()
    assert (keys["camera"], keys["outcome"], keys["event"], keys["ms"]) == ("front", "known", new.id, 120)
    assert (keys["similarity"], keys["threshold"], keys["frames"], keys["quality"]) == (0.7, 0.423, 3, 0.81)
    text = " ".join(JournalForm().format(record) for record in caplog.records)
    assert ANNA.name.split()[0] not in text
    assert ANNA.customer_person_id not in text
    assert ANNA.id not in text


def test_a_visit_that_turns_out_to_be_another_is_told_again(told: Callable[[], list[dict[str, Any]]]) -> None:
    visits = VisitLog()
    new = sample_event(1, outcome=Outcome.UNDECIDED)
    visits.tell([new])
    visits.tell([replace(new, phase=Phase.UPDATE, outcome=Outcome.UNKNOWN)])
    visits.tell([replace(new, phase=Phase.UPDATE, outcome=Outcome.UNKNOWN)])
    assert [keys["outcome"] for keys in told()] == ["undecided", "unknown"]


def test_visits_that_never_end_take_no_memory() -> None:
    visits = VisitLog()
    events: list[Event] = [sample_event(number) for number in range(3000)]
    visits.tell(events)
    assert sys.getsizeof(visits._told) < 200_000
    assert len(visits._told) == 1000
