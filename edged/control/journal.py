"""What became of requests, by their transaction: so that none is done twice, whatever happens in between."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path
from typing import Any, Final

from edged.config.store import read_kept, write_kept
from edged.config.tree import Tree
from edged.domain.errors import Busy, ConfigInvalid, Refused, Unavailable

FILE: Final = "orders.json"
"""In the state directory."""

MOST: Final = 512
"""So many transactions are remembered at most."""
MOST_BYTES: Final = 512 * 1024
"""Of the file."""
MOST_ANSWER_BYTES: Final = 16 * 1024
"""Of one answer; of a longer one only that it was given is remembered."""
KEPT_S: Final = 86400.0
"""So long a transaction is remembered, and until its order expires."""

_MOST_MARK_BYTES: Final = 512
"""More than an entry without its answer takes in the file."""


class Stage(StrEnum):
    """How far a request has come."""

    RUNNING = "running"
    """It is being done, by this process."""
    UNKNOWN = "unknown"
    """It was begun, and the process ended before it said what came of it: it may have been done, or not."""
    DONE = "done"


@dataclass(frozen=True, slots=True)
class Kept:
    """What is remembered of a request.

    Attributes:
        transaction, command: its own.
        begun: UTC seconds.
        expires: of its order, UTC seconds; None: it had no end.
        content: digest of what it asked.
        stage: how far it came.
        answer: what was said; None where nothing is kept of it.
    """

    transaction: str
    command: str
    begun: float
    expires: float | None
    content: str
    stage: Stage
    answer: Mapping[str, Any] | None = None

    def may_go(self, now: float) -> bool:
        """Whether nobody can bring its order again, as far as that can be prevented."""
        return self.stage is not Stage.RUNNING and (self.expires is None or self.expires <= now)

    def is_old(self, now: float) -> bool:
        """Whether it has been remembered for long enough."""
        return self.may_go(now) and now - self.begun > KEPT_S


class Journal:
    """Remembers requests in a file, across restarts and power cuts. Belongs to one thread; `begin` and `finish` block
    until the file is on the disk.

    What is done is done once at most: that it begins is on the disk before it begins. Room is made by forgetting what
    has expired; where nothing has, a new request has to wait.

    Args:
        path: of the file.
        clock: gives UTC seconds since the epoch.

    Raises:
        Unavailable: the file cannot be read.
    """

    def __init__(self, path: Path, clock: Callable[[], float]) -> None:
        self._path = path
        self._clock = clock
        self._damage = ""
        self._entries = self._opened()

    @property
    def damage(self) -> str:
        """What was wrong with the file when it was opened; empty where nothing was. The damaged one is set aside, and
        what it knew is forgotten.
        """
        return self._damage

    def unfinished(self) -> tuple[Kept, ...]:
        """Requests that a former process has begun and not finished, the oldest first. Whoever can tell at the start
        what came of one (a restart: this is it) finishes it.
        """
        return tuple(entry for entry in self._entries.values() if entry.stage is Stage.UNKNOWN)

    def find(self, transaction: str) -> Kept | None:
        """What is remembered of a transaction."""
        return self._entries.get(transaction)

    def begin(
        self, transaction: str, command: str, expires: float | None, data: Mapping[str, Any] | None = None
    ) -> Kept | None:
        """Notes that a request is about to be done. None: it is new, may be done now, and `finish` follows; else what
        is remembered of it, and it must not be done.

        Args:
            transaction: of the request; command: one of COMMANDS.
            expires: until when its order can be brought again, UTC seconds; None: nobody knows.
            data: of the request.

        Raises:
            Refused: `repeated`: the transaction was that of another request.
            Busy: too many requests that have not expired are remembered.
            Unavailable: the disk is full or not writable. It must not be done: nobody would know that it was.
        """
        content = _digest(data or {})
        known = self._entries.get(transaction)
        if known is not None:
            if (known.command, known.content) != (command, content):
                raise Refused(
                    "repeated",
                    f"the transaction {transaction} was that of another request ({known.command})",
                    "Give each request a transaction of its own, a UUID for example",
                )
            return known
        now = self._clock()
        entry = Kept(transaction, command, now, expires, content, Stage.RUNNING)
        self._keep({**self._room(now), transaction: entry})
        return None

    def finish(self, transaction: str, answer: Mapping[str, Any] | None) -> None:
        """Notes what came of a request that was begun; the same one is answered from it from now on.

        Args:
            transaction: of the request; one that is not remembered is ignored.
            answer: plain data for JSON; None: nothing of it is kept, only that it was given.

        Raises:
            Unavailable: the disk is full or not writable. This process knows it all the same; after a restart nobody
                knows whether it was done.
        """
        entry = self._entries.get(transaction)
        if entry is None:
            return
        kept = None if answer is None or _size(answer) > MOST_ANSWER_BYTES else dict(answer)
        self._entries[transaction] = replace(entry, stage=Stage.DONE, answer=kept)
        self._keep(dict(self._entries))

    def _room(self, now: float) -> dict[str, Kept]:
        """What is remembered, without what is old, and with room for one more."""
        kept = {name: entry for name, entry in self._entries.items() if not entry.is_old(now)}
        free = iter([name for name, entry in kept.items() if entry.may_go(now)])
        while len(kept) >= MOST:
            name = next(free, None)
            if name is None:
                raise Busy(
                    f"{len(kept)} requests that have not expired are remembered already", "Come again in ten minutes"
                )
            del kept[name]
        return kept

    def _keep(self, entries: dict[str, Kept]) -> None:
        """Writes them, without the answers of the oldest where the file would become too large."""
        answers = MOST_BYTES - MOST * _MOST_MARK_BYTES
        for name in reversed(entries):
            entry = entries[name]
            answers -= _size(entry.answer)
            if answers < 0:
                entries[name] = replace(entry, answer=None)
        write_kept(self._path, _document(entries.values()))
        self._entries = entries

    def _opened(self) -> dict[str, Kept]:
        try:
            document = read_kept(self._path)
            return {} if document is None else _entries(document)
        except (ConfigInvalid, KeyError, TypeError, ValueError, AttributeError):
            self._damage = f"the journal of requests {self._path} is damaged, and set aside"
        try:
            self._path.replace(self._path.with_name(f"{self._path.name}.damaged"))
        except OSError as error:
            raise Unavailable(f"{self._path} cannot be set aside: {error.strerror}", "Check the disk") from error
        return {}


def _document(entries: Iterable[Kept]) -> Tree:
    return {"v": 1, "requests": [_line(entry) for entry in entries]}


def _line(entry: Kept) -> Tree:
    return {
        "transaction": entry.transaction,
        "command": entry.command,
        "begun": entry.begun,
        "expires": entry.expires,
        "content": entry.content,
        "stage": entry.stage.value,
        "answer": None if entry.answer is None else _text(entry.answer),
    }


def _entries(document: Tree) -> dict[str, Kept]:
    entries = (_entry(line) for line in document["requests"])
    return {entry.transaction: entry for entry in entries}


def _entry(line: Tree) -> Kept:
    stage = Stage(line["stage"])
    return Kept(
        transaction=str(line["transaction"]),
        command=str(line["command"]),
        begun=float(line["begun"]),
        expires=None if line["expires"] is None else float(line["expires"]),
        content=str(line["content"]),
        stage=Stage.UNKNOWN if stage is Stage.RUNNING else stage,
        answer=None if line["answer"] is None else dict(json.loads(line["answer"])),
    )


def _text(answer: Mapping[str, Any]) -> str:
    """As text within the document, without a character that `read_kept` refuses, whatever an answer quotes."""
    return json.dumps(answer, allow_nan=False, separators=(",", ":")).replace("\x7f", "\\u007f")


def _size(answer: Mapping[str, Any] | None) -> int:
    """Bytes that it takes in the file."""
    return 0 if answer is None else len(json.dumps(_text(answer)))


def _digest(data: Mapping[str, Any]) -> str:
    return hashlib.sha256(json.dumps(data, sort_keys=True).encode()).hexdigest()[:32]
