"""All of the booth that is measured, and the section of the page."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final

from edged.measure.booth_folder import FolderRun
from edged.measure.booth_kills import BoothKills
from edged.measure.booth_pages import PagesUnderLoad
from edged.measure.booth_replays import Cuts, Replays
from edged.measure.booth_selfies import SelfieTimes
from edged.measure.booth_sync_kills import BoothSyncKills
from edged.measure.hub_client import Crowd
from edged.measure.report import Goal, Report, Table, goals_table

_SELFIE_S: Final = 1.0
_PAGE_S: Final = 0.05
_MANY: Final = 5000
"""Photographs of an evening."""
_HOW: Final = """\
A real daemon (`edged run`), and a real hub (`edged hub run`) with SQLite over HTTPS, each a process of its own, on \
two cores that clients share with them. Photographs of the event are tiny, since only what is known of them is asked \
for; faces are made up, but for those of guests. A phone's selfie is a portrait made 12 megapixels large, with noise. \
The camera is shown a face every six seconds."""
_PAGES: Final = """\
Guests come one after the other on each connection, each of whom connects anew, and searches again as soon as the \
photographs are there; who is told to come again in two seconds does. Pages are read at 20 a second over four \
connections that are kept open, of former searches and of the whole event; a page counts from the moment it was due."""
_REPLAYS: Final = """\
Match runs are counted where they are made: at a device each look at a client's photograph, at a hub each comparison \
with an event's faces. For each number of bytes of an answer another search is asked for, cut off there, and asked for \
again: it is the same if all that is told is, and if it begins with what came the first time."""
_KILLS: Final = """\
A process adds photographs, searches, denies, deletes, forgets guests and purges events through the daemon's own \
classes, and is killed at a random moment; then the store is started as the daemon starts it, and compared with what \
was acknowledged: rows, faces, every file by its digest, what is left over. In the end all files are searched for \
pieces of every photograph, face and selfie that was taken away. With a hub, the booth does its rounds meanwhile; \
after each kill it does one, and the hub is compared as well."""


@dataclass(frozen=True, slots=True)
class BoothFigures:
    """What was measured; empty or None where it was not asked for.

    Attributes:
        faces: of the event.
    """

    faces: int
    selfies: tuple[SelfieTimes, ...] = ()
    pages: tuple[PagesUnderLoad, ...] = ()
    replays: tuple[Replays, ...] = ()
    cuts: tuple[Cuts, ...] = ()
    kills: BoothKills | None = None
    syncs: tuple[BoothSyncKills, ...] = ()
    folder: FolderRun | None = None

    @property
    def is_whole(self) -> bool:
        """Whether nothing was lost, brought back, or done twice: what does not depend on the machine."""
        judged = (*self.replays, *self.cuts, *self.syncs, self.kills, self.folder)
        answered = sum(one.waits.wrong for one in self.selfies) + sum(
            one.alone.wrong + one.pages.wrong + one.guests.searches.wrong for one in self.pages
        )
        return all(one.is_good for one in judged if one is not None) and not answered

    def document(self) -> dict[str, Any]:
        """For programs."""
        return {name: _plain(value) for name, value in {**asdict(self), "is_whole": self.is_whole}.items()}


def booth_report(found: BoothFigures) -> Report:
    """The section of the page."""
    parts: list[str | Table] = [goals_table(tuple(_goals(found)))]
    if found.selfies or found.pages or found.replays:
        parts.append(_HOW)
    if found.selfies:
        parts.append(_selfie_table(found.selfies))
    if found.pages:
        parts += [_PAGES, _page_table(found.pages)]
    if found.replays:
        parts.append(_REPLAYS)
    if found.kills or found.syncs:
        parts += [_KILLS, _kill_table(found)]
    return Report("The booth", tuple(parts))


def _goals(found: BoothFigures) -> Iterator[Goal]:
    for times in found.selfies:
        if times.phone:
            how = "a camera running" if times.camera else "no camera"
            yield Goal(
                f"selfie to first page, event of {found.faces:,} faces, {how}",
                "p95 ≤ 1 s",
                f"{times.waits.quantile(0.95):.2f} s",
                reached=times.waits.quantile(0.95) <= _SELFIE_S and not times.waits.wrong,
            )
    for load in found.pages:
        yield Goal(
            f"GET pages while {load.guests.searches.clients} guests search, {load.where}",
            "p95 ≤ 50 ms",
            f"{load.pages.quantile(0.95) * 1000:.0f} ms",
            reached=load.pages.quantile(0.95) <= _PAGE_S and not load.pages.wrong,
        )
    for replay in found.replays:
        yield Goal(
            f"the same POST {replay.asked} times at once, {replay.where}",
            "one match run, one result",
            f"{replay.runs} run, {replay.results} result, {replay.stored} search, {replay.wrong} not answered",
            reached=replay.is_good,
        )
    for cut in found.cuts:
        yield Goal(
            f"answer cut at {cut.cuts} places of its {cut.size} bytes, {cut.where}",
            "one match run, one result each",
            f"{cut.runs} runs, {cut.stored} searches, {cut.different + cut.wrong} other results",
            reached=cut.is_good,
        )
    yield from _kill_goals(found)


