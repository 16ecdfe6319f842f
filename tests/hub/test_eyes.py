"""What every dialect relies on when it has a photograph looked at: by painted eyes as by the hub's own."""

from __future__ import annotations

import struct
import threading
import time
import zlib
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import astuple, dataclass, replace
from itertools import islice
from typing import Final

import cv2
import numpy as np
import pytest

from edged.api.directory import Choose, Eyes
from edged.config.document import ModelSettings, QualitySettings
from edged.domain.errors import Busy, EdgedError, Refused, Unavailable
from edged.domain.face import Face
from edged.domain.frame import Image
from edged.domain.rect import Rect
from edged.hub.eyes import HubEyes, open_eyes
from edged.recognition.enrolment import portray
from edged.vision.boxes import order
from edged.vision.detector import Detector
from edged.vision.photo import decode_photo
from edged.vision.sight import Sight
from tests.api.painted import PaintedEyes, crowd, paint, portrait

BACKDROP: Final = paint()


def everyone(boxes: Sequence[Rect]) -> Sequence[int]:
    return range(len(boxes))


def nobody(_boxes: Sequence[Rect]) -> Sequence[int]:
    return ()


@dataclass(frozen=True)
class Studio:
    """Eyes, and photographs they can see: of one person twice, of another, of three people, of nobody."""

    eyes: Eyes
    front: bytes
    again: bytes
    other: bytes
    three: bytes
    nobody: bytes


@pytest.fixture(scope="session")
def hub_eyes(model_settings: ModelSettings) -> HubEyes:
    return open_eyes(model_settings)


