"""What is said of a photograph's file that is not taken. Each reason is one word that stays what it is."""

from __future__ import annotations

from edged.domain.errors import Refused


def damaged(what: str) -> Refused:
    """The file contradicts its format."""
    return Refused("damaged", f"the picture is damaged: {what}", "Save it anew, as JPEG or PNG.")


def truncated() -> Refused:
    """The file ends before the picture does; whoever copies it may not have finished."""
    return Refused("truncated", "the file ends before the picture does", "Copy it once more, and whole.")


def bomb(what: str) -> Refused:
    """To decode the file would take far more than a photograph of its size takes, or more than it says."""
    return Refused("bomb", f"this is no photograph of a camera: {what}", "Save it anew, as JPEG or PNG.")


def animated() -> Refused:
    """The file has several pictures, of which people would see another one than we."""
    return Refused("animated", "the picture moves", "Send one picture of it, as JPEG or PNG.")


def unsupported(what: str) -> Refused:
    """A sound file, perhaps, of a kind that phones and browsers do not show."""
    return Refused("unsupported", f"few phones show such a file: {what}", "Save it anew, as an ordinary JPEG.")


def exif_damaged(what: str) -> Refused:
    """What the camera is said to have written into the file cannot be read."""
    return Refused("exif_damaged", f"the picture's EXIF is damaged: {what}", "Save the picture anew, or without EXIF.")


def check_pixels(width: int, height: int, most: int) -> None:
    """Raises Refused: `damaged` where there are no pixels, `too_many_pixels` above `most`."""
    if width <= 0 or height <= 0:
        raise damaged("it has no pixels")
    if width * height > most:
        raise Refused("too_many_pixels", f"the picture has {width} × {height} pixels", f"Send at most {most:,}.")
