"""People nobody knows who come again: told apart for a while, by a word that says nothing about them."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from edged.config.document import StrangerSettings
from edged.domain.curve import Curve
from edged.domain.frame import Moment

_MERGE_RATE: Final = 1e-3
"""The accepted chance that somebody is taken for one of many others."""
_CONSONANTS: Final = "bdfghjklmnprstvz"
_VOWELS: Final = "aeiou"
_SYLLABLES: Final = 4
_HOUR_S: Final = 3600.0
_NEVER: Final = float("-inf")

Salt = Callable[[], bytes]
"""Makes 16 to 64 bytes that nobody can guess; passed in, so that this room needs no source of chance."""


@dataclass(slots=True, eq=False)
class _Stranger:
    """Somebody remembered.

    Attributes:
        face: of the first visit, a unit vector.
        visits: how many, this one included.
        seen: when the last one began, monotonic seconds.
        index: version of the gallery in which this face was looked for last.
    """

    face: NDArray[np.float32]
    visits: int
    seen: float
    index: int


class Strangers:
    """Remembers unknown visitors by their faces, in memory only, and gives each a pseudonym.

    A pseudonym is a word made of a running number by a hash with a secret key. Nothing of the face goes into it. With
    every rotation everybody is forgotten and the key replaced, so that a word from before cannot be linked to one from
    after. Nothing is written anywhere: a restart forgets everybody too. Belongs to one thread.

    Args:
        curve: of the model that makes the faces' embeddings.
        salt: makes the key, at each rotation a new one.
    """

    def __init__(self, curve: Curve, salt: Salt) -> None:
        self._curve = curve
        self._salt = salt
        self._settings = StrangerSettings()
        self._key = b""
        self._rotated = _NEVER
        self._now = _NEVER
        self._numbers = 0
        self._known: dict[str, _Stranger] = {}

    def __len__(self) -> int:
        return len(self._known)

    def lapse(self, at: Moment, settings: StrangerSettings) -> None:
        """Lets time pass, and goes by these settings from now on: who is to be forgotten by then is forgotten now."""
        self._now, self._settings = max(self._now, at.mono), settings
        if not settings.enabled:
            self._known.clear()
            self._rotated = _NEVER
        elif self._now - self._rotated >= settings.rotate_hours * _HOUR_S:
            self._known.clear()
            self._key, self._rotated, self._numbers = self._salt(), self._now, 0
        oldest = self._now - settings.remember_hours * _HOUR_S
        for word in [word for word, stranger in self._known.items() if stranger.seen < oldest]:
            del self._known[word]
        self._make_room(settings.at_most)

    def meet(self, face: NDArray[np.float32], index: int, present: Collection[str] = ()) -> str:
        """A visit of somebody unknown begins: their pseudonym, the same as last time if they are remembered.

        Blocks for one matrix product.

        Args:
            face: the visit's mean embedding as a unit vector, shape (dimension,).
            index: version of the gallery in which they were looked for.
            present: pseudonyms of others who are in the picture: nobody is there twice.

        Returns:
            The pseudonym; empty where strangers are not to be remembered.
        """
        if not self._settings.enabled:
            return ""
        found = self._find(face, present)
        if found is None:
            found = self._next_word()
            self._make_room(self._settings.at_most - 1)
            self._known[found] = _Stranger(face, 0, self._now, index)
        stranger = self._known[found]
        stranger.visits += 1
        stranger.seen = self._now
        return found

    def visits_of(self, pseudonym: str) -> int:
        """How often they came, the visit under way included; 0 for a word that is forgotten."""
        stranger = self._known.get(pseudonym)
        return stranger.visits if stranger else 0

    def drop(self, pseudonym: str) -> None:
        """Forgets them, if they are remembered: they turned out to be somebody."""
        self._known.pop(pseudonym, None)

    def forget(self, faces: NDArray[np.float32]) -> int:
        """Forgets everybody who may be one of these; returns how many.

        Args:
            faces: unit vectors, shape (faces, dimension).
        """
        alike = self.alike_among(len(self._known))
        gone = [word for word, stranger in self._known.items() if float(np.max(faces @ stranger.face)) >= alike]
        for word in gone:
            del self._known[word]
        return len(gone)

    def alike_among(self, many: int) -> float:
        """The cosine that somebody reaches to any of so many others with a chance of one in a thousand.

        If the comparisons are independent, a rate r of each gives 1 - (1 - r)^many for all; so the more there are, the
        more alike two faces must be.
        """
        return self._curve.cosine_at(-math.expm1(math.log1p(-_MERGE_RATE) / max(many, 1)))

    def unchecked(self, index: int, most: int) -> dict[str, NDArray[np.float32]]:
        """Faces, by pseudonym, that have not been looked for in version `index` of the gallery; `most` at once.

        They count as looked for then.
        """
        due = [word for word, stranger in self._known.items() if stranger.index != index][:most]
        for word in due:
            self._known[word].index = index
        return {word: self._known[word].face for word in due}

    def _find(self, face: NDArray[np.float32], present: Collection[str]) -> str | None:
        words = [word for word in self._known if word not in present]
        if not words:
            return None
        cosines = np.stack([self._known[word].face for word in words]) @ face
        best = int(np.argmax(cosines))
        return words[best] if cosines[best] >= self.alike_among(len(self._known)) else None

    def _make_room(self, most: int) -> None:
        """Forgets whom nobody has seen for longest until `most` are left."""
        surplus = len(self._known) - most
        if surplus > 0:
            for word in sorted(self._known, key=lambda word: self._known[word].seen)[:surplus]:
                del self._known[word]

    def _next_word(self) -> str:
        """A word that this key has not given yet, like "bafo-miru"."""
        while True:
            self._numbers += 1
            digest = hashlib.blake2b(self._numbers.to_bytes(8, "big"), key=self._key, digest_size=2 * _SYLLABLES)
            word = _word(digest.digest())
            if word not in self._known:
                return word


def _word(digest: bytes) -> str:
    letters = [
        _CONSONANTS[first % len(_CONSONANTS)] + _VOWELS[second % len(_VOWELS)]
        for first, second in zip(digest[::2], digest[1::2], strict=True)
    ]
    half = len(letters) // 2
    return f"{''.join(letters[:half])}-{''.join(letters[half:])}"
