"""Photographs that are none, sent to a real hub: refused, without taking its memory."""

from __future__ import annotations

import io
import itertools
import re
import struct
import zlib
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import cv2
import numpy as np

from tests.hub.running import Running, made_hub, running

MOST_MB = 100


def png(width: int, height: int, rows: int | None = None) -> bytes:
    """A grey PNG of one colour: a thousandth of its pixels' size; with fewer rows than it promises, cut off."""
    head = b"IHDR" + struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    packer = zlib.compressobj(9)
    line = bytes(width + 1)
    data = b"".join(packer.compress(line) for _ in range(height if rows is None else rows)) + packer.flush()
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(chunk) - 4) + chunk + struct.pack(">I", zlib.crc32(chunk))
        for chunk in (head, b"IDAT" + data, b"IEND")
    )


def jpeg(width: int, height: int, quality: int = 90, *flags: int) -> bytes:
    shades = np.linspace(0, 255, width, dtype=np.uint8)
    image = np.broadcast_to(shades[None, :, None], (height, width, 3))
    return cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, quality, *flags])[1].tobytes()


def promising(content: bytes, width: int, height: int) -> bytes:
    """A JPEG whose head promises another size."""
    return re.sub(
        rb"(\xff[\xc0\xc2]..\x08)....",
        lambda match: match[1] + struct.pack(">HH", height, width),
        content,
        count=1,
        flags=re.DOTALL,
    )


def bmp(width: int, height: int) -> bytes:
    return b"BM" + struct.pack("<IHHIIiiHHIIiiII", 54, 0, 0, 54, 40, width, height, 1, 24, 0, 0, 0, 0, 0, 0)


def webp(width: int, height: int) -> bytes:
    extended = bytes(4) + (width - 1).to_bytes(3, "little") + (height - 1).to_bytes(3, "little")
    body = b"WEBPVP8X" + struct.pack("<I", 10) + extended
    return b"RIFF" + struct.pack("<I", len(body)) + body


def bombs() -> Mapping[str, bytes]:
    """Twenty of them."""
    small = jpeg(64, 64)
    gzip = io.BytesIO(zlib.compress(bytes(10**7)))
    return {
        "a PNG of 900 megapixels": png(30_000, 30_000, 2),
        "a PNG of 100 megapixels, whole": png(10_000, 10_000),
        "a PNG as wide as can be": png(2**31 - 1, 1, 0),
        "a PNG without width": png(0, 10),
        "a PNG that is cut off": png(3000, 3000)[:2000],
        "a PNG with a wrong sum": png(300, 300)[:-20] + b"\0" * 20,
        "a PNG with fewer rows than it promises": png(4000, 4000, 5),
        "a JPEG that promises 4 gigapixels": promising(small, 65_535, 65_535),
        "a JPEG that promises more than it has": promising(small, 4000, 4000),
        "a JPEG that is cut off": jpeg(4000, 4000)[:3000],
        "a progressive JPEG that is cut off": jpeg(3000, 3000, 90, cv2.IMWRITE_JPEG_PROGRESSIVE, 1)[:9000],
        "a JPEG's head alone": small[:20],
        "a JPEG of nothing but markers": b"\xff\xd8" + b"\xff" * 5000,
        "a BMP of 4 gigapixels": bmp(65_000, -65_000),
        "a WebP of 281 gigapixels": webp(2**24, 2**24),
        "a WebP that ends early": b"RIFF\xff\xff\xff\x7fWEBPVP8 ",
        "a GIF": b"GIF89a" + struct.pack("<HH", 65_535, 65_535) + bytes(100),
        "an SVG with entities": b'<!DOCTYPE x [<!ENTITY a "aaaa">]><svg>&a;&a;</svg>',
        "packed zeros": gzip.getvalue(),
        "a program": b"\x7fELF" + bytes(4096),
    }


def peak_mb(hub: Running) -> float:
    """The most memory that the process has ever had."""
    status = Path(f"/proc/{hub.process.pid}/status").read_text()
    return int(status.split("VmHWM:")[1].split()[0]) / 1024


def test_twenty_bombs_are_refused_and_take_little_memory(
    tmp_path: Path, models_dir: Path, astronaut_path: Path
) -> None:
    made = made_hub(tmp_path / "hub", models_dir)
    sent = bombs()
    assert len(sent) == 20
    with running(Path(made["config"]), tmp_path / "log") as hub, hub.client(made["token"]["text"]) as client:
        portrait = astronaut_path.read_bytes()
        assert client.post("/v1/identify", files={"photo": portrait}).status_code == 200  # everything is loaded
        before = peak_mb(hub)

        def answer(name: str, address: str, field: str) -> tuple[str, int]:
            return name, client.post(address, files={field: ("me.jpg", sent[name])}).status_code

        with ThreadPoolExecutor(8) as pool:
            ways = itertools.product(sent, [("/v1/detect", "photo"), ("/miicloud/match_faces", "image_path")])
            answers = list(pool.map(lambda way: answer(way[0], *way[1]), ways))

        # What begins as a sound picture is shown as far as it goes, as browsers do.
        shown = {name for name, status in answers if status == 200}
        assert all(re.search("cut off|fewer rows|more than it has|wrong sum", name) for name in shown), shown
        assert {status for name, status in answers if name not in shown} <= {400, 413, 415}, answers
        assert peak_mb(hub) - before < MOST_MB
        assert client.post("/v1/identify", files={"photo": portrait}).status_code == 200
        assert "Traceback" not in hub.log.read_text()
