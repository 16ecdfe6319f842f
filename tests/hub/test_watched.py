"""What a hub tells Prometheus and supervisors: over real HTTPS, and where its store is away."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml

from edged.api.access import Grant, Right
from edged.api.fleet import Fleet
from edged.domain.errors import Unavailable
from edged.hub.build import addresses
from edged.hub.census import Census
from edged.hub.health import make_health
from edged.hub.holdings import STALE_S, Holdings
from edged.hub.meter import Meter
from edged.hub.sqlite.census import census
from edged.hub.sqlite.fleet import SqliteFleet
from tests.api.caller import Caller
from tests.api.exposition import Exposition, read_exposition
from tests.api.painted import new_face
from tests.api.token_gate import ADMIN
from tests.api.whole_centre import WholeCentre, whole_centre
from tests.hub.running import edged, made_hub, running
from tests.hub.site import BY
from tests.hub.sqlite_site import open_database

SECRET = "anna@example.org"


def token(made: dict[str, Any], *words: str) -> str:
    """A new one."""
    done = edged("hub", "token", "create", "--name", "t", *words, "--config", made["config"], "--json")
    return str(json.loads(done.stdout)["token"]["text"])


def fetched(client: httpx.Client, token: str) -> httpx.Response:
    return client.get("/metrics", headers={"authorization": f"Bearer {token}"})


def of_two_processes(folder: Path, models: Path) -> dict[str, Any]:
    """What `edged hub init` says."""
    made = made_hub(folder, models)
    config = Path(made["config"])
    document = yaml.safe_load(config.read_text())
    document["serve"]["processes"] = 2
    config.write_text(yaml.safe_dump(document))
    return made


def test_several_processes_tell_of_the_work_of_all_to_who_may_know(
    tmp_path: Path, models_dir: Path, astronaut_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    monkeypatch.setenv("TMPDIR", str(temporary))
    made = of_two_processes(tmp_path / "hub", models_dir)
    prometheus = token(made, "--right", "metrics")
    photo = astronaut_path.read_bytes()
    with running(Path(made["config"]), tmp_path / "log") as hub:
        with hub.client(made["token"]["text"]) as client:
            assert client.post("/v1/face", data={"meta": SECRET}, files={"photo": photo}).status_code == 200
        for _ in range(5):  # each on a connection of its own: the kernel chooses the process
            with hub.client(made["token"]["text"]) as client:
                assert client.get("/v1/galleries").status_code == 200
                assert client.post("/v1/identify", files={"photo": photo}).status_code == 200
        for _ in range(4):
            with hub.client() as client:
                answer = fetched(client, prometheus)
                assert answer.headers["content-type"] == "text/plain; version=0.0.4; charset=utf-8"
                found = read_exposition(answer.content)
                assert found.value("edged_hub_requests_total", dialect="findface", status="200") == 11
                assert found.value("edged_hub_request_seconds_count", dialect="findface") == 11
                assert found.value("edged_hub_search_seconds_count", among="people") == 5
                assert (found.value("edged_hub_people"), found.value("edged_hub_faces")) == (1, 1)
                assert found.value("edged_hub_store_bytes", kind="sqlite") > 4096
                assert SECRET not in found.text
        with hub.client() as client:
            assert client.get("/metrics").status_code == 401, "this machine is no reason: a proxy may run on it"
            assert fetched(client, made["token"]["text"]).status_code == 200, "an administrator's opens everything"
            assert client.get("/readyz").json() == client.get("/healthz").json() == {"ok": True}
        assert len(list(temporary.glob("edged-hub-*/*.db"))) >= 2
        assert hub.terminated() == 0
        assert prometheus not in hub.log.read_text()
    assert list(temporary.glob("edged-hub-*")) == []


@pytest.fixture
def whole(tmp_path: Path) -> Iterator[WholeCentre]:
    with whole_centre(tmp_path) as hub:
        yield hub


def metrics(caller: Caller) -> Exposition:
    return read_exposition(caller.get("/metrics", headers={"authorization": f"Bearer {ADMIN}"}).content)


def test_requests_are_counted_by_dialect_and_status_and_by_nothing_else(whole: WholeCentre) -> None:
    caller = Caller(whole.app)
    for number in range(30):
        caller.get(f"/v1/faces?meta={number}")
        caller.get(f"/miicloud/{number}")
        caller.get("/edged/v1/devices", headers={"authorization": f"Bearer {ADMIN}"})
    found = metrics(caller)
    assert found.value("edged_hub_requests_total", dialect="findface", status="401") == 30
    assert found.value("edged_hub_requests_total", dialect="edged", status="200") == 30
    assert len(found.labels("edged_hub_requests_total")) == 3
    assert len(found.values) < 120


class Broken:
    """A store that is away."""

    def __getattr__(self, name: str) -> Any:
        def fail(*_args: Any, **_named: Any) -> Any:
            raise Unavailable("db.example.org does not answer", "postgresql://hub:hunter2@db.example.org")

        return fail


def test_a_store_that_is_away_is_said_to_be_to_everybody_and_where_it_is_to_nobody(whole: WholeCentre) -> None:
    broken: Any = Broken()
    caller = Caller(addresses(replace(whole.centre, fleet=broken)))
    ready, alive = caller.get("/readyz"), caller.get("/healthz")
    assert (ready.status_code, alive.status_code) == (503, 200)
    assert [item["name"] for item in ready.json()["missing"]] == ["store"]
    assert "example.org" not in ready.text


def test_a_store_that_hangs_is_asked_by_one_at_a_time(whole: WholeCentre) -> None:
    asked, answer = list[int](), threading.Event()

    class Hanging:
        def newest(self) -> tuple[str, int]:
            asked.append(1)
            answer.wait(30)
            return "", 0

    hanging: Any = Hanging()
    caller = Caller(make_health(replace(whole.centre, fleet=hanging), bytes, patience_s=0.2))
    try:
        assert [caller.get("/readyz").status_code for _ in range(3)] == [503] * 3
        assert len(asked) == 1, "one answer is good for a second"
    finally:
        answer.set()
    time.sleep(1.0)
    assert caller.get("/readyz").status_code == 200


def test_devices_are_counted_by_whether_they_report(tmp_path: Path) -> None:
    with closing(open_database(tmp_path / "hub.db")) as database:
        fleet: Fleet = SqliteFleet(database)
        fleet.report("door", "{}")
        fleet.report("gate", "{}")
        fleet.assign("cellar", None, by=BY)
        seen = database.now()
        ticks = iter(range(0, 10_000, 60))
        clock = {"now": seen + 10}
        holdings = Holdings(fleet, clock=lambda: clock["now"], ticks=lambda: float(next(ticks)))

        def counts() -> dict[str, float]:
            (family,) = [metric for metric in holdings.collect() if metric.name == "edged_hub_devices"]
            return {sample.labels["state"]: sample.value for sample in family.samples}

        assert counts() == {"reporting": 2, "stale": 0, "never": 1}
        clock["now"] = seen + STALE_S + 10
        assert counts() == {"reporting": 0, "stale": 2, "never": 1}


def test_the_store_is_counted_at_most_every_fifteen_seconds(whole: WholeCentre) -> None:
    counted, now = list[int](), [0.0]

    def count() -> Census:
        counted.append(1)
        return Census("sqlite", 0, 0, 0, 0)

    assert whole.centre.fleet is not None
    holdings = Holdings(whole.centre.fleet, count, ticks=lambda: now[0])
    meter = Meter()
    meter.exposition(holdings)
    meter.exposition(holdings)
    assert len(counted) == 1
    now[0] = 16.0
    meter.exposition(holdings)
    assert len(counted) == 2


def test_what_a_store_holds_is_counted(whole: WholeCentre, tmp_path: Path) -> None:
    whole.centre.directory.enroll(SECRET, [new_face(1), new_face(2)], by=BY)
    with closing(open_database(tmp_path / "hub.db")) as database:
        found = census(database)
    assert (found.people, found.faces, found.photographs) == (1, 2, 0)
    assert found.size == (tmp_path / "hub.db").stat().st_size or found.size > 0


def test_a_timed_object_is_the_same_but_for_the_time(whole: WholeCentre) -> None:
    meter = Meter()
    directory = meter.timed("people", whole.centre.directory, "nearest")
    assert directory.galleries() == ["default"]
    with pytest.raises(ValueError, match="vector"):
        directory.nearest(new_face(1).model, new_face(1).seen.vector[:3], 1)
    assert b'edged_hub_search_seconds_count{among="people"} 1.0' in meter.exposition()


def test_a_token_for_figures_opens_nothing_else_and_others_do_not_open_them(whole: WholeCentre) -> None:
    caller = Caller(whole.app)
    metrics, others = frozenset({Right.METRICS}), frozenset(Right) - {Right.METRICS, Right.ADMIN}
    whole.gate.tokens |= {
        "figures": Grant("1", "figures", metrics),
        "others": Grant("2", "others", others),
        "bound": Grant("3", "bound", metrics, gallery="staff"),
    }
    statuses = {
        name: caller.get("/metrics", headers={"authorization": f"Bearer {name}"}).status_code
        for name in ("figures", "others", "bound", "unknown")
    }
    assert statuses == {"figures": 200, "others": 403, "bound": 403, "unknown": 401}
    assert caller.get("/edged/v1/devices", headers={"authorization": "Bearer figures"}).status_code == 403
    assert caller.get("/v1/faces", headers={"authorization": "Token figures"}).status_code == 403
