from __future__ import annotations

from pathlib import Path

from edged.gallery.dismissals import Dismissals


def test_dismissals_are_kept_and_forgotten_with_the_pictures(tmp_path: Path) -> None:
    path = tmp_path / "review.json"
    dismissals = Dismissals(path, keep_s=100)
    assert dismissals.visits() == frozenset()
    dismissals.add(["a", "b"], now=1000)
    dismissals.add(["c"], now=1090)
    assert Dismissals(path, keep_s=100).visits() == {"a", "b", "c"}
    assert path.stat().st_mode & 0o777 == 0o600
    dismissals.add(["d"], now=1150)
    assert dismissals.visits() == {"c", "d"}


def test_a_damaged_file_shows_everything_again(tmp_path: Path) -> None:
    path = tmp_path / "review.json"
    for content in (b"", b"[1]", b'{"dismissed": [1]}', b'{"dismissed": {"a": null}}'):
        path.write_bytes(content)
        assert Dismissals(path, keep_s=100).visits() == frozenset()
    Dismissals(path, keep_s=100).add(["a"], now=0)
    assert Dismissals(path, keep_s=100).visits() == {"a"}
