"""How far a device has followed its centre: kept with the people, in the same transactions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any, Self


@dataclass(frozen=True, slots=True)
class Progress:
    """Where the device stands.

    Attributes:
        centre: what it follows: kind and address.
        model: digest of the embedding model whose vectors it asked for.
        cursor: where the next piece of the list begins; empty for the beginning.
        revision: the centre's, when it was last asked.
        listing: the number of the whole list that is being read, or was last.
        whole: a whole list is being read: whoever is missing in it at its end is gone.
        careful: nobody is removed unless a person says so, since the centre was put back from a backup, or has lost
            people whom it did not delete.
        groups: whom the centre wants the device to know; None: everybody, or it did not say.
        refused: the centre's ids of those whom the device has only in part or not at all, and why.
        followed: UTC seconds since the epoch when it last had everything; 0: never.
        repaired: the same of the last list that was read since the two rosters differed.
        telling: by our id those of whom the centre was told without an answer, see `edged.central.telling`: sha256 of
            the customer's key, and what they were told under.
    """

    centre: str = ""
    model: str = ""
    cursor: str = ""
    revision: int = 0
    listing: int = 0
    whole: bool = False
    careful: bool = False
    groups: tuple[str, ...] | None = None
    refused: Mapping[str, str] = field(default_factory=dict)
    followed: float = 0.0
    repaired: float = 0.0
    telling: Mapping[str, tuple[str, str]] = field(default_factory=dict)

    @classmethod
    def read(cls, document: Any) -> Self:
        """What `written` wrote; the beginning where there is nothing, or what a newer edged has written."""
        if not isinstance(document, dict):
            return cls()
        try:
            progress = cls(**document)
        except TypeError:
            return cls()
        groups = progress.groups
        telling = {own: (key, request) for own, (key, request) in progress.telling.items()}
        return replace(progress, groups=None if groups is None else tuple(groups), telling=telling)

    def written(self) -> dict[str, Any]:
        return asdict(self)

    def anew(self, *, careful: bool = False) -> Self:
        """From the beginning of the list. Whoever is missing at its end is gone."""
        return replace(
            self, cursor="", revision=0, listing=self.listing + 1, whole=True, careful=self.careful or careful
        )
