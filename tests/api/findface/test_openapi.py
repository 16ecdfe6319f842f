"""FindFace's part of the documentation, as a document; whether answers are as it says, every other test checks."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from jsonschema import Draft202012Validator

from edged.api.findface.openapi import SECURITY_SCHEMES, findface_paths
from edged.api.findface.schemas import SCHEMAS
from edged.api.findface.table import TABLE

PATHS = findface_paths()
OPERATIONS = [(path, method, operation) for path, item in PATHS.items() for method, operation in item.items()]


def _references(document: Any) -> Iterator[str]:
    if isinstance(document, dict):
        yield from (document["$ref"],) if "$ref" in document else ()
        document = list(document.values())
    if isinstance(document, list):
        for inner in document:
            yield from _references(inner)


def test_every_address_is_there_with_and_without_a_version() -> None:
    assert PATHS.keys() == {f"{version}{path}" for version in ("/v0", "/v1", "") for path in TABLE}
    assert all({method.upper() for method in PATHS[f"/v1{path}"]} == methods.keys() for path, methods in TABLE.items())


def test_every_operation_has_a_name_of_its_own() -> None:
    names = [operation["operationId"] for _path, _method, operation in OPERATIONS]
    assert len(set(names)) == len(names)


def test_every_segment_of_an_address_is_a_parameter() -> None:
    for path, _method, operation in OPERATIONS:
        places = [one["name"] for one in operation["parameters"] if one["in"] == "path"]
        assert places == re.findall(r"\{(\w+)\}", path)


def test_every_reference_leads_somewhere_and_every_schema_is_one() -> None:
    names = set(_references([PATHS, SCHEMAS]))
    assert names == {f"#/components/schemas/{name}" for name in SCHEMAS}
    for schema in SCHEMAS.values():
        Draft202012Validator.check_schema(schema)
    json.dumps(PATHS)


def test_every_operation_needs_a_token_and_says_how_it_fails() -> None:
    for _path, _method, operation in OPERATIONS:
        assert [name for one in operation["security"] for name in one] == [*SECURITY_SCHEMES]
        assert operation["responses"].keys() >= {"400", "401", "413", "429", "500", "503"}


def test_photographs_are_files_in_forms() -> None:
    content = PATHS["/v1/verify"]["post"]["requestBody"]["content"]
    properties = content["multipart/form-data"]["schema"]["properties"]
    assert {name for name, one in properties.items() if one.get("format") == "binary"} == {"photo1", "photo2"}


def test_what_a_version_does_not_know_is_not_in_its_documentation() -> None:
    def fields(path: str) -> set[str]:
        content = PATHS[path]["post"]["requestBody"]["content"]
        return set(content["application/json"]["schema"]["properties"])

    assert fields("/v1/detect") == {"photo", "age", "gender", "emotions"}
    assert fields("/v0/detect") == {"photo"}
    assert "confidence" in fields("/identify")
    assert "confidence" not in fields("/v1/identify")
