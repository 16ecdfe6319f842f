"""FindFace: faces are enrolled, listed, shown, changed and deleted."""

from __future__ import annotations

import hashlib
import re
from typing import Any

import pytest

from edged.api.directory import Fields
from tests.api.findface.desk import Desk, photo
from tests.api.painted import crowd, new_face, paint, portrait
from tests.api.token_gate import ALL


def _numbers(document: Any) -> list[int]:
    return [face["id"] for face in document["results"]]


class TestCreate:
    @pytest.mark.parametrize("version", ["/v0", "/v1"])
    def test_answers_the_face_in_results(self, hub: Desk, version: str) -> None:
        sent = portrait(1)
        answer = hub.ask("POST", f"{version}/face", files=photo(sent), data={"meta": "anna", "galleries": "staff"})
        (face,) = answer.json()["results"]
        assert face["meta"] == "anna"
        assert face["galleries"] == ["default", "staff"]
        assert face["photo_hash"] == hashlib.sha256(sent).hexdigest()[:32]
        assert [face[corner] for corner in ("x1", "y1", "x2", "y2")] == [100, 60, 200, 180]
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}", face["timestamp"])

    def test_the_face_has_no_attribute_that_was_not_asked_for(self, hub: Desk) -> None:
        assert hub.enrol(1).keys() == {
            *("id", "timestamp", "photo_hash", "x1", "y1", "x2", "y2"),
            *("meta", "photo", "thumbnail", "galleries"),
        }

    def test_photo_and_thumbnail_are_addresses_that_answer_403(self, hub: Desk) -> None:
        face = hub.enrol(1)
        for name in ("photo", "thumbnail"):
            assert face[name].startswith("http://hub.example/v1/")
            answer = hub.ask("GET", face[name].removeprefix("http://hub.example"))
            assert (answer.status_code, answer.json()["code"]) == (403, "AUTH_FAILED")

    def test_the_meta_is_the_key_of_the_person_in_the_other_dialects(self, hub: Desk) -> None:
        face = hub.enrol(1, meta="anna")
        person = hub.directory.person("anna")
        assert person is not None
        assert [known.number for known in person.faces] == [face["id"]]
        assert re.fullmatch(r"enroll/IMG_1_.{7}\.png", person.faces[0].image)

    def test_a_person_of_another_dialect_is_found_under_meta(self, hub: Desk) -> None:
        hub.directory.enroll("bob", [new_face(2)], by=ALL, fields=Fields(first_name="Bob"))
        (found,) = hub.ask("POST", "/v1/identify", files=photo(portrait(2, 3))).json()["results"].popitem()[1]
        assert found["face"]["meta"] == "bob"

    def test_without_meta_every_face_is_somebody_else(self, hub: Desk) -> None:
        answer = hub.ask("POST", "/v1/face", files=photo(crowd(1, 3)), data={"mf_selector": "all"})
        faces = answer.json()["results"]
        assert [face["meta"] for face in faces] == ["", "", ""]
        known = [hub.directory.face(face["id"]) for face in faces]
        assert len({face.person for face in known if face}) == 3

    def test_all_faces_of_a_photograph_are_answered_the_largest_first(self, hub: Desk) -> None:
        answer = hub.ask("POST", "/v1/face", files=photo(crowd(1, 3)), data={"mf_selector": "all", "meta": "us"})
        assert [face["x1"] for face in answer.json()["results"]] == [10, 70, 130]
        assert len({face["id"] for face in answer.json()["results"]}) == 3

    @pytest.mark.parametrize("selector", ["", "biggest", "Biggest"])
    def test_the_biggest_is_enrolled_where_nothing_is_said(self, hub: Desk, selector: str) -> None:
        answer = hub.ask("POST", "/v1/face", files=photo(crowd(1, 3)), data={"mf_selector": selector})
        assert [face["x1"] for face in answer.json()["results"]] == [10]

    def test_reject_refuses_several_faces_and_tells_them(self, hub: Desk) -> None:
        answer = hub.ask("POST", "/v1/face", files=photo(crowd(1, 2)), data={"mf_selector": "reject"})
        assert answer.status_code == 400
        assert answer.json() == {
            "code": "TOO_MANY_FACES",
            "reason": "Too many faces: 2",
            "faces": [{"x1": 10, "y1": 20, "x2": 60, "y2": 80}, {"x1": 70, "y1": 20, "x2": 116, "y2": 76}],
        }
        assert hub.ask("GET", "/v1/faces").json()["results"] == []

    def test_reject_takes_one(self, hub: Desk) -> None:
        answer = hub.ask("POST", "/v1/face", files=photo(portrait(1)), data={"mf_selector": "reject"})
        assert answer.status_code == 200

    def test_an_unknown_selector_is_refused(self, hub: Desk) -> None:
        answer = hub.ask("POST", "/v1/face", files=photo(portrait(1)), data={"mf_selector": "smallest"})
        assert (answer.status_code, answer.json()["param"]) == (400, "mf_selector")

    def test_no_face_is_refused(self, hub: Desk) -> None:
        answer = hub.ask("POST", "/v1/face", files=photo(paint()))
        assert (answer.status_code, answer.json()["code"]) == (400, "NO_FACES")

    def test_a_meta_that_is_a_number_is_text(self, hub: Desk) -> None:
        assert hub.enrol(1, meta="4711")["meta"] == "4711"

    def test_a_meta_that_reads_as_json_stays_as_it_was_sent(self, hub: Desk) -> None:
        meta = '{"name": "Ann",  "id": 1}'
        assert hub.enrol(1, meta=meta)["meta"] == meta

    def test_a_meta_that_is_too_long_is_refused(self, hub: Desk) -> None:
        answer = hub.ask("POST", "/v1/face", files=photo(portrait(1)), data={"meta": "x" * 513})
        assert (answer.status_code, answer.json()["param"]) == (400, "meta")
        assert len(answer.json()["value"]) < 300

    def test_more_faces_than_one_person_may_have_are_refused(self, hub: Desk) -> None:
        hub.directory.enroll("anna", [new_face(1, day) for day in range(64)], by=ALL)
        answer = hub.ask("POST", "/v1/face", files=photo(portrait(1)), data={"meta": "anna"})
        assert (answer.status_code, answer.json()["code"]) == (400, "BAD_PARAM")
        assert (answer.json()["param"], answer.json()["value"]) == ("meta", "anna")

    @pytest.mark.parametrize(
        "form",
        [
            {"galleries": '["a","b"]'},
            {"galleries": "a,b"},
            {"galleries": "a, b,"},
            {"galleries[]": ["a", "b"]},
            {"galleries": ["a", "b"]},
            {"galleries[0]": "a", "galleries[1]": "b"},
        ],
    )
    def test_galleries_in_every_form(self, hub: Desk, form: dict[str, Any]) -> None:
        assert hub.enrol(1, **form)["galleries"] == ["a", "b", "default"]
        assert hub.ask("GET", "/v1/galleries").json() == {"results": ["default", "a", "b"]}

    def test_a_bare_name_is_a_gallery(self, hub: Desk) -> None:
        assert hub.enrol(1, galleries="a")["galleries"] == ["a", "default"]

    @pytest.mark.parametrize("galleries", ["a b", '{"add": ["a"]}', '["a", 1.5]', '["' + "x" * 49 + '"]', "../x"])
    def test_galleries_that_are_none_are_refused(self, hub: Desk, galleries: str) -> None:
        answer = hub.ask("POST", "/v1/face", files=photo(portrait(1)), data={"galleries": galleries})
        assert (answer.status_code, answer.json()["code"]) == (400, "BAD_PARAM")
        assert answer.json()["param"] == "galleries"
        assert answer.json()["value"]


