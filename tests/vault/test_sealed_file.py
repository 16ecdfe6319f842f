from __future__ import annotations

import io
import random
from pathlib import Path

import pytest

from edged.domain.errors import Corrupt
from edged.vault import sealed_file
from edged.vault.seal import Seal, new_key
from edged.vault.sealed_file import pieces_of, read_sealed, write_sealed

SEAL = Seal(new_key())


@pytest.mark.parametrize("length", [0, 1, 99, 100, 101, 1000])
def test_a_file_of_any_length_is_read_as_it_was_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, length: int
) -> None:
    monkeypatch.setattr(sealed_file, "PIECE_BYTES", 100)
    content = random.Random(length).randbytes(length)

    write_sealed(tmp_path / "file", pieces_of(io.BytesIO(content)), SEAL, b"a file")

    assert b"".join(read_sealed(tmp_path / "file", SEAL, b"a file")) == content
    assert len(content) < 10 or content not in (tmp_path / "file").read_bytes()
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


@pytest.mark.parametrize("seed", range(40))
def test_whatever_happens_to_the_file_is_noticed(tmp_path: Path, seed: int) -> None:
    chance = random.Random(seed)
    path = tmp_path / "file"
    write_sealed(path, [chance.randbytes(50) for _ in range(4)], SEAL, b"a file")
    whole = path.read_bytes()
    piece = len(whole) // 4
    damage = [
        lambda: whole[: chance.randrange(len(whole))],
        lambda: whole[: piece * chance.randrange(4)],
        lambda: whole[piece:] + whole[:piece],
        lambda: whole + whole[-piece:],
        lambda: (at := chance.randrange(len(whole)), whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :])[1],
    ]
    path.write_bytes(damage[seed % len(damage)]())

    with pytest.raises(Corrupt):
        list(read_sealed(path, SEAL, b"a file"))


def test_a_file_opens_under_its_own_context_only(tmp_path: Path) -> None:
    write_sealed(tmp_path / "file", [b"faces"], SEAL, b"index")

    with pytest.raises(Corrupt):
        list(read_sealed(tmp_path / "file", SEAL, b"backup"))
