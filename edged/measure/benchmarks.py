"""The page with figures: one section a measurement, replaced when it is measured again."""

from __future__ import annotations

import os
import platform
import re
from importlib import metadata
from pathlib import Path

from edged.domain.errors import Unavailable


def write_section(page: Path, heading: str, body: str) -> None:
    """Puts `body` under `## heading` in a Markdown page, in place of what stood there, else at the end.

    Raises:
        Unavailable: the page cannot be read or written.
    """
    section = f"## {heading}\n\n{body.strip()}\n"
    try:
        text = page.read_text(encoding="utf-8") if page.exists() else "# Benchmarks\n"
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


def machine() -> str:
    """The machine and the software in one line."""
    packages = ", ".join(
        f"{name} {metadata.version(name)}" for name in ("onnxruntime", "numpy", "opencv-python-headless")
    )
    return (
        f"{_processor()}, {os.cpu_count()} cores, {platform.machine()}, Python {platform.python_version()}, {packages}"
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
