"""The reliability diagram: whether confidences are what they say."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from edged.measure.figure import new_figure, save
from edged.measure.reliability import Reliability


def draw_reliability(found: Mapping[str, Reliability], path: Path) -> None:
    """Writes a PNG: the share of right answers over their confidence, and below it how many answers there are.

    Args:
        found: by the model's name.
        path: of the file.

    Raises:
        Unsupported: matplotlib is not installed.
        Unavailable: the file cannot be written.
    """
    figure = new_figure(7, 6.5)
    shares, counts = figure.subplots(2, 1, sharex=True, height_ratios=(3, 1))
    shares.plot((0, 1), (0, 1), color="grey", linestyle=":", label="as it should be")
    for number, (name, item) in enumerate(found.items()):
        predicted = [each.predicted for each in item.bins]
        label = f"{name}: calibration error {item.error:.3f}, Brier {item.brier:.3f}"
        (line,) = shares.plot(predicted, [each.right for each in item.bins], marker="o", label=label)
        width = 0.08 / len(found)
        places = [int(min(each.predicted * 10, 9)) / 10 + 0.01 + (number + 0.5) * width for each in item.bins]
        bars = counts.bar(places, [each.count for each in item.bins], width=width, color=line.get_color())
        counts.bar_label(bars, fontsize=8)
    shares.set(ylabel="share that is right", xlim=(0, 1), ylim=(-0.02, 1.02))
    counts.set(xlabel="confidence", ylabel="answers", yscale="log")
    counts.margins(y=0.25)
    counts.set_xticks([tenth / 10 for tenth in range(11)])
    shares.grid(visible=True, alpha=0.3)
    shares.legend(loc="lower right")
    save(figure, path)
