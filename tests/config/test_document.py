from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from edged.config.document import Document
from edged.config.field import Cost
from edged.config.problems import checked
from edged.config.schema import json_schema, kinds, options, resolved
from edged.domain.errors import ConfigInvalid


def fields(node: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """Every setting of the schema, of every kind of camera."""
    for name, raw in node["properties"].items():
        entry, place = resolved(raw), f"{path}{name}"
        if "patternProperties" in entry:
            named = resolved(next(iter(entry["patternProperties"].values())))
            every = kinds(named) if "discriminator" in named else {"<name>": named}
            for kind, below in every.items():
                yield from fields(below, f"{place}.{kind}.")
        elif "properties" in entry:
            yield from fields(entry, f"{place}.")
        else:
            yield place, entry


FIELDS = dict(fields(json_schema()))


def refusal(tree: dict[str, Any], folder: Path | None = None) -> str:
    with pytest.raises(ConfigInvalid) as caught:
        checked(tree, "test", folder)
    return str(caught.value)


def test_the_schema_is_walked_to_its_ends() -> None:
    assert {"decision.margin", "cameras.rtsp.url", "cameras.demo.motion.hold_s", "log.level"} <= FIELDS.keys()


@pytest.mark.parametrize("path", FIELDS)
def test_every_setting_says_what_a_change_costs_and_what_it_means(path: str) -> None:
    assert FIELDS[path]["apply"] in set(Cost)
    assert FIELDS[path].get("description") or "const" in FIELDS[path]


@pytest.mark.parametrize("path", FIELDS)
def test_no_number_and_no_list_is_without_bounds(path: str) -> None:
    for node in options(FIELDS[path]):
        if node.get("type") in {"integer", "number"} and "enum" not in node:
            assert node.keys() & {"minimum", "exclusiveMinimum"}
            assert node.keys() & {"maximum", "exclusiveMaximum"}
        if node.get("type") == "array":
            assert "maxItems" in node


def test_the_defaults_are_valid() -> None:
    assert Document.model_validate(Document().model_dump()) == Document()


@pytest.mark.parametrize(
    ("tree", "words"),
    [
        ({"mqtt": {"password": "a", "password_file": "/b"}}, "not both"),
        ({"mqtt": {"tls": True, "cert_file": "/a"}}, "go together"),
        ({"mqtt": {"cert_file": "/a", "key_file": "/b"}}, "tls"),
        ({"mqtt": {"prefix": "a//b"}}, "mqtt.prefix"),
        ({"quality": {"min_light": 200, "max_light": 100}}, "below max_light"),
        ({"cameras": {"a": {"kind": "v4l2", "region": {"x1": 0.5, "x2": 0.4}}}}, "cameras.a.region: a region spans"),
        ({"cameras": {"a": {"kind": "rtsp", "url": "http://x"}}}, "rtsp://"),
        ({"cameras": {"a": {"kind": "mjpeg", "url": "rtsp://x"}}}, "http://"),
        ({"cameras": {f"c{number}": {"kind": "v4l2"} for number in range(33)}}, "at most 32"),
        ({"models": {"detector": "../../etc/passwd"}}, "models.detector"),
        ({"quality": {"max_yaw": float("nan")}}, "quality.max_yaw"),
        ({"models": {"threads": True}}, "models.threads"),
        ({"models": {"threads": "2"}}, "models.threads"),
        ({"http": {"enabled": "no"}}, "http.enabled"),
        ({"events": {"max_age_days": float("inf")}}, "events.max_age_days"),
    ],
)
def test_settings_that_do_not_fit_together_are_refused(tree: dict[str, Any], words: str) -> None:
    assert words in refusal(tree)


def test_relative_paths_count_from_the_files_folder_and_are_refused_where_there_is_none() -> None:
    tree = {"cameras": {"a": {"kind": "video", "path": "clips/a.mp4"}}, "device": {"state": "/state"}}
    document = checked(tree, "test", Path("/etc/edged"))
    assert document.model_dump()["cameras"]["a"]["path"] == Path("/etc/edged/clips/a.mp4")
    assert document.device.state == Path("/state")
    assert "cameras.a.path: must be an absolute path" in refusal(tree)


@pytest.mark.parametrize("listen", ["127.0.0.1", "::1", "localhost"])
def test_the_page_needs_no_certificate_on_this_machine(listen: str) -> None:
    checked({"http": {"listen": listen}}, "test")
    checked({"http": {"listen": "0.0.0.0", "enabled": False}}, "test")
    checked({"http": {"listen": "0.0.0.0", "certificate": "/c", "key": "/k"}}, "test")


@pytest.mark.parametrize(
    "http", [{"listen": "0.0.0.0"}, {"listen": "door.local"}, {"certificate": "/c"}, {"key": "/k"}]
)
def test_beyond_this_machine_the_page_needs_a_certificate(http: dict[str, object]) -> None:
    with pytest.raises(ConfigInvalid, match="certificate"):
        checked({"http": http}, "test")


@pytest.mark.parametrize(
    ("api", "word"),
    [
        ({"enabled": True}, "tokens"),
        ({"enabled": True, "tokens": "/t", "listen": "0.0.0.0"}, "certificate"),
        ({"certificate": "/c"}, "together"),
    ],
)
def test_clients_are_let_in_with_tokens_only_and_from_elsewhere_with_a_certificate_only(
    api: dict[str, object], word: str
) -> None:
    with pytest.raises(ConfigInvalid) as error:
        checked({"api": api}, "test")
    assert word in str(error.value)


@pytest.mark.parametrize("listen", ["0.0.0.0", "::"])
def test_guests_links_never_lead_to_all_addresses(listen: str) -> None:
    with pytest.raises(ConfigInvalid, match="set url"):
        checked({"photos": {"guests": {"listen": listen}}}, "test")
    found = checked({"photos": {"guests": {"listen": listen, "url": "http://booth.example:8767/"}}}, "test")
    assert found.photos.guests.address == "http://booth.example:8767"
