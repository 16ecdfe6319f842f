"""What `edged bench index` says: a table for each population, how a large gallery lives, and what was aimed at."""

from __future__ import annotations

from typing import Final

from edged.measure.gallery_damage import GalleryDamage
from edged.measure.gallery_kills import GalleryKills
from edged.measure.index import Comparison, IndexResult, Method
from edged.measure.index_life import Life
from edged.measure.report import Goal, Report, Table, goals_table

_RECALL: Final = 0.999
_FAST: Final = (10_000, 512, 0.40)
"""People, numbers and the share of the exact scan that a lookup of theirs may take."""
_LARGE: Final = (50_000, 128)
_P50_MS: Final = 1.0
_P95_MS: Final = 4.0
_CHANGE_MS: Final = 50.0
_STALL_MS: Final = 30.0
_OPEN_S: Final = 1.5
_HEADINGS: Final = (
    "method",
    "effort",
    "recall@1",
    "known",
    "strangers",
    "recall@2",
    "known p50 ms",
    "p95",
    "of exact",
    "strangers p50 ms",
    "p95",
    "of exact",
    "build s",
    "MB",
)


def index_report(result: IndexResult, harm: tuple[GalleryKills, GalleryDamage] | None) -> Report:
    """The result for people; a section of its own where only lookups of one dimension were measured."""
    life = _life_goals(result.life) if result.life else ()
    goals = (*_goals(result.comparisons), *life, *(_harm_goals(*harm) if harm else ()))
    parts: list[str | Table] = [goals_table(goals)] if goals else []
    for comparison in result.comparisons:
        parts.append(
            f"{comparison.people:,} people, {comparison.templates:,} templates of {comparison.dimension} numbers"
            f" ({comparison.source}). Probes: {comparison.known:,} faces of enrolled people that are not enrolled,"
            f" {comparison.strangers:,} of strangers. Processor time of one thread for one lookup. Left to itself, the"
            f" gallery compares: {comparison.choice}."
        )
        parts.append(Table(_HEADINGS, tuple(_row(method) for method in comparison.methods)))
    if result.life:
        parts.append(_life_text(result.life))
    if result.missing:
        parts.append(f"Not installed, not compared: {', '.join(result.missing)} (pip install 'edged[bench]').")
    dimensions = {comparison.dimension for comparison in result.comparisons}
    heading = f"Index, lookups of {dimensions.pop()} numbers" if len(dimensions) == 1 and not harm else "Index"
    return Report(heading, tuple(parts))


def _row(method: Method) -> tuple[str, ...]:
    return (
        method.name,
        f"{method.effort or ''}",
        f"{method.recall:.4f}",
        f"{method.recall_known:.4f}",
        f"{method.recall_strangers:.4f}",
        "" if method.recall_2 is None else f"{method.recall_2:.4f}",
        *(
            text
            for times in (method.known, method.strangers)
            for text in (f"{times.p50_ms:.2f}", f"{times.p95_ms:.2f}", f"{times.share:.2f}")
        ),
        f"{method.build_s:.1f}",
        f"{method.megabytes:.0f}",
    )


def _goals(comparisons: tuple[Comparison, ...]) -> list[Goal]:
    goals = []
    for comparison in comparisons:
        gallery = comparison.method("gallery")
        where = f"{comparison.people:,} × {comparison.dimension}"
        goals.append(
            Goal(f"recall@1, {where}", f"≥ {_RECALL}", f"{gallery.recall:.4f}", reached=gallery.recall >= _RECALL)
        )
        people, dimension, share = _FAST
        if (comparison.people, comparison.dimension) == (people, dimension):
            for kind, times in (("known", gallery.known), ("strangers", gallery.strangers)):
                what = f"lookup of exact, {where}, {kind}"
                goals.append(Goal(what, f"≤ {share:.2f}", f"{times.share:.2f}", reached=times.share <= share))
        if (comparison.people, comparison.dimension) == _LARGE:
            times = gallery.known
            goals += [
                Goal(
                    f"lookup p50, {where}, known",
                    f"≤ {_P50_MS:.0f} ms",
                    f"{times.p50_ms:.2f} ms",
                    reached=times.p50_ms <= _P50_MS,
                ),
                Goal(
                    f"lookup p95, {where}, known",
                    f"≤ {_P95_MS:.0f} ms",
                    f"{times.p95_ms:.2f} ms",
                    reached=times.p95_ms <= _P95_MS,
                ),
            ]
    return goals


def _life_goals(life: Life) -> list[Goal]:
    where = f"{life.people:,} people"
    return [
        Goal(
            f"enrol → found, {where}, worst",
            f"≤ {_CHANGE_MS:.0f} ms",
            f"{life.enrol_ms[1]:.0f} ms",
            reached=life.enrol_ms[1] <= _CHANGE_MS,
        ),
        Goal(
            f"delete → gone, {where}, worst",
            f"≤ {_CHANGE_MS:.0f} ms",
            f"{life.delete_ms[1]:.0f} ms",
            reached=life.delete_ms[1] <= _CHANGE_MS,
        ),
        Goal(
            f"longest stall of a lookup during a rebuild, {where}",
            f"≤ {_STALL_MS:.0f} ms",
            f"{life.stall_ms:.0f} ms",
            reached=life.stall_ms <= _STALL_MS,
        ),
        Goal(f"lookups answered wrongly meanwhile, {where}", "0", f"{life.wrong}", reached=life.wrong == 0),
        Goal(f"open at start, {where}", f"≤ {_OPEN_S} s", f"{life.open_s:.2f} s", reached=life.open_s <= _OPEN_S),
    ]


def _harm_goals(kills: GalleryKills, damage: GalleryDamage) -> list[Goal]:
    return [
        Goal(
            f"SIGKILL × {kills.kills} while people are enrolled and deleted, the index rebuilt, the database migrated "
            f"({kills.migrations})",
            "0 lost, 0 resurrected, intact",
            f"{kills.lost} lost, {kills.resurrected} resurrected, {kills.damaged} damaged, "
            f"of {kills.acknowledged:,} acknowledged",
            reached=kills.lost + kills.resurrected + kills.damaged == 0,
        ),
        Goal(
            f"{damage.index} damaged index files",
            "all noticed and rebuilt, 0 crashes",
            f"{damage.noticed}, {damage.crashes} crashes",
            reached=damage.noticed == damage.index and damage.crashes == 0,
        ),
        Goal(
            f"{damage.database} damaged databases",
            "all named and put back, or harmless",
            f"{damage.mended}, of them {damage.named} named",
            reached=damage.mended == damage.database,
        ),
    ]


def _life_text(life: Life) -> str:
    return (
        f"A gallery on the disk, {life.people:,} people with {life.templates:,} templates: open in {life.open_s:.2f} s,"
        f" of which the index takes {life.index_s:.2f} s. Enrol → found {life.enrol_ms[0]:.0f} ms, delete → gone"
        f" {life.delete_ms[0]:.0f} ms (medians). A build took {life.rebuild_s:.0f} s beside ten lookups a second,"
        f" {life.lookups:,} in all; the longest took {life.stall_ms:.1f} ms beyond its own processor time, and"
        f" {life.calm_ms:.1f} ms without a build."
    )
