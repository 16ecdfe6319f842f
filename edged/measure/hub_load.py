"""How much a real hub answers, over HTTPS, with its models, and many people."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from uuid import uuid4

from edged.api.access import Grant, Right
from edged.api.directory import NewFace, SeenFace
from edged.config.document import ModelSettings
from edged.domain.errors import Unavailable
from edged.domain.person import ModelRef
from edged.domain.progress import Progress
from edged.domain.rect import Rect
from edged.hub.crew import READY
from edged.hub.founding import Founded, found
from edged.hub.home import HubHome
from edged.hub.settings import load_settings
from edged.hub.sqlite.directory import SqliteDirectory
from edged.measure.hub_client import Crowd, HubClient, crowd, with_file
from edged.measure.hub_kills import HubKills
from edged.measure.population import synthetic
from edged.measure.report import Goal, Report, Table, goals_table
from edged.measure.sync_hub import use_every_core
from edged.vision.manifest import read_embedder

CLIENTS: Final = 8
_MATCH_RATE: Final = 20.0
_MATCH_TAIL: Final = 4.0
_CACHED_RATE: Final = 1000.0
_SEED: Final = 1
_END_S: Final = 20.0
_HOW: Final = """\
A real `edged hub run` with SQLite over HTTPS on loopback, one process and one thread of the models for each core; the \
clients are threads of one more process on the same machine, and each asks again when it is answered."""
_US: Final = Grant("bench", "bench", frozenset({Right.ADMIN}))


@dataclass(frozen=True, slots=True)
class HubLoad:
    """What was measured.

    Attributes:
        people: enrolled, one face each.
        alone: one client that identifies; match, identify: eight that match (miiCloud) and identify (FindFace).
        cached: eight that read the result of a selfie search (9Pic).
    """

    people: int
    alone: Crowd
    match: Crowd
    identify: Crowd
    cached: Crowd


def measure_hub(models: ModelSettings, photo: bytes, people: int, seconds: float, progress: Progress) -> HubLoad:
    """Founds a hub in a temporary directory, fills it, runs it, and asks it.

    Args:
        models: whose folder and embedder are used.
        photo: a portrait.
        people: how many made-up ones to enrol.
        seconds: for each measurement.

    Raises:
        Unavailable: the hub does not start.
    """
    with tempfile.TemporaryDirectory(prefix="edged-bench-") as name:
        hub = found(Path(name) / "hub", ["localhost"], "127.0.0.1", 0, models.directory)
        use_every_core(hub.config)
        progress(f"enrolling {people:,} people", 0.0)
        _fill(hub, models, people)
        progress("starting the hub", 0.4)
        with _running(hub) as url:
            progress("asking the hub", 0.5)
            return _ask(hub, url, photo, people, seconds, progress)


def hub_report(load: HubLoad, kills: HubKills) -> Report:
    """The section of the page."""
    tail = load.identify.quantile(0.95) / load.alone.quantile(0.5)
    rate = min(load.match.rate, load.identify.rate)
    wrong = load.alone.wrong + load.match.wrong + load.identify.wrong + load.cached.wrong
    where = f"{load.people:,} people, {CLIENTS} clients"
    goals = (
        Goal(f"match and identify, {where}", "≥ 20 requests/s", f"{rate:.1f}", reached=rate >= _MATCH_RATE),
        Goal("… p95 of the time of a single request", "≤ 4 ×", f"{tail:.2f} ×", reached=tail <= _MATCH_TAIL),
        Goal("… answers other than 200", "0", f"{wrong}", reached=wrong == 0),
        Goal(
            "GET faces/{request_id}",
            "≥ 1,000 requests/s",
            f"{load.cached.rate:,.0f}",
            reached=load.cached.rate >= _CACHED_RATE,
        ),
        Goal(
            f"SIGKILL × {kills.kills} while people are enrolled and deleted",
            "acknowledged ones are there, the others whole or absent",
            f"{kills.lost} lost, {kills.resurrected} resurrected, {kills.halves} halves, {kills.damaged} damaged, of"
            f" {kills.acknowledged:,} acknowledged",
            reached=kills.lost + kills.resurrected + kills.halves + kills.damaged == 0,
        ),
    )
    named = (
        ("identify, 1 client", load.alone),
        (f"match, {CLIENTS} clients", load.match),
        (f"identify, {CLIENTS} clients", load.identify),
        (f"GET faces, {CLIENTS} clients", load.cached),
    )
    rows = tuple(
        (what, f"{one.rate:,.1f}", *(f"{one.quantile(share) * 1000:.1f}" for share in (0.5, 0.95, 0.99)))
        for what, one in named
    )
    return Report(
        "The hub under load",
        (
            goals_table(goals),
            _HOW,
            Table(("what", "requests/s", "p50 ms", "p95 ms", "p99 ms"), rows),
        ),
    )


def _fill(hub: Founded, models: ModelSettings, people: int) -> None:
    """Enrols made-up people, spread like real ones."""
    manifest = read_embedder(models.directory, models.embedder)
    population = synthetic(people, 1, manifest.dimension, 3, _SEED)
    with closing(HubHome.of(load_settings(hub.config)).open_database()) as database:
        directory = SqliteDirectory(database)
        for number, vector in enumerate(population.vectors):
            directory.enroll(str(number), [_face(manifest.model, number, vector)], by=_US)


def _face(model: ModelRef, number: int, vector: Any) -> NewFace:
    return NewFace(SeenFace(Rect(0, 0, 112, 112), vector, 0.8, b"\xff\xd8"), model, f"{number:064x}")


@contextmanager
def _running(hub: Founded) -> Iterator[str]:
    """A hub's address, until the block ends."""
    command = [sys.executable, "-m", "edged", "hub", "run", "--config", str(hub.config)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env={**os.environ}) as process:
        try:
            assert process.stdout is not None  # noqa: S101  a pipe was asked for
            word, _, url = process.stdout.readline().strip().partition(" ")
            if word != READY:
                raise Unavailable("the hub did not start", "Its own words are above.")
            yield url.replace("127.0.0.1", "localhost").rstrip("/")
        finally:
            process.terminate()
            try:
                process.wait(_END_S)
            except subprocess.TimeoutExpired:
                process.kill()


