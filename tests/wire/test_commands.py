"""The wire of requests is a contract, as that of all other payloads."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError as SchemaMismatch

from edged.config.control import COMMANDS, Command
from edged.control.authority import formed
from edged.control.command_table import RULES
from edged.domain.errors import ConfigInvalid
from edged.wire.commands.journal import ROOMS
from edged.wire.commands.shapes import SHAPES
from edged.wire.order import Request, Response
from edged.wire.schemas import schemas
from tests.conftest import ROOT
from tests.wire.command_examples import REFUSED, REQUESTS, RESPONSES, SAID

GOLDEN = Path(__file__).parent / "golden_commands"
TEXTS = {
    **{f"request-{name}": request.model_dump_json(exclude_defaults=True) for name, request in REQUESTS.items()},
    **{f"response-{name}": response.encoded().decode() for name, response in RESPONSES.items()},
    "refused": REFUSED.encoded().decode(),
    "log": SAID.encoded().decode(),
}
"""A request is shown as somebody would write it: with what has no default."""
NOT_ON_A_DEVICE = {"commands", "domain", "hub", "measure"}


@pytest.mark.parametrize("name", TEXTS)
def test_bytes_are_those_of_the_golden_file(name: str) -> None:
    assert f"{TEXTS[name]}\n" == (GOLDEN / f"{name}.json").read_text()


def test_every_golden_file_and_every_command_is_there() -> None:
    assert {path.stem for path in GOLDEN.iterdir()} == set(TEXTS)
    assert set(SHAPES) == set(RULES) == set(REQUESTS) == set(RESPONSES) == set(COMMANDS)


@pytest.mark.parametrize("command", COMMANDS)
def test_golden_files_fit_the_exported_schemas_and_are_what_is_read(command: Command) -> None:
    for kind in ("request", "response"):
        schema = schemas()[f"{kind}/{command}"]
        Draft202012Validator.check_schema(schema)
        Draft202012Validator(schema).validate(golden(f"{kind}-{command}"))
    request = formed(golden(f"request-{command}"), Request)
    formed(request.data, SHAPES[command].asked)
    Response.model_validate(golden(f"response-{command}"))
    SHAPES[command].answered.model_validate(golden(f"response-{command}")["data"])
    Draft202012Validator(schemas()["response/reboot"]).validate(golden("refused"))
    Draft202012Validator(schemas()["log"]).validate(golden("log"))


@pytest.mark.parametrize("command", COMMANDS)
def test_what_the_schema_refuses_the_device_refuses(command: Command) -> None:
    request = golden(f"request-{command}")
    schema = Draft202012Validator(schemas()[f"request/{command}"])
    for wrong in (
        {**request, "data": {**request.get("data", {}), "colour": "red"}},
        {**request, "data": []},
        {**request, "colour": "red"},
        {**request, "transaction": "two words"},
        {**request, "v": 2},
    ):
        with pytest.raises(SchemaMismatch):
            schema.validate(wrong)
        with pytest.raises(ConfigInvalid):
            formed(formed(wrong, Request).data, SHAPES[command].asked)
    response = golden(f"response-{command}")
    with pytest.raises(SchemaMismatch):
        Draft202012Validator(schemas()[f"response/{command}"]).validate({**response, "data": {}, "status": "late"})


BOUNDS: list[tuple[Command, dict[str, Any]]] = [
    ("snapshot", {"side": 159}),
    ("snapshot", {"side": 1921}),
    ("snapshot", {"side": True}),
    ("snapshot", {"camera": "../etc"}),
    ("identify", {"seconds": 20.5}),
    ("identify", {"photo": "A" * 240_001}),
    ("identify", {"photo": "AAAA", "camera": "front"}),
    ("enroll", {}),
    ("enroll", {"customer_person_id": ""}),
    ("enroll", {"customer_person_id": "x" * 129}),
    ("enroll", {"customer_person_id": "x", "groups": ["g"] * 65}),
    ("enroll", {"customer_person_id": "x", "shots": 17}),
    ("people_list", {"most": 501}),
    ("people_get", {}),
    ("sync", {"wait_s": 21}),
    ("log_level", {"room": "cellar"}),
    ("log_level", {"for_s": 86_401}),
    ("log_tail", {"lines": 1001}),
    ("models_switch", {"embedder": "../x"}),
    ("restart", {"now": True}),
]


@pytest.mark.parametrize(("command", "data"), BOUNDS)
def test_what_is_out_of_bounds_is_refused(command: Command, data: dict[str, Any]) -> None:
    with pytest.raises(ConfigInvalid):
        formed(data, SHAPES[command].asked)


def test_every_room_of_a_device_can_be_named() -> None:
    rooms = {path.parent.name for path in (ROOT / "edged").glob("*/__init__.py")}
    assert set(ROOMS) == rooms - NOT_ON_A_DEVICE


def test_the_examples_in_the_documentation_are_the_golden_files() -> None:
    documentation = (ROOT / "docs" / "requests.md").read_text()
    examples = re.findall(r"^```json\n(.*?)^```", documentation, re.MULTILINE | re.DOTALL)
    assert sorted(json.dumps(json.loads(text)) for text in examples) == sorted(
        json.dumps(json.loads(text)) for text in TEXTS.values()
    )


def test_the_documentation_has_every_command_with_its_own_terms() -> None:
    table = (ROOT / "docs" / "mqtt.md").read_text()
    for command, rule in RULES.items():
        row = next(line for line in table.splitlines() if line.startswith(f"| `{command}` |"))
        cells = [cell.strip() for cell in row.strip("|").split("|")]
        assert cells[1] == ("yes" if rule.changes else "no"), command
        assert cells[2] == f"{rule.limit_s:.0f} s", command


def golden(name: str) -> dict[str, Any]:
    document = json.loads((GOLDEN / f"{name}.json").read_text())
    assert isinstance(document, dict)
    return document
