"""Why nothing came of a request to the centre, in words."""

from __future__ import annotations

import json
import re
import socket
import ssl
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from email.utils import parsedate_to_datetime
from typing import Any, Final

from edged.central.port import OtherLife, TryLater
from edged.domain.errors import EdgedError, Refused, Unavailable

MOST_WAIT_S: Final = 3600.0
"""No centre keeps a device away for longer."""
_WAIT_S: Final = 60.0
"""Where a centre is asked too often and does not say when to come again."""
_NOT_YET, _EXPIRED = 9, 10
_WRONG_NAME: Final = frozenset({62, 64})
"""`verify_code` of OpenSSL."""
_REASON: Final = re.compile(r"[a-z][a-z0-9_]{0,39}", re.ASCII)
_OURS: Final = frozenset({"bad_token", "no_right", "not_found", "other_epoch", "untrusted_centre"})
"""Words that mean something here: a centre does not choose them, its status does."""
_MOST_WORDS: Final = 300
_MOST_SECONDS_DIGITS: Final = 9


class NoCentre(Unavailable):
    """Whatever answers there is no centre of this kind, or sends us somewhere else."""


def unreachable(shown: str, error: BaseException) -> EdgedError:
    """What an error of a connection means to the owner of a device.

    Args:
        shown: the centre's address as it may be shown.
        error: what connecting, sending or receiving raised; what the operating system said may be its cause.
    """
    match _origin(error):
        case socket.gaierror():
            what, remedy = "no host of this name is known", "Check central.url, and the device's DNS."
        case ssl.SSLCertVerificationError() as cause:
            return _untrusted(shown, cause)
        case ConnectionResetError() | BrokenPipeError() | ssl.SSLEOFError() | ssl.SSLZeroReturnError() | EOFError():
            what, remedy = "it hung up before its answer was complete", "It is asked again; look at the centre's log."
        case ssl.SSLError() as cause:
            what = f"no encrypted connection comes about ({cause.reason or 'no reason given'})"
            remedy = "Check the port, and whether the centre encrypts at all."
        case ConnectionRefusedError():
            what, remedy = "the connection is refused", "Check that the centre runs, and the port in central.url."
        case TimeoutError():
            what, remedy = "no answer in time", "Check that the centre is on and can be reached from this network."
        case OSError() as cause:
            what, remedy = f"it cannot be reached ({cause.strerror or 'no reason given'})", "Check the network."
        case _:
            what, remedy = "whatever answers there does not speak HTTP as it should", "Check central.url and the port."
    return Unavailable(f"{shown}: {what}", remedy)


def unwelcome(shown: str, status: int, headers: Mapping[str, str], body: bytes, token: str) -> EdgedError:
    """What an answer other than a good one means.

    Args:
        shown: the centre's address as it may be shown.
        headers: by their names in small letters; body: as much of it as was read.
        token: is taken out of whatever the centre says.
    """
    reason, said = _words(body, token)
    if status in {429, 503} and (seconds := _seconds(headers.get("retry-after", ""), headers.get("date", ""))):
        return _later(shown, "is asked too often" if status == 429 else "is busy, or being mended", seconds)
    if status == 429:
        return _later(shown, "is asked too often", _WAIT_S)
    if 300 <= status < 400:
        return NoCentre(f"{shown} points to another address", "Set that address as central.url.")
    if 400 <= status < 500:
        return _refusal(shown, status, reason, said)
    why = f": {said}" if said else ""
    return Unavailable(f"{shown} fails (status {status}){why}", "It is asked again; look at the centre's log.")


def _refusal(shown: str, status: int, reason: str, said: str) -> EdgedError:
    why = f": {said}" if said else ""
    match status:
        case 401:
            remedy = "Make another one there and set central.token."
            return Refused("bad_token", f"{shown} does not take the token{why}", remedy)
        case 403 if reason != "out_of_sight":  # which is of one person, where the token is good for others
            return Refused("no_right", f"the token may not do this at {shown}{why}", "Give it the right, or another.")
        case _ if not said:
            return NoCentre(
                f"{shown}: whatever answers there is no centre of this kind (status {status})",
                "Check central.url and central.kind, and what stands between.",
            )
        case 404:
            return Refused("not_found", said)
        case 409 if reason == "other_epoch":
            return OtherLife()
        case _:
            return Refused("centre_refused" if reason in _OURS or not reason else reason, said)


