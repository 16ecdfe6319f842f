"""The FNIR/FPIR curve as a picture."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np

from edged.measure.figure import new_figure, save
from edged.measure.identification import Search


def draw_errors(searches: Mapping[str, Search], thresholds: Mapping[str, float], path: Path) -> None:
    """Writes a PNG: the share of enrolled people missed over the share of strangers accepted.

    Args:
        searches: by the model's name.
        thresholds: the cosine in force, by the model's name; marked on its curve.
        path: of the file.

    Raises:
        Unsupported: matplotlib is not installed.
        Unavailable: the file cannot be written.
    """
    figure = new_figure(7, 5)
    axes = figure.add_subplot()
    for name, search in searches.items():
        steps = np.sort(search.strangers)[::-1]
        fpir = (np.arange(len(steps)) + 1) / len(steps)
        (line,) = axes.step(fpir, [search.fnir(step) for step in steps], where="post", label=name)
        threshold = thresholds[name]
        axes.axhline(
            search.fnir(threshold),
            color=line.get_color(),
            linestyle=":",
            label=f"at {threshold:.3f}; strangers accepted: {len(search.accepted(threshold))}",
        )
    axes.set(xscale="log", xlabel="FPIR: strangers accepted", ylabel="FNIR: enrolled people missed", ylim=(0, None))
    axes.grid(visible=True, which="both", alpha=0.3)
    axes.legend()
    save(figure, path)
