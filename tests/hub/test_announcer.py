"""The hub tells of changes on a real broker, from a real store; and is not disturbed where there is none."""

from __future__ import annotations

import logging
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from edged.api.directory import Directory
from edged.api.fleet import Fleet
from edged.domain.errors import Unavailable
from edged.hub.announcer import Announcer, announcing
from edged.hub.settings import AnnounceSettings
from edged.hub.sqlite.directory import SqliteDirectory
from edged.hub.sqlite.fleet import SqliteFleet, renew_epoch
from edged.measure.listener import Listener
from edged.runtime.mosquitto import Mosquitto
from edged.wire.feed import Announcement
from tests.api.painted import new_face
from tests.hub.site import BY
from tests.hub.sqlite_site import open_database

PATIENCE_S = 30.0
TOPIC = "edged/_hub/revision"
PASSWORD = "correct horse battery staple"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The broker's."""
    folder = tmp_path / "mosquitto"
    folder.mkdir()
    return folder


@pytest.fixture
def broker(folder: Path) -> Iterator[Mosquitto]:
    with Mosquitto(folder) as mosquitto:
        yield mosquitto


@pytest.fixture
def store(tmp_path: Path) -> Iterator[tuple[Directory, Fleet]]:
    with closing(open_database(tmp_path / "hub.db")) as database:
        yield SqliteDirectory(database), SqliteFleet(database)


def _settings(port: int, **settings: object) -> AnnounceSettings:
    return AnnounceSettings.model_validate({"enabled": True, "host": "127.0.0.1", "port": port} | settings)


def _payload(fleet: Fleet) -> bytes:
    epoch, revision = fleet.newest()
    return Announcement(epoch=epoch, revision=revision).encoded()


def _listener(broker: Mosquitto, topic: str = TOPIC) -> Listener:
    listener = Listener(broker.port, topic)
    listener.connect()
    return listener


