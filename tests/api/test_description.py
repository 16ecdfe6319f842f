"""Everything the OpenAPI document describes is asked in ways that fit and in ways that do not.

No fault of ours is an answer, and no answer is one that the document does not name.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, Final

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.strategies import one_of
from schemathesis import GenerationMode
from schemathesis.checks import CHECKS, load_all_checks
from schemathesis.openapi import from_dict

from edged.api.openapi import document
from edged.api.photo_intake import add_photo
from edged.photos.album import EventPlan, Features
from tests.api.painted import new_face, portrait
from tests.api.serving import serving
from tests.api.token_gate import ADMIN
from tests.api.whole_centre import WholeCentre, whole_centre
from tests.hub.site import BY

EXAMPLES: Final = 6
"""Requests of each operation: half of them fit the description. CI asks some 800 in all."""
load_all_checks()
CHECKED: Final[Any] = CHECKS.get_by_names(
    ["not_a_server_error", "status_code_conformance", "content_type_conformance", "response_schema_conformance"]
)
SCHEMA: Final[Any] = from_dict(json.loads(json.dumps(document())))
OPERATIONS: Final = [operation.ok() for operation in SCHEMA.get_all_operations()]


@pytest.fixture(scope="module")
def port(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """Of a centre that has one of everything."""
    with whole_centre(tmp_path_factory.mktemp("centre")) as hub, serving(hub.app) as port:
        furnish(hub)
        yield port


def furnish(hub: WholeCentre) -> None:
    centre = hub.centre
    assert centre.albums is not None
    centre.directory.enroll("4711", [new_face(1)], by=BY, galleries=["staff"])
    centre.albums.create_organisation("acme", "Acme", by=BY)
    event = centre.albums.create_event("acme", "gala", EventPlan("Gala", Features(), 0.5), by=BY)
    add_photo(centre, event, portrait(1), filename="a.png", taken=None, by=BY)


def token_for(path: str) -> dict[str, str]:
    if path.startswith("/api/v1/ext"):
        return {"X-API-Key": ADMIN}
    scheme = "Bearer" if path.startswith(("/edged/v1", "/metrics")) else "Token"
    return {"Authorization": f"{scheme} {ADMIN}"}


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.label)
def test_it_answers_as_described(operation: Any, port: int) -> None:
    wanted = one_of(*(operation.as_strategy(generation_mode=mode) for mode in GenerationMode))

    @settings(
        max_examples=EXAMPLES,
        derandomize=True,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=wanted)
    def ask(case: Any) -> None:
        answer = case.call(base_url=f"http://127.0.0.1:{port}", headers=token_for(operation.path), timeout=30)
        case.validate_response(answer, checks=CHECKED)

    ask()
