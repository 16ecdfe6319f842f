"""A pass as a QR code: on paper, on a telephone, on a terminal."""

from __future__ import annotations

import io
from typing import Any, Final

import segno

from edged.credentials.code import shown_pass

_SCALE: Final = 12
_QUIET: Final = 4
"""Modules around the code, as ISO/IEC 18004 asks for."""


def qr_svg(code: str) -> bytes:
    """A picture that can be printed at any size."""
    return _drawn(code, kind="svg", scale=_SCALE, border=_QUIET, light="#fff", svgclass=None, lineclass=None)


def qr_png(code: str) -> bytes:
    """A picture for a message, about 350 pixels wide."""
    return _drawn(code, kind="png", scale=_SCALE, border=_QUIET)


def qr_text(code: str) -> str:
    """Lines for a terminal, two rows of modules in one of text; light modules are drawn, as on a dark background."""
    rows = [[bool(module) for module in row] for row in _qr(code).matrix_iter(border=_QUIET)]
    if len(rows) % 2:
        rows.append([False] * len(rows[0]))
    halves = {(False, False): "█", (False, True): "▀", (True, False): "▄", (True, True): " "}
    pairs = zip(rows[::2], rows[1::2], strict=True)
    return "\n".join("".join(halves[above, below] for above, below in zip(*pair, strict=True)) for pair in pairs)


def _qr(code: str) -> segno.QRCode:
    return segno.make_qr(shown_pass(code), error="q")


def _drawn(code: str, **how: Any) -> bytes:
    out = io.BytesIO()
    _qr(code).save(out, **how)
    return out.getvalue()
