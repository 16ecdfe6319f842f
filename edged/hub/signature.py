"""How a request to an S3-compatible storage is signed: AWS Signature Version 4, in headers."""

from __future__ import annotations

import hashlib
import hmac
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import quote

_ALGORITHM: Final = "AWS4-HMAC-SHA256"
_SERVICE: Final = "s3"


@dataclass(frozen=True, slots=True)
class Credentials:
    """Who signs.

    Attributes:
        access: public; secret: never sent, never shown; token: of credentials lent for a while, else empty.
    """

    access: str
    secret: str = field(repr=False)
    token: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Call:
    """A request to sign.

    Attributes:
        method: in capitals; path: not encoded, beginning with a slash.
        query: not encoded; headers: that are to be signed, `host` among them, lower-case.
        content_hash: sha256 of the body, lower-case hex.
    """

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    content_hash: str


def encoded(path: str) -> str:
    """A path as it is sent and as it is signed: the same text, or the storage refuses it."""
    return quote(path, safe="/-_.~")


def signed(call: Call, credentials: Credentials, region: str, now: float) -> dict[str, str]:
    """The headers of a call, with all that makes it valid for a quarter of an hour.

    Args:
        now: UTC seconds since the epoch.
    """
    moment = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime(now))
    headers = {**call.headers, "x-amz-content-sha256": call.content_hash, "x-amz-date": moment}
    if credentials.token:
        headers["x-amz-security-token"] = credentials.token
    names = ";".join(sorted(headers))
    scope = f"{moment[:8]}/{region}/{_SERVICE}/aws4_request"
    text = "\n".join((_ALGORITHM, moment, scope, hashlib.sha256(_canonical(call, headers).encode()).hexdigest()))
    mark = hmac.new(_key(credentials.secret, moment[:8], region), text.encode(), hashlib.sha256).hexdigest()
    headers["authorization"] = (
        f"{_ALGORITHM} Credential={credentials.access}/{scope},SignedHeaders={names},Signature={mark}"
    )
    return headers


def _canonical(call: Call, headers: Mapping[str, str]) -> str:
    query = sorted((quote(name, safe="-_.~"), quote(value, safe="-_.~")) for name, value in call.query.items())
    return "\n".join(
        (
            call.method,
            encoded(call.path),
            "&".join(f"{name}={value}" for name, value in query),
            *(f"{name}:{' '.join(headers[name].split())}" for name in sorted(headers)),
            "",
            ";".join(sorted(headers)),
            call.content_hash,
        )
    )


def _key(secret: str, day: str, region: str) -> bytes:
    key = f"AWS4{secret}".encode()
    for part in (day, region, _SERVICE, "aws4_request"):
        key = hmac.new(key, part.encode(), hashlib.sha256).digest()
    return key
