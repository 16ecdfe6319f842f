"""Answers that no centre should give, down to the last number: an error of ours each, never the end of the thread."""

from __future__ import annotations

import time
from typing import Any

import cv2
import numpy as np
import pytest

from edged.central.findface import Findface
from edged.central.hub import Hub
from edged.central.miicloud import Miicloud
from edged.central.port import Picture
from edged.domain.errors import EdgedError, Refused, Unavailable
from edged.runtime.portraits import Portraits
from edged.vision.sight import Sight
from tests.central.stand import answer
from tests.central.test_strange_centres import MODEL, line_to, listed, page, spoken

HUGE = int("9" * 400)


@pytest.mark.parametrize("address", ["http://[", "//[::1", "/a\x00b", "/a\x01", "/\x7f"], ids=repr)
def test_an_address_that_is_none_costs_the_photograph(address: str) -> None:
    with line_to(page(listed(1, photo=address)), answer(b"jpeg")) as (line, _site):
        centre = Findface(line, time.monotonic)
        (person,) = centre.changes("", MODEL, 10).people
        with pytest.raises(Refused):
            centre.picture(person.faces[0])


def test_a_next_page_that_is_no_address_is_not_asked_for() -> None:
    with line_to(page(listed(1), following="http://[")) as (line, _site), pytest.raises(Unavailable):
        Findface(line, time.monotonic).changes("", MODEL, 10)


@pytest.mark.parametrize("own", ["", "x" * 65, "a\x00b", "../..", "a b"], ids=repr)
def test_an_id_that_is_none_is_not_taken_from_a_hub(own: str) -> None:
    person = {"id": own, "customer_person_id": "ada", "first_name": "", "last_name": "", "email": "", "phone": ""}
    document = {
        "cursor": "a.1.1",
        "revision": 1,
        "more": False,
        "gone": [],
        "people": [{**person, "groups": [], "faces": []}],
    }
    with line_to(spoken(document)) as (line, _site), pytest.raises(Unavailable):
        Hub(line, "door").changes("", MODEL, 10)


def test_a_server_that_only_says_that_it_failed_has_not_deleted_anybody() -> None:
    with line_to(spoken({"status": "fail", "detail": "database locked"})) as (line, _site), pytest.raises(Refused):
        Miicloud(line).remove("1/ada")


class TestPortraits:
    @pytest.mark.parametrize("shape", [(1, 1), (50, 900), (112, 112), (2000, 2000)])
    def test_what_is_no_face_with_a_margin_costs_the_face(self, sight: Sight, shape: tuple[int, int]) -> None:
        noise = np.zeros((*shape, 3), np.uint8)
        portraits = Portraits(lambda work: work(sight))
        with pytest.raises(EdgedError):
            portraits.make(Picture(cv2.imencode(".jpg", noise)[1].tobytes(), is_keepsake=True), "a" * 64)

    @pytest.mark.parametrize("box", [(-HUGE, -HUGE, HUGE, HUGE), (HUGE, HUGE, -HUGE, -HUGE), (0, 0, HUGE, 1)])
    def test_a_box_beyond_all_measure_is_of_no_face(self, sight: Sight, astronaut_path: Any, box: Any) -> None:
        with pytest.raises(Refused, match="no face where"):
            Portraits(lambda work: work(sight)).make(Picture(astronaut_path.read_bytes(), box), "a" * 64)
