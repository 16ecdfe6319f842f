from __future__ import annotations

from edged.hub.postgresql.census import census
from edged.hub.postgresql.database import Database
from tests.api.painted import new_face
from tests.hub.postgresql.postgres_site import postgres_site
from tests.hub.site import BY


def test_what_the_server_holds_is_counted(database: Database, address: str) -> None:
    site = postgres_site(database, address)
    site.directory.enroll("4711", [new_face(1), new_face(2)], by=BY)
    found = census(database)
    assert (found.kind, found.people, found.faces, found.photographs) == ("postgresql", 1, 2, 0)
    assert found.size > 1_000_000
