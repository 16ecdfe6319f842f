"""The tokens of a device's clients: who is let in, and who is not."""

from __future__ import annotations

from pathlib import Path

import pytest

from edged.api.access import Cost, Right
from edged.api.token import mint
from edged.domain.errors import Refused, Unavailable
from edged.runtime.token_file import TokenFile, line_of

EVERYTHING = frozenset({Right.READ, Right.ENROLL, Right.MATCH})


class Ticks:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def test_a_token_opens_with_the_rights_of_its_line_until_that_is_gone(tmp_path: Path) -> None:
    path = tmp_path / "tokens"
    shop, desk = mint(), mint()
    lines = [line_of(shop, "the shop", frozenset({Right.MATCH}), "vip"), line_of(desk, "desk", EVERYTHING, None)]
    path.write_text("# tokens\n\n" + "\n".join(lines) + "\n")
    gate = TokenFile(path, Ticks())

    grant = gate.grant(shop.text)
    assert grant is not None
    assert (grant.id, grant.name, grant.gallery) == (shop.id, "the shop", "vip")
    assert (grant.may(Right.MATCH), grant.may(Right.READ), grant.may(Right.ADMIN)) == (True, False, False)
    assert gate.grant(desk.text) is not None
    assert gate.grant(desk.text[:-1] + ("a" if desk.text[-1] != "a" else "b")) is None
    assert gate.grant(f"edged_{shop.id}_{desk.text[-52:]}") is None
    assert gate.grant("") is None
    assert shop.text not in path.read_text()

    path.write_text(lines[1] + "\n")
    assert gate.grant(shop.text) is None
    assert gate.grant(desk.text) is not None


def test_a_token_for_photographs_sees_no_people(tmp_path: Path) -> None:
    app = mint()
    (tmp_path / "tokens").write_text(line_of(app, "event app", EVERYTHING, None, "booth"))

    grant = TokenFile(tmp_path / "tokens", Ticks()).grant(app.text)

    assert grant is not None
    assert (grant.organisation, grant.gallery) == ("booth", None)
    assert grant.is_for_albums
    assert not grant.is_for_people
    for gallery, organisation in ((None, "a b"), (None, "A"), ("vip", "booth")):
        with pytest.raises(Refused):
            line_of(mint(), "app", EVERYTHING, gallery, organisation)


@pytest.mark.parametrize("damage", ["half a line", "{line} {line}x\x01", "{id} {digest} admin * root"])
def test_a_file_that_cannot_be_read_lets_nobody_in(tmp_path: Path, damage: str) -> None:
    path, desk = tmp_path / "tokens", mint()
    line = line_of(desk, "desk", EVERYTHING, None)
    gate = TokenFile(path, Ticks())
    with pytest.raises(Unavailable):
        gate.grant(desk.text)
    damage = damage.replace("{line}", line[:20]).replace("{id}", desk.id).replace("{digest}", desk.digest.hex())
    path.write_text(f"{line}\n{damage}\n")
    with pytest.raises(Unavailable):
        gate.grant(desk.text)
    with pytest.raises(Unavailable):
        gate.grant(desk.text)


def test_who_asks_too_often_is_told_when_to_come_again(tmp_path: Path) -> None:
    ticks, desk = Ticks(), mint()
    path = tmp_path / "tokens"
    path.write_text(line_of(desk, "desk", EVERYTHING, None))
    gate = TokenFile(path, ticks)
    grant = gate.grant(desk.text)

    waits = [gate.admit(grant, "10.0.0.1", Cost.LOOKING) for _ in range(100)]
    assert waits[0] == 0
    assert waits[-1] >= 1
    assert gate.admit(grant, "10.0.0.1", Cost.READING) == 0
    ticks.now += waits[-1]
    assert gate.admit(grant, "10.0.0.1", Cost.LOOKING) == 0
    strangers = [gate.admit(None, f"2001:db8::{host:x}", Cost.READING) for host in range(200)]
    assert strangers[-1] >= 1, "one customer's network is one asker"
    assert gate.admit(None, "2001:db8:1::1", Cost.READING) == 0


@pytest.mark.parametrize(
    ("name", "rights", "gallery"),
    [
        ("", EVERYTHING, None),
        ("a\nb", EVERYTHING, None),
        ("root", frozenset({Right.ADMIN}), None),
        ("nobody", frozenset[Right](), None),
        ("a", EVERYTHING, "no gallery"),
    ],
)
def test_a_line_that_could_not_be_read_is_not_written(name: str, rights: frozenset[Right], gallery: str | None) -> None:
    with pytest.raises(Refused):
        line_of(mint(), name, rights, gallery)
