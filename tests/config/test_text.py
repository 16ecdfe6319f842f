from __future__ import annotations

import pytest

from edged.config.text import MAX_BYTES, read_json, read_yaml
from edged.domain.errors import ConfigInvalid, Problem


def problems_of_yaml(data: bytes) -> tuple[Problem, ...]:
    with pytest.raises(ConfigInvalid) as caught:
        read_yaml(data, "test.yaml")
    assert "test.yaml" in str(caught.value)
    return caught.value.problems


def problems_of_json(data: bytes) -> tuple[Problem, ...]:
    with pytest.raises(ConfigInvalid) as caught:
        read_json(data, "test.json")
    return caught.value.problems


def test_plain_words_mean_what_editors_show() -> None:
    tree = read_yaml(
        b"a: no\nb: yes\nc: 2024-01-02\nd: 010\ne: 1e-3\nf: 12:30\ng: ~\nh:\ni: '5'\nj: [1, .5, true]\non: 1\n7: x\n",
        "test.yaml",
    )
    assert tree == {
        "a": "no", "b": "yes", "c": "2024-01-02", "d": 10, "e": 0.001, "f": "12:30", "g": None, "h": None, "i": "5",
        "j": [1, 0.5, True], "on": 1, "7": "x",
    }  # fmt: skip


@pytest.mark.parametrize("text", [b"", b"# nothing but a comment\n", b"\xef\xbb\xbf"])
def test_an_empty_file_says_nothing(text: bytes) -> None:
    assert read_yaml(text, "test.yaml") == {}


def test_every_key_that_is_written_twice_is_named_with_its_lines() -> None:
    found = problems_of_yaml(b"mqtt:\n  host: a\n  port: 1\n  host: b\nlog: {}\nmqtt: {}\n")
    assert [(problem.path, problem.message) for problem in found] == [
        ("mqtt.host", "is written twice, on lines 2 and 4"),
        ("mqtt", "is written twice, on lines 1 and 6"),
    ]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (b"a: &x [1]\nb: [*x, *x]", "anchors"),
        (b"a: *x", "anchors"),
        (b"a: !!python/object/apply:os.system [id]", "tags"),
        (b"a: !secret x", "tags"),
        (b"a: !my!x y", "tags"),
        (b"a: [1", "line 1"),
        (b"a: 1\n\tb: 2", "line 2"),
        (b"a: 1\n---\nb: 2", "line 2"),
        (b"a: \x00", "not allowed"),
        (b"a: caf\xe9", "UTF-8"),
        ("a: 1".encode("utf-16"), "UTF-8"),
        (b"- a\n- b", "not a mapping"),
        (b"just words", "not a mapping"),
        (b"~", "not a mapping"),
        (b"a: " + b"[" * 5000, "deep"),
        (b"- " * 5000, "deep"),
        (b"? [a, b]\n: c", "not text"),
        (b"a: " + b"x" * MAX_BYTES, "too large"),
        (b'a: "\\a"', "control character"),
    ],
)
def test_what_is_no_plain_mapping_is_refused_in_words(text: bytes, words: str) -> None:
    assert any(words in str(problem) for problem in problems_of_yaml(text))


def test_a_number_of_absurd_length_is_read_without_harm() -> None:
    assert read_yaml(b"a: " + b"9" * 100_000, "test.yaml") == {"a": float("inf")}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (b'{"a": 1, "b": {"c": 1, "c": 2}}', "c: is written twice"),
        (b'{"a": NaN}', "no JSON number"),
        (b'{"a": ' + b"9" * 5000 + b"}", "no JSON number"),
        (b'{"a": ' + b"[" * 100_000, "deep"),
        (b'{"a": ' + b"[" * 50 + b"]" * 50 + b"}", "deep"),
        (b'{"a": 1', "line 1"),
        (b"[1]", "not a mapping"),
        (b'{"a": "\\ud800"}', "half a character"),
        (b'{"a": "\xff"}', "UTF-8"),
        (b'"' + b"x" * MAX_BYTES + b'"', "too large"),
        (b"", "line 1"),
    ],
)
def test_json_is_read_as_strictly(text: bytes, words: str) -> None:
    assert any(words in str(problem) for problem in problems_of_json(text))


def test_thousands_of_mistakes_are_counted_rather_than_listed() -> None:
    found = problems_of_yaml(b"a: 1\n" * 5000)
    assert len(found) == 101
    assert found[-1].message == "has 4899 more problems"


@pytest.mark.parametrize(
    "form", ["{0}", "!{0}", "!{0}!x", "*{0}", "&{0} x", "%{0}", "[{0}", "{{{0}: ]", '"{0}', "'{0}", "`{0}"]
)
def test_a_password_that_is_no_yaml_is_not_repeated_in_the_error(form: str) -> None:
    try:
        read_yaml(f"mqtt:\n  password: {form.format('hunter2hunter2')}\n".encode(), "test.yaml")
    except ConfigInvalid as error:
        assert "hunter2" not in str(error)  # noqa: PT017  several of the forms are valid YAML
