"""The cameras' part of the document: one model a kind, told apart by `kind`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import Field, SecretStr, model_validator

from edged.config.field import Section, camera, live


class Region(Section):
    """A rectangle of the picture, in fractions of its width and height after rotation and mirroring."""

    x1: float = camera(0.0, ge=0, le=1)
    y1: float = camera(0.0, ge=0, le=1)
    x2: float = camera(1.0, ge=0, le=1)
    y2: float = camera(1.0, ge=0, le=1)

    @model_validator(mode="after")
    def _has_an_area(self) -> Self:
        if self.x2 - self.x1 < 0.05 or self.y2 - self.y1 < 0.05:
            raise ValueError("a region spans at least 0.05 in both directions, with x1 < x2 and y1 < y2")
        return self


class MotionSettings(Section):
    """No motion, no inference: what counts as motion."""

    enabled: bool = live(True)
    """Look for faces only while something moves (or somebody is being watched)."""
    threshold: float = live(6.0, gt=0, le=255)
    """Grey levels by which a block of the picture must change."""
    area: float = live(0.002, gt=0, le=1)
    """Share of the picture's blocks that must change."""
    hold_s: float = live(2.0, ge=0, le=60)
    """Seconds for which frames are still looked at after the last motion."""


class CameraBase(Section):
    """What every kind of camera has."""

    enabled: bool = camera(True)
    fps: float = live(15.0, gt=0, le=120)
    """At most so many frames a second are looked at; the others are dropped undecoded where the driver allows it."""
    rotate: Literal[0, 90, 180, 270] = camera(0)
    """Clockwise degrees to turn the picture by."""
    mirror: bool = camera(False)
    """Flip left and right, after the rotation."""
    region: Region = camera(default_factory=Region)
    """The part of the picture to look at; boxes are reported in this part's pixels."""
    motion: MotionSettings = live(default_factory=MotionSettings)
    open_timeout_s: float = camera(10.0, gt=0, le=120)
    """How long opening may take."""
    stall_s: float = camera(5.0, gt=0, le=120)
    """Without a frame for so long the camera is given up, named in the health, and opened anew."""


class V4l2Camera(CameraBase):
    """A USB or CSI camera behind a /dev/video node."""

    kind: Literal["v4l2"]
    device: Path = camera(Path("/dev/video0"))
    width: int = camera(1280, ge=160, le=7680)
    height: int = camera(720, ge=120, le=4320)
    pixel_format: str = camera("MJPG", pattern=r"^[A-Z0-9]{4}$")
    """FourCC asked of the driver."""


class RtspCamera(CameraBase):
    """A network camera."""

    kind: Literal["rtsp"]
    url: SecretStr = camera()
    """`rtsp://` or `rtsps://`; user and password are kept out of every log, topic and page."""
    transport: Literal["tcp", "udp"] = camera("tcp")


class MjpegCamera(CameraBase):
    """A motion-JPEG stream over HTTP."""

    kind: Literal["mjpeg"]
    url: SecretStr = camera()
    """`http://` or `https://`; user and password are kept out of every log, topic and page."""


class VideoCamera(CameraBase):
    """A video file, for replays and tests."""

    kind: Literal["video"]
    path: Path = camera()
    paced: bool = camera(True)
    """At the speed it was recorded; false: as fast as it decodes."""
    loop: bool = camera(False)


class StillsCamera(CameraBase):
    """A folder of photographs, shown in the order of their names."""

    kind: Literal["stills"]
    folder: Path = camera()
    interval_s: float = camera(1.0, ge=0, le=3600)
    """Seconds between photographs; 0: as fast as they decode."""
    loop: bool = camera(False)


class CommandCamera(CameraBase):
    """A program that writes raw frames to its standard output: rpicam-vid, gst-launch-1.0, ffmpeg."""

    kind: Literal["command"]
    argv: tuple[str, ...] = camera(min_length=1)
    """The program and its arguments, a list; never passed through a shell."""
    width: int = camera(ge=16, le=7680)
    height: int = camera(ge=16, le=4320)
    pixels: Literal["bgr24", "rgb24", "gray8", "yuv420p", "nv12"] = camera("bgr24")
    """How a frame lies in the stream."""


class DemoCamera(CameraBase):
    """A real face from a package, walking in and out: for trying edged without a camera."""

    kind: Literal["demo"]
    photo: Path = camera()
    """The photograph to show, for example the astronaut of the scikit-image package."""
    width: int = camera(640, ge=160, le=1920)
    height: int = camera(480, ge=120, le=1080)
    appear_s: float = camera(6.0, gt=0, le=3600)
    """Seconds the face stays in the picture."""
    absent_s: float = camera(4.0, gt=0, le=3600)
    """Seconds the picture is empty in between."""
    seed: int = camera(7)
    """Chooses the path, the light and the noise."""


CameraSettings = Annotated[
    V4l2Camera | RtspCamera | MjpegCamera | VideoCamera | StillsCamera | CommandCamera | DemoCamera,
    Field(discriminator="kind"),
]
