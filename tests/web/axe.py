"""axe-core over a page in a real browser: what it calls serious or critical is a failure.

The script is run by DevTools, not by the page, whose policy stays as strict as it is.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

import axe_core_python

from tests.web.chromium import Page

_SCRIPT: Final = next(Path(axe_core_python.__file__).parent.rglob("axe.min.js")).read_text(encoding="utf-8")
_RUN: Final = """axe.run(document, {runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']})
.then(({violations}) => violations.filter(({impact}) => ['serious', 'critical'].includes(impact))
.map(({id, help, nodes}) => `${id}: ${help}: ${nodes.slice(0, 3).map(({target, failureSummary}) =>
`${target} ${failureSummary}`).join('; ')}`))"""


def faults(page: Page) -> list[str]:
    """What axe-core finds serious or critical on the page as it is now; empty: nothing."""
    if not page.run("typeof axe === 'object'"):
        page.run(f"{_SCRIPT};0")
    return [str(fault) for fault in page.run(_RUN)]
