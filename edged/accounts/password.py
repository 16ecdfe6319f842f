"""Passwords: which ones are good enough, and what is kept of them (argon2id, RFC 9106)."""

from __future__ import annotations

from typing import Final

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from edged.domain.errors import Refused

LEAST: Final = 10
MOST: Final = 256
"""Characters. No rule of what kinds they are: length is what counts (NIST SP 800-63B)."""
_KINDS: Final = 5
"""Different characters in one at least."""

_HASHER: Final = PasswordHasher(time_cost=3, memory_cost=32 * 1024, parallelism=1, hash_len=32, salt_len=16)
"""32 MiB and three passes: some 60 ms of a desktop core, a quarter of a second on a Raspberry Pi 4, and little enough
memory for a board that recognises people meanwhile, since one is tried at a time."""

NOBODYS: Final = "$argon2id$v=19$m=32768,t=3,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
"""Compared with where there is no account, so that the answer takes as long. No password has this digest, as far as
anybody knows."""


def see_good(password: str, name: str) -> None:
    """Raises Refused (`weak_password`) where a password would be guessed."""
    if not LEAST <= len(password) <= MOST:
        raise Refused(
            "weak_password",
            f"a password has {LEAST} to {MOST} characters",
            "Take a sentence of a few words: it is long and can be remembered",
        )
    folded = password.casefold()
    if len(set(folded)) < _KINDS or (len(name) >= 4 and folded.replace(name.casefold(), "").strip("0123456789") == ""):
        raise Refused(
            "weak_password",
            "that password would be among the first to be tried",
            "Take a sentence of a few words: it is long and can be remembered",
        )


def digest_of(password: str, salt: bytes) -> str:
    """What is kept: argon2id with its parameters. Blocks a core for a good part of a second."""
    return _HASHER.hash(password.encode(), salt=salt)


def fits(password: str, digest: str) -> bool:
    """Whether `digest` is of this password. As slow as `digest_of`, whatever the answer."""
    try:
        return _HASHER.verify(digest, password[: MOST + 1].encode())
    except (VerificationError, InvalidHashError):
        return False