class TestBoxes:
    SECOND = (70, 20, 116, 76)

    @pytest.mark.parametrize(
        "form",
        [
            {"bbox": "[[70, 20, 116, 76]]"},
            {"bbox": "[70, 20, 116, 76]"},
            {"bbox": '[{"x1": 70, "y1": 20, "x2": 116, "y2": 76}]'},
            {"bbox": '{"x1": 70, "y1": 20, "x2": 116, "y2": 76}'},
            {"bbox[][]": ["70", "20", "116", "76"]},
            {"bbox[]": ["70", "20", "116", "76"]},
            {"bbox[0][]": ["70", "20", "116", "76"]},
            {"bbox[][x1]": "70", "bbox[][y1]": "20", "bbox[][x2]": "116", "bbox[][y2]": "76"},
            {"bbox[x1]": "70", "bbox[y1]": "20", "bbox[x2]": "116", "bbox[y2]": "76"},
            {"x1": "70", "y1": "20", "x2": "116", "y2": "76"},
            {"bbox": "[]", "x1": "70", "y1": "20", "x2": "116", "y2": "76"},
            {"bbox": "[[70.0, 20.2, 115.9, 76]]"},
        ],
    )
    @pytest.mark.parametrize("kind", ["multipart", "urlencoded query"])
    def test_a_box_in_every_form_chooses_its_face(self, hub: Desk, form: dict[str, Any], kind: str) -> None:
        if kind == "multipart":
            answer = hub.ask("POST", "/v1/face", files=photo(crowd(1, 3)), data=form)
        else:
            answer = hub.ask("POST", "/v1/face", files=photo(crowd(1, 3)), params=form)
        (face,) = answer.json()["results"]
        assert tuple(face[corner] for corner in ("x1", "y1", "x2", "y2")) == self.SECOND

    def test_an_empty_list_is_no_box(self, hub: Desk) -> None:
        answer = hub.ask("POST", "/v1/face", files=photo(crowd(1, 3)), data={"bbox": "[]"})
        assert [face["x1"] for face in answer.json()["results"]] == [10]

    def test_several_boxes_are_several_faces_in_their_order(self, hub: Desk) -> None:
        boxes = "[[130, 20, 172, 72], [10, 20, 60, 80]]"
        answer = hub.ask("POST", "/v1/face", files=photo(crowd(1, 3)), data={"bbox": boxes, "meta": "us"})
        assert [face["x1"] for face in answer.json()["results"]] == [130, 10]

    def test_eight_numbers_without_nesting_are_two_boxes(self, hub: Desk) -> None:
        form = {"bbox[][]": ["130", "20", "172", "72", "10", "20", "60", "80"]}
        answer = hub.ask("POST", "/v1/face", files=photo(crowd(1, 3)), data=form)
        assert [face["x1"] for face in answer.json()["results"]] == [130, 10]

    def test_two_boxes_of_one_face_enrol_it_once(self, hub: Desk) -> None:
        boxes = "[[10, 20, 60, 80], [11, 20, 60, 80]]"
        answer = hub.ask("POST", "/v1/face", files=photo(crowd(1, 3)), data={"bbox": boxes})
        assert len(answer.json()["results"]) == 1

    def test_a_box_is_snapped_to_the_face_that_it_overlaps_by_half(self, hub: Desk) -> None:
        # The face is 100 × 120 at (100, 60): half of it is exactly an overlap of 0.5.
        answer = hub.ask("POST", "/v1/face", files=photo(portrait(1)), data={"bbox": "[[100, 60, 200, 120]]"})
        assert answer.json()["results"][0]["y2"] == 180

    def test_a_box_with_less_overlap_is_refused(self, hub: Desk) -> None:
        answer = hub.ask("POST", "/v1/face", files=photo(portrait(1)), data={"bbox": "[[100, 60, 200, 119]]"})
        assert answer.status_code == 400
        assert (answer.json()["code"], answer.json()["param"]) == ("BAD_PARAM", "bbox")
        assert answer.json()["value"] == "[100, 60, 200, 119]"

    def test_boxes_win_over_reject(self, hub: Desk) -> None:
        form = {"bbox": "[[70, 20, 116, 76]]", "mf_selector": "reject"}
        assert hub.ask("POST", "/v1/face", files=photo(crowd(1, 3)), data=form).status_code == 200

    @pytest.mark.parametrize(
        "boxes",
        [
            *("[[]]", "[[1, 2, 3]]", "[1, 2, 3, 4, 5]", "[[1, 2, 3, null]]", "[[1, 2, 3, true]]", "{}", "here"),
            *("[[9, 9, 9, 9]]", "[[5, 5, 1, 1]]", '[{"x1": 1}]', "[[1, 2, 3, 1e999]]", '[[1, 2, 3, "nan"]]'),
            f"[{', '.join(['[1, 1, 2, 2]'] * 65)}]",
        ],
    )
    def test_what_is_no_box_is_refused(self, hub: Desk, boxes: str) -> None:
        answer = hub.ask("POST", "/v1/face", files=photo(portrait(1)), data={"bbox": boxes})
        assert (answer.status_code, answer.json()["code"], answer.json()["param"]) == (400, "BAD_PARAM", "bbox")

    def test_a_box_that_lacks_a_corner_names_it(self, hub: Desk) -> None:
        answer = hub.ask("POST", "/v1/face", files=photo(portrait(1)), data={"x1": "1", "y1": "1", "x2": "5"})
        assert (answer.status_code, answer.json()["param"]) == (400, "y2")

    def test_corners_that_are_no_box_are_refused(self, hub: Desk) -> None:
        corners = {"x1": "9", "y1": "1", "x2": "5", "y2": "3"}
        answer = hub.ask("POST", "/v1/face", files=photo(portrait(1)), data=corners)
        assert (answer.status_code, answer.json()["param"]) == (400, "x1")


