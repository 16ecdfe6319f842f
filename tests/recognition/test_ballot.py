"""What the good frames of one face say together."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from edged.recognition.ballot import Ballot, Vote
from tests.recognition.stage import identity

_CROP = np.zeros((112, 112, 3), np.uint8)


def _unit(seed: int, towards: int = 0) -> NDArray[np.float32]:
    vector = identity(towards) + 0.08 * np.random.default_rng(seed).standard_normal(128).astype(np.float32)
    return np.asarray(vector / np.linalg.norm(vector), np.float32)


@given(st.lists(st.integers(0, 2**32), min_size=1, max_size=8), st.integers(0, 2**32))
def test_one_lookup_with_the_probe_gives_the_mean_of_all_cosines(seeds: list[int], other: int) -> None:
    ballot, template = Ballot(), _unit(other)
    for seed in seeds:
        ballot.cast(Vote(_unit(seed), _CROP), keep=8)
    probe, length = ballot.probe()
    assert float(np.linalg.norm(probe)) == pytest.approx(1, abs=1e-5)
    assert length * float(probe @ template) == pytest.approx(
        np.mean([float(_unit(seed) @ template) for seed in seeds]), abs=1e-5
    )


def test_only_the_latest_count() -> None:
    ballot = Ballot()
    for who in range(6):
        ballot.cast(Vote(identity(who), _CROP), keep=4)
    assert [int(np.argmax([vote.embedding @ identity(who) for who in range(6)])) for vote in ballot.votes] == [
        2,
        3,
        4,
        5,
    ]
    ballot.cast(Vote(identity(7), _CROP), keep=2)
    assert len(ballot.votes) == 2


def test_whose_frame_it_is() -> None:
    ballot = Ballot()
    assert ballot.likeness(_unit(1)) == 0
    ballot.cast(Vote(_unit(1), _CROP), keep=8)
    ballot.cast(Vote(_unit(2), _CROP), keep=8)
    assert ballot.likeness(_unit(3)) == pytest.approx((_unit(1) + _unit(2)) @ _unit(3) / 2)
    assert ballot.likeness(_unit(3)) > 0.4
    assert ballot.likeness(_unit(3, towards=5)) < 0.2
