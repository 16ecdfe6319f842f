"""Prints by how many MB a process grows, beyond what the daemon has anyway, when it serves a page and a picture."""

from pathlib import Path

import cv2
import numpy as np
import onnxruntime

import edged.config.document
import edged.mqtt.outbox
import edged.wire.device

LOADED = (cv2, np, onnxruntime, edged)


def resident_mb() -> float:
    lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmRSS")) / 1024


def main() -> None:
    cv2.imencode(".jpg", np.zeros((720, 1280, 3), np.uint8))
    scene = np.full((720, 1280, 3), 128, np.uint8)
    before = resident_mb()
    from tests.api.asking import ask, next_message, next_part, streaming  # noqa: PLC0415  part of what is measured
    from tests.api.pretend_device import PretendDevice, serving  # noqa: PLC0415

    with serving(PretendDevice("front", scene=scene)) as server:
        ask(server, "/")
        with streaming(server, "/api/v1/stream") as news, streaming(server, "/api/v1/cameras/front/live.mjpeg") as live:
            next_message(news)
            for _ in range(5):
                next_part(live)
            print(resident_mb() - before)


if __name__ == "__main__":
    main()
