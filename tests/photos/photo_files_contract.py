"""What every `PhotoFiles` does: the same tests for each.

A module of tests makes a class of `PhotoFilesContract` and gives it a fixture `files`.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from edged.photos.photo_files import PhotoFiles
from tests.hub.album_site import digest

LARGE = bytes(range(256)) * 4096


class PhotoFilesContract:
    """Tests of a place for files."""

    @pytest.mark.parametrize("content", [b"a", b"", LARGE], ids=["small", "empty", "large"])
    def test_what_was_put_is_got(self, files: PhotoFiles, content: bytes) -> None:
        files.put(digest(content), content)

        assert files.get(digest(content)) == content

    def test_a_file_is_read_piece_by_piece_even_while_it_is_deleted(self, files: PhotoFiles) -> None:
        files.put(digest(LARGE), LARGE)

        file = files.open(digest(LARGE))
        assert file is not None
        with file:
            begin = file.read(1000)
            files.delete(digest(LARGE))
            assert begin + file.read() == LARGE
        assert files.open(digest(LARGE)) is None

    def test_what_was_never_put_is_none(self, files: PhotoFiles) -> None:
        files.put(digest(b"a"), b"a")

        assert files.get(digest(b"b")) is None

    def test_to_put_it_twice_is_to_put_it_once(self, files: PhotoFiles) -> None:
        files.put(digest(b"a"), b"a")
        files.put(digest(b"a"), b"a")

        assert list(files.digests()) == [digest(b"a")]

    def test_what_was_deleted_is_gone_and_may_be_deleted_again(self, files: PhotoFiles) -> None:
        for content in (b"a", b"b"):
            files.put(digest(content), content)
        files.delete(digest(b"a"))
        files.delete(digest(b"a"))

        assert files.get(digest(b"a")) is None
        assert list(files.digests()) == [digest(b"b")]

    def test_all_are_listed_each_once(self, files: PhotoFiles) -> None:
        contents = [b"%d" % number for number in range(10)]
        for content in contents:
            files.put(digest(content), content)

        assert sorted(files.digests()) == sorted(digest(content) for content in contents)

    def test_nothing_put_nothing_listed(self, files: PhotoFiles) -> None:
        assert list(files.digests()) == []

    def test_many_threads_may_use_it(self, files: PhotoFiles) -> None:
        contents = [b"%d" % (number % 5) for number in range(40)]

        def there_and_back(content: bytes) -> bytes | None:
            files.put(digest(content), content)
            return files.get(digest(content))

        with ThreadPoolExecutor(8) as threads:
            assert list(threads.map(there_and_back, contents)) == contents

    @pytest.mark.parametrize("name", ["", "..", "../hub.db", "a" * 63, "A" * 64, "a" * 64 + "\n", "/etc/passwd"])
    def test_what_is_no_digest_names_no_file(self, files: PhotoFiles, name: str) -> None:
        for act in (files.get, files.delete, lambda name: files.put(name, b"a")):
            with pytest.raises(ValueError, match=r".*"):
                act(name)
