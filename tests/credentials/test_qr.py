"""A pass that is drawn can be read by a camera."""

from __future__ import annotations

import cv2
import numpy as np

from edged.credentials.code import shown_pass
from edged.credentials.qr import qr_png, qr_svg, qr_text

CODE = "K7QF2M9A0W3TXC5H"


def read(picture: np.ndarray) -> str:
    text, _corners, _straight = cv2.QRCodeDetector().detectAndDecode(picture)
    return text


def test_the_picture_says_the_code() -> None:
    picture = cv2.imdecode(np.frombuffer(qr_png(CODE), np.uint8), cv2.IMREAD_GRAYSCALE)
    assert picture is not None
    assert read(picture) == shown_pass(CODE)


def test_so_do_the_lines_on_a_terminal() -> None:
    halves = {"█": (255, 255), "▀": (255, 0), "▄": (0, 255), " ": (0, 0)}
    rows = [[halves[letter] for letter in line] for line in qr_text(CODE).split("\n")]
    modules = np.array(rows, np.uint8).transpose(0, 2, 1).reshape(2 * len(rows), -1)
    assert read(np.kron(modules, np.ones((8, 8), np.uint8))) == shown_pass(CODE)


def test_the_drawing_asks_for_nothing_from_elsewhere() -> None:
    drawing = qr_svg(CODE)
    assert b"<path" in drawing
    assert not any(word in drawing for word in (b"script", b"href", b"style", b"url("))
