"""Where the pages are."""

from __future__ import annotations

from pathlib import Path
from typing import Final

PAGES: Final = Path(__file__).parent / "static"
"""The folder of the page's files, `index.html` among them."""