class TestList:
    def test_newest_first_and_null_at_both_ends(self, hub: Desk) -> None:
        faces = [hub.enrol(who, meta=str(who)) for who in (1, 2, 3)]
        document = hub.ask("GET", "/v1/faces").json()
        assert _numbers(document) == [face["id"] for face in reversed(faces)]
        assert (document["next_page"], document["prev_page"]) == (None, None)

    def test_nobody_is_an_empty_page(self, hub: Desk) -> None:
        assert hub.ask("GET", "/v1/faces").json() == {"next_page": None, "prev_page": None, "results": []}

    @pytest.mark.parametrize(
        ("path", "expected"),
        [
            ("/faces", [1, 2, 3, 4]),
            ("/faces/gallery/default", [1, 2, 3, 4]),
            ("/faces/gallery/staff", [2, 3]),
            ("/faces/meta/anna", [1, 2]),
            ("/face/meta/anna", [1, 2]),
            ("/faces/gallery/staff/meta/anna", [2]),
            ("/face/gallery/staff/meta/anna", [2]),
            ("/faces/meta/nobody", []),
        ],
    )
    @pytest.mark.parametrize("version", ["/v0", "/v1", ""])
    def test_every_address(self, hub: Desk, version: str, path: str, expected: list[int]) -> None:
        made = [
            hub.enrol(1, 0, meta="anna"),
            hub.enrol(1, 1, meta="anna", galleries="staff"),
            hub.enrol(2, 0, meta="bob", galleries="staff"),
            hub.enrol(3),
        ]
        wanted = [made[at - 1]["id"] for at in reversed(expected)]
        assert _numbers(hub.ask("GET", f"{version}{path}").json()) == wanted
        assert _numbers(hub.ask("GET", f"{version}{path}/").json()) == wanted

    def test_an_unknown_gallery_is_not_found(self, hub: Desk) -> None:
        assert hub.ask("GET", "/v1/faces/gallery/none").status_code == 404
        assert hub.ask("GET", "/v1/faces/gallery/none/meta/anna").status_code == 404

    @pytest.mark.parametrize("meta", ["a/b", "50%", "Jürgen Müller", "a+b", "a b", "?x=1", "%2F", "日本"])
    def test_a_meta_in_an_address_is_decoded_once(self, hub: Desk, meta: str) -> None:
        face = hub.enrol(1, meta=meta)
        encoded = "".join(f"%{byte:02X}" if chr(byte) not in "+abAB" else chr(byte) for byte in meta.encode())
        assert _numbers(hub.ask("GET", f"/v1/faces/meta/{encoded}").json()) == [face["id"]]

    def test_a_meta_with_what_is_no_character_is_refused(self, hub: Desk) -> None:
        assert hub.ask("GET", "/v1/faces/meta/a%00b").json()["param"] == "meta"

    def test_max_id_is_exclusive_and_min_id_is_inclusive(self, hub: Desk) -> None:
        one, two, three = (hub.enrol(who)["id"] for who in (1, 2, 3))
        assert _numbers(hub.ask("GET", f"/v1/faces?max_id={three}").json()) == [two, one]
        assert _numbers(hub.ask("GET", f"/v1/faces?min_id={two}").json()) == [three, two]
        assert _numbers(hub.ask("GET", f"/v1/faces?min_id={two}&max_id={three}").json()) == [two]

    @pytest.mark.parametrize("query", ["min_id=x", "max_id=1.5", "max_id=[1]"])
    def test_an_id_that_is_none_is_refused(self, hub: Desk, query: str) -> None:
        answer = hub.ask("GET", f"/v1/faces?{query}")
        assert (answer.status_code, answer.json()["param"]) == (400, query.partition("=")[0])

    @pytest.mark.parametrize("query", ["max_id=9999999999999", "min_id=-5", "min_id=&max_id="])
    def test_an_id_out_of_range_is_as_good_as_the_end(self, hub: Desk, query: str) -> None:
        face = hub.enrol(1)
        assert _numbers(hub.ask("GET", f"/v1/faces?{query}").json()) == [face["id"]]

    @pytest.mark.parametrize("path", ["/v0/faces", "/v1/faces", "/faces", "/v1/faces/gallery/g"])
    def test_pages_of_100_with_the_version_that_the_caller_used(self, hub: Desk, path: str) -> None:
        for who in (1, 2, 3):
            hub.directory.enroll("", [new_face(who, day) for day in range(50)], by=ALL, galleries=["g"])
        first = hub.ask("GET", path).json()
        assert len(first["results"]) == 100
        assert first["prev_page"] is None
        assert first["next_page"] == f"{path}?max_id={first['results'][-1]['id']}"
        second = hub.ask("GET", first["next_page"]).json()
        assert second["next_page"] is None
        assert _numbers(first) + _numbers(second) == [face.number for face in hub.directory.faces(limit=1000).faces]
        assert second["prev_page"] == f"{path}?min_id={second['results'][0]['id'] + 1}"
        assert _numbers(hub.ask("GET", second["prev_page"]).json()) == _numbers(first)

    def test_an_address_with_a_meta_stays_encoded_in_its_pages(self, hub: Desk) -> None:
        hub.directory.enroll("a/b", [new_face(1, day) for day in range(64)], by=ALL)
        numbers = _numbers(hub.ask("GET", "/v1/faces/meta/a%2Fb").json())
        page = hub.ask("GET", f"/v1/faces/meta/a%2Fb?max_id={numbers[10]}").json()
        assert page["prev_page"] == f"/v1/faces/meta/a%2Fb?min_id={numbers[10]}"
        assert _numbers(hub.ask("GET", page["prev_page"]).json()) == numbers[:11]

    def test_a_span_is_read_to_its_end_and_not_beyond(self, hub: Desk) -> None:
        numbers = [hub.directory.enroll("", [new_face(1, day)], by=ALL).faces[0].number for day in range(130)]
        page = hub.ask("GET", f"/v1/faces?min_id={numbers[10]}&max_id={numbers[125]}").json()
        read = _numbers(page)
        while page["next_page"]:
            page = hub.ask("GET", page["next_page"]).json()
            read += _numbers(page)
        assert read == list(reversed(numbers[10:125]))


