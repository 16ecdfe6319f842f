"""`edged hub run`: over real HTTPS, verified by the authority that `edged hub init` made."""

from __future__ import annotations

import os
import signal
import socket
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml

from edged.api.openapi import document
from tests.hub.running import Running, edged, made_hub, running


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory, models_dir: Path) -> dict[str, Any]:
    return made_hub(tmp_path_factory.mktemp("hub") / "hub", models_dir)


@pytest.fixture(scope="module")
def hub(made: dict[str, Any]) -> Iterator[Running]:
    config = Path(made["config"])
    with running(config, config.parent / "log") as process:
        yield process


def _changed(made: dict[str, Any], name: str, **serve: Any) -> Path:
    """A copy of the document with other settings, beside it."""
    config = Path(made["config"])
    document = yaml.safe_load(config.read_text())
    document["serve"] |= serve
    path = config.with_name(name)
    path.write_text(yaml.safe_dump(document))
    return path


def test_the_first_token_opens_the_hub_over_https_that_its_authority_vouches_for(
    hub: Running, made: dict[str, Any], astronaut_path: Path
) -> None:
    assert hub.url.startswith("https://127.0.0.1:")
    with hub.client(made["token"]["text"]) as client:
        assert client.get("/v1/galleries").json() == {"results": ["default"]}
        seen = client.post("/v1/detect", files={"photo": astronaut_path.read_bytes()})
        assert len(seen.json()["faces"]) == 1


def test_a_client_that_trusts_others_is_not_let_down(hub: Running) -> None:
    with httpx.Client(trust_env=False) as client, pytest.raises(httpx.ConnectError, match="CERTIFICATE_VERIFY_FAILED"):
        client.get(f"{hub.url}/healthz")


def test_old_versions_of_tls_are_not_spoken(hub: Running) -> None:
    import ssl  # noqa: PLC0415

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.load_verify_locations(hub.ca)
    with pytest.warns(DeprecationWarning, match="TLSv1_1"):
        context.maximum_version = ssl.TLSVersion.TLSv1_1
    port = int(hub.url.rpartition(":")[2])
    with socket.create_connection(("127.0.0.1", port), 10) as raw, pytest.raises((ssl.SSLError, ConnectionError)):
        context.wrap_socket(raw, server_hostname="127.0.0.1")


def test_without_a_token_every_dialect_says_no_in_its_own_words(hub: Running) -> None:
    with hub.client() as client:
        findface = client.get("/v1/faces")
        assert (findface.status_code, findface.json()["code"]) == (401, "AUTH_FAILED")
        ninepic = client.get("/api/v1/ext/acme/events")
        assert (ninepic.status_code, ninepic.json()["responseType"]) == (401, "error")


def test_health_page_and_document_need_no_token(hub: Running) -> None:
    with hub.client() as client:
        assert client.get("/healthz/").json() == {"ok": True}
        assert client.get("/openapi.json").json() == document()
        page = client.get("/docs/")
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    assert "script-src" not in page.headers["content-security-policy"]
    assert "default-src 'none'" in page.headers["content-security-policy"]
    assert "<script" not in page.text
    assert "/v1/face" in page.text


def test_a_token_that_is_revoked_by_command_is_refused_within_a_second(hub: Running, made: dict[str, Any]) -> None:
    import json  # noqa: PLC0415

    config = ("--config", made["config"], "--json")
    token = json.loads(edged("hub", "token", "create", "--name", "t", "--right", "read", *config).stdout)["token"]
    with hub.client(token["text"]) as client:
        assert client.get("/v1/galleries").status_code == 200
        assert edged("hub", "token", "revoke", token["id"], *config).returncode == 0
        time.sleep(1.1)
        assert client.get("/v1/galleries").status_code == 401


def test_the_log_holds_no_token(hub: Running, made: dict[str, Any]) -> None:
    with hub.client(made["token"]["text"]) as client:
        client.get("/v1/galleries", params={"token": made["token"]["text"]})
        client.get("/v1/nowhere")
    assert "edged_" not in hub.log.read_text()


def test_a_restore_is_refused_while_the_hub_runs(hub: Running, made: dict[str, Any], tmp_path: Path) -> None:
    target = tmp_path / "backup.edged-hub"
    assert edged("hub", "backup", str(target), "--config", made["config"]).returncode == 0
    refused = edged("hub", "restore", str(target), "--force", "--config", made["config"])
    assert refused.returncode == 1
    assert "a hub runs on" in refused.stderr


