"""User and password of an address, and how they are told to a camera that asks for them."""

from __future__ import annotations

import hashlib
import re
import secrets
from base64 import b64encode
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import SplitResult, unquote

_PARAMETER: Final = re.compile(r'([a-z]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,]+))', re.IGNORECASE)
_HASHES: Final = {"MD5": "md5", "SHA-256": "sha256"}


@dataclass(frozen=True, slots=True)
class Credentials:
    """User and password, as plain text. The password stays out of the repr."""

    user: str
    password: str = field(repr=False)

    @classmethod
    def of(cls, address: SplitResult) -> Credentials | None:
        """Those of an address, None where it names no user."""
        if not address.username:
            return None
        return cls(unquote(address.username), unquote(address.password or ""))

    def basic(self) -> str:
        """An Authorization header that tells both openly (RFC 7617)."""
        return "Basic " + b64encode(f"{self.user}:{self.password}".encode()).decode()

    def answer(self, challenges: Iterable[str], method: str, uri: str) -> str | None:
        """The Authorization header that a server's challenges ask for; digest is preferred to basic.

        Args:
            challenges: the values of the WWW-Authenticate headers.
            method, uri: of the request that is to be repeated.

        Returns:
            None where none of them can be answered.
        """
        schemes = {scheme.lower(): rest for scheme, _, rest in (text.strip().partition(" ") for text in challenges)}
        if "digest" in schemes:
            asked = {name.lower(): quoted or plain for name, quoted, plain in _PARAMETER.findall(schemes["digest"])}
            return self.digest(asked, method, uri, secrets.token_hex(8))
        return self.basic() if "basic" in schemes else None

    def digest(self, asked: dict[str, str], method: str, uri: str, client_nonce: str) -> str | None:
        """An Authorization header that tells neither openly: RFC 7616 section 3.4, with `qop=auth` or, as many cameras
        still speak it, the older form without `qop` (RFC 2069).

        Returns:
            None where the challenge lacks a nonce or asks for a hash other than MD5 and SHA-256.
        """
        name = _HASHES.get(asked.get("algorithm", "MD5").upper())
        if name is None or "nonce" not in asked:
            return None

        def hashed(*parts: str) -> str:
            return hashlib.new(name, ":".join(parts).encode(), usedforsecurity=False).hexdigest()

        realm, nonce = asked.get("realm", ""), asked["nonce"]
        secret, request = hashed(self.user, realm, self.password), hashed(method, uri)
        told = {"username": self.user, "realm": realm, "nonce": nonce, "uri": uri}
        told |= {key: asked[key] for key in ("algorithm", "opaque") if key in asked}
        if "qop" in asked:
            told |= {"qop": "auth", "nc": "00000001", "cnonce": client_nonce}
            told["response"] = hashed(secret, nonce, "00000001", client_nonce, "auth", request)
        else:
            told["response"] = hashed(secret, nonce, request)
        return "Digest " + ", ".join(_parameter(key, value) for key, value in told.items())


def _parameter(key: str, value: str) -> str:
    """One parameter of the header, without line ends, so that nothing in it can begin a header of its own."""
    value = "".join(letter for letter in value if letter.isprintable())
    if key in {"algorithm", "qop", "nc"}:
        return f"{key}={value}"
    escaped = value.replace("\\", "\\\\").replace('"', '\\"')
    return f'{key}="{escaped}"'
