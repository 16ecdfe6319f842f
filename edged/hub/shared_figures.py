"""Figures of several processes that answer on one port: whichever is asked tells those of all."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from tempfile import TemporaryDirectory
from typing import Final

FOLDER: Final = "PROMETHEUS_MULTIPROC_DIR"
"""Prometheus' client keeps its counts in files of the folder that this variable names, one for each process."""


@contextmanager
def shared_figures() -> Iterator[None]:
    """Processes that are started within the block share their counts, in files that are gone at its end."""
    with TemporaryDirectory(prefix="edged-hub-") as folder:
        os.environ[FOLDER] = folder
        try:
            yield
        finally:
            del os.environ[FOLDER]
