"""How long what happened is kept."""

from __future__ import annotations

from edged.config.field import Section, live


class AuditSettings(Section):
    """The audit log: who did what, and why each door opened."""

    keep_days: float = live(400.0, ge=1, le=36_500)
    """Entries are kept so long. What goes leaves a signed mark, so that what remains can still be verified."""
    max_entries: int = live(1_000_000, ge=1000, le=100_000_000)
    """So many at most, whatever their age; about half a kilobyte each."""