def _wait(truth: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while not truth():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def _warnings(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [record.getMessage() for record in caplog.records if record.levelno == logging.WARNING]


@pytest.mark.parametrize("protocol", ["5", "3.1.1"])
def test_a_change_is_announced_and_stands_there_for_whoever_comes_later(
    broker: Mosquitto, store: tuple[Directory, Fleet], protocol: str
) -> None:
    directory, fleet = store
    with announcing(_settings(broker.port, protocol=protocol), fleet.newest), closing(_listener(broker)) as listener:
        listener.until(_payload(fleet))
        directory.enroll("4711", [new_face(1)], by=BY)
        listener.until(_payload(fleet))
        directory.delete_person("4711", by=BY)
        listener.until(_payload(fleet))
    with closing(_listener(broker)) as late:
        late.until(_payload(fleet))
        assert [message.retained for message in late.received] == [True]


def test_nothing_is_said_twice_while_nothing_changes(broker: Mosquitto, store: tuple[Directory, Fleet]) -> None:
    directory, fleet = store
    with closing(_listener(broker)) as listener, announcing(_settings(broker.port), fleet.newest):
        listener.until(_payload(fleet))
        listener.collect(1.0)
        directory.enroll("4711", [new_face(1)], by=BY)
        listener.until(_payload(fleet))
    assert len(listener.received) == 2


def test_another_life_of_the_directory_is_told_even_with_the_same_revision(tmp_path: Path, broker: Mosquitto) -> None:
    with closing(open_database(tmp_path / "hub.db")) as database, closing(_listener(broker)) as listener:
        fleet = SqliteFleet(database)
        with announcing(_settings(broker.port), fleet.newest):
            listener.until(_payload(fleet))
            with database.writing() as connection:
                renew_epoch(connection)
            listener.until(_payload(fleet))


def test_devices_of_another_prefix_have_another_hub(broker: Mosquitto, store: tuple[Directory, Fleet]) -> None:
    with (
        closing(_listener(broker, "site/two/_hub/revision")) as listener,
        announcing(_settings(broker.port, prefix="site/two"), store[1].newest),
    ):
        listener.until(_payload(store[1]))


def test_a_broker_that_comes_back_with_nothing_gets_it_again(
    broker: Mosquitto, folder: Path, store: tuple[Directory, Fleet], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    directory, fleet = store
    with announcing(_settings(broker.port), fleet.newest):
        with closing(_listener(broker)) as listener:
            listener.until(_payload(fleet))
        broker.kill()
        (folder / "mosquitto.db").unlink(missing_ok=True)
        directory.enroll("4711", [new_face(1)], by=BY)
        _wait(lambda: len(_warnings(caplog)) == 1)
        time.sleep(2)  # some more tries
        assert len(_warnings(caplog)) == 1, "one outage is one line"
        broker.start()
        with closing(_listener(broker)) as listener:
            listener.until(_payload(fleet))
        _wait(lambda: "told of changes again" in caplog.text)
        broker.kill()
        _wait(lambda: len(_warnings(caplog)) == 2)


def test_a_store_that_is_away_is_asked_again(
    broker: Mosquitto, store: tuple[Directory, Fleet], caplog: pytest.LogCaptureFixture
) -> None:
    is_away = threading.Event()
    is_away.set()

    def newest() -> tuple[str, int]:
        if is_away.is_set():
            raise Unavailable("the PostgreSQL server does not answer")
        return store[1].newest()

    with announcing(_settings(broker.port), newest), closing(_listener(broker)) as listener:
        _wait(lambda: "devices are not told of changes: the PostgreSQL server does not answer" in caplog.text)
        is_away.clear()
        listener.until(_payload(store[1]))


def test_whoever_is_not_let_in_is_told_so_without_the_password(
    folder: Path, store: tuple[Directory, Fleet], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    with (
        Mosquitto(folder, ["allow_anonymous false"]) as broker,
        announcing(_settings(broker.port, username="hub", password=PASSWORD), store[1].newest),
    ):
        _wait(lambda: "does not let us in" in caplog.text)
    assert "mqtt.username" in caplog.text
    assert PASSWORD not in caplog.text


def test_a_hub_that_may_not_write_there_is_told_so(
    folder: Path, store: tuple[Directory, Fleet], caplog: pytest.LogCaptureFixture
) -> None:
    (folder / "rules").write_text("topic read #\n")
    with (
        Mosquitto(folder, ["allow_anonymous true", f"acl_file {folder}/rules"]) as broker,
        announcing(_settings(broker.port), store[1].newest),
    ):
        _wait(lambda: f"does not take what is told under {TOPIC} (not authorized)" in caplog.text)


def test_two_hubs_of_one_site_do_not_put_each_other_out(
    broker: Mosquitto, store: tuple[Directory, Fleet], caplog: pytest.LogCaptureFixture
) -> None:
    directory, fleet = store
    settings = _settings(broker.port)
    with announcing(settings, fleet.newest), announcing(settings, fleet.newest), closing(_listener(broker)) as listener:
        directory.enroll("4711", [new_face(1)], by=BY)
        listener.until(_payload(fleet))
        listener.collect(1.0)
    assert _warnings(caplog) == []


def test_something_that_never_answers_does_not_hold_up_the_end(store: tuple[Directory, Fleet]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        announcer = Announcer(_settings(silent.getsockname()[1]), store[1].newest)
        announcer.start()
        connection, _ = silent.accept()
        began = time.monotonic()
        announcer.stop()
        took = time.monotonic() - began
        connection.close()
    assert took < 2


def test_a_broker_that_hangs_does_not_hold_up_the_end(broker: Mosquitto, store: tuple[Directory, Fleet]) -> None:
    announcer = Announcer(_settings(broker.port), store[1].newest)
    announcer.start()
    with closing(_listener(broker)) as listener:
        listener.until(_payload(store[1]))
    broker.freeze()
    began = time.monotonic()
    announcer.stop()
    assert time.monotonic() - began < 2
