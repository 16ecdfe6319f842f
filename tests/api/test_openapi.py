"""The interface's document, and the page that is made from it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from typing import Any

import jsonschema

from edged.api.docs import page_of
from edged.api.openapi import document, operations
from tests.conftest import ROOT

_CHECKED_IN = ROOT / "docs" / "api" / "openapi.json"


def test_the_document_that_is_checked_in_is_what_the_code_says() -> None:
    again = "rewrite it: edged hub openapi > docs/api/openapi.json"
    assert json.loads(_CHECKED_IN.read_text()) == json.loads(json.dumps(document())), again


def test_every_reference_leads_somewhere() -> None:
    for target in _references(document()):
        node: Any = document()
        for step in target.removeprefix("#/").split("/"):
            node = node[step]


def test_every_operation_has_a_name_of_its_own_a_summary_a_tag_and_answers() -> None:
    names = [said["operationId"] for _, _, said in operations() if "operationId" in said]
    assert len(names) == len(set(names))
    tags = {tag["name"] for tag in document()["tags"]}
    for address, method, said in operations():
        assert said["summary"], (address, method)
        assert said["responses"], (address, method)
        assert set(said.get("tags", ())) <= tags
        assert said.get("tags") or address in {"/healthz", "/readyz", "/metrics"}


def test_what_stands_in_an_address_is_described_and_nothing_else() -> None:
    for address, method, said in operations():
        parameters = [*said.get("parameters", ()), *document()["paths"][address].get("parameters", ())]
        described = {entry["name"] for entry in parameters if entry.get("in") == "path"}
        assert described == set(re.findall(r"{(\w+)}", address)), (address, method)


def test_security_schemes_that_are_asked_for_are_described() -> None:
    known = document()["components"]["securitySchemes"]
    for address, method, said in operations():
        assert "security" in said, (address, method)
        for scheme in said["security"]:
            assert set(scheme) <= set(known)


def test_every_schema_is_one() -> None:
    for node in _schemas(document()):
        jsonschema.Draft202012Validator.check_schema(node)


def test_the_page_shows_every_operation_and_has_no_script() -> None:
    page = _Page()
    page.feed(page_of(document()))
    text = "".join(page.text)
    for address, method, said in operations():
        if said.get("tags"):
            assert address in text
            assert method.upper() in text
    assert "script" not in page.elements
    assert not page.handlers


def test_what_the_document_says_cannot_become_markup() -> None:
    evil = {
        **document(),
        "info": {"title": "<script>alert(1)</script>", "version": '"><img src=x onerror=y>', "description": "a & b"},
        "tags": [{"name": "<i>edged", "description": "`<b>bold</b>` and <u>under</u>"}],
    }
    page = _Page()
    page.feed(page_of(evil))
    assert not {"script", "img", "i", "b", "u"} & page.elements


def test_what_stands_between_backticks_is_shown_as_code() -> None:
    assert "FindFace's <code>meta</code> is" in page_of(document()).replace("&#x27;", "'")


class _Page(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.elements: set[str] = set()
        self.handlers: list[str] = []
        self.text: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.add(tag)
        self.handlers += [name for name, _ in attrs if name.startswith("on")]

    def handle_data(self, data: str) -> None:
        self.text.append(data)


def _references(node: Any) -> Iterator[str]:
    if isinstance(node, dict):
        if isinstance(node.get("$ref"), str):
            yield node["$ref"]
        for below in node.values():
            yield from _references(below)
    elif isinstance(node, list | tuple):
        for below in node:
            yield from _references(below)


def _schemas(node: Any) -> Iterator[Any]:
    if isinstance(node, dict):
        if "schema" in node and isinstance(node["schema"], dict):
            yield node["schema"]
        for below in node.values():
            yield from _schemas(below)
    elif isinstance(node, list | tuple):
        for below in node:
            yield from _schemas(below)
