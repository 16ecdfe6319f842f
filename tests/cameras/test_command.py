"""Real programs that write frames."""

from __future__ import annotations

import shutil
import signal
import sys
import threading
import time
from pathlib import Path
from typing import Any

import pytest

from edged.cameras.command import CommandCapture, open_command
from edged.config.cameras import CommandCamera
from edged.domain.errors import Unavailable
from tests.cameras.pictures import corners

SECRET = "rtsp://admin:geheim@10.0.0.9/live"
FRAME = "import sys; sys.stdout.buffer.write(bytes([9, 99, 199]) * 64 * 48); sys.stdout.flush(); "


def opened(*argv: str, **changes: Any) -> CommandCapture:
    given = {"width": 64, "height": 48, "open_timeout_s": 10, "stall_s": 0.5, **changes}
    return open_command(CommandCamera.model_validate({"kind": "command", "argv": argv, **given}), clock=time.monotonic)


def python(source: str, **changes: Any) -> CommandCapture:
    return opened(sys.executable, "-c", source, **changes)


def is_running(pid: int) -> bool:
    """Whether a process is there and not just waiting to be reaped."""
    try:
        return "\nState:\tZ" not in Path(f"/proc/{pid}/status").read_text(encoding="ascii")
    except FileNotFoundError:
        return False


def open_pipes() -> set[str]:
    files = Path("/proc/self/fd").iterdir()
    return {target for file in files if (target := _target(file)).startswith("pipe:")}


def _target(file: Path) -> str:
    try:
        return str(file.readlink())
    except FileNotFoundError:  # what the listing itself had open
        return ""


@pytest.fixture
def ffmpeg() -> str:
    path = shutil.which("ffmpeg")
    if path is None:
        pytest.fail("ffmpeg is missing. Run: apt-get install ffmpeg")
    return path


def composed(ffmpeg: str, graph: str, pixel_format: str, **changes: Any) -> CommandCapture:
    """Pictures that ffmpeg draws, at the speed of a camera."""
    source = ["-loglevel", "error", "-re", "-f", "lavfi", "-i", graph]
    return opened(ffmpeg, *source, "-f", "rawvideo", "-pix_fmt", pixel_format, "-", **changes)


@pytest.mark.parametrize("pixels", ["bgr24", "rgb24", "yuv420p", "nv12"])
def test_every_pixel_format_gives_the_same_colours(ffmpeg: str, pixels: str) -> None:
    """Four quarters, composed by ffmpeg: blue, green, red, white."""
    colours = zip("abcd", ("0x0000FF", "0x00FF00", "0xFF0000", "0xFFFFFF"), strict=True)
    quarters = ";".join(f"color={colour}:size=32x24:rate=10[{name}]" for name, colour in colours)
    graph = f"{quarters};[a][b]hstack[top];[c][d]hstack[bottom];[top][bottom]vstack"
    capture = composed(ffmpeg, graph, pixels, pixels=pixels)
    capture.grab()
    assert corners(capture.retrieve()) == ["blue", "green", "red", "white"]
    capture.close()


def test_grey_and_the_view(ffmpeg: str) -> None:
    capture = composed(ffmpeg, "color=white:size=64x48", "gray", pixels="gray8", rotate=90)
    capture.grab()
    assert capture.retrieve().shape == (64, 48, 3)
    assert corners(capture.retrieve()) == ["white"] * 4
    capture.close()


def test_a_picture_stays_as_it_was_when_the_next_is_read() -> None:
    capture = python("import sys\nfor n in range(200): sys.stdout.buffer.write(bytes([n]) * 64 * 48 * 3)")
    capture.grab()
    first = capture.retrieve()
    capture.grab()
    assert first.mean() == 1
    assert capture.retrieve().mean() == 2
    capture.close()


def test_a_program_that_hangs_is_given_up_and_gone_with_its_children() -> None:
    """The child of the program ignores the polite request to stop."""
    child = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); time.sleep(600)"
    capture = python(
        f"import subprocess, sys, time; {FRAME}{FRAME}"
        f"child = subprocess.Popen([sys.executable, '-c', {child!r}]);"
        "print(child.pid, file=sys.stderr, flush=True); time.sleep(600)"
    )
    capture.grab()
    with pytest.raises(Unavailable, match=r"wrote no whole frame within 0\.5 s; it said:") as failure:
        capture.grab()
    grandchild = int(failure.value.what.rsplit(" ", 1)[1])
    until = time.monotonic() + 10
    while is_running(grandchild) and time.monotonic() < until:
        time.sleep(0.02)
    assert not is_running(grandchild)
    capture.close()


