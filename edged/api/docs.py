"""The interface's documentation as a page: made from the OpenAPI document, without a line of script."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from html import escape
from typing import Any, Final

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp

from edged.api.openapi import document, operations
from edged.api.protection import PROTECTION
from edged.api.refusal import of_bug, of_routing

_STYLE: Final = """
:root { color-scheme: light dark; }
body { font: 16px/1.5 system-ui, sans-serif; margin: 2rem auto; padding: 0 1rem; max-width: 56rem; }
h2 { margin-top: 3rem; }
summary { cursor: pointer; padding: .3rem 0; }
summary code { font-size: 1rem; }
details { border-top: 1px solid color-mix(in srgb, currentColor 20%, transparent); }
details > :not(summary) { margin-left: 1.5rem; }
table { border-collapse: collapse; }
td, th { text-align: left; vertical-align: top; padding: .2rem 1rem .2rem 0; }
pre { overflow-x: auto; padding: .5rem; background: color-mix(in srgb, currentColor 6%, transparent); }
.method { display: inline-block; min-width: 4.5rem; font-weight: 600; }
"""
_CODE: Final = re.compile("`([^`]+)`")
_HASH: Final = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
_HEADERS: Final = {
    **PROTECTION,
    "content-security-policy": (
        f"default-src 'none'; style-src 'sha256-{_HASH}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "cache-control": "no-cache",
}


def make_docs() -> ASGIApp:
    """Serves `/docs`, a page, and `/openapi.json`, the document; without a token, since neither tells of anybody."""
    page, text = page_of(document()).encode(), json.dumps(document(), ensure_ascii=False).encode()

    async def docs(_request: Request) -> Response:
        return Response(page, media_type="text/html; charset=utf-8", headers=_HEADERS)

    async def openapi(_request: Request) -> Response:
        headers = {"cache-control": "no-cache", "access-control-allow-origin": "*", "x-content-type-options": "nosniff"}
        return Response(text, media_type="application/json", headers=headers)

    app = Starlette(
        routes=[Route("/docs", docs), Route("/openapi.json", openapi)],
        exception_handlers={HTTPException: of_routing, Exception: of_bug},
    )
    app.router.redirect_slashes = False
    return app


def page_of(whole: Mapping[str, Any]) -> str:
    """The page's HTML; everything that stands in the document is escaped."""
    info = whole["info"]
    parts = [
        "<!doctype html>",
        '<html lang="en"><meta charset="utf-8">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        f"<title>{escape(info['title'])} {escape(info['version'])}</title>",
        f"<style>{_STYLE}</style>",
        f"<h1>{escape(info['title'])} {escape(info['version'])}</h1>",
        *(f"<p>{_prose(text)}</p>" for text in info["description"].split("\n\n")),
        '<p>For programs: <a href="/openapi.json">openapi.json</a>.</p>',
        f"<nav>{' · '.join(_link(tag['name']) for tag in whole['tags'])}</nav>",
    ]
    for tag in whole["tags"]:
        parts.append(f'<h2 id="{_anchor(tag["name"])}">{escape(tag["name"])}</h2><p>{_prose(tag["description"])}</p>')
        parts.extend(
            _operation(address, method, said)
            for address, method, said in operations()
            if tag["name"] in said.get("tags", ())
        )
    return "\n".join(parts)


def _prose(text: str) -> str:
    """A sentence, where what stands between backticks is code."""
    return _CODE.sub(r"<code>\1</code>", escape(text))


def _link(name: str) -> str:
    return f'<a href="#{_anchor(name)}">{escape(name)}</a>'


def _anchor(name: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", name.lower())


def _operation(address: str, method: str, said: Mapping[str, Any]) -> str:
    rows = [*_parameters(said), *_body(said)]
    answers = "".join(
        f"<tr><td><code>{escape(status)}</code></td><td>{_prose(_resolved(answer).get('description', ''))}</td></tr>"
        for status, answer in said.get("responses", {}).items()
    )
    called = f'<span class="method">{method.upper()}</span> <code>{escape(address)}</code>'
    parts = [
        f"<details><summary>{called} {escape(said.get('summary', ''))}</summary>",
        *(f"<p>{_prose(text)}</p>" for text in said.get("description", "").split("\n\n") if text),
        f"<table><tr><th>Takes<th>In<th>What<th></tr>{''.join(rows)}</table>" if rows else "",
        f"<table><tr><th>Answers<th></tr>{answers}</table></details>",
    ]
    return "\n".join(parts)


def _parameters(said: Mapping[str, Any]) -> Iterator[str]:
    for entry in said.get("parameters", ()):
        parameter = _resolved(entry)
        yield _row(
            parameter.get("name", ""),
            parameter.get("in", ""),
            _kind(parameter.get("schema", {})),
            parameter.get("description", ""),
            required=parameter.get("required", False),
        )


def _body(said: Mapping[str, Any]) -> Iterator[str]:
    """The fields of the first kind of body; the others take the same."""
    content = _resolved(said.get("requestBody", {})).get("content", {})
    for described in list(content.values())[:1]:
        schema = _resolved(described.get("schema", {}))
        for name, field in schema.get("properties", {}).items():
            about = _resolved(field).get("description", "")
            yield _row(name, ", ".join(content), _kind(field), about, required=name in schema.get("required", ()))


def _row(name: str, place: str, kind: str, about: str, *, required: bool) -> str:
    star = " *" if required else ""
    cells = (f"<code>{escape(name)}</code>{star}", escape(place), escape(kind), _prose(about))
    return "<tr>" + "".join(f"<td>{cell}</td>" for cell in cells) + "</tr>"


def _kind(schema: Mapping[str, Any]) -> str:
    schema = _resolved(schema)
    if "enum" in schema:
        return " | ".join(str(value) for value in schema["enum"])
    for several in ("anyOf", "oneOf"):
        if several in schema:
            return " | ".join(_kind(option) for option in schema[several])
    kind = schema.get("type", "")
    words = " | ".join(kind) if isinstance(kind, list) else str(kind)
    return f"{words} ({schema['format']})" if "format" in schema else words


def _resolved(node: Mapping[str, Any]) -> Mapping[str, Any]:
    """What a reference leads to, of those within the document."""
    if "$ref" not in node:
        return node
    found: Any = document()
    for step in node["$ref"].removeprefix("#/").split("/"):
        found = found[step]
    return dict(found)
