"""Which stores a hub opens, and what it needs for them."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import yaml

from tests.conftest import ROOT
from tests.hub.running import made_hub

_WITHOUT_DRIVER = """\
import sys
sys.modules["psycopg"] = None
from edged.cli import main
sys.exit(main(sys.argv[1:]))
"""


def _without_driver(*words: str) -> tuple[int, Any]:
    """The exit code and the answer of a command on a machine that has no driver of PostgreSQL."""
    done = subprocess.run(
        [sys.executable, "-c", _WITHOUT_DRIVER, *words, "--json"], capture_output=True, text=True, cwd=ROOT, check=False
    )
    return done.returncode, json.loads(done.stdout)


def test_a_hub_on_sqlite_needs_no_driver_and_one_on_postgresql_says_how_to_get_it(tmp_path: Path) -> None:
    config = Path(made_hub(tmp_path / "hub", tmp_path)["config"])
    code, answer = _without_driver("hub", "token", "list", "--config", str(config))
    assert (code, len(answer["tokens"])) == (0, 1)

    document = yaml.safe_load(config.read_text())
    document["store"]["postgresql"] = "postgresql://hub@127.0.0.1/edged"
    config.write_text(yaml.safe_dump(document))
    code, answer = _without_driver("hub", "token", "list", "--config", str(config))
    assert (code, answer["error"]["kind"]) == (1, "Unsupported")
    assert "pip install 'edged[postgresql]'" in answer["error"]["remedy"]
    code, answer = _without_driver("hub", "migrate", "--config", str(config), "--to", "postgresql:///edged")
    assert (code, answer["error"]["kind"]) == (1, "Unsupported")
