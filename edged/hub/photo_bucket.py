"""Photographs in an S3-compatible storage, which all hub processes of a large centre share."""

from __future__ import annotations

import hashlib
import http.client
import re
import ssl
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from io import BytesIO
from queue import Empty, LifoQueue
from typing import BinaryIO, Final, Self
from urllib.parse import parse_qsl, quote, urlsplit
from xml.etree import ElementTree as ET

from edged.domain.errors import Corrupt, Refused, Unavailable
from edged.hub.signature import Call, Credentials, encoded, signed

_DIGEST: Final = re.compile(r"[0-9a-f]{64}")
_BUCKET: Final = re.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")
_PREFIX: Final = re.compile(r"(?:[A-Za-z0-9_.-]+/)*")
_HERE: Final = {"localhost", "127.0.0.1", "::1"}
_NOTHING: Final = hashlib.sha256(b"").hexdigest()
_TRIES: Final = 3
_PAUSE_S: Final = 0.2
_TIMEOUT_S: Final = 20.0
_MOST_BYTES: Final = 64 * 1024 * 1024
"""Of a photograph; none that the hub takes is larger."""
_MOST_WORDS: Final = 4 * 1024 * 1024
"""Of an answer that is not a photograph."""
_PAGE: Final = "1000"
_AGAIN: Final = {429, 500, 502, 503, 504}


@dataclass(frozen=True, slots=True)
class BucketAddress:
    """Where photographs are.

    Attributes:
        host, port: of the storage; secure: over TLS, always but on this machine.
        bucket: its name; prefix: that all names in it begin with, empty or ending with a slash.
        region: as the storage calls it; many take any.
    """

    host: str
    port: int
    secure: bool
    bucket: str
    prefix: str
    region: str

    @classmethod
    def read(cls, text: str) -> Self:
        """From `s3://HOST[:PORT]/BUCKET[/PREFIX][?region=REGION]`.

        On this machine itself (localhost, 127.0.0.1) the storage may speak without TLS: `&tls=no`.

        Raises:
            Refused: `bad_address`.
        """
        try:
            parts = urlsplit(text)
            port = parts.port
            options = dict(parse_qsl(parts.query, strict_parsing=bool(parts.query)))
        except ValueError:
            raise _unreadable("it cannot be read") from None
        bucket, _slash, prefix = parts.path.removeprefix("/").partition("/")
        prefix = f"{prefix.strip('/')}/" if prefix.strip("/") else ""
        host = parts.hostname or ""
        if parts.scheme != "s3" or not host or parts.fragment:
            raise _unreadable("it is none of a storage")
        if parts.username is not None or parts.password is not None:
            raise _unreadable("keys do not belong into it")
        if not _BUCKET.fullmatch(bucket) or not _PREFIX.fullmatch(prefix) or ".." in prefix:
            raise _unreadable("the bucket or the prefix cannot be one")
        if not options.keys() <= {"region", "tls"}:
            raise _unreadable("it has an unknown option")
        secure = options.get("tls", "yes") != "no"
        if not secure and host not in _HERE:
            raise _unreadable("photographs do not cross a network without TLS")
        return cls(host, port or (443 if secure else 80), secure, bucket, prefix, options.get("region", "us-east-1"))


