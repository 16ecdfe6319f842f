"""What a measurement found, as text for people and as a section of the page with figures, docs/benchmarks.md."""

from __future__ import annotations

import os
import platform
import re
import shlex
import sys
import time
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import Final

from edged import __version__
from edged.domain.errors import Unavailable

_PACKAGES: Final = ("onnxruntime", "numpy", "opencv-python-headless", "annoy", "paho-mqtt")
_TITLE: Final = """\
# Benchmarks

Each section was written by the command that it names, on the machine that it describes, and is replaced when the
command is run again.
"""


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of text, each as long as `columns`."""

    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]

    def text(self) -> str:
        """Aligned, for a terminal."""
        table = (self.columns, *self.rows)
        widths = [max(map(len, column)) for column in zip(*table, strict=True)]
        lines = ("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) for row in table)
        return "\n".join(line.rstrip() for line in lines)

    def markdown(self) -> str:
        head, *rows = (f"| {' | '.join(row)} |" for row in (self.columns, *self.rows))
        return "\n".join([head, "|---" * len(self.columns) + "|", *rows])


@dataclass(frozen=True, slots=True)
class Goal:
    """A figure that was aimed at.

    Attributes:
        what: was measured; target, result: in words, with their units.
        reached: whether the result is within the target.
    """

    what: str
    target: str
    result: str
    reached: bool


def goals_table(goals: tuple[Goal, ...]) -> Table:
    """What was aimed at, what came of it, and whether that is enough."""
    rows = tuple((goal.what, goal.target, goal.result, "reached" if goal.reached else "missed") for goal in goals)
    return Table(("what", "target", "result", ""), rows)


@dataclass(frozen=True, slots=True)
class Report:
    """What a measurement found.

    Attributes:
        heading: of its section of the page; the next report with this heading takes its place.
        parts: paragraphs and tables, in the order in which they are read.
    """

    heading: str
    parts: tuple[str | Table, ...]

    def text(self) -> str:
        return "\n\n".join(part.text() if isinstance(part, Table) else part for part in self.parts)

    def write(self, page: Path) -> None:
        """Puts the report into a Markdown page, with date, command and machine; raises as `write_section`."""
        measured = f"Measured on {time.strftime('%Y-%m-%d')} by `{shlex.join(['edged', *sys.argv[1:]])}`."
        body = [part.markdown() if isinstance(part, Table) else part for part in self.parts]
        write_section(page, self.heading, "\n\n".join([*body, f"{measured} {machine_description()}"]))


def write_section(page: Path, heading: str, body: str) -> None:
    """Puts `body` under `## heading` in a Markdown page, in place of what stood there, else at the end.

    Raises:
        Unavailable: the page cannot be read or written.
    """
    section = f"## {heading}\n\n{body.strip()}\n"
    try:
        text = page.read_text(encoding="utf-8") if page.exists() else _TITLE
        there = re.search(rf"^## {re.escape(heading)}\n.*?(?=^## |\Z)", text, re.DOTALL | re.MULTILINE)
        if there:
            after = text[there.end() :]
            text = text[: there.start()] + section + ("\n" + after if after else "")
        else:
            text = f"{text.rstrip()}\n\n{section}"
        page.parent.mkdir(parents=True, exist_ok=True)
        page.write_text(text, encoding="utf-8")
    except OSError as error:
        raise Unavailable(f"{page} cannot be written: {error.strerror}") from error


def machine_description() -> str:
    """The machine and the software in a few words."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    kernel = re.match(r"[\d.]*\d", platform.release())
    packages = ", ".join(f"{name} {metadata.version(name)}" for name in _PACKAGES)
    return (
        f"{_processor()}, {os.cpu_count()} cores, {memory:.1f} GiB; Linux {kernel[0] if kernel else ''} on "
        f"{platform.machine()}, Python {platform.python_version()}, edged {__version__}, {packages}."
    )


def _processor() -> str:
    """What the kernel calls the processor; on aarch64 that is the board."""
    for path, pattern in (("/proc/cpuinfo", r"model name\s*: (.+)"), ("/proc/device-tree/model", r"([^\0]+)")):
        try:
            found = re.search(pattern, Path(path).read_text(encoding="utf-8", errors="replace"))
        except OSError:
            continue
        if found:
            return found[1].strip()
    return "unknown processor"
