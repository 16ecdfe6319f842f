"""A booth and its hub, each a process of its own, with one event."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import httpx

from edged.vault.receipt import is_genuine
from tests.central.whole_site import WholeSite, eventually, whole_site
from tests.hub.running import edged as command
from tests.runtime.test_interface import client_of

REQUEST = "0f8fad5b-d9cb-469f-a165-70867728950e"
PICTURES = "/api/v1/ext/booth/event/gala"


def hub_token(site: WholeSite, file: Path) -> str:
    """For the booth: bound to the organisation's photographs."""
    config = ("--config", str(site.config))
    assert command("hub", "org", "create", "booth", *config).returncode == 0
    rights = [word for right in ("read", "enroll", "match") for word in ("--right", right)]
    made = command("hub", "token", "create", "--name", "booth", "--org", "booth", *rights, "--json", *config)
    text: str = json.loads(made.stdout)["token"]["text"]
    file.write_text(text)
    file.chmod(0o600)
    return text


def own_token(file: Path) -> str:
    words = ["api", "token", "event app", "--right", "read", "--right", "match", "--org", "booth", "--json"]
    finished = subprocess.run([sys.executable, "-m", "edged", *words], capture_output=True, check=True, timeout=60)
    made = json.loads(finished.stdout)
    file.write_text(made["line"] + "\n")
    return str(made["token"])


def own_words(config: Path, *words: str) -> dict[str, Any]:
    """What a command says on the device."""
    argv = [sys.executable, "-m", "edged", *words, "--json", "--config", str(config)]
    said: dict[str, Any] = json.loads(subprocess.run(argv, capture_output=True, check=True, timeout=120).stdout)
    return said


def images(client: httpx.Client, key: str, address: str) -> list[str]:
    answer = client.get(address, headers={"x-api-key": key})
    if answer.status_code != 200:
        return []
    return [image["image_id"] for image in answer.json()["data"]["images"]]


def original(client: httpx.Client, key: str, photo: str) -> bytes:
    """The file as it came, as 9Pic's clients download it."""
    wanted = {"method": "image_ids", "identifier": [photo]}
    answer = client.post(f"{PICTURES}/original-photos", json=wanted, headers={"x-api-key": key})
    (link,) = answer.json()["data"]["presigned_urls"]
    return client.get(link["url"]).content


def test_one_event_answers_the_same_at_the_booth_and_at_the_hub(
    tmp_path: Path, models_dir: Path, astronaut_path: Path
) -> None:
    with whole_site(tmp_path, models_dir) as site:
        far, near = hub_token(site, tmp_path / "booth.token"), own_token(tmp_path / "tokens")
        made = command("hub", "event", "create", "booth", "gala", "--threshold", "0.5", "--config", str(site.config))
        assert made.returncode == 0, made.stderr
        settings: dict[str, Any] = {
            "photos": {
                "enabled": True,
                "sync": {
                    "enabled": True,
                    "token_file": str(tmp_path / "booth.token"),
                    "every_s": 1.0,
                    "originals": True,
                },
            },
            "api": {"enabled": True, "port": 0, "tokens": str(tmp_path / "tokens")},
        }
        with (
            site.hub.client() as hub,
            site.device(models_dir, **settings) as daemon,
            client_of(daemon, near) as booth,
        ):
            photo = {"file": ("gala.png", astronaut_path.read_bytes())}
            uploaded = hub.post(
                "/edged/v1/organisations/booth/events/gala/photos",
                files=photo,
                headers={"authorization": f"Bearer {far}"},
            )
            assert uploaded.status_code == 201, uploaded.text
            own = [uploaded.json()["id"]]
            eventually(lambda: images(booth, near, f"{PICTURES}/images") == own)
            assert original(booth, near, own[0]) == photo["file"][1]

            searched = booth.post(
                f"{PICTURES}/faces", files=photo, data={"request_id": REQUEST}, headers={"x-api-key": near}
            )

            assert searched.status_code == 200, searched.text
            assert [image["image_id"] for image in searched.json()["data"]["images"]] == own
            eventually(lambda: images(hub, far, f"{PICTURES}/faces/{REQUEST}") == own)
            assert booth.get("/v1/faces", headers={"authorization": f"Token {near}"}).status_code == 403

            assert own_words(daemon.config, "event", "purge", "gala", "--yes")["report"]["removed"]["photographs"] == 1
            eventually(lambda: own_words(daemon.config, "event", "purges")["purges"][0]["copies"])
            assert hub.get(f"{PICTURES}/images", headers={"x-api-key": far}).status_code == 404
            (purge,) = own_words(daemon.config, "event", "purges")["purges"]
            (copy,) = purge["copies"]
            assert is_genuine(copy)
            assert copy["removed"] == {
                name: many for name, many in purge["report"]["removed"].items() if name != "files"
            }