class TestById:
    def test_face_id_is_an_object_and_faces_id_a_list_of_one(self, hub: Desk) -> None:
        face = hub.enrol(1, meta="anna")
        for version in ("/v0", "/v1"):
            alone = hub.ask("GET", f"{version}/face/id/{face['id']}").json()
            assert alone["id"] == face["id"]
            assert hub.ask("GET", f"{version}/faces/id/{face['id']}").json() == [alone]

    @pytest.mark.parametrize("number", ["1", "0", "-1", "x", "99999999999999999999", "%C2%B2", "1.0"])
    def test_what_is_not_there_is_not_found(self, hub: Desk, number: str) -> None:
        for path in (f"/v1/face/id/{number}", f"/v1/faces/id/{number}"):
            for method in ("GET", "PUT", "DELETE"):
                answer = hub.ask(method, path)
                assert (answer.status_code, answer.json()["code"]) == (404, "NOT_FOUND")


class TestUpdate:
    @pytest.mark.parametrize("path", ["/v0/face/id/{}", "/v1/faces/id/{}"])
    def test_the_meta_moves_the_face_to_that_person(self, hub: Desk, path: str) -> None:
        face = hub.enrol(1, meta="anna")
        answer = hub.ask("PUT", path.format(face["id"]), json={"meta": "bob"})
        assert answer.json() == {**face, "meta": "bob"} | {name: answer.json()[name] for name in ("photo", "thumbnail")}
        assert _numbers(hub.ask("GET", "/v1/faces/meta/anna").json()) == []
        assert hub.directory.person("anna") is None

    @pytest.mark.parametrize(
        ("change", "galleries"),
        [
            ({"add": ["c"]}, ["a", "b", "c", "default"]),
            ({"add": "c,d"}, ["a", "b", "c", "d", "default"]),
            ({"del": ["a"]}, ["b", "default"]),
            ({"del": ["default", "unknown"]}, ["a", "b", "default"]),
            ({"set": ["c"]}, ["c", "default"]),
            ({"set": []}, ["default"]),
            (["c"], ["c", "default"]),
            ("c", ["c", "default"]),
            ([], ["a", "b", "default"]),
            ({}, ["a", "b", "default"]),
            (None, ["a", "b", "default"]),
        ],
    )
    def test_galleries_are_added_deleted_or_set_and_default_stays(
        self, hub: Desk, change: Any, galleries: list[str]
    ) -> None:
        face = hub.enrol(1, meta="anna", galleries="a,b")
        answer = hub.ask("PUT", f"/v1/face/id/{face['id']}", json={"galleries": change})
        assert answer.json()["galleries"] == galleries
        assert answer.json()["meta"] == "anna"

    @pytest.mark.parametrize(
        ("form", "galleries"),
        [
            ({"galleries[add][]": "ppl"}, ["a", "default", "ppl"]),
            ({"galleries[del][]": "a"}, ["default"]),
            ({"galleries[set]": "b,c"}, ["b", "c", "default"]),
            ({"galleries": '{"add": ["ppl"]}'}, ["a", "default", "ppl"]),
        ],
    )
    @pytest.mark.parametrize("where", ["data", "params"])
    def test_galleries_as_forms_write_them(
        self, hub: Desk, form: dict[str, str], galleries: list[str], where: str
    ) -> None:
        face = hub.enrol(1, galleries="a")
        sent: dict[str, Any] = {where: form}
        assert hub.ask("PUT", f"/v1/face/id/{face['id']}", **sent).json()["galleries"] == galleries

    @pytest.mark.parametrize("change", [{"add": ["a"], "del": ["b"]}, {"put": ["a"]}, {"add": {"x": 1}}, 5, True])
    def test_a_change_that_is_none_is_refused(self, hub: Desk, change: Any) -> None:
        face = hub.enrol(1)
        answer = hub.ask("PUT", f"/v1/face/id/{face['id']}", json={"galleries": change})
        assert (answer.status_code, answer.json()["param"]) == (400, "galleries")

    @pytest.mark.parametrize("body", [b"", b"null", b"{}", b'{"meta": ""}', b'{"meta": null}', b'{"other": 1}'])
    def test_what_is_absent_stays(self, hub: Desk, body: bytes) -> None:
        face = hub.enrol(1, meta="anna")
        headers = {"content-type": "application/json"}
        answer = hub.ask("PUT", f"/v1/face/id/{face['id']}", content=body, headers=headers)
        assert answer.json() == face

    def test_a_face_more_than_somebody_may_have_is_refused(self, hub: Desk) -> None:
        hub.directory.enroll("anna", [new_face(1, day) for day in range(64)], by=ALL)
        face = hub.enrol(2)
        answer = hub.ask("PUT", f"/v1/face/id/{face['id']}", json={"meta": "anna"})
        assert (answer.status_code, answer.json()["param"], answer.json()["value"]) == (400, "meta", "anna")