def _kill_goals(found: BoothFigures) -> Iterator[Goal]:
    if found.kills:
        yield Goal(
            f"SIGKILL × {found.kills.kills} during capture, indexing, search, purge",
            "no acknowledged photograph lost, no purged one back",
            _verdict(found.kills),
            reached=found.kills.is_good,
        )
    for sync in found.syncs:
        yield Goal(
            f"SIGKILL × {sync.booth.kills} of the {sync.victim} while booth and hub sync",
            "nothing lost, nothing back, on either side",
            f"booth: {_verdict(sync.booth)}; hub: {_verdict(sync.hub)}",
            reached=sync.is_good,
        )
    folder = found.folder
    if folder:
        yield Goal(
            f"{folder.files} photographs in a folder, the daemon killed {folder.kills} times",
            "each there once, a finish time told",
            f"{folder.added} added, {folder.missing} missing, {folder.strange} strange;"
            f" {60 / folder.each_s:.1f} a minute, {_MANY:,} in {_MANY * folder.each_s / 3600:.1f} h",
            reached=folder.is_good,
        )


def _verdict(kills: BoothKills) -> str:
    broken = kills.strays + kills.unfinished + kills.damaged
    return f"{len(kills.lost)} lost, {len(kills.back)} back, {kills.traces} traces, {broken} left over or broken"


def _selfie_table(selfies: Sequence[SelfieTimes]) -> Table:
    rows = tuple(
        (
            "12 megapixels" if one.phone else "as it is",
            f"{one.kilobytes:,.0f}",
            "yes" if one.camera else "no",
            str(len(one.waits.latencies)),
            f"{one.first_s:.2f}",
            *_seconds(one.waits),
        )
        for one in selfies
    )
    return Table(("selfie", "kB", "camera", "searches", "first of all, s", "p50 s", "p95 s", "longest s"), rows)


def _page_table(pages: Sequence[PagesUnderLoad]) -> Table:
    rows = tuple(
        (
            one.where,
            str(len(one.pages.latencies)),
            f"{one.alone.quantile(0.95) * 1000:.1f}",
            *(f"{one.pages.quantile(share) * 1000:.1f}" for share in (0.5, 0.95, 1.0)),
            f"{one.guests.searches.rate:.1f}",
            *_seconds(one.guests.searches)[:2],
            str(one.guests.turned_away),
        )
        for one in pages
    )
    columns = (
        "where",
        "pages",
        "p95 ms, nobody searching",
        "p50 ms",
        "p95 ms",
        "longest ms",
        "searches/s",
        "p50 s",
        "p95 s",
        "told to come again",
    )
    return Table(columns, rows)


def _kill_table(found: BoothFigures) -> Table:
    named = [("booth alone", found.kills)] if found.kills else []
    named += [(f"with a hub; the {sync.victim} killed", sync.booth) for sync in found.syncs]
    rows = tuple(
        (what, str(kills.kills), _counted(kills.acknowledged), _counted(kills.torn), f"{kills.searched / 1e6:.1f}")
        for what, kills in named
        if kills
    )
    return Table(("what", "kills", "acknowledged", "killed during", "MB searched for traces"), rows)


def _counted(words: Counter[str]) -> str:
    return ", ".join(f"{count} {word}" for word, count in words.most_common()) or "none"


def _seconds(crowd: Crowd) -> tuple[str, str, str]:
    p50, p95, longest = (f"{crowd.quantile(share):.2f}" for share in (0.5, 0.95, 1.0))
    return p50, p95, longest


def _plain(thing: Any) -> Any:
    """Without sets, which JSON does not have."""
    if isinstance(thing, dict):
        return {key: _plain(value) for key, value in thing.items()}
    if isinstance(thing, set | frozenset):
        return sorted(thing)
    return [_plain(value) for value in thing] if isinstance(thing, list | tuple) else thing
