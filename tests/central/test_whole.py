"""Enrolled at the hub, recognised at the door; deleted at the hub, a stranger at the door; and the other way round."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from edged.config.layers import load
from edged.domain.person import ModelRef, Person
from edged.runtime.state_dir import StateDir
from edged.vault.receipt import is_genuine
from tests.central.whole_site import WholeSite, eventually, is_event, is_index, sync, whole_site
from tests.hub.running import edged as command
from tests.hub.running import running
from tests.runtime.test_end_to_end import edged


@pytest.fixture
def place(tmp_path: Path, models_dir: Path) -> Iterator[WholeSite]:
    with whole_site(tmp_path, models_dir) as found:
        yield found


@pytest.fixture
def comes_and_goes(astronaut_path: Path) -> dict[str, Any]:
    camera = {"kind": "demo", "photo": str(astronaut_path), "appear_s": 2.0, "absent_s": 2.0}
    return {"cameras": {"door": camera}, "visits": {"leave_s": 0.8, "reentry_s": 1.0}}


def test_whoever_is_enrolled_at_the_hub_is_known_at_the_door_and_whoever_is_deleted_there_is_not(
    place: WholeSite, models_dir: Path, astronaut_path: Path, comes_and_goes: dict[str, Any]
) -> None:
    with place.listening() as listener, place.device(models_dir, **comes_and_goes) as daemon:
        listener.listen(is_event(type="new", outcome="unknown"), 60)
        place.enrol("4711", astronaut_path, first_name="Eileen", last_name="Collins")
        listener.listen(is_event(type="new", outcome="known"), 30)
        status = sync(daemon, "status")
        assert (status["shared"], status["queued"], status["held"]) == (1, 0, 0)
        (person,) = edged(daemon, "people", "list")["people"]
        assert (person["customer_person_id"], person["name"]) == ("4711", "Eileen Collins")
        (known,) = place.ask("/edged/v1/changes?model=" + "0" * 64)["people"]

        def is_live() -> bool:
            account = place.ask(f"/edged/v1/people/{known['id']}")
            return bool([item["state"] for item in account["devices"]] == ["done"])

        eventually(is_live)
        place.delete("4711")
        listener.listen(is_index(persons=0), 30)
        listener.listen(is_event(type="new", outcome="unknown"), 30)

        def has_receipt() -> bool:
            account = place.ask(f"/edged/v1/people/{known['id']}")
            return bool(account["deleted"] and is_genuine(account["devices"][0]["receipt"] or {}))

        eventually(has_receipt)


def test_whoever_is_enrolled_and_deleted_at_the_door_is_so_at_the_hub(
    place: WholeSite, models_dir: Path, astronaut_path: Path
) -> None:
    with place.device(models_dir) as daemon:
        daemon.ready()
        edged(daemon, "enroll", "4711", str(astronaut_path), "--name", "Eileen Collins")
        eventually(lambda: place.show("4711"))
        shown = place.show("4711")
        assert shown is not None
        assert (shown["first_name"], shown["last_name"], len(shown["images"])) == ("Eileen", "Collins", 1)
        with place.hub.client(place.made["token"]["text"]) as client:
            files = {"image_path": ("me.png", astronaut_path.read_bytes())}
            (face,) = client.post("/miicloud/match_faces", files=files).json()["faces"]
        assert (face["match_status"], face["customer_person_id"]) == ("known", "4711")
        edged(daemon, "people", "delete", "4711")
        eventually(lambda: place.show("4711") is None)


def test_a_deletion_while_the_hub_was_away_is_made_good_when_it_is_back(
    place: WholeSite, models_dir: Path, astronaut_path: Path, tmp_path: Path
) -> None:
    place.enrol("4711", astronaut_path)
    with place.listening() as listener:
        with place.device(models_dir) as daemon:
            daemon.ready()
            listener.listen(is_index(persons=1), 30)
        place.delete("4711")
        assert place.hub.terminated() == 0
        with place.device(models_dir) as daemon:
            daemon.ready()
            daemon.wait_for("STATUS=ready; cameras 0/0; central: ")
            assert sync(daemon, "status")["shared"] == 1
            config = place.config.read_text().replace("port: 0", f"port: {place.port}", 1)
            place.config.write_text(config)
            with running(place.config, tmp_path / "hub-again.log"):
                listener.listen(is_index(persons=0), 90)
                eventually(lambda: sync(daemon, "status")["shared"] == 0)


def test_dry_run_says_what_would_happen_and_does_not_do_it(
    place: WholeSite, models_dir: Path, astronaut_path: Path
) -> None:
    place.enrol("4711", astronaut_path)
    with place.device(models_dir, central={**place.central, "every_s": 86_400.0}, mqtt={"enabled": False}) as daemon:
        daemon.ready()
    found = sync(daemon, "--dry-run")
    assert found["enrol"] == ["4711"] or sync(daemon, "status")["shared"] == 1
    edged(daemon, "enroll", "here", str(astronaut_path))
    found = sync(daemon, "--dry-run")
    assert found["tell"] == ["here"]
    assert place.show("here") is None
    assert sync(daemon)["told"] == 1
    assert place.show("here") is not None
    assert sync(daemon, "--dry-run")["tell"] == []
    document = load(daemon.config).document
    with closing(StateDir.of(document).open_people(document)) as people:
        for number in range(60):
            people.enroll(Person("", f"many-{number}"), [], ModelRef("none", "0" * 64, 128))
    assert sync(daemon)["told"] == 60, "one call tells all, in as many rounds as it takes"
    assert sync(daemon, "status")["queued"] == 0


@pytest.mark.parametrize("kind", ["hub", "findface", "miicloud"])
def test_the_doctor_asks_the_centre_and_says_what_is_wrong(
    place: WholeSite, models_dir: Path, tmp_path: Path, kind: str
) -> None:
    token = place.token if kind == "hub" else place.made["token"]["text"]
    central = {"kind": kind, "url": place.hub.url, "token": token, "ca_file": str(place.hub.ca)}
    document = {"device": {"state": str(tmp_path / "state")}, "models": {"directory": str(models_dir)}}
    config = tmp_path / "edged.yaml"
    for fault, mark, words in (
        ({}, "ok", "answered in"),
        ({"token": "wrong"}, "fail", "token"),
        ({"ca_file": None}, "fail", "central.ca_file"),
    ):
        config.write_text(json.dumps(document | {"central": central | fault, "mqtt": {"enabled": False}}))
        findings = json.loads(command("doctor", "--json", "--config", str(config)).stdout)["findings"]
        (found,) = (item for item in findings if item["name"] == "central")
        assert found["mark"] == mark
        assert words in found["what"] + found["remedy"]


def test_a_visitor_whom_only_a_miicloud_centre_knows_is_told_by_its_key(
    place: WholeSite, models_dir: Path, astronaut_path: Path, comes_and_goes: dict[str, Any]
) -> None:
    place.enrol("4711", astronaut_path)
    central = {
        "kind": "miicloud",
        "url": place.hub.url,
        "token": place.made["token"]["text"],
        "ca_file": str(place.hub.ca),
        "ask_unknown": True,
    }
    with place.listening() as listener, place.device(models_dir, central=central, **comes_and_goes):
        listener.listen(is_event(type="new", outcome="unknown"), 60)
        listener.listen(is_event(type="update", outcome="known", by_centre=True), 30)
        listener.listen(is_event(type="end", outcome="known", by_centre=True), 30)
    person = json.loads(listener.received[-1].payload)["person"]
    assert person == {"id": "", "customer_person_id": "4711"}
