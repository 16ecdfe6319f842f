"""The page for users: what it tells to run, runs."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any, Final

import pytest

from tests.api.painted import new_face, portrait
from tests.api.serving import serving
from tests.api.token_gate import ADMIN
from tests.api.whole_centre import whole_centre
from tests.hub.site import BY

PAGE: Final = Path(__file__).parents[3] / "docs" / "api" / "edged.md"


def _documents(text: str) -> list[Any]:
    """The JSON documents that a text is a row of."""
    decoder, documents, at = json.JSONDecoder(), [], 0
    while text[at:].strip():
        at += len(text[at:]) - len(text[at:].lstrip())
        document, at = decoder.raw_decode(text, at)
        documents.append(document)
    return documents


def test_the_examples_of_the_page_run(tmp_path: Path) -> None:
    for program in ("bash", "curl"):
        if shutil.which(program) is None:
            pytest.skip(f"{program} is not installed")
    examples = re.findall(r"^```bash\n(.*?)^```$", PAGE.read_text(), re.DOTALL | re.MULTILINE)
    assert len(examples) == 4
    (tmp_path / "example.sh").write_text("".join(examples))
    (tmp_path / "finish.jpg").write_bytes(portrait(1))
    with whole_centre(tmp_path) as hub, serving(hub.app) as port:
        hub.centre.directory.enroll("4711", [new_face(1)], by=BY)
        environment = {
            **os.environ,
            "EDGED_URL": f"http://127.0.0.1:{port}",
            "EDGED_TOKEN": ADMIN,
            "EDGED_PHOTO": "finish.jpg",
            "NO_PROXY": "*",
        }
        done = subprocess.run(
            ("bash", "-eu", "example.sh"),
            cwd=tmp_path,
            env=environment,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
    assert done.returncode == 0, done.stdout + done.stderr
    changes, reported, assigned, events, organisation, event, photo = _documents(done.stdout)
    assert [person["customer_person_id"] for person in changes["people"]] == ["4711"]
    assert changes["cursor"]
    assert (reported["name"], reported["report"]["persons"]) == ("door", 120)
    assert (assigned["groups"], events["events"]) == (["staff"], [])
    assert (organisation["slug"], event["slug"], photo["filename"]) == ("acme", "run", "finish.png")