class PhotoBucket:
    """`edged.photos.photo_files.PhotoFiles` in a bucket. Any thread; every method blocks on the network.

    What the storage answers with an error of its own, or not at all, is asked three times; each try takes at most 20 s
    between two pieces that arrive. What it hands out is compared with its digest.
    """

    def __init__(
        self,
        address: BucketAddress,
        credentials: Credentials,
        *,
        now: Callable[[], float] = time.time,
        tls: ssl.SSLContext | None = None,
        timeout_s: float = _TIMEOUT_S,
    ) -> None:
        """Connects to nothing yet.

        Args:
            address: of the bucket; credentials: that may read, write, delete and list in it.
            now: UTC seconds since the epoch; the storage refuses requests a quarter of an hour off.
            tls: whom to trust; None for the system's authorities.
            timeout_s: how long a connection may be silent.
        """
        self._address = address
        self._credentials = credentials
        self._now = now
        self._tls = tls or (ssl.create_default_context() if address.secure else None)
        self._timeout_s = timeout_s
        self._resting: LifoQueue[http.client.HTTPConnection] = LifoQueue()

    def put(self, digest: str, content: bytes) -> None:
        """See `PhotoFiles.put`. ValueError where the digest is not the content's."""
        if len(content) > _MOST_BYTES:
            raise Refused("too_large", "the photograph is larger than the storage is given")
        if hashlib.sha256(content).hexdigest() != digest:
            raise ValueError("the digest is not the content's")
        status, _answer = self._ask("HEAD", self._name(digest))
        if status != http.client.OK:
            self._expect(self._ask("PUT", self._name(digest), content=content), "PUT")

    def get(self, digest: str) -> bytes | None:
        """See `PhotoFiles.get`. Corrupt where the storage hands out something else."""
        status, answer = self._ask("GET", self._name(digest), most=_MOST_BYTES)
        if status == http.client.NOT_FOUND and _code(answer) != "NoSuchBucket":
            return None
        self._expect((status, answer), "GET")
        if hashlib.sha256(answer).hexdigest() != digest:
            raise Corrupt(f"the photograph {digest} is damaged in the storage", "Restore it from a backup")
        return answer

    def open(self, digest: str) -> BinaryIO | None:
        """See `PhotoFiles.open`: the whole of it, in memory. Raises as `get`."""
        content = self.get(digest)
        return None if content is None else BytesIO(content)

    def delete(self, digest: str) -> None:
        """See `PhotoFiles.delete`."""
        status, answer = self._ask("DELETE", self._name(digest))
        if status != http.client.NOT_FOUND or _code(answer) == "NoSuchBucket":
            self._expect((status, answer), "DELETE")

    def digests(self) -> Iterator[str]:
        """See `PhotoFiles.digests`."""
        query = {"list-type": "2", "max-keys": _PAGE, "prefix": self._address.prefix}
        more: str | None = ""
        while more is not None:
            page = query | ({"continuation-token": more} if more else {})
            names, more = _listed(self._expect(self._ask("GET", "", query=page), "GET"))
            for name in names:
                digest = name.rpartition("/")[2]
                if _DIGEST.fullmatch(digest) and name == self._name(digest):
                    yield digest

    def close(self) -> None:
        """Ends the connections that rest."""
        while True:
            try:
                self._resting.get_nowait().close()
            except Empty:
                return

    def _name(self, digest: str) -> str:
        if not _DIGEST.fullmatch(digest):
            raise ValueError(digest)
        return f"{self._address.prefix}{digest[:2]}/{digest}"

    def _ask(
        self,
        method: str,
        name: str,
        *,
        content: bytes = b"",
        query: Mapping[str, str] | None = None,
        most: int = _MOST_WORDS,
    ) -> tuple[int, bytes]:
        """The status and the body of an answer."""
        path = f"/{self._address.bucket}/{name}" if name else f"/{self._address.bucket}"
        for attempt in range(_TRIES):
            if attempt:
                time.sleep(_PAUSE_S * attempt)
            try:
                # Connections that have rested for long are closed at the other end, often all of them.
                connection = self._opened() if attempt else self._connection()
                status, answer = self._ask_once(connection, method, path, query or {}, content, most)
            except (OSError, http.client.HTTPException):
                continue
            if status not in _AGAIN:
                return status, answer
        raise Unavailable(
            f"the storage of photographs at {self._address.host} does not answer", "Check that it runs and is reached"
        )

    def _ask_once(
        self,
        connection: http.client.HTTPConnection,
        method: str,
        path: str,
        query: Mapping[str, str],
        content: bytes,
        most: int,
    ) -> tuple[int, bytes]:
        where = self._address
        usual = where.port == (443 if where.secure else 80)
        host = f"[{where.host}]" if ":" in where.host else where.host
        content_hash = hashlib.sha256(content).hexdigest() if content else _NOTHING
        call = Call(method, path, query, {"host": host if usual else f"{host}:{where.port}"}, content_hash)
        headers = signed(call, self._credentials, where.region, self._now())
        target = encoded(path)
        if query:
            target += "?" + "&".join(f"{quote(name, safe='')}={quote(value, safe='')}" for name, value in query.items())
        try:
            connection.request(method, target, body=content or None, headers=headers)
            response = connection.getresponse()
            answer = response.read(most + 1)
            lasts = not response.will_close and response.isclosed()
        except BaseException:
            connection.close()
            raise
        if lasts:
            self._resting.put(connection)
        else:
            connection.close()
        if len(answer) > most:
            raise Corrupt(f"the storage of photographs at {where.host} answers more than was ever put into it")
        return response.status, answer

    def _connection(self) -> http.client.HTTPConnection:
        try:
            return self._resting.get_nowait()
        except Empty:
            return self._opened()

    def _opened(self) -> http.client.HTTPConnection:
        where = self._address
        if self._tls is not None:
            return http.client.HTTPSConnection(where.host, where.port, timeout=self._timeout_s, context=self._tls)
        return http.client.HTTPConnection(where.host, where.port, timeout=self._timeout_s)

    def _expect(self, answered: tuple[int, bytes], method: str) -> bytes:
        status, answer = answered
        if status in {http.client.OK, http.client.NO_CONTENT}:
            return answer
        code = _code(answer) or str(status)
        if status in {http.client.UNAUTHORIZED, http.client.FORBIDDEN}:
            raise Unavailable(
                f"the storage of photographs at {self._address.host} does not let us {method} ({code})",
                "Check the keys, what they may do, the region, and this machine's clock",
            )
        raise Unavailable(
            f"the storage of photographs at {self._address.host} answers {method} with {code}",
            "Check the bucket and the region",
        )


def _listed(page: bytes) -> tuple[list[str], str | None]:
    """Names in a page of a list, and what continues it."""
    if b"<!DOCTYPE" in page or b"<!ENTITY" in page:
        raise Corrupt("the storage of photographs answers a list that is none")
    try:
        tree = ET.fromstring(page)  # noqa: S314  of our own storage, capped, and without declarations
    except ET.ParseError:
        raise Corrupt("the storage of photographs answers a list that is none") from None
    names = [key.text or "" for key in tree.iterfind("{*}Contents/{*}Key")]
    goes_on = tree.findtext("{*}IsTruncated") == "true"
    return names, (tree.findtext("{*}NextContinuationToken") or None) if goes_on else None


def _code(answer: bytes) -> str:
    found = re.search(rb"<Code>([A-Za-z0-9]{1,64})</Code>", answer)
    return found[1].decode() if found else ""


def _unreadable(why: str) -> Refused:
    return Refused(
        "bad_address",
        f"the address of the storage of photographs: {why}",
        "Write s3://HOST/BUCKET/PREFIX?region=REGION; keys come from the environment",
    )
