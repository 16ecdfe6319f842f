"""Who holds where several have asked for the same."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from edged.config.layers import Loaded, assembled, load
from edged.config.propose import Accepted, Rejected, propose
from edged.config.pushed import DEVICE, PAGE, Pushed, group_source
from edged.config.tree import merge_patch
from tests.config.keeping import keep_pushed

DOORS, NIGHT = group_source("doors"), group_source("night")


def member(*groups: str) -> Loaded:
    return assembled({"control": {"groups": list(groups)}}, Pushed(), None)


def after(loaded: Loaded, *orders: tuple[str, dict[str, Any]]) -> Loaded:
    for source, patch in orders:
        answer = propose(loaded, patch, source)
        assert isinstance(answer, Accepted), answer
        loaded = answer.loaded
    return loaded


def margin(value: float) -> dict[str, Any]:
    return {"decision": {"margin": value}}


@given(st.permutations([(DOORS, 0.1), (NIGHT, 0.2), (DEVICE, 0.3)]))
def test_the_nearest_word_holds_in_whatever_order_they_come(orders: list[tuple[str, float]]) -> None:
    loaded = after(member("doors", "night"), *((source, margin(value)) for source, value in orders))
    assert loaded.document.decision.margin == 0.3
    assert loaded.provenance["decision.margin"] == "pushed"
    without_own = after(loaded, (DEVICE, margin(None)))  # type: ignore[arg-type]  # null takes it back
    assert without_own.document.decision.margin == 0.2
    assert without_own.provenance["decision.margin"] == "group:night"


def test_what_a_nearer_word_overrules_is_told() -> None:
    loaded = after(member("doors"), (DEVICE, margin(0.3)))
    answer = propose(loaded, {"decision": {"margin": 0.1, "frames": 5}}, DOORS)
    assert isinstance(answer, Accepted)
    assert answer.overruled == ("decision.margin",)
    assert answer.plan.paths == ("decision.frames",)


def test_between_the_page_and_the_topic_the_later_word_holds() -> None:
    loaded = after(member(), (DEVICE, margin(0.1)), (PAGE, margin(0.2)))
    assert loaded.provenance["decision.margin"] == "page"
    loaded = after(loaded, (DEVICE, margin(0.3)))
    assert (loaded.document.decision.margin, loaded.provenance["decision.margin"]) == (0.3, "pushed")


def test_a_group_that_is_left_has_no_say_any_more() -> None:
    loaded = after(assembled({}, Pushed(), None), (DEVICE, {"control": {"groups": ["doors"]}}), (DOORS, margin(0.1)))
    assert loaded.document.decision.margin == 0.1
    left = after(loaded, (DEVICE, {"control": {"groups": None}}))
    assert left.document.decision.margin == 0.03
    assert DOORS not in left.pushed.layers


def test_no_group_says_which_groups_a_device_is_in() -> None:
    answer = propose(member("doors"), {"control": {"groups": ["doors", "all"]}}, DOORS)
    assert isinstance(answer, Rejected)
    assert {problem.path for problem in answer.problems} == {"control.groups"}


def test_the_owners_file_holds_over_groups_too() -> None:
    loaded = assembled({"control": {"groups": ["doors"]}, "decision": {"frames": 5}}, Pushed(), None)
    answer = propose(loaded, {"decision": {"frames": 3}}, DOORS)
    assert isinstance(answer, Rejected)
    assert [problem.path for problem in answer.problems] == ["decision.frames"]


values = st.recursive(
    st.none() | st.integers(0, 3),
    lambda below: st.dictionaries(st.sampled_from("abc"), below, max_size=3),
    max_leaves=8,
)
trees = st.dictionaries(st.sampled_from("abc"), values, max_size=3)


@given(trees, trees)
def test_a_source_is_patched_as_rfc_7386_says_and_the_others_stay(own: dict[str, Any], patch: dict[str, Any]) -> None:
    before = Pushed({DOORS: {"x": 1}, DEVICE: merge_patch({}, own)})
    after_it = before.patched(DEVICE, patch)
    assert after_it.layers.get(DEVICE, {}) == merge_patch(merge_patch({}, own), patch)
    assert after_it.layers[DOORS] == {"x": 1}


def test_layers_survive_the_disk(tmp_path: Path) -> None:
    file = tmp_path / "edged.yaml"
    file.write_text(f"device: {{state: {tmp_path}}}\ncontrol: {{groups: [doors]}}\n")
    loaded = after(load(file), (DOORS, margin(0.1)), (PAGE, {"log": {"level": "debug"}}))
    keep_pushed(loaded)
    again = load(file)
    assert again.pushed == loaded.pushed
    assert again.provenance == loaded.provenance
