"""`edged hub run` on a real PostgreSQL: several hubs on one site, a site that moved, and one that was put back."""

from __future__ import annotations

import contextlib
import io
import json
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml

from edged.cli import main
from edged.hub.home import HubHome
from edged.hub.settings import load_settings
from edged.hub.sqlite.directory import SqliteDirectory
from edged.measure.postgres_server import RealPostgres
from tests.api.painted import new_face
from tests.hub.album_site import BY
from tests.hub.running import Running, made_hub, running


@pytest.fixture(scope="module")
def photo(astronaut_path: Path) -> bytes:
    return astronaut_path.read_bytes()


def _changed(made: dict[str, Any], name: str, **store: str) -> Path:
    """A copy of the document with other stores, beside it."""
    config = Path(made["config"])
    document = yaml.safe_load(config.read_text())
    document["store"] |= store
    path = config.with_name(name)
    path.write_text(yaml.safe_dump(document))
    return path


def _said(*words: str, code: int = 0) -> Any:
    """What a command answers, in this process."""
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        assert main([*words, "--json"]) == code, out.getvalue()
    return json.loads(out.getvalue())


def _enrolled(client: httpx.Client, key: str, photo: bytes) -> None:
    answer = client.post(
        "/miicloud/person", data={"customer_person_id": key}, files={"image_path": ("me.png", photo, "image/png")}
    )
    assert answer.status_code == 200, answer.text


def _identified(client: httpx.Client, photo: bytes) -> list[tuple[str, float]]:
    """The metas that FindFace names for a photograph with one face, and how sure it is."""
    answer = client.post("/v1/identify", files={"photo": ("me.png", photo, "image/png")})
    assert answer.status_code == 200, answer.text
    (matches,) = answer.json()["results"].values()
    return [(match["face"]["meta"], match["confidence"]) for match in matches]


@pytest.fixture
def two(postgres: RealPostgres, tmp_path: Path, models_dir: Path) -> Iterator[tuple[Running, Running, dict[str, Any]]]:
    """Two hubs on one site, which `edged hub init` began, and what it said."""
    held = tmp_path / "database"
    held.write_text(postgres.database("two") + "\n")
    made = made_hub(tmp_path / "hub", models_dir, "--postgresql-file", str(held))
    with ExitStack() as both:
        first, second = (
            both.enter_context(running(Path(made["config"]), tmp_path / name)) for name in ("first.log", "second.log")
        )
        yield first, second, made


def test_whoever_is_enrolled_at_one_hub_is_found_at_the_other_at_once_and_gone_when_deleted(
    two: tuple[Running, Running, dict[str, Any]], photo: bytes
) -> None:
    first, second, made = two
    assert first.url != second.url
    with first.client(made["token"]["text"]) as here, second.client(made["token"]["text"]) as there:
        assert _identified(there, photo) == []
        _enrolled(here, "4711", photo)
        ((meta, confidence),) = _identified(there, photo)
        assert (meta, round(confidence, 2)) == ("4711", 1.0)
        assert _identified(here, photo) == [(meta, confidence)]

        assert there.delete("/v1/faces/meta/4711").status_code == 204
        assert _identified(here, photo) == []
        assert here.get("/miicloud/person/4711").status_code == 404
    config = ("--config", made["config"])
    (token,) = _said("hub", "token", "list", *config)["tokens"]
    assert token["id"] == made["token"]["id"]
    assert _said("hub", "token", "revoke", token["id"], *config) == {"revoked": token["id"]}
    newest, deletion = (_said("hub", "audit", "--last", "50", *config)["entries"][at] for at in (0, 1))
    assert (newest["act"], newest["about"]) == ("revoke_token", token["id"])
    assert deletion["by"] == token["id"], "a hub's acts and a command's are in one log"
    assert not (Path(made["config"]).parent / "data" / "hub.db").exists()


def test_a_hub_on_the_server_answers_as_the_one_whose_site_was_moved_while_it_ran(
    postgres: RealPostgres, tmp_path: Path, models_dir: Path, photo: bytes
) -> None:
    address = postgres.database("moved")
    made = made_hub(tmp_path / "hub", models_dir)
    config = ("--config", made["config"])
    home = HubHome.of(load_settings(Path(made["config"])))
    with closing(home.open_database()) as database:
        directory = SqliteDirectory(database)
        for number in range(20):
            directory.enroll(f"before-{number}", [new_face(number)], by=BY)
    with running(Path(made["config"]), tmp_path / "sqlite.log") as hub, hub.client(made["token"]["text"]) as client:
        assert not _said("hub", "migrate", "--to", address, *config)["finished"]
        _enrolled(client, "4711", photo)
        assert not _said("hub", "migrate", "--to", address, *config)["finished"]
        before = _answers(client, photo)
        hub.terminated()
    moved = _changed(made, "moved.yaml", postgresql=address)
    early = _said("hub", "token", "list", "--config", str(moved), code=1)
    assert "being moved" in early["error"]["what"]
    done = _said("hub", "migrate", "--to", address, "--finish", *config)
    assert done["configuration"] == {"store": {"postgresql": address}}

    with running(moved, tmp_path / "server.log") as hub, hub.client(made["token"]["text"]) as client:
        assert _answers(client, photo) == before


def _answers(client: httpx.Client, photo: bytes) -> list[Any]:
    """What both dialects say of the site and of a photograph, wherever they answer."""
    asked = [
        client.get("/v1/faces"),
        client.get("/v1/galleries"),
        client.get("/miicloud/person/4711"),
        client.get("/miicloud/person/before-7"),
    ]
    assert all(answer.status_code == 200 for answer in asked)
    own = str(client.base_url).rstrip("/")
    return [*(answer.text.replace(own, "") for answer in asked), _identified(client, photo)]


def test_a_copy_that_pg_dump_made_is_put_back_with_a_new_life(
    postgres: RealPostgres, tmp_path: Path, models_dir: Path
) -> None:
    first, again = postgres.database("dumped"), postgres.database("restored")
    made = made_hub(tmp_path / "hub", models_dir, "--postgresql", first)
    refused = _said("hub", "backup", str(tmp_path / "b"), "--config", made["config"], code=1)
    assert refused["error"]["reason"] == "on_postgresql"
    assert "pg_dump" in refused["error"]["what"]
    refused = _said("hub", "restore", str(tmp_path / "b"), "--config", made["config"], code=1)
    assert "pg_restore" in refused["error"]["what"]

    copy = tmp_path / "copy.dump"
    _run(postgres.program("pg_dump"), "--format=custom", f"--file={copy}", first)
    _run(postgres.program("pg_restore"), "--no-owner", "--exit-on-error", f"--dbname={again}", str(copy))
    config = str(_changed(made, "again.yaml", postgresql=again))
    renewed = _said("hub", "restore", "--renew-epoch", "--config", config)
    assert renewed["epoch"] not in {"", _said("hub", "restore", "--renew-epoch", "--config", config)["epoch"]}
    assert [token["id"] for token in _said("hub", "token", "list", "--config", config)["tokens"]] == [
        made["token"]["id"]
    ]


def test_init_leaves_nothing_where_the_server_is_not_there(tmp_path: Path) -> None:
    folder = tmp_path / "hub"
    refused = _said("hub", "init", str(folder), "--postgresql", f"postgresql://edged@/x?host={tmp_path}", code=1)
    assert refused["error"]["what"] == "the PostgreSQL server does not answer"
    assert not folder.exists()


def _run(*words: str) -> None:
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