def wrong_content(shown: str, why: str) -> Unavailable:
    """The centre has answered, but not with what it should.

    Args:
        why: what is wrong, without anything of the answer in it that could be somebody's name.
    """
    return Unavailable(
        f"{shown} does not answer as a centre should: {why}", "Check central.url and central.kind, and the versions."
    )


@contextmanager
def one_person() -> Iterator[None]:
    """Within, a centre whose 403 may be about one person or about everybody says no to this person only.

    Raises:
        Refused: `out_of_sight` in place of `no_right`: others are still told of.
    """
    try:
        yield
    except Refused as refusal:
        if refusal.reason != "no_right":
            raise
        raise Refused("out_of_sight", refusal.what, refusal.remedy) from None


def plain(text: str, token: str = "") -> str:
    """Somebody else's words, fit to be shown: without the token, on one line, not too long."""
    if token:
        text = text.replace(token, "…")
    text = " ".join("".join(letter if letter.isprintable() else " " for letter in text[: 4 * _MOST_WORDS]).split())
    return text if len(text) <= _MOST_WORDS else text[: _MOST_WORDS - 1] + "…"


def _origin(error: BaseException) -> BaseException:
    """What the operating system said, where it did; else the error itself, as one of ours where it is known."""
    cause: BaseException | None = error
    while cause is not None and not isinstance(cause, OSError):
        cause = cause.__cause__ or cause.__context__
    if cause is not None:
        return cause
    kind = type(error).__name__
    if "Timeout" in kind:
        return TimeoutError()
    return EOFError() if kind in {"RemoteProtocolError", "ReadError", "WriteError"} and _broke(error) else error


def _broke(error: BaseException) -> bool:
    """Whether the other side hung up, and did not write nonsense."""
    return any(words in str(error) for words in ("closed connection", "disconnected", "without sending"))


def _untrusted(shown: str, error: ssl.SSLCertVerificationError) -> EdgedError:
    if error.verify_code in {_NOT_YET, _EXPIRED}:
        state = "is not valid yet" if error.verify_code == _NOT_YET else "has expired"
        return Unavailable(
            f"{shown}: its certificate {state}, by the clock of this device",
            "Is the clock right? See timedatectl. If it is, the centre needs another certificate.",
        )
    if error.verify_code in _WRONG_NAME:
        return Refused(
            "untrusted_centre",
            f"{shown}: its certificate is for another name",
            "Write the name into central.url that the certificate is for, or have one made for this name.",
        )
    return Refused(
        "untrusted_centre",
        f"{shown}: its certificate is not trusted ({plain(error.verify_message)})",
        "Put the certificate of the authority that signed it into central.ca_file (of a hub: tls/ca.crt).",
    )


def _later(shown: str, what: str, seconds: float) -> TryLater:
    return TryLater(f"{shown} {what}", f"It is asked again in {seconds:.0f} s.", seconds)


def _seconds(text: str, date: str) -> float | None:
    """From a `Retry-After`. A moment counts from the answer's own `Date`: the device's clock may be wrong."""
    text = text.strip()
    if text.isascii() and text.isdigit():
        seconds = float(text[:_MOST_SECONDS_DIGITS])
    else:
        moment, from_ = _moment(text), _moment(date)
        if moment is None or from_ is None:
            return None
        seconds = (moment - from_).total_seconds()
    return min(max(seconds, 1.0), MOST_WAIT_S)


def _moment(text: str) -> datetime | None:
    try:
        moment = parsedate_to_datetime(text)
    except (TypeError, ValueError):
        return None
    return moment if moment.tzinfo else None


def _words(body: bytes, token: str) -> tuple[str, str]:
    """The centre's stable word, empty where it has none, and its words; both empty where it is no error of a centre.

    The first form is our own, the second FindFace's, the third miiCloud's.
    """
    try:
        document: Any = json.loads(body)
    except (ValueError, RecursionError):
        return "", ""
    match document:
        case {"error": {"reason": str(reason), "what": str(what), **more}}:
            remedy = more.get("remedy")
            said = f"{what}. {remedy}" if remedy and isinstance(remedy, str) else what
        case {"code": str(reason), "reason": str(said)}:
            reason = reason.lower()
        case {"status": "fail", "detail": str(said)}:
            reason = ""
        case _:
            return "", ""
    return reason if _REASON.fullmatch(reason) else "", plain(said, token) or "no reason given"
