"""The page for users: what it tells to run, runs."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from tests.api.page_examples import run_examples
from tests.api.painted import new_face, portrait
from tests.api.serving import serving
from tests.api.token_gate import ADMIN
from tests.api.whole_centre import whole_centre
from tests.fleet.made_up import MadeUpWatch
from tests.hub.site import BY


def _documents(text: str) -> list[Any]:
    """The JSON documents that a text is a row of."""
    decoder, documents, at = json.JSONDecoder(), [], 0
    while text[at:].strip():
        at += len(text[at:]) - len(text[at:].lstrip())
        document, at = decoder.raw_decode(text, at)
        documents.append(document)
    return documents


def test_the_examples_of_the_page_run(tmp_path: Path) -> None:
    (tmp_path / "finish.jpg").write_bytes(portrait(1))
    with whole_centre(tmp_path, MadeUpWatch()) as hub, serving(hub.app) as port:
        hub.centre.directory.enroll("4711", [new_face(1)], by=BY)
        told = {"EDGED_TOKEN": ADMIN, "EDGED_PHOTO": "finish.jpg"}
        printed = run_examples("edged.md", "bash", count=6, folder=tmp_path, port=port, **told)
    changes, pushed, account, departures, reported, assigned, *rest = _documents(printed)
    fleet, pushes, events, organisation, event, photo = rest
    assert [person["customer_person_id"] for person in changes["people"]] == ["4711"]
    assert changes["cursor"]
    assert (pushed["person"]["first_name"], pushed["refused"]) == ("Bea", [])
    assert (account["customer_person_id"], account["devices"]) == ("4712", [])
    assert [item["id"] for item in departures["departures"]] == [pushed["person"]["id"]]
    assert (reported["name"], reported["report"]["persons"]) == ("door", 120)
    assert (assigned["groups"], events["events"]) == (["staff"], [])
    assert (fleet["connected"], len(fleet["devices"]), len(pushes["pushes"])) == (True, 8, 5)
    assert (organisation["slug"], event["slug"], photo["filename"]) == ("acme", "run", "finish.png")
