"""The stores that a document with a PostgreSQL server opens, and their new life after a copy was put back."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import pytest

from edged.domain.errors import Refused
from edged.hub.home import HubHome
from edged.hub.postgresql.new_life import begin_new_life
from edged.hub.settings import StoreSettings
from edged.hub.stores import Stores, open_server, open_stores
from tests.api.painted import new_face
from tests.hub.album_site import BY, new_event, new_photo
from tests.hub.storage_server import ACCESS, SECRET, storage


def _opened(home: Path, **store: object) -> Stores:
    return open_stores(StoreSettings.model_validate(store), HubHome(home))


def test_people_lie_on_the_server_and_photographs_in_the_folder_or_in_the_bucket(address: str, tmp_path: Path) -> None:
    keys = tmp_path / "keys"
    keys.write_text(f"[default]\naws_access_key_id = {ACCESS}\naws_secret_access_key = {SECRET}\n")
    with closing(_opened(tmp_path, postgresql=address)) as stores:
        stores.directory.enroll("4711", [new_face(1)], by=BY)
        first = stores.albums.add_photo(new_event(stores.albums), new_photo("a", (1, 0)), by=BY)
        assert stores.albums.tidy() == 0
    assert len([path for path in (tmp_path / "photos").rglob("*") if path.is_file()]) == 3

    with (
        storage() as server,
        closing(_opened(tmp_path, postgresql=address, photos=server.address, photos_keys=str(keys))) as stores,
    ):
        assert stores.directory.person("4711") is not None
        event = stores.albums.event("acme", "run")
        assert event is not None
        second = stores.albums.add_photo(event, new_photo("b", (0, 1)), by=BY)
        assert len(server.objects) == 3
        assert {photo.id for photo in stores.albums.photos(event, 0, 9).photos} == {first.id, second.id}
        assert [entry.act for entry in stores.audit(2)] == ["add_photo", "add_photo"]


def test_a_file_with_an_address_that_cannot_be_read_is_refused_without_its_password(tmp_path: Path) -> None:
    held = tmp_path / "address"
    held.write_text("postgresql://hub:hunter2@[db/edged")
    with pytest.raises(Refused, match="cannot be read") as refused:
        _opened(tmp_path, postgresql_file=str(held))
    assert "hunter2" not in str(refused.value)


def test_a_new_life_has_another_epoch_and_gives_no_number_twice(address: str, tmp_path: Path) -> None:
    with closing(_opened(tmp_path, postgresql=address)) as stores:
        known = stores.directory.enroll("4711", [new_face(1)], by=BY)
        before = stores.fleet.epoch()
        with closing(open_server(StoreSettings.model_validate({"postgresql": address}))) as database:
            renewed = begin_new_life(database, 0.0, by=BY)
        assert stores.fleet.epoch() == renewed != before
        later = stores.directory.enroll("4711", [new_face(2)], by=BY)
        assert {face.number for face in known.faces} < {face.number for face in later.faces}
        assert max(face.number for face in later.faces) > known.faces[0].number + 1000
        assert "renew_epoch" in [entry.act for entry in stores.audit(5)]
