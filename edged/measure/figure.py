"""A picture to draw in, and its file."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from edged.domain.errors import Unavailable, Unsupported

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def new_figure(width: float, height: float) -> Figure:
    """An empty picture of so many inches, 120 pixels each.

    Raises:
        Unsupported: matplotlib is not installed.
    """
    try:
        from matplotlib.figure import Figure  # noqa: PLC0415  only here, and not there on a device
    except ImportError as error:
        raise Unsupported("drawing needs the package matplotlib", "Run: pip install 'edged[bench]'.") from error
    return Figure(figsize=(width, height), dpi=120, layout="constrained")


def save(figure: Figure, path: Path) -> None:
    """Writes it, in a format by the file's ending.

    Raises:
        Unavailable: the file cannot be written.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        figure.savefig(path)
    except OSError as error:
        raise Unavailable(f"{path} cannot be written: {error.strerror}") from error
