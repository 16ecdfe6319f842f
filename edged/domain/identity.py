"""Identifiers that sort by time."""

from __future__ import annotations


def uuid7(utc: float, entropy: bytes) -> str:
    """A UUID version 7 (RFC 9562 section 5.7) as canonical text.

    Args:
        utc: seconds since the Unix epoch; kept to the millisecond.
        entropy: at least 10 random bytes. Passed in, so that this room needs no source of chance.
    """
    if len(entropy) < 10:
        raise ValueError("uuid7 needs 10 bytes of entropy")
    milliseconds = int(utc * 1000) & (2**48 - 1)
    rand_a = int.from_bytes(entropy[:2], "big") & 0xFFF
    rand_b = int.from_bytes(entropy[2:10], "big") & (2**62 - 1)
    value = milliseconds << 80 | 7 << 76 | rand_a << 64 | 2 << 62 | rand_b
    text = f"{value:032x}"
    return "-".join((text[:8], text[8:12], text[12:16], text[16:20], text[20:]))
