"""A small storage that speaks S3 on loopback, and lets nobody in whose signature is not right."""

from __future__ import annotations

import datetime as dt
import hashlib
import hmac
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Final
from urllib.parse import parse_qs, unquote, urlsplit

ACCESS: Final = "AKIDTEST"
SECRET: Final = "secret/with+signs"
REGION: Final = "eu-test-1"
BUCKET: Final = "photos-of-acme"
PAGE: Final = 3
"""Names in a page of a list, whatever is asked for."""


class Storage(ThreadingHTTPServer):
    """Objects by name.

    Attributes:
        failures: answers still to be given to the next requests: a status, or 0 to hang up.
        requests: methods and paths of all that came.
    """

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Answer)
        self.objects: dict[str, bytes] = {}
        self.failures: list[int] = []
        self.requests: list[tuple[str, str]] = []

    @property
    def address(self) -> str:
        return f"s3://127.0.0.1:{self.server_address[1]}/{BUCKET}/site-one?region={REGION}&tls=no"


@contextmanager
def storage() -> Iterator[Storage]:
    server = Storage()
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class _Answer(BaseHTTPRequestHandler):
    server: Storage
    protocol_version = "HTTP/1.1"

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  the name in the standard library
        """Says nothing."""

    def do_GET(self) -> None:
        self._answer()

    do_HEAD = do_PUT = do_DELETE = do_GET  # noqa: N815  the names in the standard library

    def _answer(self) -> None:
        body = self.rfile.read(int(self.headers.get("content-length", 0)))
        path, query = urlsplit(self.path).path, urlsplit(self.path).query
        self.server.requests.append((self.command, unquote(path)))
        if self.server.failures:
            failure = self.server.failures.pop(0)
            if failure:
                self._send(failure, b"<Error><Code>InternalError</Code></Error>")
            else:
                self.close_connection = True
            return
        wrong = self._wrong(path, query, body)
        if wrong:
            self._send(403, f"<Error><Code>{wrong}</Code></Error>".encode())
            return
        bucket, _slash, name = unquote(path).removeprefix("/").partition("/")
        if bucket != BUCKET:
            self._send(404, b"<Error><Code>NoSuchBucket</Code></Error>")
        elif not name:
            self._list(query)
        elif self.command == "PUT":
            self.server.objects[name] = body
            self._send(200)
        elif self.command == "DELETE":
            self.server.objects.pop(name, None)
            self._send(204)
        elif name in self.server.objects:
            self._send(200, self.server.objects[name])
        else:
            self._send(404, b"<Error><Code>NoSuchKey</Code></Error>")

    def _list(self, query: str) -> None:
        asked = parse_qs(query)
        after = asked.get("continuation-token", [""])[0]
        names = sorted(name for name in self.server.objects if name.startswith(asked["prefix"][0]) and name > after)
        page = names[:PAGE]
        keys = "".join(f"<Contents><Key>{name}</Key></Contents>" for name in page)
        more = f"<NextContinuationToken>{page[-1]}</NextContinuationToken>" if len(names) > PAGE else ""
        self._send(
            200,
            '<?xml version="1.0"?><ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/">'
            f"<IsTruncated>{'true' if more else 'false'}</IsTruncated>{keys}{more}</ListBucketResult>".encode(),
        )

    def _send(self, status: int, body: bytes = b"") -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def _wrong(self, path: str, query: str, body: bytes) -> str:
        """What is wrong with a signature, computed anew from what came over the wire; empty where nothing is."""
        scheme, _space, rest = self.headers.get("authorization", "").partition(" ")
        if scheme != "AWS4-HMAC-SHA256":
            return "AccessDenied"
        claims = dict(part.split("=", 1) for part in rest.split(","))
        access, day, region, service, end = claims["Credential"].split("/")
        moment = self.headers["x-amz-date"]
        sent = dt.datetime.strptime(moment, "%Y%m%dT%H%M%SZ").replace(tzinfo=dt.UTC)
        if abs((dt.datetime.now(dt.UTC) - sent).total_seconds()) > 900:
            return "RequestTimeTooSkewed"
        if (access, region, service, end) != (ACCESS, REGION, "s3", "aws4_request"):
            return "InvalidAccessKeyId"
        if self.headers["x-amz-content-sha256"] != hashlib.sha256(body).hexdigest():
            return "XAmzContentSHA256Mismatch"
        names = claims["SignedHeaders"].split(";")
        if not {"host", "x-amz-date", "x-amz-content-sha256"} <= set(names):
            return "AccessDenied"
        lines = [self.command, path, "&".join(sorted(query.split("&")))]
        lines += [f"{name}:{self.headers[name].strip()}" for name in names]
        lines += ["", claims["SignedHeaders"], self.headers["x-amz-content-sha256"]]
        canonical = hashlib.sha256("\n".join(lines).encode()).hexdigest()
        text = f"AWS4-HMAC-SHA256\n{moment}\n{day}/{region}/s3/aws4_request\n{canonical}"
        key = ("AWS4" + SECRET).encode()
        for part in (day, region, "s3", "aws4_request", text):
            key = hmac.digest(key, part.encode(), "sha256")
        return "" if hmac.compare_digest(key.hex(), claims["Signature"]) else "SignatureDoesNotMatch"
