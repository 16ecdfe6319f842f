"""Tables as spreadsheets write and read them: CSV that survives Excel, and that no formula hides in."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from typing import Final

from edged.domain.cell import defused, plain
from edged.domain.errors import Refused

_LONGEST_CELL: Final = 64 * 1024


def write_table(rows: Iterable[Sequence[str]]) -> str:
    """CSV with commas, CRLF and quotes where they are needed (RFC 4180), every cell defused.

    It begins with the mark that tells Excel that it is UTF-8.
    """
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerows([defused(cell) for cell in row] for row in rows)
    return "\ufeff" + text.getvalue()


def read_table(data: bytes) -> list[tuple[int, dict[str, str]]]:
    """The rows of a CSV file with headings: the number of the line each ends on, and its cells by heading.

    UTF-8 with or without Excel's mark, or UTF-16 with one; commas, semicolons or tabs, whichever the headings have most
    of. Headings count in lower case; empty rows are left out.

    Raises:
        Refused: `not_a_table`: it is no such file, a row is longer than the headings, or a heading comes twice.
    """
    text = _text(data)
    headings_line = text.split("\n", 1)[0]
    delimiter = max(",;\t", key=headings_line.count)
    csv.field_size_limit(_LONGEST_CELL)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    try:
        headings = [heading.strip().lower() for heading in next(reader, [])]
        if not any(headings) or len(set(headings)) != len(headings):
            raise _not_a_table("its first line does not name the columns, each once")
        rows = []
        for cells in reader:
            if len(cells) > len(headings) and any(cell.strip() for cell in cells[len(headings) :]):
                raise _not_a_table(f"line {reader.line_num} has more cells than there are headings")
            if any(cell.strip() for cell in cells):
                values = [plain(cell.strip()) for cell in cells]
                rows.append((reader.line_num, dict(zip(headings, values, strict=False))))
    except csv.Error as error:
        raise _not_a_table(f"line {reader.line_num}: {error}") from error
    return rows


def joined(items: Sequence[str]) -> str:
    """Several values in one cell, `|` between them."""
    return "|".join(item.replace("\\", "\\\\").replace("|", "\\|") for item in items)


def parted(cell: str) -> tuple[str, ...]:
    """The values of a cell that holds several, those that are empty left out; also on lines of their own."""
    items = [""]
    letters = iter(cell)
    for letter in letters:
        if letter == "\\":
            following = next(letters, "")
            items[-1] += following if following in ("|", "\\") else letter + following
        elif letter in "|\n":
            items.append("")
        else:
            items[-1] += letter
    return tuple(item.strip() for item in items if item.strip())


def _text(data: bytes) -> str:
    encoding = "utf-16" if data[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        raise _not_a_table("it is not UTF-8") from error


def _not_a_table(why: str) -> Refused:
    return Refused("not_a_table", f"the table cannot be read: {why}", "Save it as “CSV UTF-8”.")
