"""Who works on the hub's own machine, as the audit log calls them."""

from __future__ import annotations

import os
import pwd

from edged.api.access import Grant, Right

OPERATOR_ID = "command-line"
"""In the place of a token's id; no token has it."""


def operator() -> Grant:
    """Whoever may read the hub's files may do everything; the name is that of the user, also behind sudo."""
    try:
        user = os.environ.get("SUDO_USER") or pwd.getpwuid(os.getuid()).pw_name
    except KeyError:
        user = str(os.getuid())
    return Grant(OPERATOR_ID, f"command line: {user[:64]}", frozenset({Right.ADMIN}))
