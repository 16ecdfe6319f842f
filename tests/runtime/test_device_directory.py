"""The device's own gallery as a directory: the contract of directories, and what is different here."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

import pytest

from tests.hub.directory_contract import DirectoryContract
from tests.hub.site import Site
from tests.runtime.device_site import device_site

NOT_HERE: Final[Mapping[str, str]] = {
    "test_a_key_is_the_customer_s_own": "a device stores keys in Unicode's NFC, and none with space around it",
    "test_another_key_moves_a_face_to_that_person": "a face that moves is in the galleries of whom it moves to",
    "test_faces_that_fit_are_deleted_and_whoever_has_none_left": "galleries are a person's: no face is apart in one",
    "test_metas_are_all_keys_with_their_count_and_newest_face": "galleries are a person's: no face is apart in one",
    "test_vectors_of_different_models_are_never_compared": "a device has one model, and takes no face of another",
    "test_each_change_leaves_one_entry_that_names_the_holder": "who is forgotten is struck out of the audit",
    "test_whatever_is_done_it_answers_as_a_few_dictionaries_do": "galleries are a person's: no face is apart in one",
    "test_another_process_sees_every_change_with_its_next_call": "one process serves the dialects of a device",
    "test_processes_that_enrol_one_key_make_one_person": "one process serves the dialects of a device",
}
"""Tests of the contract that do not hold for a device, and why; below, what holds in their place."""


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    with device_site(tmp_path) as made:
        yield made


class TestDevice(DirectoryContract):
    """The contract, but for `NOT_HERE`."""


for _name in NOT_HERE:
    setattr(TestDevice, _name, None)
