"""Tables that spreadsheets write, and that they cannot be hurt by."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edged.domain.cell import defused, plain
from edged.domain.errors import Refused
from edged.gallery.spreadsheet import joined, parted, read_table, write_table

CELLS = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=20)
ITEMS = CELLS.map(str.strip).filter(bool)


@given(CELLS)
def test_defusing_is_undone_exactly(cell: str) -> None:
    assert plain(defused(cell)) == cell


@pytest.mark.parametrize("cell", ['=HYPERLINK("http://x","y")', "+49 30 1", "-1", "@SUM(A1)", "\t=1"])
def test_no_formula_is_left(cell: str) -> None:
    assert defused(cell).startswith("'")


@pytest.mark.parametrize("cell", ["'s-Hertogenbosch", "O'Neill", "+49 30 1"])
def test_a_cell_that_was_never_defused_stays(cell: str) -> None:
    assert plain(cell) == cell


@given(st.lists(ITEMS, max_size=5))
def test_several_values_share_a_cell(items: list[str]) -> None:
    assert parted(joined(items)) == tuple(items)


@given(st.lists(ITEMS, min_size=1, max_size=3))
def test_what_is_written_is_read_again(names: list[str]) -> None:
    table = write_table([("name", "phone"), *((name, "+49") for name in names)])
    assert [cells for _line, cells in read_table(table.encode())] == [{"name": name, "phone": "+49"} for name in names]


@pytest.mark.parametrize(
    "data",
    [
        'Name;Notes\nAnna;"two\nlines"\n'.encode("utf-8-sig"),
        b'name,notes\r\nAnna,"two\nlines"\r\n',
        'name\tnotes\nAnna\t"two\nlines"\n\n'.encode("utf-16"),
    ],
)
def test_what_excel_makes_of_a_table_is_understood(data: bytes) -> None:
    assert read_table(data) == [(3, {"name": "Anna", "notes": "two\nlines"})]


@pytest.mark.parametrize("data", [b"", b"\xff\xfa", b"a,a\n1,2\n", b"a,b\n1,2,3\n", b'a,b\n"1'])
def test_what_is_no_table_is_refused(data: bytes) -> None:
    with pytest.raises(Refused) as refusal:
        read_table(data)
    assert refusal.value.reason == "not_a_table"
