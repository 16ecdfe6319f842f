"""A command purges an event while the daemon runs, which lets go of it as well and signs."""

from __future__ import annotations

import json
import subprocess
import sys
from contextlib import closing
from pathlib import Path

from edged.photos.sqlite_albums import SqliteAlbums
from edged.runtime.state_dir import StateDir
from edged.vault.receipt import is_genuine
from tests.runtime.booth_evening import Evening, document_in, files_with, opened
from tests.runtime.daemon import running


def test_an_event_is_purged_beside_the_daemon(tmp_path: Path, models_dir: Path) -> None:
    state = StateDir.of(document_in(tmp_path))
    with closing(opened(state)) as database:
        evening = Evening(SqliteAlbums(database, state.photo_files), 1)
        evening.whole(evening.event("gala"), 4, 3)
    with running(tmp_path, models_dir, photos={"enabled": True}) as daemon:
        daemon.ready()
        words = ["event", "purge", "gala", "--yes", "--verify", "--json", "--config", str(daemon.config)]
        told = subprocess.run([sys.executable, "-m", "edged", *words], capture_output=True, timeout=90, check=False)

        assert told.returncode == 0, told.stdout + told.stderr
        answer = json.loads(told.stdout)
        assert answer["verified"]["looked_for"] > 20
        assert answer["verified"]["found"] == []
        assert is_genuine(answer["report"])
        assert answer["report"]["by"].startswith("shell:")
        assert files_with(state.root, evening.secrets) == {}
        assert "nothing is left of the event" in daemon.log.read_text(), "it was the daemon that saw it to its end"