def test_a_program_that_never_writes_is_given_up_at_opening() -> None:
    with pytest.raises(Unavailable, match=r"`sleep` wrote no whole frame within 0\.3 s"):
        opened("sleep", "600", open_timeout_s=0.3)


@pytest.mark.parametrize("half", ["", "sys.stdout.buffer.write(bytes(99)); sys.stdout.flush(); "])
def test_an_interrupt_frees_a_grab_that_waits(half: str) -> None:
    capture = python(f"import time; {FRAME}{half}time.sleep(600)", stall_s=60)
    timer = threading.Timer(0.2, capture.interrupt)
    timer.start()
    with pytest.raises(Unavailable, match="killed by signal 9"):
        capture.grab()
    timer.join()
    capture.close()
    capture.interrupt()


def test_closing_stops_a_program_that_is_in_the_middle_of_writing() -> None:
    capture = python("import sys\nwhile True: sys.stdout.buffer.write(bytes(99999))")
    pid = capture._program.pid
    assert is_running(pid)
    begun = time.monotonic()
    capture.close()
    capture.close()
    assert time.monotonic() - begun < 5
    assert not is_running(pid)


def test_a_program_may_put_its_camera_away(tmp_path: Path) -> None:
    """It gets SIGTERM, and time to heed it."""
    done = tmp_path / "put away"
    capture = python(
        f"import signal, sys, time, pathlib\n"
        f"signal.signal(signal.SIGTERM, lambda *_: (pathlib.Path({str(done)!r}).touch(), sys.exit()))\n"
        f"{FRAME}\ntime.sleep(600)"
    )
    capture.close()
    assert done.exists()


@pytest.mark.parametrize(
    ("source", "words"),
    [
        (
            f"import sys; sys.exit('no camera, tried {SECRET}')",
            r"exit code 1; it said: no camera, tried rtsp://10.0.0.9/…",
        ),
        ("import os, signal; os.kill(os.getpid(), signal.SIGSEGV)", "killed by signal 11"),
        ("import sys; sys.stdout.buffer.write(bytes(5000))", "ended in the middle of a frame"),
        ("pass", "exit code 0"),
    ],
)
def test_says_how_a_program_ended_with_its_last_words_but_no_password(source: str, words: str) -> None:
    with pytest.raises(Unavailable, match=words) as failure:
        python(source)
    assert "geheim" not in str(failure.value)


def test_listens_to_endless_complaints_and_keeps_the_last() -> None:
    complaints = "[print('warning', n, 'x' * 50, file=sys.stderr) for n in range(20000)]; "
    with pytest.raises(Unavailable, match="the end") as failure:
        python(f"{FRAME}{complaints}sys.exit('\\x1b[31mthe end')", stall_s=60.0).grab()
    assert len(str(failure.value)) < 600
    assert "\x1b" not in str(failure.value)


def test_a_program_that_only_complains_is_given_up() -> None:
    with pytest.raises(Unavailable, match="wrote no whole frame"):
        python("import sys\nwhile True: print('warning', file=sys.stderr)", open_timeout_s=0.5)


def test_never_shows_half_an_address() -> None:
    """The first address is cut, as only the last 2,000 bytes are kept; the second becomes short when it is shown."""
    complaint = f"{SECRET} http://h/" + "x" * 1961
    with pytest.raises(Unavailable, match="it said") as failure:
        python(f"import sys; sys.exit({complaint!r} + ' the end')")
    assert "geheim" not in str(failure.value)


def test_a_program_that_shuts_its_standard_error_still_gives_frames() -> None:
    capture = python(f"import os, time; os.close(2); {FRAME}{FRAME}time.sleep(600)")
    capture.grab()
    assert tuple(capture.retrieve()[0, 0]) == (9, 99, 199)
    capture.close()


def test_says_that_a_program_is_missing_without_its_arguments(tmp_path: Path) -> None:
    with pytest.raises(Unavailable, match="`rpicam-none` cannot be started") as failure:
        opened("rpicam-none", "rtsp://admin:geheim@host")
    assert "geheim" not in str(failure.value)
    (tmp_path / "script").write_text("echo")
    with pytest.raises(Unavailable, match="Permission denied"):
        opened(str(tmp_path / "script"))


def test_formats_with_halved_colour_need_an_even_size() -> None:
    with pytest.raises(Unavailable, match="even width and height"):
        opened("true", pixels="nv12", width=65)


def test_leaves_no_pipe_open() -> None:
    before = open_pipes()
    capture = python(f"import time; {FRAME}time.sleep(600)")
    capture.close()
    assert open_pipes() <= before
    assert capture._program.returncode == -signal.SIGTERM