def _ask(hub: Founded, url: str, photo: bytes, people: int, seconds: float, progress: Progress) -> HubLoad:
    token = [f"Authorization: Token {hub.token.text}"]
    key = [f"X-API-Key: {hub.token.text}"]
    identify = ("POST", "/v1/identify", *with_file("photo", photo))
    match = ("POST", "/miicloud/match_faces", *with_file("image_path", photo))
    search = _searched(hub, url, photo)
    crowd(url, hub.ca, token, identify, 1, min(seconds, 3.0))  # loads the vectors
    progress("one client", 0.55)
    alone = crowd(url, hub.ca, token, identify, 1, seconds)
    progress("eight clients", 0.65)
    together = crowd(url, hub.ca, token, identify, CLIENTS, seconds)
    progress("eight clients, miiCloud", 0.75)
    matched = crowd(url, hub.ca, token, match, CLIENTS, seconds)
    progress("eight clients, a result that is there", 0.85)
    cached = crowd(url, hub.ca, key, ("GET", search, b"", "application/json"), CLIENTS, seconds)
    progress("asked", 1.0)
    return HubLoad(people, alone, matched, together, cached)


def _searched(hub: Founded, url: str, photo: bytes) -> str:
    """Makes an event with one photograph and searches it; the address of the result."""
    ours = [f"Authorization: Bearer {hub.token.text}"]
    with HubClient(url, hub.ca, ours) as client:
        _must(client, "/edged/v1/organisations", json.dumps({"slug": "acme", "name": "Acme"}).encode())
        events = "/edged/v1/organisations/acme/events"
        _must(client, events, json.dumps({"slug": "gala", "name": "Gala", "threshold": 0.1}).encode())
        _must(client, f"{events}/gala/photos", *with_file("file", photo))
    with HubClient(url, hub.ca, [f"X-API-Key: {hub.token.text}"]) as client:
        request_id = str(uuid4())
        address = "/api/v1/ext/acme/event/gala/faces"
        _must(client, address, *with_file("file", photo, request_id=request_id))
    return f"{address}/{request_id}"


def _must(client: HubClient, address: str, body: bytes, media_type: str = "application/json") -> None:
    answer = client.ask(client.written("POST", address, body, media_type))
    if answer.status not in (200, 201):
        raise Unavailable(f"the hub answered {answer.status} to {address}", answer.body.decode()[:200])
