"""A store that the contract tests try, and what they need to know of it."""

from __future__ import annotations

import importlib
import subprocess
import sys
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Final, cast

from edged.api.access import Grant, Right
from edged.api.directory import Directory
from edged.domain.audit import AuditEntry

BY: Final = Grant("tok-1", "the front desk", frozenset({Right.ENROLL, Right.MATCH, Right.READ}))
ROOT: Final = Path(__file__).parents[2]

Opener = Callable[[str], AbstractContextManager[Directory]]


@dataclass(frozen=True, slots=True)
class Site:
    """An empty store.

    Attributes:
        directory: of it.
        opener: `module:function` that opens the same store once more, with a memory of its own; address: its argument.
        audit: the whole audit log, the newest entry first.
    """

    directory: Directory
    opener: str
    address: str
    audit: Callable[[], Sequence[AuditEntry]]

    def again(self) -> AbstractContextManager[Directory]:
        """The same store, as another process would open it."""
        return opener(self.opener)(self.address)

    def acts(self) -> list[str]:
        """The words of the audit log, the newest first."""
        return [entry.act for entry in self.audit()]


def opener(name: str) -> Opener:
    module, function = name.split(":")
    return cast("Opener", getattr(importlib.import_module(module), function))


def start(site: Site, script: str, *arguments: str) -> subprocess.Popen[bytes]:
    """Runs Python in a process of its own, where `directory` is the site's and `arguments` are these."""
    program = (
        "import sys\nfrom tests.hub.site import BY, opener\nfrom tests.api.painted import MODEL, new_face, vector\n"
        "name, address, *arguments = sys.argv[1:]\nwith opener(name)(address) as directory:\n"
    ) + "".join(f"    {line}\n" for line in script.splitlines())
    command = [sys.executable, "-W", "error", "-c", program, site.opener, site.address, *arguments]
    return subprocess.Popen(command, cwd=ROOT)
