"""Why a network camera cannot be reached, in words."""

from __future__ import annotations

import socket
import ssl

from edged.domain.errors import Unavailable


def unreachable(shown: str, error: OSError) -> Unavailable:
    """What an error of a socket means to the owner of a camera.

    Args:
        shown: the camera's address as it may be shown.
        error: what connecting, sending or receiving raised.
    """
    match error:
        case socket.gaierror():
            what, remedy = "no host of this name is known", "Check the name, and the device's DNS."
        case ssl.SSLCertVerificationError():
            what = f"its certificate is not trusted ({error.verify_message})"
            remedy = "Add the authority that signed it to the system's certificates."
        case ssl.SSLError():
            what = f"no encrypted connection comes about ({error.reason})"
            remedy = "Check the port, and whether the camera encrypts at all."
        case ConnectionRefusedError():
            what, remedy = "the connection is refused", "Check the port, and that the camera serves it."
        case TimeoutError():
            what, remedy = "no answer", "Check that the camera is on and can be reached from this network."
        case ConnectionError():
            what, remedy = "the connection broke off", "Look at the camera's own log if it stays so."
        case _:
            what, remedy = f"it cannot be reached ({error.strerror or 'no reason given'})", "Check the network."
    return Unavailable(f"{shown}: {what}", remedy)


def unwelcome(shown: str, status: int) -> Unavailable:
    """What a status other than 200 means; HTTP and RTSP share those that matter here."""
    match status:
        case 401 | 403:
            what = "it wants a user and password, and those in the url are missing or wrong"
            remedy = "Correct them there; write special characters in them as %xx."
        case 404:
            what, remedy = "there is no stream at this path", "Look up the path in the camera's manual."
        case 301 | 302 | 303 | 305 | 307 | 308:
            what, remedy = "the camera points to another address", "Set that address as the camera's url."
        case 453 | 503:
            what, remedy = "the camera is too busy", "Close other viewers of it."
        case _:
            what, remedy = "the camera does not serve this", "Look at the camera's own log."
    return Unavailable(f"{shown}: {what} (status {status})", remedy)
