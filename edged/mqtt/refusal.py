"""Why there is no connection, in words. Never names a secret."""

from __future__ import annotations

import socket
import ssl
from typing import Final

from edged.domain.errors import EdgedError, Refused, Unavailable

# Reason codes of MQTT 5, section 2.4; paho gives the 3.1.1 ones the same numbers.
UNSUPPORTED_VERSION: Final = 0x84
_BAD_CLIENT_ID: Final = 0x85
_BAD_CREDENTIALS: Final = 0x86
_NOT_AUTHORISED: Final = 0x87
_BANNED: Final = 0x8A
_KEEPALIVE: Final = 0x8D
_TAKEN_OVER: Final = 0x8E
_UNSPECIFIED: Final = 0x80

# X509_V_ERR_CERT_NOT_YET_VALID and X509_V_ERR_CERT_HAS_EXPIRED of OpenSSL's x509_vfy.h.
_BAD_DATES: Final = frozenset({9, 10})

_LOSSES: Final = {
    _UNSPECIFIED: "the connection was lost",
    _KEEPALIVE: "the broker stopped answering",
    _TAKEN_OVER: "another client connected to the broker under the same name; every device needs its own",
}


def unreachable(error: OSError | UnicodeError, broker: str) -> EdgedError:
    """What a failed attempt to open the connection means.

    Args:
        error: what the socket or TLS raised.
        broker: `host:port`, for the words.
    """
    match error:
        case ssl.SSLCertVerificationError():
            return _untrusted(error, broker)
        case ssl.SSLError():
            return Unavailable(
                f"no TLS with the broker at {broker} ({error.reason or error})",
                "Does this port speak TLS (usually 8883)? The broker's log says more",
            )
        case socket.gaierror() | UnicodeError():
            return Unavailable(f"the broker's name is not known: {broker}", "Check mqtt.host and the name server")
        case ConnectionRefusedError():
            return Unavailable(f"nothing listens at {broker}", "Is the broker running? Check mqtt.host and mqtt.port")
        case TimeoutError():
            return Unavailable(
                f"the broker at {broker} does not answer", "Check the network, a firewall, mqtt.host and mqtt.port"
            )
    return Unavailable(
        f"the broker at {broker} cannot be reached ({error.strerror or error})",
        "Check the network, mqtt.host and mqtt.port",
    )


def rejected(code: int, name: str, broker: str) -> EdgedError:
    """What the broker's refusal to let us in means.

    Args:
        code: MQTT 5 reason code.
        name: the same in words.
        broker: `host:port`.
    """
    what = f"the broker at {broker} does not let us in ({name.lower()})"
    if code in {_BAD_CREDENTIALS, _NOT_AUTHORISED}:
        remedy = "Check mqtt.username, the password or client certificate, and the broker's list of users"
        return Refused("bad_credentials", what, remedy)
    if code == _BAD_CLIENT_ID:
        return Refused("bad_client_id", what, "Use another mqtt.username, or another device.name where there is none")
    if code == _BANNED:
        return Refused("banned", what, "Ask whoever runs the broker")
    return Unavailable(what, "The broker's log says more")


def loss(code: int, name: str) -> str:
    """Why a connection ended, in words; arguments as in `rejected`."""
    return _LOSSES.get(code, f"the broker ended the connection: {name.lower()}")


def _untrusted(error: ssl.SSLCertVerificationError, broker: str) -> EdgedError:
    what = f"the certificate of the broker at {broker} is not valid: {error.verify_message}"
    if error.verify_code in _BAD_DATES:
        return Unavailable(what, "Check this device's clock (`timedatectl`), then the certificate's dates")
    return Refused(
        "untrusted_broker",
        what,
        "Set mqtt.ca_file to the authority that signed it, and mqtt.host to a name that stands in it",
    )
