"""Which entries somebody wants to see."""

from __future__ import annotations

import json
from collections.abc import Collection
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Selection:
    """Entries with all of this; the default has every entry.

    Attributes:
        acts: one of these words; none: any.
        by: who did it: all of it (`account:anna`), or a kind with its colon (`account:`).
        since, until: UTC seconds since the epoch, `until` not included.
        person: our id of whom it was about.
        door: at this door.
        text: a part of what it was about, as it was noted, in any case of ASCII letters.
    """

    acts: Collection[str] = ()
    by: str = ""
    since: float | None = None
    until: float | None = None
    person: str = ""
    door: str = ""
    text: str = ""

    def condition(self) -> tuple[str, list[object]]:
        """For WHERE, and its values."""
        terms: list[tuple[str, list[object]]] = []
        if self.acts:
            terms.append((f"act IN ({', '.join('?' * len(self.acts))})", list(self.acts)))
        if self.by.endswith(":"):
            terms.append(("substr(by, 1, ?) = ?", [len(self.by), self.by]))
        elif self.by:
            terms.append(("by = ?", [self.by]))
        if self.since is not None:
            terms.append(("at >= ?", [round(self.since * 1000)]))
        if self.until is not None:
            terms.append(("at < ?", [round(self.until * 1000)]))
        if self.person:
            terms.append(("instr(about, ?) > 0", [f'"person":{json.dumps(self.person)}']))
        if self.door:
            terms.append(("instr(about, ?) > 0", [f'"door":{json.dumps(self.door)}']))
        if self.text:
            terms.append(("instr(lower(about), lower(?)) > 0", [json.dumps(self.text)[1:-1]]))
        return " AND ".join(term for term, _ in terms) or "1", [value for _, values in terms for value in values]
