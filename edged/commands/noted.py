"""What a command does is noted in the audit log."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from edged.commands.console import Console
from edged.config.document import Document
from edged.domain.errors import EdgedError

if TYPE_CHECKING:
    from edged.runtime.scribe import Scribe
    from edged.runtime.state_dir import StateDir


@contextmanager
def noted(state: StateDir, document: Document, out: Console) -> Iterator[Scribe]:
    """Writes what the block has noted when it ends, however it does. An audit log that refuses undoes nothing: it is
    said.
    """
    from edged.runtime.scribe import Scribe  # noqa: PLC0415  not for `--help`

    scribe = Scribe(state, document)
    try:
        yield scribe
    finally:
        try:
            scribe.flush()
        except EdgedError as error:
            out.say(f"edged: this is not in the audit log: {error}")


def note_config(document: Document, out: Console, change: str, paths: Iterable[str]) -> None:
    """Notes that this command has `pushed` or `forgotten` these settings (dotted paths), from the next start on."""
    from edged.audit.act import Act  # noqa: PLC0415  not for `--help`
    from edged.runtime.scribe import operator  # noqa: PLC0415
    from edged.runtime.state_dir import StateDir  # noqa: PLC0415

    with noted(StateDir.of(document), document, out) as scribe:
        scribe.note(Act.CONFIG, by=operator(), about={"change": change, "source": "page", "paths": " ".join(paths)})
