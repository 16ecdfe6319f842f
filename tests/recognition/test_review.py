"""A stranger who comes ten times is one row."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from edged.domain.curve import Curve
from edged.recognition.review import Seen, group
from tests.gallery.sample import directions

CURVE = Curve(((1e-2, 0.30), (1e-3, 0.37), (1e-4, 0.42), (1e-5, 0.47)), 38.0, -12.5)
DIMENSION = 128
STRANGERS = directions(1, 40, DIMENSION)


def _seen(stranger: int, visit: int, at: float) -> Seen:
    """A visit whose face has a cosine of about 0.8 to the stranger's."""
    face = 0.8 * STRANGERS[stranger] + 0.6 * directions(1000 + visit, 1, DIMENSION)[0]
    face /= np.linalg.norm(face)
    return Seen(f"event {visit}", f"{stranger:02}-{visit}", "door", at, visit % 7 / 7, face.astype(np.float32))


@given(
    st.lists(st.integers(0, 9), min_size=1, max_size=60).flatmap(lambda some: st.permutations(list(enumerate(some))))
)
def test_visits_of_one_stranger_are_one_group_in_whatever_order_they_are_given(visits: list[tuple[int, int]]) -> None:
    shuffled = [_seen(stranger, number, float(number)) for number, stranger in visits]
    strangers = {stranger for _number, stranger in visits}
    groups = group(shuffled, CURVE)
    assert len(groups) == len(strangers)
    assert all(len({seen.visit[:2] for seen in some.seen}) == 1 for some in groups)
    assert [some.newest.at for some in groups] == sorted((some.newest.at for some in groups), reverse=True)
    assert sum(len(some.seen) for some in groups) == len(visits)


def test_a_group_keeps_its_id_while_more_visits_come_and_is_found_by_any_of_them() -> None:
    before = group([_seen(1, 1, 10.0), _seen(2, 2, 20.0), _seen(1, 3, 30.0)], CURVE)
    after = group([_seen(1, 1, 10.0), _seen(2, 2, 20.0), _seen(1, 3, 30.0), _seen(1, 4, 40.0)], CURVE)
    assert before[0].id == after[0].id == "01-1"
    assert after[0].newest.visit == "01-4"
    assert after[0].called("01-3")
    assert after[0].called("EVENT 4")
    assert not after[0].called("02")
    assert after[0].best.event == "event 4"


def test_nobody_is_no_group() -> None:
    assert group([], CURVE) == ()
