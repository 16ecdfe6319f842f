"""Who may change something: the page that this very process served, and nobody else."""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Collection
from http import HTTPStatus
from typing import Final

from starlette.datastructures import Headers
from starlette.responses import Response

from edged.api.refusal import refusal

TOKEN_HEADER: Final = "edged-token"  # noqa: S105  the header's name
_JSON: Final = "application/json"
_TOKEN_BYTES: Final = 32


class Permit:
    """Lets a POST through if a page of ours sent it.

    Three things prove that, each on its own enough against another web site in the same browser: the browser says that
    the request comes from this origin, which pages cannot forge; JSON and a header of ours cannot be sent across
    origins without being asked first, and that question (OPTIONS) is refused; and the header holds a word that only
    this process's own document contains. There is no sign-in: whoever may open the page may use it.

    Args:
        paths: the addresses that may be posted to.

    Attributes:
        token: the word, new in each process.
    """

    def __init__(self, paths: Collection[str]) -> None:
        self._paths = frozenset(paths)
        self.token = secrets.token_urlsafe(_TOKEN_BYTES)

    def covers(self, path: str) -> bool:
        """Whether something may be posted there at all."""
        return path in self._paths

    def objection(self, headers: Headers) -> Response | None:
        """Why this request is not served; None where it is."""
        if not _is_same_origin(headers):
            return refusal(HTTPStatus.FORBIDDEN, "another web site asked for this", "Use the device's own page")
        if headers.get("content-type", "").partition(";")[0].strip().lower() != _JSON:
            return refusal(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "only JSON is read here", f"Send it as {_JSON}")
        given = headers.get(TOKEN_HEADER, "")
        if not hmac.compare_digest(given.encode(), self.token.encode()):
            return refusal(HTTPStatus.FORBIDDEN, "edged was started again since this page was loaded", "Load it again")
        return None


def _is_same_origin(headers: Headers) -> bool:
    """By Sec-Fetch-Site; where a browser is too old to send it, by an Origin that is this host.

    Fetch Metadata Request Headers, W3C; browsers send Origin with every POST.
    """
    site = headers.get("sec-fetch-site")
    if site is not None:
        return site == "same-origin"
    return headers.get("origin", "").lower() == f"http://{headers.get('host', '').lower()}"
