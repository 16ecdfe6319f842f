"""What the documentation says of miiCloud's addresses is what there is."""

from __future__ import annotations

from jsonschema import Draft202012Validator

from edged.api.miicloud.app import TABLE
from edged.api.miicloud.openapi import PATHS, SCHEMAS, SECURITY


def test_every_address_and_method_is_documented_and_no_other() -> None:
    there = {f"/miicloud{path}": {method.lower() for method in methods} for path, methods in TABLE.items()}
    documented = {path: {*item} for path, item in PATHS.items()}
    assert documented == {**there, "/miicloud/enroll/{image}": {"get"}}


def test_every_schema_is_one_and_every_reference_leads_to_one() -> None:
    for schema in SCHEMAS.values():
        Draft202012Validator.check_schema(schema)
    for item in PATHS.values():
        for operation in item.values():
            assert all(name in SECURITY for one in operation["security"] for name in one)
            for answer in operation["responses"].values():
                reference = answer["content"]["application/json"]["schema"]["$ref"]
                assert reference.removeprefix("#/components/schemas/") in SCHEMAS
