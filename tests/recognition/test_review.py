"""Whose visits are put together for the review."""

from __future__ import annotations

import numpy as np

from edged.recognition.review import Sighted, group

ALIKE = 0.6


def sighted(number: int, *direction: float) -> Sighted:
    vector = np.zeros(4, np.float32)
    vector[: len(direction)] = direction
    return Sighted(f"event-{number}", float(number), "door", vector / np.linalg.norm(vector))


def ids(faces: list[Sighted]) -> list[list[str]]:
    return [[face.event_id for face in found] for found in group(faces, ALIKE)]


def test_nothing_makes_no_group() -> None:
    assert group((), ALIKE) == ()


def test_visits_of_one_person_are_together_the_newest_first() -> None:
    faces = [sighted(1, 1, 0), sighted(2, 0, 1), sighted(3, 1, 0.2), sighted(4, 0.1, 1), sighted(5, 1, 0.1)]
    assert ids(faces) == [["event-5", "event-3", "event-1"], ["event-4", "event-2"]]


def test_a_chain_of_resemblances_does_not_join_two_people() -> None:
    left, between, right = sighted(1, 1, 0), sighted(2, 1, 1), sighted(3, 0, 1)
    assert left.embedding @ between.embedding > ALIKE
    assert between.embedding @ right.embedding > ALIKE
    assert ids([left, between, right]) == [["event-3", "event-2"], ["event-1"]]


def test_a_face_goes_to_the_group_it_is_most_like() -> None:
    faces = [sighted(3, 1, 0.0), sighted(2, 0.5, 1), sighted(1, 1, 0.5)]
    assert faces[2].embedding @ faces[1].embedding > ALIKE
    assert ids(faces) == [["event-3", "event-1"], ["event-2"]]