def test_term_ends_it_in_good_order_and_the_answer_under_way_is_given(
    made: dict[str, Any], astronaut_path: Path, tmp_path: Path
) -> None:
    photo = astronaut_path.read_bytes()
    answers: list[httpx.Response] = []
    with running(Path(made["config"]), tmp_path / "log") as hub:
        arrived = threading.Event()

        def slow() -> Iterator[bytes]:
            yield photo[: len(photo) // 2]
            arrived.set()
            time.sleep(1)
            yield photo[len(photo) // 2 :]

        def ask() -> None:
            head = b'--x\r\nContent-Disposition: form-data; name="photo"; filename="a.png"\r\n\r\n'
            with hub.client(made["token"]["text"]) as client:
                body = (part for parts in ([head], slow(), [b"\r\n--x--\r\n"]) for part in parts)
                headers = {"content-type": "multipart/form-data; boundary=x"}
                answers.append(client.post("/v1/detect", content=body, headers=headers))

        asking = threading.Thread(target=ask)
        asking.start()
        assert arrived.wait(10)
        assert hub.terminated() == 0
        asking.join(10)
    assert [answer.status_code for answer in answers] == [200]
    assert len(answers[0].json()["faces"]) == 1


def test_a_client_that_rests_on_its_connection_does_not_hold_the_end_up(made: dict[str, Any], tmp_path: Path) -> None:
    with running(Path(made["config"]), tmp_path / "log") as hub, hub.client(made["token"]["text"]) as client:
        assert client.get("/v1/galleries").status_code == 200
        begun = time.monotonic()
        assert hub.terminated() == 0
        assert time.monotonic() - begun < 7, "answers under way would have ten seconds"


def test_a_client_that_hangs_up_in_the_middle_is_no_fault_of_the_hub(made: dict[str, Any], tmp_path: Path) -> None:
    with running(Path(made["config"]), tmp_path / "log") as hub:
        url = httpx.URL(hub.url)
        context = ssl.create_default_context(cafile=str(hub.ca))
        token = made["token"]["text"]
        for path in ("/edged/v1/people", "/edged/v1/devices/door/report"):
            head = f"PUT {path} HTTP/1.1\r\nHost: {url.host}\r\nAuthorization: Bearer {token}\r\n"
            head += "Content-Length: 900\r\n\r\n"
            with (
                socket.create_connection((url.host, url.port or 443)) as plain,
                context.wrap_socket(plain, server_hostname=url.host) as line,
            ):
                line.sendall(head.encode() + b'{"request"')
        with hub.client(token) as client:
            assert client.get("/v1/galleries").status_code == 200
        assert hub.terminated() == 0
        assert "Traceback" not in hub.log.read_text()


def test_plain_http_is_not_served_to_others_unless_asked_for(made: dict[str, Any]) -> None:
    config = _changed(made, "plain.yaml", listen="0.0.0.0", certificate=None, key=None)
    refused = edged("hub", "run", "--config", str(config))
    assert refused.returncode == 78
    assert "without a certificate the hub listens on loopback only" in refused.stderr


def test_a_certificate_of_another_key_is_refused_in_plain_words(made: dict[str, Any]) -> None:
    config = _changed(made, "mixed.yaml", key="tls/ca.key")
    refused = edged("hub", "run", "--config", str(config))
    assert refused.returncode == 1
    assert "are no certificate and its key" in refused.stderr
    assert "Traceback" not in refused.stderr


def test_a_port_that_is_taken_is_said_before_the_models_are_loaded(made: dict[str, Any]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        config = _changed(made, "taken.yaml", port=taken.getsockname()[1])
        began = time.monotonic()
        refused = edged("hub", "run", "--config", str(config))
    assert "another program does" in refused.stderr
    assert time.monotonic() - began < 30


def test_two_processes_answer_on_one_port_and_end_together(made: dict[str, Any], tmp_path: Path) -> None:
    config = _changed(made, "two.yaml", processes=2)
    with running(config, tmp_path / "log") as hub:
        members = _children(hub.process.pid)
        assert len(members) == 2
        for _ in range(4):
            with hub.client(made["token"]["text"]) as client:
                assert client.get("/v1/galleries").status_code == 200
        assert hub.terminated() == 0
        _wait_gone(members)
    with running(config, tmp_path / "log") as hub:
        first, second = _children(hub.process.pid)
        os.kill(first, signal.SIGKILL)
        assert hub.process.wait(20) == 1, "whoever supervises starts all of them anew"
        _wait_gone([second])
    with running(config, tmp_path / "log") as hub:
        members = _children(hub.process.pid)
        hub.process.kill()
        _wait_gone(members)


def _children(pid: int) -> list[int]:
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def _wait_gone(pids: list[int]) -> None:
    end = time.monotonic() + 20
    while time.monotonic() < end and any(_lives(pid) for pid in pids):
        time.sleep(0.1)
    assert not any(_lives(pid) for pid in pids)


def _lives(pid: int) -> bool:
    with suppress(OSError):
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    return False