@pytest.fixture(params=["painted", "hub"])
def studio(request: pytest.FixtureRequest) -> Studio:
    if request.param == "painted":
        return Studio(PaintedEyes(), portrait(1), portrait(1, 3), portrait(2), crowd(1, 3), BACKDROP)
    face: Image = request.getfixturevalue("astronaut")
    height, width = face.shape[:2]
    again = cv2.warpAffine(face, np.array([[0.8, 0, 60], [0.03, 0.8, 30]]), (width, height))
    three = np.zeros((height, 2 * width, 3), np.uint8)
    three[: height // 2, : width // 2] = cv2.resize(face, (width // 2, height // 2))
    three[: height // 2, width // 2 : width] = cv2.resize(face, (width // 2, height // 2))
    three[:, width:] = face
    return Studio(
        request.getfixturevalue("hub_eyes"), *map(_png, (face, again, 255 - face, three, np.zeros_like(face)))
    )


def test_everyone_in_a_photograph_is_found_the_largest_first(studio: Studio) -> None:
    looked = studio.eyes.look(studio.three, nobody)
    image = decode_photo(studio.three)
    assert (looked.height, looked.width) == image.shape[:2]
    assert len(looked.boxes) == 3
    assert list(looked.boxes) == sorted(looked.boxes, key=order)
    assert looked.chosen == ()
    for box in looked.boxes:
        assert box.left < box.right
        assert box.top < box.bottom
        assert {type(edge) for edge in (box.left, box.top, box.right, box.bottom)} == {int}


def test_the_chosen_come_in_the_order_in_which_they_were_chosen(studio: Studio) -> None:
    looked = studio.eyes.look(studio.three, lambda boxes: (2, 0))
    assert [face.box for face in looked.chosen] == [looked.boxes[2], looked.boxes[0]]


def test_a_vector_has_unit_length_and_is_the_models(studio: Studio) -> None:
    (face,) = studio.eyes.look(studio.front, everyone).chosen
    assert face.vector.shape == (studio.eyes.model.dimension,)
    assert face.vector.dtype == np.float32
    assert np.linalg.norm(face.vector) == pytest.approx(1, abs=1e-5)
    assert 0 < face.quality <= 1
    assert face.crop


def test_two_photographs_of_one_person_are_nearer_than_two_people(studio: Studio) -> None:
    one, again, other = (
        studio.eyes.look(photo, everyone).chosen[0].vector for photo in (studio.front, studio.again, studio.other)
    )
    sure = studio.eyes.confidence(float(one @ again), 1)
    unsure = studio.eyes.confidence(float(one @ other), 1)
    assert sure > 0.9
    assert unsure < sure


def test_the_face_with_a_margin_that_is_kept_shows_the_same_person(hub_eyes: HubEyes, astronaut: Image) -> None:
    """Devices push it beside the vector of a model that may be another than the hub's."""
    (face,) = hub_eyes.look(_png(astronaut), everyone).chosen
    (again,) = hub_eyes.look(face.crop, everyone).chosen
    assert float(face.vector @ again.vector) > 0.9


def test_everybody_in_an_albums_photograph_is_seen_and_its_smaller_pictures_are_made(studio: Studio) -> None:
    looked = studio.eyes.look(studio.three, everyone)
    seen = studio.eyes.see_all(studio.three, (5000, 100))
    assert (seen.width, seen.height) == (looked.width, looked.height)
    assert [face.box for face in seen.faces] == sorted((face.box for face in seen.faces), key=order)
    assert len(seen.faces) == len(looked.chosen) == 3
    for face, again in zip(seen.faces, looked.chosen, strict=True):
        for edge, other in zip(astuple(face.box), astuple(again.box), strict=True):
            assert edge == pytest.approx(other, abs=12)
        assert float(face.vector @ again.vector) > 0.9
        assert 0 < face.quality <= 1
    sides = [max(decode_photo(picture).shape) for picture in seen.pictures]
    assert sides == [max(seen.width, seen.height), 100]


def test_an_albums_photograph_of_nobody_has_no_faces_and_what_is_none_is_refused(studio: Studio) -> None:
    assert studio.eyes.see_all(studio.nobody, (10,)).faces == ()
    for photo, reason in ((b"MZ", "not_an_image"), (_bomb(), "too_many_pixels"), (studio.front[:-99], "damaged")):
        with pytest.raises(Refused) as refusal:
            studio.eyes.see_all(photo, (10,))
        assert refusal.value.reason == reason


def test_nobody_is_nobody(studio: Studio) -> None:
    looked = studio.eyes.look(studio.nobody, everyone)
    assert (looked.boxes, looked.chosen) == ((), ())


def test_pictures_are_made_in_the_sizes_that_were_asked_for_and_never_enlarged(studio: Studio) -> None:
    height, width = decode_photo(studio.front).shape[:2]
    pictures = [decode_photo(picture) for picture in studio.eyes.pictures(studio.front, (100, 5000))]
    assert [max(picture.shape) for picture in pictures] == [100, max(height, width)]
    assert pictures[0].shape[0] == pytest.approx(pictures[0].shape[1] * height / width, abs=1)
    with pytest.raises(Refused):
        studio.eyes.pictures(b"no picture", (100,))


def test_what_choose_refuses_is_refused_and_the_next_is_looked_at(studio: Studio) -> None:
    def refuse(boxes: Sequence[Rect]) -> Sequence[int]:
        raise Refused("too_many_faces", f"{len(boxes)} faces")

    for _ in range(5):  # more often than there are sights
        with pytest.raises(Refused, match="3 faces"):
            studio.eyes.look(studio.three, refuse)
    assert studio.eyes.look(studio.front, everyone).chosen


@pytest.mark.parametrize(
    ("photo", "reason"),
    [
        (b"", "not_an_image"),
        (b"MZ, a program", "not_an_image"),
        (b"%PDF-1.7", "not_an_image"),
        (b"\x89PNG\r\n\x1a\n", "damaged"),
        (BACKDROP[: len(BACKDROP) // 2], "damaged"),
    ],
)
def test_what_is_no_photograph_is_refused(studio: Studio, photo: bytes, reason: str) -> None:
    for _ in range(3):
        with pytest.raises(Refused) as refusal:
            studio.eyes.look(photo, everyone)
        assert refusal.value.reason == reason


def test_a_bomb_is_refused_before_it_goes_off(studio: Studio) -> None:
    with pytest.raises(Refused) as refusal:
        studio.eyes.look(_bomb(), everyone)
    assert refusal.value.reason == "too_many_pixels"


def test_confidence_is_a_probability_that_rises_with_the_cosine(studio: Studio) -> None:
    confidences = [studio.eyes.confidence(cosine, 1) for cosine in (-1.0, 0.0, 0.3, 0.6, 1.0)]
    assert confidences == sorted(confidences)
    assert 0 <= confidences[0] < 0.5 < confidences[-1] <= 1
    assert studio.eyes.confidence(0.5, 0) == studio.eyes.confidence(0.5, 1)  # an empty directory is asked, too


def test_a_cosine_says_less_the_more_people_were_compared(hub_eyes: HubEyes) -> None:
    assert hub_eyes.confidence(0.5, 10_000) < hub_eyes.confidence(0.5, 1)


def test_the_hub_sees_what_an_enrolment_on_a_device_sees(hub_eyes: HubEyes, sight: Sight, astronaut: Image) -> None:
    photo = _png(astronaut)
    template = portray(sight, photo, QualitySettings()).template
    (face,) = hub_eyes.look(photo, everyone).chosen
    assert float(face.vector @ template.vector) > 0.9999
    assert face.quality == pytest.approx(template.quality)
    kept = cv2.imdecode(np.frombuffer(face.crop, np.uint8), cv2.IMREAD_COLOR)
    assert kept is not None
    assert template.crop is not None
    assert np.abs(kept.astype(int) - template.crop).mean() < 3


def test_a_photograph_over_the_cap_is_refused(sight: Sight) -> None:
    with pytest.raises(Refused) as refusal:
        HubEyes([sight], max_bytes=len(BACKDROP) - 1).look(BACKDROP, everyone)
    assert refusal.value.reason == "too_large"


@pytest.mark.parametrize("suffix", [".jpg", ".png", ".webp"])
@pytest.mark.parametrize("odd", [0, 1])
def test_a_large_photograph_is_seen_in_halves_with_its_boxes_in_its_own_pixels(
    hub_eyes: HubEyes, sight: Sight, astronaut: Image, suffix: str, odd: int
) -> None:
    large = cv2.resize(astronaut, (1200 + odd, 1000 + odd))
    photo = cv2.imencode(suffix, large)[1].tobytes()
    whole = hub_eyes.look(photo, everyone)
    halved = HubEyes([sight], most_whole=1_000_000).look(photo, everyone)
    assert (halved.width, halved.height) == (whole.width, whole.height) == (1200 + odd, 1000 + odd)
    (one,), (other,) = whole.boxes, halved.boxes
    for edge, again in zip(astuple(one), astuple(other), strict=True):
        assert again == pytest.approx(edge, abs=12)
    assert float(whole.chosen[0].vector @ halved.chosen[0].vector) > 0.9


def test_a_large_photograph_that_exif_turns_is_seen_upright(sight: Sight, astronaut: Image) -> None:
    lying = cv2.rotate(cv2.resize(astronaut, (1000, 1200)), cv2.ROTATE_90_COUNTERCLOCKWISE)
    looked = HubEyes([sight], most_whole=1_000_000).look(_turned(np.asarray(lying, np.uint8)), everyone)
    assert (looked.width, looked.height) == (1000, 1200)
    (box,) = looked.boxes
    assert box.bottom < 600  # her face is in the upper half


@pytest.mark.parametrize("share", [0.1, 0.5, 0.9])
def test_a_large_photograph_that_is_cut_off_is_damaged(sight: Sight, astronaut: Image, share: float) -> None:
    photo = _png(astronaut)
    with pytest.raises(Refused) as refusal:
        HubEyes([sight], most_whole=1000).look(photo[: int(share * len(photo))], everyone)
    assert refusal.value.reason == "damaged"


class _Waiting:
    """Looks that are held up inside, and let go together."""

    def __init__(self) -> None:
        self.inside = threading.Semaphore(0)
        self.go = threading.Event()

    def choose(self, _boxes: Sequence[Rect]) -> Sequence[int]:
        self.inside.release()
        assert self.go.wait(10)
        return ()


def test_whoever_waits_too_long_is_told_to_come_again(sight: Sight) -> None:
    eyes = HubEyes([sight], patience_s=0.05)
    held = _Waiting()
    with ThreadPoolExecutor(1) as pool:
        first = pool.submit(eyes.look, BACKDROP, held.choose)
        held.inside.acquire()
        with pytest.raises(Unavailable, match="busy"):
            eyes.look(BACKDROP, nobody)
        held.go.set()
        first.result()
    assert eyes.look(BACKDROP, nobody).boxes == ()


def test_no_more_wait_than_may_and_those_who_do_are_served(sight: Sight) -> None:
    eyes = HubEyes([sight], patience_s=10, most_waiting=2)
    held = _Waiting()
    with ThreadPoolExecutor(6) as pool:
        first = pool.submit(eyes.look, BACKDROP, held.choose)
        held.inside.acquire()
        rest = [pool.submit(_outcome, eyes, BACKDROP) for _ in range(5)]
        refused = list(islice(as_completed(rest, timeout=10), 3))
        assert {future.result() for future in refused} == {"told to come again"}
        held.go.set()
        outcomes = [future.result() for future in rest]
        first.result()
    assert sorted(outcomes) == ["seen"] * 2 + ["told to come again"] * 3


def test_photographs_under_way_have_no_more_pixels_than_one_may_have(sight: Sight) -> None:
    """Two sights are free, but two photographs of this size are never in memory at once."""
    eyes = HubEyes([sight, replace(sight)], max_pixels=100_000, patience_s=0.05)
    held = _Waiting()
    with ThreadPoolExecutor(1) as pool:
        first = pool.submit(eyes.look, BACKDROP, held.choose)  # 76,800 pixels
        held.inside.acquire()
        with pytest.raises(Unavailable):
            eyes.look(BACKDROP, nobody)
        assert eyes.look(paint(size=(100, 100)), nobody).boxes == ()
        held.go.set()
        first.result()


def _hall(astronaut: Image, size: tuple[int, int] = (3600, 2400)) -> Image:
    """A large grey picture with her in its lower right corner, and a third as large in its upper left one."""
    image = np.full((size[1], size[0], 3), 100, np.uint8)
    image[-512:, -512:] = astronaut
    image[:180, :180] = cv2.resize(astronaut, (180, 180), interpolation=cv2.INTER_AREA)
    return image


def test_who_stands_in_the_back_row_of_a_photograph_that_exif_turns_is_found_where_they_are_seen(
    hub_eyes: HubEyes, sight: Sight, astronaut: Image
) -> None:
    hall = _hall(astronaut)
    photo = _turned(np.asarray(cv2.rotate(hall, cv2.ROTATE_90_COUNTERCLOCKWISE), np.uint8))
    seen = hub_eyes.see_all(photo, (360,))
    assert (seen.width, seen.height) == (3600, 2400)
    large, small = seen.faces
    scale = 180 / 512
    assert large.box.left == pytest.approx(3600 - 512 + 178, abs=12)
    assert large.box.top == pytest.approx(2400 - 512 + 63, abs=12)
    assert small.box.left == pytest.approx(178 * scale, abs=5)
    assert small.box.top == pytest.approx(63 * scale, abs=5)
    assert float(large.vector @ small.vector) > sight.curve.cosine_at(1e-3)
    assert decode_photo(seen.pictures[0]).shape[:2] == (240, 360)


def test_of_a_photograph_of_more_than_26_megapixels_boxes_are_in_its_own_pixels(
    hub_eyes: HubEyes, astronaut: Image
) -> None:
    huge = cv2.resize(astronaut, (6001, 6000))
    seen = hub_eyes.see_all(cv2.imencode(".jpg", huge)[1].tobytes(), (100,))
    assert (seen.width, seen.height) == (6001, 6000)
    (face,) = seen.faces
    assert face.box.top == pytest.approx(63 * 6000 / 512, abs=150)


class _Diary:
    """A detector that writes down its looks, and can be held up in one."""

    def __init__(self, detector: Detector) -> None:
        self.certain, self.side = detector.certain, detector.side
        self.looks: list[int] = []
        self.inside, self.go = threading.Semaphore(0), threading.Event()
        self._detector = detector

    def detect(self, image: Image, long_side: int, least: float | None = None) -> tuple[Face, ...]:
        self.looks.append(long_side)
        self.inside.release()
        assert self.go.wait(10)
        return self._detector.detect(image, long_side, least)


def test_whoever_is_looked_at_comes_in_between_the_pieces_of_an_albums_photograph(
    sight: Sight, astronaut: Image
) -> None:
    diary = _Diary(sight.detector)
    eyes = HubEyes([replace(sight, detector=diary)])
    hall = cv2.imencode(".jpg", _hall(astronaut))[1].tobytes()
    with ThreadPoolExecutor(2) as pool:
        album = pool.submit(eyes.see_all, hall, (100,))
        diary.inside.acquire()
        selfie = pool.submit(eyes.look, _png(astronaut), everyone)
        while not eyes._queue:
            time.sleep(0.01)
        diary.go.set()
        assert len(selfie.result(30).boxes) == 1
        assert len(album.result(60).faces) == 2
    assert diary.looks.index(640) == 1
    assert len(diary.looks) > 4


def test_more_photographs_of_albums_than_may_wait_are_told_to_come_again(sight: Sight, astronaut: Image) -> None:
    diary = _Diary(sight.detector)
    eyes = HubEyes([replace(sight, detector=diary)])
    photo = _png(astronaut)
    with ThreadPoolExecutor(9) as pool:
        waiting = [pool.submit(eyes.see_all, photo, (100,)) for _ in range(9)]
        refused = list(islice(as_completed(waiting, timeout=10), 2))
        assert {type(future.exception()) for future in refused} == {Busy}
        diary.go.set()
        seen = [future.result(30) for future in waiting if future not in refused]
    assert [len(one.faces) for one in seen] == [1] * 7


def test_many_threads_see_what_one_sees(hub_eyes: HubEyes, astronaut: Image) -> None:
    photo = _png(astronaut)
    alone = hub_eyes.look(photo, everyone).chosen[0]
    with ThreadPoolExecutor(8) as pool:
        looks = list(pool.map(lambda _: hub_eyes.look(photo, everyone), range(24)))
    for looked in looks:
        assert looked.chosen[0].box == alone.box
        assert float(looked.chosen[0].vector @ alone.vector) > 0.9999


def _outcome(eyes: Eyes, photo: bytes, choose: Choose = nobody) -> str:
    try:
        eyes.look(photo, choose)
    except EdgedError as error:
        return "told to come again" if isinstance(error, Unavailable) else error.what
    return "seen"


def _png(image: Image) -> bytes:
    return cv2.imencode(".png", np.ascontiguousarray(image))[1].tobytes()


def _turned(lying: Image) -> bytes:
    """A JPEG with EXIF's orientation 6: to be turned clockwise."""
    jpeg = cv2.imencode(".jpg", lying)[1].tobytes()
    tiff = b"MM\x00*\x00\x00\x00\x08" + struct.pack(">HHHIHHI", 1, 0x0112, 3, 1, 6, 0, 0)
    exif = b"Exif\x00\x00" + tiff
    return jpeg[:2] + b"\xff\xe1" + struct.pack(">H", len(exif) + 2) + exif + jpeg[2:]


def _bomb() -> bytes:
    """A PNG of a megabyte that promises 10 gigapixels."""
    head = struct.pack(">IIBBBBB", 100_000, 100_000, 8, 2, 0, 0, 0)
    chunks = ((b"IHDR", head), (b"IDAT", zlib.compress(bytes(1_000_000))), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data)) for kind, data in chunks
    )


@pytest.mark.parametrize("suffix", [".bmp", ".tiff", ".ppm", ".jp2"])
def test_what_no_dialect_takes_is_refused_though_it_could_be_read(studio: Studio, suffix: str) -> None:
    _, written = cv2.imencode(suffix, np.zeros((64, 64, 3), np.uint8))
    for ask in (
        lambda: studio.eyes.look(written.tobytes(), nobody),
        lambda: studio.eyes.pictures(written.tobytes(), [8]),
    ):
        with pytest.raises(Refused) as refused:
            ask()
        assert refused.value.reason == "not_an_image"
