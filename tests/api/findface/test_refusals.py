"""FindFace: how it says no, and that it never fails, whatever is sent."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from edged.api.centre import Manners
from edged.api.findface.boxes import overlap, read_boxes
from edged.api.findface.faults import Fault
from edged.api.findface.thresholds import read_threshold
from edged.api.parameters import Parameters
from edged.domain.errors import Refused
from edged.domain.rect import Rect
from tests.api.findface.desk import Desk, desk, photo
from tests.api.painted import portrait

JSON = {"content-type": "application/json"}
ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.sampled_from(["x1", "y1", "x2", "y2", "add", "0"]), inner),
    max_leaves=12,
)


class TestForm:
    @pytest.mark.parametrize("body", [b"null", b"", b"{}", b'{"photo": null}', b'{"photo": ""}'])
    def test_a_body_of_null_lacks_the_photograph(self, hub: Desk, body: bytes) -> None:
        answer = hub.ask("POST", "/v1/detect", content=body, headers=JSON)
        assert answer.status_code == 400
        assert answer.json() == {
            "code": "BAD_PARAM",
            "reason": "photo is missing: send a file",
            "param": "photo",
            "value": "",
        }

    @pytest.mark.parametrize("body", [b"{", b"[1]", b'"photo"', b"17", b'{"a": NaN}', b'{"a": 1} x'])
    def test_what_is_no_object_is_malformed(self, hub: Desk, body: bytes) -> None:
        answer = hub.ask("POST", "/v1/detect", content=body, headers=JSON)
        assert (answer.status_code, answer.json()["code"]) == (400, "MALFORMED_JSON")

    def test_a_form_without_an_end_is_refused(self, hub: Desk) -> None:
        headers = {"content-type": "multipart/form-data; boundary=x"}
        answer = hub.ask("POST", "/v1/detect", content=b"--x\r\nContent-Disposition: form-data", headers=headers)
        assert (answer.status_code, answer.json()["code"]) == (400, "BAD_PARAM")

    def test_junk_queries_and_unknown_fields_are_ignored(self, hub: Desk) -> None:
        answer = hub.ask("POST", "/v1/detect/?/", files=photo(portrait(1)), data={"colour": "red"})
        assert answer.status_code == 200

    def test_query_and_body_merge_and_the_body_wins(self, hub: Desk) -> None:
        path = "/v1/face?meta=query&galleries=staff"
        answer = hub.ask("POST", path, files=photo(portrait(1)), data={"meta": "body"})
        (face,) = answer.json()["results"]
        assert (face["meta"], face["galleries"]) == ("body", ["default", "staff"])


class TestPhotograph:
    @pytest.mark.parametrize("content", [b"", b"no picture", b"GIF89a" + bytes(20), portrait(1)[:60]])
    def test_what_is_no_picture_is_a_bad_image(self, hub: Desk, content: bytes) -> None:
        answer = hub.ask("POST", "/v1/detect", files=photo(content))
        assert (answer.status_code, answer.json()["code"], answer.json()["param"]) == (400, "BAD_IMAGE", "photo")

    def test_one_with_too_many_pixels_is_a_bad_image(self, hub: Desk) -> None:
        bomb = portrait(1)[:16] + (60_000).to_bytes(4) + (60_000).to_bytes(4) + portrait(1)[24:]
        answer = hub.ask("POST", "/v1/detect", files=photo(bomb))
        assert (answer.status_code, answer.json()["code"]) == (400, "BAD_IMAGE")

    def test_one_that_is_too_large_is_413(self, tmp_path: Path) -> None:
        with desk(tmp_path, manners=Manners(max_photo_bytes=1000)) as hub:
            answer = hub.ask("POST", "/v1/detect", files=photo(portrait(1) + bytes(1000)))
        assert (answer.status_code, answer.json()["code"]) == (413, "BAD_IMAGE")

    def test_an_address_is_refused_where_none_may_be_fetched(self, hub: Desk) -> None:
        address = "http://photos.example/1.jpg"
        for more in ({"data": {"photo": address}}, {"json": {"photo": address}}, {"params": {"photo": address}}):
            sent: dict[str, Any] = more
            answer = hub.ask("POST", "/v1/detect", **sent)
            assert (answer.status_code, answer.json()["code"]) == (400, "BAD_PARAM")
            assert (answer.json()["param"], answer.json()["value"]) == ("photo", address)

    def test_an_address_in_a_text_part_beside_a_file_is_refused_by_its_name(self, hub: Desk) -> None:
        sent = {"photo2": "http://photos.example/2.jpg"}
        answer = hub.ask("POST", "/v1/verify", files=photo(portrait(1), "photo1"), data=sent)
        assert (answer.status_code, answer.json()["param"]) == (400, "photo2")

    @pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "169.254.169.254", "10.0.0.1", "[::1]"])
    def test_an_address_within_the_house_is_refused_even_where_it_is_on_the_list(
        self, tmp_path: Path, host: str
    ) -> None:
        with desk(tmp_path, manners=Manners(photo_hosts=frozenset({host, host.strip("[]")}))) as hub:
            answer = hub.ask("POST", "/v1/detect", data={"photo": f"http://{host}/1.jpg"})
        assert (answer.status_code, answer.json()["code"], answer.json()["param"]) == (400, "BAD_PARAM", "photo")

    @pytest.mark.parametrize("value", ["C:\\me.jpg", "me.jpg", '["http://photos.example/1.jpg"]', "{}"])
    def test_a_text_that_is_no_address_is_refused(self, hub: Desk, value: str) -> None:
        answer = hub.ask("POST", "/v1/detect", data={"photo": value})
        assert (answer.status_code, answer.json()["param"]) == (400, "photo")

    def test_a_text_part_with_a_local_path_does_not_hide_the_file(self, hub: Desk) -> None:
        answer = hub.ask("POST", "/v1/detect", data={"photo": "/home/me/1.jpg"}, files=photo(portrait(1)))
        assert len(answer.json()["faces"]) == 1


class TestRouting:
    @pytest.mark.parametrize("path", ["/v1/nothing", "/v1", "/", "/v9/faces", "/v1/faces/meta", "/v1/face/id/1/2"])
    def test_an_address_of_nothing_is_404(self, hub: Desk, path: str) -> None:
        answer = hub.ask("GET", path)
        assert (answer.status_code, answer.json()["code"]) == (404, "NOT_FOUND")

    @pytest.mark.parametrize(
        ("method", "path", "allowed"),
        [
            ("PATCH", "/v1/face/id/1", "GET, PUT, DELETE, OPTIONS"),
            ("GET", "/v0/detect", "POST, OPTIONS"),
            ("DELETE", "/faces", "GET, OPTIONS"),
            ("BREW", "/face", "POST, OPTIONS"),
        ],
    )
    def test_a_method_that_is_not_possible_is_405_and_says_which_are(
        self, hub: Desk, method: str, path: str, allowed: str
    ) -> None:
        answer = hub.ask(method, path)
        assert (answer.status_code, answer.json()["code"]) == (405, "METHOD_NOT_ALLOWED")
        assert answer.headers["allow"] == allowed

    def test_head_is_get(self, hub: Desk) -> None:
        assert hub.ask("HEAD", "/v1/faces").status_code == 200

    @pytest.mark.parametrize("path", ["/v1/faces/", "/v1//faces", "//v1/faces//"])
    def test_slashes_too_many_do_not_matter(self, hub: Desk, path: str) -> None:
        assert hub.ask("GET", f"http://hub.example{path}").status_code == 200


class TestWhateverIsSent:
    @given(ANYTHING)
    def test_a_threshold_is_read_or_refused(self, value: Any) -> None:
        try:
            threshold = read_threshold("threshold", value, 0.5)
        except Fault as fault:
            told = json.loads(json.dumps(fault.document))
            if told["param"] != "threshold":
                raise
        else:
            assert threshold is None or 0 <= threshold <= 1

    @given(ANYTHING)
    def test_boxes_are_read_or_refused(self, value: Any) -> None:
        try:
            boxes = read_boxes(Parameters({"bbox": value}, {}), "bbox")
        except Refused:
            return
        assert all(box.left < box.right and box.top < box.bottom for box in boxes)

    @given(*[st.tuples(st.integers(-50, 50), st.integers(-50, 50), st.integers(1, 60), st.integers(1, 60))] * 2)
    def test_an_overlap_is_a_part_and_the_same_from_both_sides(
        self, one: tuple[int, int, int, int], other: tuple[int, int, int, int]
    ) -> None:
        first, second = (Rect(x, y, x + width, y + height) for x, y, width, height in (one, other))
        assert 0 <= overlap(first, second) <= 1
        assert overlap(first, second) == overlap(second, first)
        assert overlap(first, first) == 1

    @settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(
        st.sampled_from(["/v1/face", "/v0/face", "/face", "/v1/identify", "/identify", "/v1/detect", "/v1/verify"]),
        st.dictionaries(
            st.sampled_from(["bbox", "threshold", "mf_selector", "n", "galleries", "meta", "x1", "y2", "age", "photo"]),
            ANYTHING,
        ),
    )
    def test_a_form_never_ends_in_500(self, hub: Desk, path: str, values: dict[str, Any]) -> None:
        form = {name: _text(value) for name, value in values.items()}
        files = photo(portrait(1)) | photo(portrait(1), "photo1") | photo(portrait(2), "photo2")
        assert hub.ask("POST", path, data=form, files=files).status_code in (200, 400)

    @settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(
        st.sampled_from(["/v1/face/id/1", "/v0/faces/id/1"]),
        st.dictionaries(st.sampled_from(["galleries", "meta"]), ANYTHING),
    )
    def test_json_never_ends_in_500(self, hub: Desk, path: str, values: dict[str, Any]) -> None:
        if hub.directory.face(1) is None:
            hub.enrol(1)
        body = json.dumps(values).encode()
        assert hub.ask("PUT", path, content=body, headers=JSON).status_code in (200, 400)

    @settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(
        st.sampled_from(["GET", "PUT", "POST", "DELETE"]),
        st.sampled_from(["faces", "face", "meta", "galleries"]),
        st.lists(st.sampled_from(["id", "meta", "gallery", "identify"]) | st.binary(max_size=6), max_size=4),
        st.binary(max_size=12),
    )
    def test_an_address_never_ends_in_500(
        self, hub: Desk, method: str, first: str, rest: list[str | bytes], query: bytes
    ) -> None:
        segments = [one if isinstance(one, str) else "".join(f"%{byte:02x}" for byte in one) for one in rest]
        asked = "".join(f"%{byte:02x}" for byte in query)
        answer = hub.ask(method, f"/v1/{'/'.join([first, *segments])}?min_id={asked}&purge={asked}")
        assert answer.status_code < 500

    def test_a_mutated_request_never_ends_in_500(self, hub: Desk) -> None:
        chance = random.Random(4)
        request = hub.client.build_request(
            "POST", "/v1/face", files=photo(portrait(1)), data={"meta": "anna", "bbox": "[[100,60,200,180]]"}
        )
        body, kind = request.read(), request.headers["content-type"]
        for _ in range(300):
            mutated = bytearray(body)
            for _ in range(chance.randint(1, 8)):
                at = chance.randrange(len(mutated))
                mutated[at : at + chance.choice((0, 1, 1, 40))] = chance.randbytes(chance.choice((0, 1, 1, 30)))
            sent = kind.encode() if chance.random() < 0.9 else kind.encode()[: chance.randrange(len(kind))]
            answer = hub.ask("POST", "/v1/face", content=bytes(mutated), headers={"content-type": sent.decode()})
            assert answer.status_code in (200, 400, 413)


def _text(value: Any) -> str:
    text = value if isinstance(value, str) else json.dumps(value)
    return text.encode("utf-8", "replace").decode()
