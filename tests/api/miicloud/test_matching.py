"""POST /miicloud/match_faces."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import pytest

from edged.api.access import Cost
from edged.api.centre import Manners
from edged.domain.rect import Rect
from tests.api.miicloud.desk import Desk, desk, failed, ok, photo
from tests.api.painted import PaintedEyes, crowd, paint, portrait

BLANK: Final = paint()
"""A photograph of nobody."""


def test_a_known_face_carries_both_ids_and_a_confidence(hub: Desk) -> None:
    enrolled = hub.enroll("7", 1)
    hub.enroll("8", 2)
    (face,) = hub.match(portrait(1, 3))
    assert list(face) == [
        "match_status",
        "bounding_box",
        "match_confidence",
        "miicloud_person_id",
        "person_id",
        "customer_person_id",
    ]
    assert face["match_status"] == "known"
    assert face["miicloud_person_id"] == face["person_id"] == enrolled["miicloud_person_id"]
    assert face["customer_person_id"] == "7"
    assert face["bounding_box"] == {"left_x": 100, "left_y": 60, "right_x": 200, "right_y": 180}
    assert isinstance(face["match_confidence"], float)
    assert 0.9 <= face["match_confidence"] <= 1


class _Certain(PaintedEyes):
    def confidence(self, similarity: float, comparisons: int) -> float:
        return 1.0


def test_a_confidence_of_one_is_a_float_and_that_of_an_unknown_the_integer_0(hub: Desk, tmp_path: Path) -> None:
    hub.enroll("7", 1)
    unknown = hub.ask("POST", "/match_faces", files=photo(portrait(9)))
    assert '"match_confidence":0,' in unknown.text
    (tmp_path / "certain").mkdir()
    with desk(tmp_path / "certain", eyes=_Certain()) as certain:
        certain.enroll("7", 1)
        assert '"match_confidence":1.0,' in certain.ask("POST", "/match_faces", files=photo(portrait(1))).text


def test_an_unknown_face_has_empty_ids(hub: Desk) -> None:
    for _ in range(2):  # nobody is enrolled, then somebody else is
        (face,) = hub.match(portrait(9))
        assert face["match_status"] == "unknown"
        assert (face["miicloud_person_id"], face["person_id"], face["customer_person_id"]) == ("", "", "")
        hub.enroll("7", 1)


def test_no_face_is_an_empty_list(hub: Desk) -> None:
    hub.enroll("7", 1)
    assert hub.match(BLANK) == []
    assert hub.match(BLANK, customer_person_id="7") == []


def test_every_face_is_reported_the_largest_first(hub: Desk) -> None:
    hub.enroll("7", 2)
    faces = hub.match(crowd(1, 4))
    assert [face["match_status"] for face in faces] == ["unknown", "known", "unknown", "unknown"]
    sizes = [face["bounding_box"]["right_y"] - face["bounding_box"]["left_y"] for face in faces]
    assert sizes == sorted(sizes, reverse=True)


def test_of_a_crowd_the_64_largest_are_reported(hub: Desk) -> None:
    boxes = [Rect(20 * column, 20 * row, 20 * column + 14, 20 * row + 14) for row in range(6) for column in range(16)]
    everybody = paint(*((at + 1, 0, box) for at, box in enumerate(boxes[:70])), size=(320, 120))
    assert len(hub.match(everybody)) == 64


def test_with_an_id_only_that_person_is_known(hub: Desk) -> None:
    hub.enroll("7", 1)
    hub.enroll("8", 2)
    (face,) = hub.match(portrait(1, 2), customer_person_id="7")
    assert (face["match_status"], face["customer_person_id"]) == ("known", "7")
    (face,) = hub.match(portrait(1, 2), customer_person_id="8")
    assert (face["match_status"], face["match_confidence"], face["customer_person_id"]) == ("unknown", 0, "")


def test_with_an_id_each_face_is_compared_with_that_person(hub: Desk) -> None:
    hub.enroll("7", 2)
    hub.enroll("8", 1)
    assert [face["customer_person_id"] for face in hub.match(crowd(1, 3), customer_person_id="7")] == ["", "7", ""]


def test_with_an_id_that_nobody_has_it_is_404(hub: Desk) -> None:
    failed(hub.ask("POST", "/match_faces", data={"customer_person_id": "7"}, files=photo(portrait(1))), 404)


def test_an_id_in_the_query_counts_and_the_body_wins(hub: Desk) -> None:
    hub.enroll("7", 1)
    hub.enroll("8", 2)
    query = "/match_faces?customer_person_id=8"
    assert ok(hub.ask("POST", query, files=photo(portrait(1))))["faces"][0]["match_status"] == "unknown"
    answer = hub.ask("POST", query, data={"customer_person_id": "7"}, files=photo(portrait(1)))
    assert ok(answer)["faces"][0]["match_status"] == "known"


class _Counting(PaintedEyes):
    def __init__(self) -> None:
        super().__init__()
        self.comparisons: list[int] = []

    def confidence(self, similarity: float, comparisons: int) -> float:
        self.comparisons.append(comparisons)
        return 0.6


@pytest.mark.parametrize(("known", "status"), [(0.6, "known"), (0.61, "unknown")])
def test_known_begins_at_the_confidence_that_the_centre_has_set(tmp_path: Path, known: float, status: str) -> None:
    eyes = _Counting()
    with desk(tmp_path, manners=Manners(known=known), eyes=eyes) as hub:
        hub.enroll("7", 1)
        hub.enroll("8", 2)
        assert hub.match(portrait(1))[0]["match_status"] == status
        assert hub.match(portrait(1), customer_person_id="7")[0]["match_status"] == status
        assert eyes.comparisons == [2, 1]  # among two people, then against one


@pytest.mark.parametrize("files", [{}, photo(b"")])
def test_no_file_and_an_empty_one_are_400(hub: Desk, files: dict[str, tuple[str, bytes]]) -> None:
    failed(hub.ask("POST", "/match_faces", files=files), 400)


def test_what_is_no_image_is_415(hub: Desk) -> None:
    failed(hub.ask("POST", "/match_faces", files=photo(b"no image at all")), 415)


def test_every_match_is_audited_by_keys(hub: Desk) -> None:
    hub.enroll("7", 1)
    hub.gate.counted.clear()
    hub.match(crowd(1, 2))
    hub.match(portrait(1), customer_person_id="7")
    hub.match(BLANK)
    assert [(act, about) for _token, act, about in hub.audited()[1:]] == [
        ("match", "among everybody: 7, unknown"),
        ("match", "against 7: 7"),
        ("match", "among everybody: no face"),
    ]
    assert hub.gate.counted == [("t1", Cost.LOOKING)] * 3
