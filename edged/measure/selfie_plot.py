"""Precision over recall of selfie searches, as a picture."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from edged.measure.figure import new_figure, save
from edged.measure.selfies import JOINED, PRECISION, RECALL, Selfies

_FROM_RECALL: Final = 0.85
_FROM_PRECISION: Final = 0.95


def draw_selfies(found: Selfies, path: Path) -> None:
    """Writes a PNG: a colour for each kind of event, dotted where the selfie is all there is.

    Args:
        path: of the file.

    Raises:
        Unsupported: matplotlib is not installed.
        Unavailable: the file cannot be written.
    """
    figure = new_figure(7.5, 5.5)
    axes = figure.add_subplot()
    for number, (kind, rules) in enumerate(found.searches.items()):
        for rule, searches in rules.items():
            joined = rule == JOINED
            axes.plot(*searches.curve(), color=f"C{number}", linestyle="-" if joined else ":", label=f"{kind}, {rule}")
            outcome = found.outcome(kind, rule)
            axes.plot(outcome.recall, outcome.precision, color=f"C{number}", marker="o" if joined else "x")
    axes.axhline(PRECISION, color="grey", linewidth=0.8)
    axes.axvline(RECALL, color="grey", linewidth=0.8)
    axes.set(
        xlabel="recall: of the photographs with the guest, those found",
        ylabel="precision: of the photographs found, those with the guest",
        xlim=(_FROM_RECALL, 1.0),
        ylim=(_FROM_PRECISION, 1.001),
    )
    axes.grid(visible=True, alpha=0.3)
    axes.legend(loc="lower left")
    save(figure, path)
