"""The cameras' part of the document: one model a kind, told apart by `kind`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, SecretStr, model_validator

from edged.config.field import AbsolutePath, Section, camera, live


def _stream(address: SecretStr) -> SecretStr:
    if not address.get_secret_value().startswith(("rtsp://", "rtsps://")):
        raise ValueError("must begin with rtsp:// or rtsps://")
    return address


def _page(address: SecretStr) -> SecretStr:
    if not address.get_secret_value().startswith(("http://", "https://")):
        raise ValueError("must begin with http:// or https://")
    return address


class Region(Section):
    """A rectangle of the picture, in fractions of its width and height after rotation and mirroring."""

    x1: float = camera(0.0, ge=0, le=1)
    """Left edge."""
    y1: float = camera(0.0, ge=0, le=1)
    """Upper edge."""
    x2: float = camera(1.0, ge=0, le=1)
    """Right edge."""
    y2: float = camera(1.0, ge=0, le=1)
    """Lower edge."""

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
    """Use this camera."""
    fps: float = live(15.0, gt=0, le=120)
    """At most so many frames a second are looked at; the others are dropped undecoded where the driver allows it."""
    rotate: Literal[0, 90, 180, 270] = camera(0)
    """Clockwise degrees to turn the picture by."""
    mirror: bool = camera(False)
    """Flip left and right, after the rotation."""
    region: Region = camera(default_factory=Region)
    """The part of the picture to look at; boxes are reported in this part's pixels."""
    motion: MotionSettings = live(default_factory=MotionSettings)
    """What counts as motion."""
    target_fpir: float | None = live(None, gt=0, le=0.1)
    """This door's own `decision.target_fpir`; where given, `decision.threshold` does not hold here."""
    min_fps: float | None = live(None, ge=0, le=120)
    """This camera's own `objectives.min_fps`; 0: nobody minds."""
    open_timeout_s: float = camera(10.0, gt=0, le=120)
    """How long opening may take."""
    stall_s: float = camera(5.0, gt=0, le=120)
    """Without a frame for so long the camera is given up, named in the health, and opened anew."""


class V4l2Camera(CameraBase):
    """A USB or CSI camera behind a /dev/video node."""

    kind: Literal["v4l2"] = camera()
    device: AbsolutePath = camera(Path("/dev/video0"))
    """The node; a link below /dev/v4l/by-id keeps its meaning when cameras are plugged in another order."""
    width: int = camera(1280, ge=160, le=7680)
    """Pixels across, asked of the driver."""
    height: int = camera(720, ge=120, le=4320)
    """Pixels down, asked of the driver."""
    pixel_format: str = camera("MJPG", pattern=r"^[A-Z0-9]{4}$")
    """FourCC asked of the driver."""


class RtspCamera(CameraBase):
    """A network camera."""

    kind: Literal["rtsp"] = camera()
    url: Annotated[SecretStr, AfterValidator(_stream)] = camera(examples=["rtsp://user:password@192.168.1.20/stream1"])
    """`rtsp://` or `rtsps://`; user and password are kept out of every log, topic and page. With `rtsps` the stream is
    encrypted, but FFmpeg does not verify the camera's certificate: keep cameras on a network of their own."""
    transport: Literal["tcp", "udp"] = camera("tcp")
    """How the pictures travel; tcp loses none."""


class MjpegCamera(CameraBase):
    """A motion-JPEG stream over HTTP."""

    kind: Literal["mjpeg"] = camera()
    url: Annotated[SecretStr, AfterValidator(_page)] = camera(examples=["http://user:password@192.168.1.21/mjpeg"])
    """`http://` or `https://`; user and password are kept out of every log, topic and page."""


class VideoCamera(CameraBase):
    """A video file, for replays and tests."""

    kind: Literal["video"] = camera()
    path: AbsolutePath = camera(examples=["/var/lib/edged/entrance.mp4"])
    """The file."""
    paced: bool = camera(True)
    """At the speed it was recorded; false: as fast as it decodes."""
    loop: bool = camera(False)
    """Begin again at the end."""


class StillsCamera(CameraBase):
    """A folder of photographs, shown in the order of their names."""

    kind: Literal["stills"] = camera()
    folder: AbsolutePath = camera(examples=["/var/lib/edged/photographs"])
    """The folder."""
    interval_s: float = camera(1.0, ge=0, le=3600)
    """Seconds between photographs; 0: as fast as they decode."""
    loop: bool = camera(False)
    """Begin again after the last one."""


class CommandCamera(CameraBase):
    """A program that writes raw frames to its standard output: rpicam-vid, gst-launch-1.0, ffmpeg."""

    kind: Literal["command"] = camera()
    argv: tuple[str, ...] = camera(
        file_only=True,
        strict=False,  # a list is written, a tuple kept
        repr=False,  # an address among the arguments may carry a password
        min_length=1,
        max_length=256,
        examples=[
            ["rpicam-vid", "-n", "-t", "0", "--codec", "yuv420", "--width", "1280", "--height", "720", "-o", "-"]
        ],
    )
    """The program and its arguments, a list; never passed through a shell."""
    width: int = camera(ge=16, le=7680, examples=[1280])
    """Pixels across, as the program writes them."""
    height: int = camera(ge=16, le=4320, examples=[720])
    """Pixels down, as the program writes them."""
    pixels: Literal["bgr24", "rgb24", "gray8", "yuv420p", "nv12"] = camera("bgr24", examples=["yuv420p"])
    """How a frame lies in the stream."""


class DemoCamera(CameraBase):
    """A real face from a package, walking in and out: for trying edged without a camera."""

    kind: Literal["demo"] = camera()
    photo: AbsolutePath = camera(examples=["/var/lib/edged/astronaut.png"])
    """The photograph to show, for example the astronaut of the scikit-image package."""
    width: int = camera(640, ge=160, le=1920)
    """Pixels across."""
    height: int = camera(480, ge=120, le=1080)
    """Pixels down."""
    appear_s: float = camera(6.0, gt=0, le=3600)
    """Seconds the face stays in the picture."""
    absent_s: float = camera(4.0, gt=0, le=3600)
    """Seconds the picture is empty in between."""
    seed: int = camera(7, ge=0, le=1_000_000)
    """Chooses the path, the light and the noise."""


CameraSettings = Annotated[
    V4l2Camera | RtspCamera | MjpegCamera | VideoCamera | StillsCamera | CommandCamera | DemoCamera,
    Field(discriminator="kind"),
]
