from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edged.config.tree import MAX_DEPTH, flaws, leaves, merge_patch, overlay, without

VALUES = st.none() | st.booleans() | st.integers() | st.text(max_size=3) | st.lists(st.integers(), max_size=2)
TREES = st.dictionaries(
    st.sampled_from("abc"),
    st.recursive(VALUES, lambda below: st.dictionaries(st.sampled_from("abc"), below)),
    max_size=3,
)
quick = settings(max_examples=100, deadline=None, database=None)


@pytest.mark.parametrize(
    ("target", "patch", "expected"),
    [  # RFC 7386, appendix A, as far as both are mappings
        ({"a": "b"}, {"a": "c"}, {"a": "c"}),
        ({"a": "b"}, {"b": "c"}, {"a": "b", "b": "c"}),
        ({"a": "b"}, {"a": None}, {}),
        ({"a": "b", "b": "c"}, {"a": None}, {"b": "c"}),
        ({"a": ["b"]}, {"a": "c"}, {"a": "c"}),
        ({"a": "c"}, {"a": ["b"]}, {"a": ["b"]}),
        ({"a": {"b": "c"}}, {"a": {"b": "d", "c": None}}, {"a": {"b": "d"}}),
        ({"a": [{"b": "c"}]}, {"a": [1]}, {"a": [1]}),
        ({"e": None}, {"a": 1}, {"e": None, "a": 1}),
        ({}, {"a": {"bb": {"ccc": None}}}, {"a": {"bb": {}}}),
    ],
)
def test_merge_patch_is_that_of_the_rfc(target: Any, patch: Any, expected: Any) -> None:
    assert merge_patch(target, patch) == expected


@quick
@given(TREES, TREES)
def test_a_patch_applied_twice_changes_nothing_more_and_leaves_no_null(target: Any, patch: Any) -> None:
    once = merge_patch(target, patch)
    assert merge_patch(once, patch) == once
    touched = dict(leaves(merge_patch({}, patch)))
    assert None not in touched.values()
    assert touched.items() <= dict(leaves(once)).items()


@quick
@given(TREES)
def test_the_empty_patch_is_nothing_and_nulls_take_everything_away(target: Any) -> None:
    assert merge_patch(target, {}) == target
    assert merge_patch(target, dict.fromkeys(target)) == {}


@quick
@given(TREES, TREES)
def test_an_overlay_says_all_that_its_upper_layer_says(lower: Any, upper: Any) -> None:
    both = overlay(lower, upper)
    assert dict(leaves(upper)).items() <= dict(leaves(both)).items()
    assert overlay(both, upper) == both
    assert both.keys() == lower.keys() | upper.keys()


def test_without_takes_one_branch_only() -> None:
    tree = {"mqtt": {"host": "a", "port": 1}, "log": {"level": "info"}}
    assert without(tree, ("mqtt", "host")) == {"mqtt": {"port": 1}, "log": {"level": "info"}}
    assert without(tree, ("mqtt",)) == {"log": {"level": "info"}}
    assert without(tree, ("gallery", "trees")) == tree
    assert without(tree, ()) == {}


def test_flaws_name_unprintable_text_and_depth_without_repeating_it() -> None:
    deep: Any = 1
    for _ in range(MAX_DEPTH + 900):
        deep = {"a": deep}
    found = list(flaws({"a": ["fine", "bell\a"], "half\ud800": 1, "deep": deep}))
    assert [problem.path for problem in found] == ["a.1", "half�", "deep.a.a.a"]
    assert "bell" not in str(found)
