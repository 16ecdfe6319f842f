"""Pages, as 9Pic's dialect counts them: from 1."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from edged.api.ninepic.envelope import Invalid

_WHOLE_NUMBER: Final = re.compile(r"0*[1-9][0-9]{0,8}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Page:
    """Which page is asked for.

    Attributes:
        number: from 1; size: how many there are on each.
    """

    number: int
    size: int

    @property
    def offset(self) -> int:
        return (self.number - 1) * self.size

    @property
    def slice(self) -> slice:
        """Its part of a list of everything."""
        return slice(self.offset, self.offset + self.size)

    def pagination(self, total: int) -> dict[str, Any]:
        """What an answer says of its page. Where nothing was found there is no page, not even an empty one.

        Past the end the number stays the one that was asked for: there are pages before it, and none after.
        """
        pages = -(-total // self.size)
        number = self.number if pages else 0
        return {
            "total": total,
            "currentPage": number,
            "totalPages": pages,
            "hasNextPage": number < pages,
            "hasPreviousPage": number > 1,
            "page_size": self.size,
        }


def read_page(values: Mapping[str, Any], size: int, most: int) -> Page:
    """The page that a request asks for.

    A size above the most is taken for the most, so that a client which asks for more still finds everything by
    following the pages. What is no whole number from 1 is refused: to take page 0 for page 1 would show a client that
    counts from 0 the first page twice.

    Args:
        values: of the parameters `page` and `page_size`, numbers or text.
        size: without `page_size`; most: on one page.

    Raises:
        Invalid: either is no whole number from 1.
    """
    faults: list[tuple[str, str]] = []
    number = _whole(values, "page", 1, faults)
    wanted = _whole(values, "page_size", size, faults)
    if faults:
        raise Invalid(faults)
    return Page(number, min(wanted, most))


def _whole(values: Mapping[str, Any], name: str, otherwise: int, faults: list[tuple[str, str]]) -> int:
    value = values.get(name, "")
    text = str(value).strip()
    if not text:
        return otherwise
    if isinstance(value, bool) or not isinstance(value, (str, int)) or not _WHOLE_NUMBER.fullmatch(text):
        faults.append((name, "must be a whole number from 1"))
        return otherwise
    return int(text)
