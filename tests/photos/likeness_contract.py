"""How every `Albums` joins the faces that are somebody's beyond doubt: the same photographs from every store.

A module of tests makes a class of `LikenessContract` and gives it a fixture `album_site`.
"""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from edged.api.albums import Albums
from edged.domain.rect import Rect
from edged.photos.album import PhotoEvent
from edged.photos.likeness import alike
from edged.photos.photo import NewPhoto, PhotoFace
from edged.photos.search import Probe, Search
from tests.api.painted import MODEL
from tests.hub.album_site import BY, AlbumSite, new_photo
from tests.photos.with_albums import WithAlbums

REQUEST = "0f8fad5b-d9cb-469f-a165-70867728950e"
LEAST, SURE = 0.5, 0.6


def face(*numbers: float) -> NDArray[np.float32]:
    """A vector that begins with these and then goes where no other with an end of its own goes; unit length."""
    vector = np.zeros(MODEL.dimension)
    vector[: len(numbers)] = numbers
    vector[len(numbers)] = np.sqrt(1 - np.square(numbers).sum())
    return vector.astype(np.float32)


SELFIE = face(1.0)
CERTAIN = face(0.75)
"""As like the selfie as nobody else is."""
THROUGH = face(0.4, 0.8)
"""Not like the selfie, but like the certain one."""
STRANGER = face(0.4, 0.0)
"""As like the selfie as the one before, and unlike the certain one."""


def photo(name: str, *vectors: NDArray[np.float32]) -> NewPhoto:
    made = new_photo(name)
    return NewPhoto(
        content=made.content,
        preview=made.preview,
        thumbnail=made.thumbnail,
        filename=made.filename,
        width=made.width,
        height=made.height,
        taken=None,
        faces=[PhotoFace(Rect(0, 0, 10, 10), vector) for vector in vectors],
        model=MODEL,
    )


class LikenessContract(WithAlbums):
    """Tests of a store."""

    @pytest.fixture
    def ids(self, albums: Albums, event: PhotoEvent) -> list[str]:
        people = (("certain", CERTAIN), ("through", THROUGH), ("stranger", STRANGER))
        return [albums.add_photo(event, photo(name, vector), by=BY).id for name, vector in people]

    def test_a_photograph_is_found_through_one_that_is_certain(
        self, albums: Albums, event: PhotoEvent, ids: list[str]
    ) -> None:
        alone = albums.like(event, MODEL, SELFIE, LEAST)
        joined = albums.like(event, MODEL, SELFIE, LEAST, sure=SURE)

        assert [found.photo for found in alone] == ids[:1]
        assert [found.photo for found in joined] == ids[:2]
        faces = np.stack([CERTAIN, THROUGH, STRANGER])
        expected = alike(SELFIE, faces, np.arange(3), least=LEAST, sure=SURE)
        assert [found.similarity for found in joined] == pytest.approx([one.similarity for one in expected])

    def test_a_guest_is_forgotten_in_what_was_found_through_others_too(
        self, albums: Albums, event: PhotoEvent, ids: list[str]
    ) -> None:
        albums.finish_search(event, Search(REQUEST, 0.9, tuple(ids[:2]), Probe(SELFIE, MODEL)), by=BY)

        removal = albums.forget_guest(event, REQUEST, LEAST, sure=SURE, by=BY)

        assert removal is not None
        assert removal.faces == 2
        assert albums.faces(event) == 1
        assert albums.like(event, MODEL, SELFIE, LEAST, sure=SURE) == []
        assert [found.photo for found in albums.like(event, MODEL, STRANGER, LEAST)] == ids[2:]

    def test_whoever_denies_the_certain_one_is_not_found_through_it(
        self, albums: Albums, event: PhotoEvent, ids: list[str]
    ) -> None:
        albums.finish_search(event, Search(REQUEST, 0.9, tuple(ids[:2]), Probe(SELFIE, MODEL)), by=BY)
        albums.deny(event, REQUEST, ids[0], by=BY)
        assert albums.like(event, MODEL, SELFIE, LEAST, sure=SURE) == []

    def test_what_another_process_adds_and_takes_away_is_known_to_the_next_search(
        self, album_site: AlbumSite, albums: Albums, event: PhotoEvent, ids: list[str]
    ) -> None:
        def found() -> list[str]:
            return [one.photo for one in albums.like(event, MODEL, SELFIE, LEAST, sure=SURE)]

        assert found() == ids[:2]
        with album_site.again() as other:
            added = other.add_photo(event, photo("more", STRANGER, CERTAIN), by=BY)
            assert set(found()) == {*ids[:2], added.id}
            other.delete_photo(ids[0], by=BY)
            assert set(found()) == {ids[1], added.id}
            other.finish_search(event, Search(REQUEST, 0.9, (ids[1],), Probe(THROUGH, MODEL)), by=BY)
            other.forget_guest(event, REQUEST, 0.9, by=BY)
            assert found() == [added.id]
            other.purge_event("acme", "run", by=BY)
            assert found() == []
