"""What is owed to whoever asked for a restart."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from edged.domain.errors import Unavailable
from edged.runtime.comeback import Comeback


def test_a_disk_that_lets_nothing_go_is_a_reason_and_no_crash(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is called on the clerk's thread, whose crash would end the daemon."""
    path = tmp_path / "comeback.json"
    path.write_text("{}")

    def read_only(_path: Path, *, missing_ok: bool = False) -> None:
        raise OSError(errno.EROFS, os.strerror(errno.EROFS))

    monkeypatch.setattr(Path, "unlink", read_only)
    comeback = Comeback(path)
    with pytest.raises(Unavailable, match="Read-only"):
        comeback.forget()
    with pytest.raises(Unavailable, match="Read-only"):
        comeback.take()
