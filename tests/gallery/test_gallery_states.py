"""The gallery against a dictionary that does the same: whatever is done in whatever order, both agree."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Final

import numpy as np
import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from edged.gallery.build import Plan, build
from tests.gallery.sample import MODEL, directions, open_gallery, open_people, somebody, standing_clock, template

_KEYS: Final = st.sampled_from([f"person {number}" for number in range(6)])
_PHOTOS: Final = st.lists(st.integers(0, 30), max_size=4)
_PROBES: Final = directions(1000, 8)


class GalleryMachine(RuleBasedStateMachine):
    exact_below = 100_000

    def __init__(self) -> None:
        super().__init__()
        self.directory = tempfile.TemporaryDirectory()
        self.path = Path(self.directory.name) / "gallery.db"
        self.gallery = open_gallery(self.path, exact_below=self.exact_below, trees=5, rebuild_after=3)
        self.other = open_people(self.path)
        self.truth: dict[str, set[int]] = {}
        self.plan: Plan | None = None

    @rule(key=_KEYS, photos=_PHOTOS)
    def enroll(self, key: str, photos: list[int]) -> None:
        self.gallery.enroll(somebody(key), [template(photo) for photo in photos])
        self.truth.setdefault(key, set()).update(photos)

    @rule(key=_KEYS)
    def delete(self, key: str) -> None:
        assert self.gallery.delete(key) == (self.truth.pop(key, None) is not None)

    @rule(key=_KEYS, photos=_PHOTOS)
    def another_process_enrolls(self, key: str, photos: list[int]) -> None:
        self.other.enroll(somebody(key), [template(photo) for photo in photos], MODEL)
        self.truth.setdefault(key, set()).update(photos)
        self.gallery.refresh()
        assert not self.gallery.refresh()

    @rule(keys=st.lists(_KEYS, max_size=3))
    def another_process_deletes(self, keys: list[str]) -> None:
        """Without a refresh after each: several changes are taken over in one go."""
        for key in keys:
            self.other.delete(key)
            self.truth.pop(key, None)
        self.gallery.refresh()

    @rule()
    def begin_a_build(self) -> None:
        self.plan = self.gallery.begin_build()

    @precondition(lambda self: self.plan is not None)
    @rule()
    def finish_the_build(self) -> None:
        assert self.plan is not None
        self.gallery.adopt(build(self.plan, timer=standing_clock))
        self.plan = None

    @rule()
    def restart(self) -> None:
        self.gallery.close()
        self.gallery = open_gallery(self.path, exact_below=self.exact_below, trees=5, rebuild_after=3)
        self.plan = None

    @invariant()
    def answers_are_right(self) -> None:
        snapshot = self.gallery.snapshot()
        cosines = {
            key: (np.stack([template(photo).vector for photo in sorted(photos)]) @ _PROBES.T).max(axis=0)
            for key, photos in self.truth.items()
            if photos
        }
        assert snapshot.persons == len(self.truth)
        assert snapshot.templates == sum(map(len, self.truth.values()))
        for probe, found in enumerate(snapshot.nearest(_PROBES, k=3)):
            best = sorted((float(scores[probe]) for scores in cosines.values()), reverse=True)[:3]
            assert [candidate.similarity for candidate in found] == pytest.approx(best, abs=1e-5)
            keys = [candidate.person.customer_person_id for candidate in found]
            assert len(set(keys)) == len(keys)
            assert [cosines[key][probe] for key in keys] == pytest.approx(best, abs=1e-5)

    @invariant()
    def the_digest_is_that_of_a_fresh_gallery(self) -> None:
        fresh = open_gallery(self.path)
        assert fresh.snapshot().digest == self.gallery.snapshot().digest
        fresh.close()

    def teardown(self) -> None:
        self.gallery.close()
        self.other.close()
        self.directory.cleanup()


class NarrowedGalleryMachine(GalleryMachine):
    exact_below = 2


@pytest.mark.parametrize("machine", [GalleryMachine, NarrowedGalleryMachine])
def test_the_gallery_agrees_with_a_dictionary(machine: type[GalleryMachine]) -> None:
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=25, stateful_step_count=25, deadline=None, suppress_health_check=list(HealthCheck)
        ),
    )
