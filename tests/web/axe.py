"""axe-core in a page: what it finds wrong, in words."""

from __future__ import annotations

from importlib import resources

from tests.web.chromium import Page


def faults(page: Page) -> list[str]:
    """Serious and critical faults of what is shown now."""
    page.run(resources.files("axe_core_python").joinpath("axe.min.js").read_text(encoding="utf-8") + "\n;0")
    found = page.run(
        "axe.run().then(({violations}) => violations.filter(({impact}) => ['serious', 'critical'].includes(impact))"
        ".map(({id, help, nodes}) => `${id}: ${help}: ${nodes.map(({html}) => html.slice(0, 90)).join(' | ')}`))"
    )
    return [str(fault) for fault in found]
