"""`edged bench hub-search`: do SQLite's hub and PostgreSQL's give the same answers, and how soon?"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from edged.api.access import Grant, Right
from edged.api.directory import Directory, Match, NewFace, SeenFace
from edged.domain.person import ModelRef
from edged.domain.progress import Progress, quiet
from edged.domain.rect import Rect
from edged.hub.migration import migrate
from edged.hub.postgresql.address import without_password
from edged.hub.postgresql.database import Database
from edged.hub.postgresql.directory import PostgresDirectory
from edged.hub.sqlite.database import HubDatabase
from edged.hub.sqlite.directory import SqliteDirectory
from edged.measure.hub_writer import open_database
from edged.measure.population import Population, synthetic
from edged.measure.postgres_server import RealPostgres
from edged.measure.report import Goal, Report, Table, goals_table
from edged.photos.photo_files import PhotoFolder

MODEL: Final = ModelRef("made up", "8" * 64, 128)
_COUNT: Final = 5
"""Faces that are asked for."""
_TIE: Final = 2e-6
"""Cosines that differ by less are equal: the order of their faces is chance."""
_RECALL: Final = 0.999
_SEED: Final = 1
_US: Final = Grant("bench", "bench", frozenset({Right.ADMIN}))
_SERVER: Final = {"fsync": "on", "shared_buffers": "512MB"}


@dataclass(frozen=True, slots=True)
class Searched:
    """How one hub searched.

    Attributes:
        recall: the share of probes for which its best face is as similar as the best that a complete comparison in
            numpy finds.
        p50_ms, p95_ms: of `Directory.nearest`, with everything known of the faces, as the asking thread waits.
    """

    recall: float
    p50_ms: float
    p95_ms: float


@dataclass(frozen=True, slots=True)
class HubSearch:
    """What was measured.

    Attributes:
        people: enrolled, one face each; probes: how often both hubs were asked for the five nearest faces.
        same: how often both gave the same answer: the same faces in the same order, with everything known of them.
        apart: the largest difference of two similarities of the same place.
        enrol_s: what enrolling took on SQLite; move_s: moving everybody to PostgreSQL, with every row compared.
    """

    people: int
    probes: int
    same: int
    apart: float
    enrol_s: float
    move_s: float
    sqlite: Searched
    postgresql: Searched


def measure_hub_search(people: int, probes: int, address: str | None, progress: Progress = quiet) -> HubSearch:
    """Enrols made-up people in a hub on SQLite, moves them to PostgreSQL, and asks both the same, in turns.

    At 100,000 people about a quarter of an hour.

    Args:
        people: how many; probes: how often to ask.
        address: of an empty database, in which they stay; None: of a server that is started for this and ended.

    Raises:
        Refused: the address has a password, or the database is not empty.
        Unavailable: the server is away. Unsupported: none is installed, or it has no pgvector.
    """
    crowd = synthetic(people, 1, MODEL.dimension, probes, _SEED)
    with (
        tempfile.TemporaryDirectory(prefix="edged-bench-") as name,
        closing(open_database(Path(name) / "hub.db")) as source,
        _server(address) as there,
        closing(Database.open(there)) as target,
    ):
        began = time.perf_counter()
        _fill(source, crowd, progress)
        filled = time.perf_counter()
        photos = PhotoFolder(Path(name) / "photos")
        migrate(source, photos, target, photos, finish=True, progress=_part(progress, 0.5, 0.7))
        moved = time.perf_counter()
        hubs = (SqliteDirectory(source), PostgresDirectory(target, time.time, lambda: ""))
        return _asked(hubs, crowd, filled - began, moved - filled, _part(progress, 0.7, 1.0))


def search_report(found: HubSearch) -> Report:
    """The section of the page."""
    where = f"{found.people:,} people"
    ways = (("SQLite", found.sqlite), ("PostgreSQL", found.postgresql))
    goals = (
        Goal(
            f"the same answers of both, {where}",
            f"{found.probes:,} of {found.probes:,}",
            f"{found.same:,}",
            reached=found.same == found.probes,
        ),
        *(
            Goal(f"recall@1, {name}, {where}", f"≥ {_RECALL}", f"{way.recall:.4f}", reached=way.recall >= _RECALL)
            for name, way in ways
        ),
    )
    how = (
        f"{where}, made up, one face of {MODEL.dimension} numbers each, enrolled on SQLite ({found.enrol_s:.0f} s)"
        f" and moved to PostgreSQL by `edged hub migrate` ({found.move_s:.0f} s, every row compared). {found.probes:,}"
        f" probes, two thirds of them of enrolled people, each asked for the {_COUNT} nearest faces of"
        f" `Directory.nearest`, by turns, of one process. Similarities of both differ by {found.apart:.0e} at most."
    )
    rows = tuple((name, f"{way.recall:.4f}", f"{way.p50_ms:.1f}", f"{way.p95_ms:.1f}") for name, way in ways)
    return Report(
        "The hub's search, SQLite and PostgreSQL",
        (
            goals_table(goals),
            how,
            Table(("hub", "recall@1", "p50 ms", "p95 ms"), rows),
        ),
    )


@contextmanager
def _server(address: str | None) -> Iterator[str]:
    """The address of an empty database."""
    if address is not None:
        yield without_password(address)
        return
    server = RealPostgres(_SERVER)
    try:
        yield server.database("bench")
    finally:
        server.stop()


def _fill(source: HubDatabase, crowd: Population, progress: Progress) -> None:
    directory = SqliteDirectory(source)
    for number, vector in enumerate(crowd.vectors):
        if number % 1000 == 0:
            progress("enrolling", 0.5 * number / len(crowd.vectors))
        seen = SeenFace(Rect(0, 0, 112, 112), vector, 0.8, b"\xff\xd8")
        directory.enroll(str(number), [NewFace(seen, MODEL, f"{number:064x}")], by=_US)


def _asked(
    hubs: Sequence[Directory], crowd: Population, enrol_s: float, move_s: float, progress: Progress
) -> HubSearch:
    probes = crowd.probes
    best = np.array([(crowd.vectors @ probe).max() for probe in probes])
    spent = np.zeros((len(hubs), len(probes)))
    answers: list[list[Sequence[Match]]] = [[], []]
    for hub in hubs:
        hub.nearest(MODEL, probes[0], _COUNT)  # SQLite's hub reads all vectors once
    for turn, probe in enumerate(probes):
        if turn % 50 == 0:
            progress("asking both", turn / len(probes))
        for place in (0, 1) if turn % 2 else (1, 0):
            began = time.perf_counter()
            answers[place].append(hubs[place].nearest(MODEL, probe, _COUNT))
            spent[place, turn] = time.perf_counter() - began
    progress("all was measured", 1.0)
    pairs = list(zip(*answers, strict=True))
    gaps = [abs(a.similarity - b.similarity) for one, other in pairs for a, b in zip(one, other, strict=False)]
    sqlite, postgresql = (_searched(answers[place], best, spent[place]) for place in (0, 1))
    return HubSearch(
        people=crowd.people,
        probes=len(probes),
        same=sum(_same(one, other) for one, other in pairs),
        apart=max(gaps, default=0.0),
        enrol_s=enrol_s,
        move_s=move_s,
        sqlite=sqlite,
        postgresql=postgresql,
    )


def _searched(answers: Sequence[Sequence[Match]], best: NDArray[np.float32], spent: NDArray[np.float64]) -> Searched:
    found = np.array([matches[0].similarity if matches else -np.inf for matches in answers])
    return Searched(
        recall=float(np.mean(found >= best - _TIE)),
        p50_ms=float(np.percentile(spent, 50)) * 1000,
        p95_ms=float(np.percentile(spent, 95)) * 1000,
    )


def _same(one: Sequence[Match], other: Sequence[Match]) -> bool:
    """The same faces in the same order, and the same known of each; equally similar ones may have changed places."""
    return len(one) == len(other) and all(
        abs(a.similarity - b.similarity) < _TIE and (a.face == b.face or a.face.number != b.face.number)
        for a, b in zip(one, other, strict=True)
    )


def _part(progress: Progress, begin: float, end: float) -> Progress:
    return lambda doing, share: progress(doing, begin + (end - begin) * share)