class TestDelete:
    @pytest.mark.parametrize("path", ["/v0/face/id/{}", "/v1/faces/id/{}"])
    def test_by_id_answers_204_without_a_body(self, hub: Desk, path: str) -> None:
        face = hub.enrol(1, meta="anna")
        answer = hub.ask("DELETE", path.format(face["id"]))
        assert (answer.status_code, answer.content) == (204, b"")
        assert hub.ask("DELETE", path.format(face["id"])).status_code == 404
        assert hub.directory.person("anna") is None

    @pytest.mark.parametrize(
        ("path", "left"),
        [
            ("/faces/meta/anna", [3]),
            ("/face/meta/anna", [3]),
            ("/faces/gallery/staff/meta/anna", [1, 3]),
            ("/face/gallery/staff/meta/anna", [1, 3]),
            ("/faces/meta/nobody", [1, 2, 3]),
        ],
    )
    @pytest.mark.parametrize("version", ["/v0", "/v1", ""])
    def test_by_meta_answers_204_even_where_there_are_none(
        self, hub: Desk, version: str, path: str, left: list[int]
    ) -> None:
        made = [hub.enrol(1, meta="anna"), hub.enrol(1, 1, meta="anna", galleries="staff"), hub.enrol(2, meta="bob")]
        answer = hub.ask("DELETE", f"{version}{path}")
        assert (answer.status_code, answer.content) == (204, b"")
        assert _numbers(hub.ask("GET", "/v1/faces").json()) == [made[at - 1]["id"] for at in reversed(left)]
