"""A token: what a client shows, and what the hub keeps of it."""

from __future__ import annotations

import base64
import hashlib
import hmac
import os
import re
from dataclasses import dataclass, field
from typing import Final

from edged.api.access import Grant, Right

_SECRET_BYTES: Final = 32
_ID_BYTES: Final = 5
_SHAPE: Final = re.compile(r"edged_([a-z2-7]{8})_[a-z2-7]{52}")
_NOBODY: Final = bytes(32)
"""No text has this digest, as far as anybody knows."""


@dataclass(frozen=True, slots=True)
class Minted:
    """A new token.

    Attributes:
        id: public; also stands in the text.
        text: `edged_<id>_<secret>`: what the client sends. Kept by nobody but the client.
        digest: what the hub keeps.
    """

    id: str
    text: str = field(repr=False)
    digest: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Token:
    """What is kept of a token.

    Attributes:
        id, name, rights, gallery, organisation, device: see `edged.api.access.Grant`.
        created, expires, revoked: UTC seconds since the epoch; None: never.
        used: the hour in which it was last used, as UTC seconds since the epoch; None: not yet.
        digest: of the text, see `digest_of`.
        former: the digest of the text before the last rotation, which opens until `former_until`.
    """

    id: str
    name: str
    rights: frozenset[Right]
    gallery: str | None
    organisation: str | None
    device: str
    created: float
    expires: float | None
    digest: bytes = field(repr=False)
    revoked: float | None = None
    used: float | None = None
    former: bytes | None = field(default=None, repr=False)
    former_until: float | None = None

    def is_valid(self, now: float) -> bool:
        """Neither revoked nor expired."""
        return self.revoked is None and (self.expires is None or now < self.expires)

    def opens_for(self, digest: bytes, now: float) -> bool:
        """Whether the text with this digest is valid now. Takes the same time whatever the answer."""
        current = hmac.compare_digest(digest, self.digest)
        former = hmac.compare_digest(digest, self.former or _NOBODY)
        in_grace = self.former_until is not None and now < self.former_until
        return self.is_valid(now) and (current or (former and in_grace))

    def grant(self) -> Grant:
        return Grant(self.id, self.name, self.rights, self.gallery, self.organisation, self.device)


def mint(token_id: str | None = None) -> Minted:
    """A new secret of 256 random bits, with a new id or, for a rotation, that of an old one.

    The text has nothing but small letters, digits and `_`: it survives headers, shells, forms and a double click.
    """
    token_id = token_id or _text(os.urandom(_ID_BYTES))
    text = f"edged_{token_id}_{_text(os.urandom(_SECRET_BYTES))}"
    return Minted(token_id, text, digest_of(text))


def id_in(text: str) -> str | None:
    """The id that stands in what a client sent; None where it cannot be a token."""
    found = _SHAPE.fullmatch(text)
    return found[1] if found else None


def digest_of(text: str) -> bytes:
    """SHA-256. A fast digest is right here: whoever stole the digests would have to try 2²⁵⁵ texts, which no slowness
    makes harder; a slow one, meant for words that people choose, would let strangers keep the processor busy.
    """
    return hashlib.sha256(text.encode()).digest()


def _text(data: bytes) -> str:
    return base64.b32encode(data).decode().rstrip("=").lower()
