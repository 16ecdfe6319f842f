"""The figures of an event, for a person at a terminal."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from edged.commands.columns import columns


def in_words(report: Mapping[str, Any]) -> str:
    """Lines of text of a sign-off report.

    Args:
        report: as `edged.photos.sign_off.sign_off` makes it.
    """
    photographs, guests, times = report["photographs"], report["guests"], report["times"]
    sources = ", ".join(f"{count:,} {source}" for source, count in photographs["by_source"].items())
    standing = [f"{photographs[name]:,} {name}" for name in ("shown", "waiting", "hidden")]
    if photographs["reported"]:
        standing.append(f"{photographs['reported']:,} reported by guests")
    rows = [
        ("photographs:", f"{photographs['came_in']:,}" + (f" ({sources})" if sources else "")),
        ("", ", ".join(standing)),
        ("size:", f"{photographs['bytes'] / 1e6:,.1f} MB as they came"),
        ("faces:", f"{report['faces']:,}"),
        ("searches:", f"{guests['searches']:,}, {guests['found_something']:,} found something"),
    ]
    if guests["photographs_median"] is not None:
        rows.append(("", f"{guests['photographs_median']:g} photographs each (median)"))
    rows += [
        ("guests:", f"{guests['not_me']:,} times “not me”, {guests['forgotten']:,} asked to be forgotten"),
        ("consent:", f"version {report['consent']['version']}; {_consents(report)}"),
        *((f"{name}:", moment) for name, moment in times.items() if moment),
    ]
    if report["refused"] is not None:
        refused = ", ".join(f"{count:,} {reason}" for reason, count in report["refused"].items())
        rows.append(("refused files:", refused or "none"))
    return f"{report['name']} ({report['slug']}), {report['state']}\n{columns(rows)}"


def _consents(report: Mapping[str, Any]) -> str:
    told = [
        f"{item['searches']:,} under version {item['version']}"
        if item["version"] is not None
        else f"{item['searches']:,} asked for by others"
        for item in report["consent"]["searches"]
    ]
    return ", ".join(told) or "no searches yet"
