"""The hub's document: what it takes, and what it says of what it does not take."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from pathlib import Path

import pytest

from edged.domain.errors import ConfigInvalid
from edged.hub.sample import sample
from edged.hub.settings import HubSettings, load_settings


def _written(folder: Path, text: str) -> Path:
    path = folder / "hub.yaml"
    path.write_text(text)
    return path


def _problems(folder: Path, text: str) -> str:
    with pytest.raises(ConfigInvalid) as caught:
        load_settings(_written(folder, text))
    return str(caught.value)


def test_a_file_without_settings_listens_on_loopback(tmp_path: Path) -> None:
    settings = load_settings(_written(tmp_path, ""))
    assert settings.serve.is_local
    assert settings == HubSettings()


def test_plain_http_on_a_public_address_is_refused_unless_asked_for(tmp_path: Path) -> None:
    assert "listens on loopback only" in _problems(tmp_path, "serve:\n  listen: 0.0.0.0\n")
    asked = load_settings(_written(tmp_path, "serve:\n  listen: 0.0.0.0\n  plain_http: true\n"))
    assert not asked.serve.encrypts


@pytest.mark.parametrize("host", ["::", "192.168.1.10", "hub.example.org", "127.0.0.1.example.org"])
def test_an_address_that_others_may_reach_is_public(tmp_path: Path, host: str) -> None:
    assert "loopback" in _problems(tmp_path, f'serve:\n  listen: "{host}"\n')


@pytest.mark.parametrize("host", ["::1", "localhost", "127.1.2.3"])
def test_loopback_needs_no_certificate(tmp_path: Path, host: str) -> None:
    assert load_settings(_written(tmp_path, f'serve:\n  listen: "{host}"\n')).serve.listen == host


def test_every_problem_is_named_at_once_with_what_is_allowed(tmp_path: Path) -> None:
    said = _problems(
        tmp_path, "serve:\n  prot: 1\n  port: 70000\nlimits:\n  looking: fast\nmanners:\n  known: 2\n  certificate: x\n"
    )
    assert "serve.prot: is not a setting; did you mean port?" in said
    assert "serve.port: is too large (got 70000); allowed: a whole number from 0 to 65535" in said
    assert "limits.looking: has the wrong type" in said
    assert "manners.known: is too large" in said
    assert "manners.certificate: is not a setting" in said


def test_a_certificate_needs_its_key(tmp_path: Path) -> None:
    assert "certificate and key go together" in _problems(tmp_path, "serve:\n  certificate: hub.crt\n")


@pytest.mark.parametrize("address", ["hub.example.org", "https://hub.example.org/", "https://user@hub", "ftp://hub"])
def test_a_public_url_is_an_address_without_a_slash_at_the_end(tmp_path: Path, address: str) -> None:
    assert "serve.public_url" in _problems(tmp_path, f"serve:\n  public_url: {address}\n")


def test_a_missing_file_is_named_together_with_what_makes_one(tmp_path: Path) -> None:
    with pytest.raises(ConfigInvalid, match="edged hub init"):
        load_settings(tmp_path / "hub.yaml")


def test_relative_paths_count_from_the_files_folder(tmp_path: Path) -> None:
    settings = load_settings(_written(tmp_path, "store:\n  directory: data\n"))
    assert settings.store.directory == tmp_path / "data"


@pytest.mark.parametrize(
    "address",
    ["postgresql://hub@db.example.org/edged", "postgres:///edged?host=/run/pg", "host=db user=hub dbname=edged"],
)
def test_a_server_is_chosen_by_any_address_that_its_driver_takes(tmp_path: Path, address: str) -> None:
    store = load_settings(_written(tmp_path, f'store:\n  postgresql: "{address}"\n')).store
    assert store.on_server
    assert store.postgresql == address


def test_a_file_may_hold_the_address(tmp_path: Path) -> None:
    store = load_settings(_written(tmp_path, "store:\n  postgresql_file: database\n")).store
    assert store.on_server
    assert store.postgresql_file == tmp_path / "database"


@pytest.mark.parametrize(
    "address",
    [
        "postgresql://hub:hunter2@db/edged",
        "postgresql://hub:hunter2%2F@db/edged",
        "postgresql://hub@db/edged?password=hunter2",
        "postgresql://hub@db/edged?p%61ssword=hunter2",
        "host=db password = hunter2",
        "postgresql://hub@db/edged?sslpassword=hunter2",
        "host=db oauth_client_secret=hunter2",
    ],
)
def test_a_password_in_the_document_is_refused_and_not_repeated(tmp_path: Path, address: str) -> None:
    said = _problems(tmp_path, f'store:\n  postgresql: "{address}"\n')
    assert "store: postgresql has a password: change it" in said
    assert "hunter2" not in said


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("  postgresql: mysql://hub@db/edged\n", "postgresql is no address of a server"),
        ("  postgresql: db.example.org\n", "postgresql is no address of a server"),
        ("  postgresql: postgresql://hub@db/edged\n  postgresql_file: x\n", "give one of them"),
        ("  photos: s3://s3.example.org/acme\n", "only where postgresql is set"),
        ("  postgresql_file: x\n  photos: https://s3.example.org/acme\n", "it is none of a storage"),
        ("  postgresql_file: x\n  photos: s3://key:hunter2@s3.example.org/acme\n", "keys do not belong into it"),
    ],
)
def test_a_choice_of_stores_that_cannot_be_is_told_in_words(tmp_path: Path, text: str, told: str) -> None:
    said = _problems(tmp_path, f"store:\n{text}")
    assert told in said
    assert "hunter2" not in said


def test_the_dialects_get_what_was_chosen(tmp_path: Path) -> None:
    text = (
        "manners:\n  known: 0.8\n  fail_as_200: true\n  photo_hosts: [Photos.Example.org]\nlimits:\n  max_photo_mb: 3\n"
    )
    manners = load_settings(_written(tmp_path, text)).chosen_manners()
    assert (manners.known, manners.fail_as_200, manners.max_photo_bytes) == (0.8, True, 3 * 1024 * 1024)
    assert manners.photo_hosts == frozenset({"photos.example.org"})


def test_the_written_file_sets_what_was_given_and_tells_of_everything_else(tmp_path: Path) -> None:
    text = sample({"serve": {"port": 9443}, "store": {"directory": "data"}})
    settings = load_settings(_written(tmp_path, text))
    assert settings.serve.port == 9443
    assert settings.model_copy(update={"serve": settings.serve.model_copy(update={"port": 8443})}).limits == (
        HubSettings().limits
    )
    for name in HubSettings.model_fields:
        assert f"{name}:\n" in text
    assert "  # looking: 3000\n" in text


def test_every_setting_of_the_written_file_can_be_uncommented(tmp_path: Path) -> None:
    text = sample({"serve": {"port": 9443}})
    assert load_settings(_written(tmp_path, "\n".join(_opened(text)))) == load_settings(
        _written(tmp_path, "serve:\n  port: 9443\n")
    )


def _opened(text: str) -> Iterator[str]:
    """The lines, with every setting set."""
    sections = HubSettings.model_fields
    within: Collection[str] = ()
    for line in text.splitlines():
        key = line.lstrip("# ").partition(":")[0]
        if not line.startswith("  ") and key in sections:
            within = (sections[key].annotation or HubSettings).model_fields
        is_setting = key in (within if line.startswith("  ") else sections)
        yield line.replace("# ", "", 1) if is_setting else line


def test_events_are_taken_only_where_there_is_a_broker(tmp_path: Path) -> None:
    assert "events: true needs enabled: true" in _problems(tmp_path, "mqtt:\n  events: true\n")
    asked = load_settings(_written(tmp_path, "mqtt:\n  enabled: true\n  events: true\n"))
    assert asked.mqtt.events
    assert not HubSettings().mqtt.events
