"""Which cameras are plugged into this machine."""

from __future__ import annotations

import fcntl
import os
import re
import struct
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from edged.domain.errors import Unavailable

_QUERYCAP: Final = 0x80685600
"""VIDIOC_QUERYCAP of <linux/videodev2.h>: _IOR('V', 0, struct v4l2_capability)."""
_CAPABILITY: Final = struct.Struct("=16s32s32sIII12x")
"""struct v4l2_capability: driver, card, bus_info, version, capabilities, device_caps."""
_CAPTURE: Final = 0x00000001 | 0x00001000
"""V4L2_CAP_VIDEO_CAPTURE, V4L2_CAP_VIDEO_CAPTURE_MPLANE."""
_HAS_DEVICE_CAPS: Final = 0x80000000
_NO_PICTURES: Final = frozenset({"unicam", "rp1-cfe", "pispbe", "bcm2835-isp", "tegra-video"})
"""Drivers of CSI sensors and image processors: their nodes give raw sensor data, or need another program to steer
them. Such a camera is read through `kind: command`."""


@dataclass(frozen=True, slots=True)
class Found:
    """A camera node that gives pictures.

    Attributes:
        path: the node, such as /dev/video0.
        name: what the driver calls the camera.
        driver, bus: the driver's name, and where the camera is plugged in.
    """

    path: Path
    name: str
    driver: str
    bus: str


def find_cameras(directory: Path = Path("/dev")) -> list[Found]:
    """The V4L2 cameras of this machine, by number. Asks the drivers only, so a camera in use is found too.

    Nodes that cannot be opened, that capture nothing, or that belong to a CSI sensor are left out.
    """
    nodes = [path for path in directory.glob("video*") if re.fullmatch(r"video\d+", path.name)]
    found = []
    for path in sorted(nodes, key=lambda node: int(node.name.removeprefix("video"))):
        try:
            found.append(query(path))
        except Unavailable:
            continue
    return [camera for camera in found if camera.driver not in _NO_PICTURES]


def query(path: Path) -> Found:
    """What the driver says of one node. Does not block and does not disturb whoever uses the camera.

    Raises:
        Unavailable: there is no such device, it may not be opened, or it is no camera.
    """
    try:
        node = os.open(path, os.O_RDWR | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError as error:
        raise _closed(path, error) from None
    try:
        answer = fcntl.ioctl(node, _QUERYCAP, bytes(_CAPABILITY.size))
    except OSError:
        raise _no_camera(path) from None
    finally:
        os.close(node)
    driver, name, bus, _, capabilities, device = _CAPABILITY.unpack(answer)
    if not (device if capabilities & _HAS_DEVICE_CAPS else capabilities) & _CAPTURE:
        raise _no_camera(path)
    return Found(path, _text(name), _text(driver), _text(bus))


def _closed(path: Path, error: OSError) -> Unavailable:
    match error:
        case FileNotFoundError():
            return Unavailable(f"there is no camera at {path}", "Plug it in, or correct `device`.")
        case PermissionError():
            return Unavailable(f"no permission to use the camera at {path}", "Add edged's user to the group `video`.")
        case _:
            return Unavailable(f"the camera at {path} cannot be opened ({error.strerror})", "Plug it in again.")


def _no_camera(path: Path) -> Unavailable:
    return Unavailable(
        f"{path} is not a camera that can be captured from",
        "Many cameras have several nodes: try the next lower number.",
    )


def _text(field: bytes) -> str:
    return field.partition(b"\0")[0].decode(errors="replace")
