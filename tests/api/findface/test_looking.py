"""FindFace: detect, verify, identify."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from edged.api.centre import Manners
from edged.api.directory import Choose, Looked
from edged.domain.errors import Corrupt, Unavailable
from edged.domain.rect import Rect
from tests.api.findface.desk import Desk, desk, photo
from tests.api.painted import PaintedEyes, crowd, new_face, paint, portrait
from tests.api.token_gate import KEY

NOBODY = paint()


def _two(first: bytes, second: bytes) -> dict[str, tuple[str, bytes, str]]:
    return photo(first, "photo1") | photo(second, "photo2")


class TestDetect:
    def test_answers_the_boxes_the_largest_first_and_the_orientation(self, hub: Desk) -> None:
        answer = hub.ask("POST", "/v1/detect", files=photo(crowd(1, 2)))
        assert answer.json() == {
            "faces": [{"x1": 10, "y1": 20, "x2": 60, "y2": 80}, {"x1": 70, "y1": 20, "x2": 116, "y2": 76}],
            "orientation": 1,
        }

    def test_a_photograph_without_a_face_is_an_empty_list_and_no_error(self, hub: Desk) -> None:
        answer = hub.ask("POST", "/v1/detect", files=photo(NOBODY))
        assert (answer.status_code, answer.json()) == (200, {"faces": [], "orientation": 1})

    def test_attributes_that_are_asked_for_are_named_as_unavailable_on_v1(self, hub: Desk) -> None:
        asked = {"age": "true", "emotions": "true", "gender": "false"}
        answer = hub.ask("POST", "/v1/detect", files=photo(portrait(1)), data=asked)
        assert answer.headers["x-edged-unavailable"] == "age, emotions"
        assert answer.json()["faces"][0].keys() == {"x1", "y1", "x2", "y2"}
        assert "X-Edged-Unavailable" in answer.headers["access-control-expose-headers"]

    def test_attributes_may_be_asked_for_in_the_query(self, hub: Desk) -> None:
        answer = hub.ask("POST", "/v1/detect?gender=true", files=photo(portrait(1)))
        assert answer.headers["x-edged-unavailable"] == "gender"

    def test_no_attribute_is_named_that_was_not_asked_for(self, hub: Desk) -> None:
        assert "x-edged-unavailable" not in hub.ask("POST", "/v1/detect", files=photo(portrait(1))).headers

    def test_v0_knows_no_attributes(self, hub: Desk) -> None:
        answer = hub.ask("POST", "/v0/detect?age=true", files=photo(portrait(1)))
        assert answer.status_code == 200
        assert "x-edged-unavailable" not in answer.headers


class TestVerify:
    def test_one_person_on_two_days_is_verified(self, hub: Desk) -> None:
        answer = hub.ask("POST", "/v1/verify", files=_two(portrait(1, 0), portrait(1, 1)))
        document = answer.json()
        assert document["verified"] is True
        (result,) = document["results"]
        assert result["verified"] is True
        assert result["confidence"] > 0.9
        assert result["bbox1"] == result["bbox2"] == {"x1": 100, "y1": 60, "x2": 200, "y2": 180}

    def test_two_people_are_not(self, hub: Desk) -> None:
        document = hub.ask("POST", "/v1/verify", files=_two(portrait(1), portrait(2))).json()
        assert document["verified"] is document["results"][0]["verified"] is False
        assert document["results"][0]["confidence"] < 0.1

    @pytest.mark.parametrize("threshold", ["none", "None"])
    def test_both_verified_are_left_out_when_the_threshold_is_none(self, hub: Desk, threshold: str) -> None:
        files = _two(portrait(1), portrait(1, 1))
        document = hub.ask("POST", "/v1/verify", files=files, data={"threshold": threshold}).json()
        assert document.keys() == {"results"}
        assert document["results"][0].keys() == {"bbox1", "bbox2", "confidence"}

    def test_a_threshold_of_zero_is_a_threshold(self, hub: Desk) -> None:
        document = hub.ask("POST", "/v1/verify?threshold=0", files=_two(portrait(1), portrait(2))).json()
        assert document["verified"] is True

    def test_all_pairs_have_a_result_and_any_of_them_verifies(self, hub: Desk) -> None:
        files = _two(crowd(1, 2), crowd(2, 3))
        document = hub.ask("POST", "/v1/verify", files=files, data={"mf_selector": "all"}).json()
        assert [result["verified"] for result in document["results"]] == [False, False, False, True, False, False]
        assert document["verified"] is True

    def test_bbox1_and_bbox2_choose_in_each_photograph(self, hub: Desk) -> None:
        boxes = {"bbox1": "[[70, 20, 116, 76]]", "bbox2": json.dumps({"x1": 70, "y1": 20, "x2": 116, "y2": 76})}
        document = hub.ask("POST", "/v1/verify", files=_two(crowd(1, 2), crowd(1, 2)), data=boxes).json()
        assert len(document["results"]) == 1
        assert document["results"][0]["bbox1"]["x1"] == document["results"][0]["bbox2"]["x1"] == 70
        assert document["verified"] is True

    @pytest.mark.parametrize(("missing", "sent"), [("photo1", "photo2"), ("photo2", "photo1")])
    def test_a_missing_photograph_is_named(self, hub: Desk, missing: str, sent: str) -> None:
        answer = hub.ask("POST", "/v1/verify", files=photo(portrait(1), sent))
        assert answer.status_code == 400
        assert (answer.json()["code"], answer.json()["param"]) == ("BAD_PARAM", missing)

    def test_the_photograph_without_a_face_is_named(self, hub: Desk) -> None:
        answer = hub.ask("POST", "/v1/verify", files=_two(portrait(1), NOBODY))
        assert answer.status_code == 400
        assert (answer.json()["code"], answer.json()["param"]) == ("NO_FACES", "photo2")

    def test_is_in_the_audit_log_and_names_nobody(self, hub: Desk) -> None:
        hub.ask("POST", "/v1/verify", files=_two(portrait(1), portrait(1)))
        entry = hub.database.audit()[0]
        assert (entry.act, entry.by) == ("verify", "t1")


def _confidences(document: Any) -> list[float]:
    return [one["confidence"] for some in document["results"].values() for one in some]


class TestIdentify:
    @pytest.mark.parametrize(
        "path", ["/v1/identify", "/v0/identify", "/v1/faces/gallery/staff/identify", "/v0/face/gallery/staff/identify"]
    )
    def test_the_person_is_found_under_the_box_of_the_face(self, hub: Desk, path: str) -> None:
        face = hub.enrol(1, meta="anna", galleries="staff")
        hub.enrol(2, meta="bob", galleries="staff")
        document = hub.ask("POST", path, files=photo(portrait(1, 5))).json()
        assert list(document["results"]) == ["[100, 60, 200, 180]"]
        ((found,),) = document["results"].values()
        assert found["confidence"] > 0.9
        assert {**found["face"], "photo": "", "thumbnail": ""} == {**face, "photo": "", "thumbnail": ""}

    def test_where_nobody_passes_the_key_has_an_empty_list(self, hub: Desk) -> None:
        hub.enrol(1, meta="anna")
        document = hub.ask("POST", "/v1/identify", files=photo(portrait(9))).json()
        assert document == {"results": {"[100, 60, 200, 180]": []}}

    def test_so_it_is_where_nobody_is_enrolled(self, hub: Desk) -> None:
        document = hub.ask("POST", "/v1/identify", files=photo(portrait(9)), data={"threshold": "none"}).json()
        assert document == {"results": {"[100, 60, 200, 180]": []}}

    def test_one_face_is_answered_where_n_is_not_sent(self, hub: Desk) -> None:
        for day in range(3):
            hub.enrol(1, day, meta="anna")
        assert len(_confidences(hub.ask("POST", "/v1/identify", files=photo(portrait(1))).json())) == 1

    def test_n_faces_are_answered_the_most_similar_first(self, hub: Desk) -> None:
        for who in (1, 2, 3):
            hub.enrol(who, meta=str(who))
        asked = {"n": "2", "threshold": "none"}
        found = _confidences(hub.ask("POST", "/v1/identify", files=photo(portrait(1, 4)), data=asked).json())
        assert len(found) == 2
        assert found == sorted(found, reverse=True)

    def test_more_than_a_thousand_are_as_good_as_a_thousand(self, hub: Desk) -> None:
        hub.enrol(1)
        answer = hub.ask("POST", "/v1/identify?n=1000000000000", files=photo(portrait(1)))
        assert len(_confidences(answer.json())) == 1

    @pytest.mark.parametrize("n", ["0", "-1", "many", "1.5"])
    def test_n_that_is_no_count_is_refused(self, hub: Desk, n: str) -> None:
        answer = hub.ask("POST", "/v1/identify", files=photo(portrait(1)), data={"n": n})
        assert (answer.status_code, answer.json()["code"], answer.json()["param"]) == (400, "BAD_PARAM", "n")
        assert answer.json()["value"] == n

    def test_each_face_has_a_key_with_all(self, hub: Desk) -> None:
        hub.enrol(2, meta="bob")
        document = hub.ask("POST", "/v1/identify?mf_selector=all", files=photo(crowd(1, 3))).json()
        assert [len(some) for some in document["results"].values()] == [0, 1, 0]

    def test_the_key_is_the_box_that_was_sent(self, hub: Desk) -> None:
        hub.enrol(1, meta="anna")
        answer = hub.ask("POST", "/v1/identify", files=photo(portrait(1)), data={"bbox": "[[95, 61, 201, 182]]"})
        assert list(answer.json()["results"]) == ["[95, 61, 201, 182]"]

    def test_two_boxes_of_one_face_both_have_a_key(self, hub: Desk) -> None:
        hub.enrol(1, meta="anna")
        boxes = "[[100, 60, 200, 180], [99, 60, 200, 180]]"
        document = hub.ask("POST", "/v1/identify", files=photo(portrait(1)), data={"bbox": boxes}).json()
        assert {key: len(some) for key, some in document["results"].items()} == {
            "[100, 60, 200, 180]": 1,
            "[99, 60, 200, 180]": 1,
        }

    def test_only_those_in_the_gallery_are_looked_at(self, hub: Desk) -> None:
        hub.enrol(1, meta="anna")
        hub.enrol(2, meta="bob", galleries="staff")
        answer = hub.ask("POST", "/v1/faces/gallery/staff/identify", files=photo(portrait(1)))
        assert _confidences(answer.json()) == []

    def test_the_gallery_default_is_everybody(self, hub: Desk) -> None:
        hub.enrol(1, meta="anna")
        answer = hub.ask("POST", "/v1/faces/gallery/default/identify", files=photo(portrait(1)))
        assert len(_confidences(answer.json())) == 1

    def test_an_unknown_gallery_is_not_found(self, hub: Desk) -> None:
        answer = hub.ask("POST", "/v1/faces/gallery/none/identify", files=photo(portrait(1)))
        assert (answer.status_code, answer.json()["code"]) == (404, "NOT_FOUND")

    def test_confidence_knows_among_how_many_people_was_looked(self, tmp_path: Path) -> None:
        class Counting(PaintedEyes):
            asked: list[int]

            def confidence(self, similarity: float, comparisons: int) -> float:
                self.asked.append(comparisons)
                return super().confidence(similarity, comparisons)

        eyes = Counting()
        eyes.asked = []
        with desk(tmp_path, eyes=eyes) as hub:
            hub.enrol(1, meta="anna")
            hub.enrol(1, 1, meta="anna")
            hub.enrol(2, meta="bob", galleries="staff")
            hub.enrol(3)
            hub.ask("POST", "/v1/identify", files=photo(portrait(1)))
            hub.ask("POST", "/v1/faces/gallery/staff/identify", files=photo(portrait(1)))
            hub.ask("POST", "/v1/verify", files=_two(portrait(1), portrait(1)))
        assert eyes.asked == [3, 1, 1]

    def test_is_in_the_audit_log_by_numbers(self, hub: Desk) -> None:
        face = hub.enrol(1, meta="anna")
        hub.ask("POST", "/v1/identify", files=photo(portrait(1)))
        entry = hub.database.audit()[0]
        assert (entry.act, entry.about) == ("identify", f"all galleries: {face['id']}")


class TestOf2016:
    def test_identify_answers_one_list(self, hub: Desk) -> None:
        face = hub.enrol(1, meta="anna")
        (found,) = hub.ask("POST", "/identify", files=photo(portrait(1, 2))).json()["results"]
        assert found.keys() == {"confidence", "face"}
        assert found["face"]["id"] == face["id"]

    def test_nobody_is_an_empty_list(self, hub: Desk) -> None:
        assert hub.ask("POST", "/identify", files=photo(portrait(1))).json() == {"results": []}

    def test_the_threshold_is_in_the_field_confidence(self, hub: Desk) -> None:
        hub.enrol(2, meta="bob")
        files = photo(portrait(1))
        assert len(hub.ask("POST", "/identify", files=files, data={"confidence": "0"}).json()["results"]) == 1
        assert hub.ask("POST", "/identify", files=files, data={"confidence": "0.9"}).json() == {"results": []}

    def test_confidence_is_named_where_it_is_wrong(self, hub: Desk) -> None:
        answer = hub.ask("POST", "/identify", files=photo(portrait(1)), data={"confidence": "sure"})
        assert (answer.json()["param"], answer.json()["value"]) == ("confidence", "sure")

    def test_the_box_is_in_x1_to_y2(self, hub: Desk) -> None:
        hub.enrol(2, meta="bob")
        box = {"x1": "70", "y1": "20", "x2": "116", "y2": "76"}
        found = hub.ask("POST", "/identify", files=photo(crowd(1, 2)), data=box).json()["results"]
        assert [one["face"]["meta"] for one in found] == ["bob"]

    def test_all_means_the_biggest(self, hub: Desk) -> None:
        hub.enrol(1, meta="anna")
        hub.enrol(2, meta="bob")
        found = hub.ask("POST", "/identify?mf_selector=all", files=photo(crowd(1, 2))).json()["results"]
        assert [one["face"]["meta"] for one in found] == ["anna"]

    def test_face_answers_one_flat_face(self, hub: Desk) -> None:
        answer = hub.ask("POST", "/face", files=photo(portrait(1)), data={"meta": "anna"})
        assert answer.json()["meta"] == "anna"
        assert answer.json()["galleries"] == ["default"]

    def test_every_other_address_without_a_version_is_v1(self, hub: Desk) -> None:
        assert hub.ask("POST", "/galleries", data={"name": "staff"}).status_code == 201
        answer = hub.ask("POST", "/faces/gallery/staff/identify?age=1", files=photo(portrait(1)))
        assert isinstance(answer.json()["results"], dict)
        assert answer.headers["x-edged-unavailable"] == "age"
        assert "results" in hub.ask("GET", "/faces").json()


class TestThreshold:
    """Of one person on two days the painted eyes are confident by 0.99, of two people by nothing."""

    @pytest.fixture
    def between(self, tmp_path: Path) -> Any:
        """A hub whose eyes are confident by 0.7 of everything: between the defaults of v0 and v1."""

        class Lukewarm(PaintedEyes):
            def confidence(self, similarity: float, comparisons: int) -> float:
                return 0.7

        with desk(tmp_path, eyes=Lukewarm()) as hub:
            hub.enrol(1, meta="anna")
            yield hub

    @pytest.mark.parametrize(
        ("threshold", "passes"),
        [
            (0.75, False),
            ("0.75", False),
            (0.7, True),
            ("0.7", True),
            ("7e-1", True),
            ("strict", False),
            ("Strict", False),
            ("medium", True),
            ("LOW", True),
            ("none", True),
            (0, True),
            (1, False),
            ("", True),
            (None, True),
        ],
    )
    def test_every_form_decides(self, between: Desk, threshold: Any, passes: bool) -> None:
        query = "" if threshold in ("", None) else f"?threshold={threshold}"
        files = photo(portrait(1))
        assert bool(_confidences(between.ask("POST", f"/v1/identify{query}", files=files).json())) is passes
        form = {} if threshold is None else {"threshold": str(threshold)}
        assert bool(_confidences(between.ask("POST", "/v1/identify", files=files, data=form).json())) is passes

    @pytest.mark.parametrize("version", ["/v0", "/v1", ""])
    @pytest.mark.parametrize(("preset", "least"), [("strict", 0.7834), ("medium", 0.6616), ("low", 0.5690)])
    def test_a_preset_is_its_published_number_in_every_version(
        self, tmp_path: Path, version: str, preset: str, least: float
    ) -> None:
        class Fixed(PaintedEyes):
            told = least

            def confidence(self, similarity: float, comparisons: int) -> float:
                return self.told

        eyes = Fixed()
        with desk(tmp_path, eyes=eyes) as hub:
            hub.enrol(1)
            for eyes.told, passes in ((least, True), (least - 0.0001, False)):
                asked: dict[str, Any] = {"files": photo(portrait(1)), "data": {"threshold": preset.title()}}
                found = hub.ask("POST", f"{version}/identify", **asked).json()["results"]
                assert bool(found if version == "" else next(iter(found.values()))) is passes
                verified = hub.ask(
                    "POST", f"{version}/verify", files=_two(portrait(1), portrait(1)), data={"threshold": preset}
                )
                assert verified.json()["verified"] is passes

    def test_the_default_of_v1_is_low_and_that_of_v0_and_2016_is_075(self, between: Desk) -> None:
        files = photo(portrait(1))
        assert _confidences(between.ask("POST", "/v1/identify", files=files).json()) == [0.7]
        assert _confidences(between.ask("POST", "/v0/identify", files=files).json()) == []
        assert between.ask("POST", "/identify", files=files).json() == {"results": []}
        both = _two(portrait(1), portrait(1))
        assert between.ask("POST", "/v1/verify", files=both).json()["verified"] is True
        assert between.ask("POST", "/v0/verify", files=both).json()["verified"] is False

    def test_both_defaults_can_be_configured(self, tmp_path: Path) -> None:
        with desk(tmp_path, manners=Manners(v0_threshold=0.0, v1_threshold=1.0)) as hub:
            both = _two(portrait(1), portrait(1))
            assert hub.ask("POST", "/v1/verify", files=both).json()["verified"] is False
            assert hub.ask("POST", "/v0/verify", files=both).json()["verified"] is True

    @pytest.mark.parametrize("threshold", ["sure", "1.01", "-0.1", "nan", "inf", "75%", "[0.5]", "true"])
    def test_what_is_none_is_refused_with_its_value(self, hub: Desk, threshold: str) -> None:
        answer = hub.ask("POST", "/v1/identify", files=photo(portrait(1)), data={"threshold": threshold})
        assert answer.status_code == 400
        assert (answer.json()["code"], answer.json()["param"]) == ("BAD_PARAM", "threshold")
        assert answer.json()["value"] == threshold


@pytest.mark.parametrize(("confidence", "written"), [(1.0, "1.0"), (0.0, "0.0"), (0.5, "0.5")])
def test_a_confidence_is_always_written_with_a_point(tmp_path: Path, confidence: float, written: str) -> None:
    """Clients in typed languages read a number without one as a whole number."""

    class Fixed(PaintedEyes):
        def confidence(self, similarity: float, comparisons: int) -> float:
            return confidence

    with desk(tmp_path, eyes=Fixed()) as hub:
        hub.enrol(1)
        asked: dict[str, Any] = {"data": {"threshold": "none"}}
        verified = hub.ask("POST", "/v1/verify", files=_two(portrait(1), portrait(1)), **asked)
        identified = hub.ask("POST", "/v1/identify", files=photo(portrait(1)), **asked)
    assert f'"confidence":{written}' in verified.text
    assert f'"confidence":{written},' in identified.text


class TestEyesThatFail:
    @pytest.mark.parametrize(
        ("error", "status", "code"),
        [
            (Unavailable("all eyes are busy"), 503, "SERVICE_UNAVAILABLE"),
            (Corrupt("the model is damaged"), 500, "EXTRACTION_ERROR"),
            (RuntimeError("secret"), 500, "INTERNAL_ERROR"),
        ],
    )
    def test_are_told_as_what_they_are(self, tmp_path: Path, error: Exception, status: int, code: str) -> None:
        class Failing(PaintedEyes):
            def look(self, photo: bytes, choose: Choose) -> Looked:
                raise error

        with desk(tmp_path, eyes=Failing()) as hub:
            answer = hub.ask("POST", "/v1/detect", files=photo(portrait(1)))
        assert (answer.status_code, answer.json()["code"]) == (status, code)
        assert "secret" not in answer.text


def test_a_box_past_the_border_is_written_as_it_is(hub: Desk, tmp_path: Path) -> None:
    class Leaning(PaintedEyes):
        def look(self, photo: bytes, choose: Choose) -> Looked:
            return Looked(320, 240, (Rect(-5, -7, 60, 80),), ())

    (tmp_path / "leaning").mkdir()
    with desk(tmp_path / "leaning", eyes=Leaning()) as leaning:
        answer = leaning.ask("POST", "/v1/detect", files=photo(portrait(1)))
    assert answer.json()["faces"] == [{"x1": -5, "y1": -7, "x2": 60, "y2": 80}]


class TestCrowd:
    """What one request may cost, whoever sends it."""

    def test_of_a_crowd_the_64_largest_are_looked_for_and_compared(self, hub: Desk) -> None:
        many = _many(70)
        answer = hub.ask("POST", "/v1/identify", files=photo(many), data={"mf_selector": "all"})
        assert len(answer.json()["results"]) == 64
        answer = hub.ask("POST", "/v1/verify", files=_two(many, portrait(1)), data={"mf_selector": "all"})
        assert len(answer.json()["results"]) == 64

    def test_an_answer_has_a_thousand_faces_at_most_for_all_faces_of_the_photograph(self, hub: Desk) -> None:
        hub.directory.enroll("anna", [new_face(1, day) for day in range(40)], by=hub.gate.tokens[KEY])
        sent = {"mf_selector": "all", "n": "1000000", "threshold": "none"}
        answer = hub.ask("POST", "/v1/identify", files=photo(_many(70)), data=sent)
        assert {len(some) for some in answer.json()["results"].values()} == {1000 // 64}
        answer = hub.ask("POST", "/v1/identify", files=photo(portrait(1)), data=sent)
        assert [len(some) for some in answer.json()["results"].values()] == [40]


def _many(people: int) -> bytes:
    """A photograph of so many, each in a place of their own."""
    boxes = [Rect(10 + 30 * (at % 10), 10 + 30 * (at // 10), 0, 0) for at in range(people)]
    faces = [(at + 1, 0, Rect(box.left, box.top, box.left + 20, box.top + 20)) for at, box in enumerate(boxes)]
    return paint(*faces, size=(320, 320))
