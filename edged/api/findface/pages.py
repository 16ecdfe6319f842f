"""Pages of faces, the newest first, and the addresses of the next and the one before."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final
from urllib.parse import urlencode

from edged.api.directory import FacePage

PER_PAGE: Final = 100


@dataclass(frozen=True, slots=True)
class Span:
    """Which numbers a client asked for: `least` and higher ones, lower ones than `below`; None: no such end."""

    least: int | None
    below: int | None


def page(path: str, span: Span, found: FacePage) -> dict[str, str | None]:
    """`next_page`, older faces, and `prev_page`, newer ones: path and query; None where there are none.

    Args:
        path: of the list, as the client called it, so that the version stays the client's.
    """
    if not found.faces:
        return {"next_page": None, "prev_page": None}
    oldest, newest = found.faces[-1].number, found.faces[0].number
    # Who asks for both ends reads that span to its end; who asks for the lower one only pages upwards, and may turn.
    least = {"min_id": span.least} if span.least is not None and span.below is not None else {}
    return {
        "next_page": f"{path}?{urlencode({'max_id': oldest, **least})}" if found.older else None,
        "prev_page": f"{path}?{urlencode({'min_id': newest + 1})}" if found.newer else None,
    }
