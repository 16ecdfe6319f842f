"""What the words of `edged audit` have in common."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING

from edged.config.document import Document

if TYPE_CHECKING:
    from edged.audit.records import Records


@contextmanager
def records_of(document: Document) -> Iterator[Records]:
    """The audit log of the device, to read.

    Raises:
        Unavailable: there is none, or it cannot be read; Corrupt: it is no audit log.
    """
    from edged.runtime.state_dir import StateDir  # noqa: PLC0415  not for `--help`

    with closing(StateDir.of(document).open_records(document)) as records:
        yield records
