"""From a photograph to a template."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest

from edged.config.document import QualitySettings
from edged.domain.errors import Refused
from edged.domain.face import Flaw
from edged.domain.frame import Image
from edged.recognition.enrolment import portray
from edged.vision.quality import find_flaw, measure
from edged.vision.sight import Sight


def _png(image: Image) -> bytes:
    return cv2.imencode(".png", image)[1].tobytes()


def test_a_good_photograph_becomes_a_template(sight: Sight, astronaut_path: Path) -> None:
    photo = astronaut_path.read_bytes()
    portrait = portray(sight, photo, QualitySettings())
    assert portrait.template.vector.shape == (sight.model.dimension,)
    assert float(np.linalg.norm(portrait.template.vector)) == pytest.approx(1, abs=1e-5)
    assert portrait.template.photo_hash == hashlib.sha256(photo).hexdigest()
    assert portrait.template.quality == portrait.quality.score > 0.5


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        pytest.param(np.zeros_like, "no_face", id="nobody"),
        pytest.param(lambda image: np.hstack([image, image]), "several_faces", id="two"),
        pytest.param(lambda image: cv2.convertScaleAbs(image, alpha=0.15), Flaw.TOO_DARK, id="dark"),
        pytest.param(lambda image: cv2.GaussianBlur(image, (0, 0), 5), Flaw.BLURRED, id="blurred"),
    ],
)
def test_any_other_is_refused_with_a_reason_and_a_remedy(
    sight: Sight, astronaut: Image, change: Callable[[Image], Image], reason: str
) -> None:
    with pytest.raises(Refused) as refusal:
        portray(sight, _png(change(astronaut)), QualitySettings())
    assert refusal.value.reason == reason
    assert refusal.value.remedy


def _in_dark_glasses(image: Image) -> Image:
    worn = image.copy()
    for x in (200, 248):
        cv2.ellipse(worn, (x, 107), (21, 15), 0, 0, 360, (26, 22, 20), -1, cv2.LINE_AA)
    return worn


def test_dark_glasses_are_refused_unless_they_are_always_worn(sight: Sight, astronaut: Image) -> None:
    photo = _png(_in_dark_glasses(astronaut))
    with pytest.raises(Refused) as refusal:
        portray(sight, photo, QualitySettings())
    assert refusal.value.reason == Flaw.EYES_COVERED
    assert portray(sight, photo, QualitySettings(), covered_eyes=True).quality.score > 0.5


def test_a_camera_judges_people_in_dark_glasses(sight: Sight, astronaut: Image) -> None:
    image = _in_dark_glasses(astronaut)
    face = sight.detect(image)[0]
    assert find_flaw(measure(face, sight.crop(image, face)), face, image.shape, QualitySettings()) is None


def test_the_largest_of_several_on_request(sight: Sight, astronaut: Image) -> None:
    small = np.zeros_like(astronaut)
    small[:256, :256] = cv2.resize(astronaut, (256, 256))  # eyes 24 px apart instead of 47
    both = portray(sight, _png(np.hstack([small, astronaut])), QualitySettings(), largest=True)
    alone = portray(sight, _png(astronaut), QualitySettings())
    assert float(both.template.vector @ alone.template.vector) > 0.95
    assert both.quality.size > 36
