"""Photographs that were judged and not stored: kept in memory until somebody says whose they are."""

from __future__ import annotations

import hmac
import secrets
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Final

from edged.domain.errors import Refused
from edged.recognition.enrolment import Portrait

_MOST: Final = 48
"""About 150 kB each. The oldest goes when there are more."""
_KEPT_S: Final = 900.0
_TOKEN_BYTES: Final = 24


@dataclass(frozen=True, slots=True, eq=False)
class Draft:
    """One photograph.

    Attributes:
        owner: the account that showed it; nobody else gets at it.
        file: as it is called.
        portrait: what was made of it; None where it cannot be used.
        picture: JPEG of what was seen.
        at: when, monotonic seconds.
    """

    owner: str
    file: str
    portrait: Portrait | None
    picture: bytes = field(repr=False)
    at: float


class Drafts:
    """Any thread. Nothing touches the disk; a restart forgets them.

    Args:
        now: monotonic seconds.
    """

    def __init__(self, now: Callable[[], float]) -> None:
        self._now = now
        self._lock = threading.Lock()
        self._kept: dict[str, Draft] = {}

    def keep(self, owner: str, file: str, portrait: Portrait | None, picture: bytes) -> str:
        """Keeps one; the word that it is asked for by, which nobody can guess."""
        token = secrets.token_urlsafe(_TOKEN_BYTES)
        with self._lock:
            self._tidy()
            while len(self._kept) >= _MOST:
                del self._kept[next(iter(self._kept))]
            self._kept[token] = Draft(owner, file, portrait, picture, self._now())
        return token

    def find(self, token: str, owner: str) -> Draft | None:
        """One of somebody's; None where it is gone, or another's."""
        with self._lock:
            self._tidy()
            draft = self._kept.get(token)
        return draft if draft and hmac.compare_digest(draft.owner.encode(), owner.encode()) else None

    def portraits(self, tokens: Sequence[str], owner: str) -> list[tuple[Draft, Portrait]]:
        """Those that are to be enrolled.

        Raises:
            Refused: `gone`: one was not kept so long, or cannot be used.
        """
        found = [self.find(token, owner) for token in dict.fromkeys(tokens)]
        usable = [(draft, draft.portrait) for draft in found if draft and draft.portrait]
        if len(usable) < len(found):
            raise Refused("gone", "a photograph is no longer there: they are kept for 15 minutes", "Choose it again")
        return usable

    def forget(self, tokens: Sequence[str]) -> None:
        """They are stored, or not wanted."""
        with self._lock:
            for token in tokens:
                self._kept.pop(token, None)

    def _tidy(self) -> None:
        oldest = self._now() - _KEPT_S
        for token in [token for token, draft in self._kept.items() if draft.at < oldest]:
            del self._kept[token]
