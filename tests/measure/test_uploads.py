from __future__ import annotations

from pathlib import Path

import pytest

from edged.config.document import ModelSettings
from edged.domain.progress import quiet
from edged.measure.upload import Upload
from edged.measure.uploads import Sent, Uploads, measure_uploads, uploads_report


def test_a_real_hub_refuses_the_hostile_and_takes_the_sound(
    model_settings: ModelSettings, astronaut_path: Path
) -> None:
    found = measure_uploads(model_settings, astronaut_path.read_bytes(), 24, quiet)
    assert [sent for sent in found.hostile if not sent.is_refused_rightly] == []
    assert [sent for sent in found.sound if not sent.is_taken] == []
    assert (found.is_good, found.crashes) == (True, 0)
    assert {sent.door for sent in found.hostile} == {"album", "selfie"}
    assert len({sent.upload.family for sent in found.hostile}) > 8
    assert found.peak_mb - found.before_mb < 100


@pytest.mark.parametrize(
    ("status", "reason", "crashes", "missed"),
    [
        (400, "polyglot", 0, ""),
        (400, "damaged", 0, "… refused without their reason"),
        (201, "", 0, "… taken"),
        (500, "internal", 0, "… answers of 500 and above"),
        (0, "the hub hung up", 1, "1 hostile files, twice: crashes"),
    ],
)
def test_what_goes_wrong_is_counted(status: int, reason: str, crashes: int, missed: str) -> None:
    bad, good = Upload("polyglot", "zip after a JPEG", b"", "polyglot"), Upload("sound", "JPEG", b"")
    hostile = Sent(bad, "album", status, reason, 0.1), Sent(bad, "selfie", 400, "there is a zip", 0.1)
    sound = Sent(good, "album", 201, "", 0.1), Sent(good, "selfie", 200, "", 0.1)
    found = Uploads(hostile, sound, crashes, 100.0, 110.0, "PNG of 9 MB", 0.1)
    assert found.is_good is (not missed)
    lines = [line.split("  ")[0] for line in uploads_report(found).text().splitlines() if line.endswith("missed")]
    assert missed in (lines or [""])
