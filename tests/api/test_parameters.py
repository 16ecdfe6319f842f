"""The facts of the three protocols about parameters, one test each, and properties that hold for any of them."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote_plus, urlencode

import anyio
import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.requests import Request
from starlette.types import Message

from edged.api.brackets import BadParameter
from edged.api.parameters import Parameters, read_parameters
from edged.domain.errors import Refused, Unavailable

MAX_BYTES = 64 * 1024
FORM = "application/x-www-form-urlencoded"
MULTIPART = 'multipart/form-data; boundary="b"'
JPEG = b"\xff\xd8\xff\xe0 a picture"


def read(
    body: bytes = b"", media: str | None = None, query: bytes = b"", *, max_bytes: int = MAX_BYTES, step: int = 0
) -> Parameters:
    """What is read of one request; with `step`, its body comes in pieces of so many bytes."""
    pieces = [body[at : at + step] for at in range(0, len(body), step)] if step else [body]

    async def receive() -> Message:
        piece = pieces.pop(0) if pieces else b""
        return {"type": "http.request", "body": piece, "more_body": bool(pieces)}

    headers = [] if media is None else [(b"content-type", media.encode())]
    scope = {"type": "http", "method": "POST", "path": "/", "query_string": query, "headers": headers}
    return anyio.run(read_parameters, Request(scope, receive), max_bytes)


def part(name: str, content: bytes, filename: str | None = None, *lines: str) -> bytes:
    file = "" if filename is None else f'; filename="{filename}"'
    head = [f'Content-Disposition: form-data; name="{name}"{file}', *lines]
    return b"--b\r\n" + "\r\n".join(head).encode() + b"\r\n\r\n" + content + b"\r\n"


def form(*parts: bytes) -> bytes:
    return b"".join(parts) + b"--b--\r\n"


def reason(refused: pytest.ExceptionInfo[Refused]) -> str:
    return refused.value.reason


# --- Global


def test_query_and_body_merge_and_the_body_wins() -> None:
    query = b"meta=of+the+query&n=3"
    assert read(b'{"meta": "of the body"}', "application/json", query).values == {"meta": "of the body", "n": "3"}
    assert read(b"meta=of the body", FORM, query).values == {"meta": "of the body", "n": "3"}
    assert read(form(part("meta", b"of the body")), MULTIPART, query).values == {"meta": "of the body", "n": "3"}


@pytest.mark.parametrize("body", [b'{"n": ""}', b'{"n": []}', b'{"n": null}'])
def test_empty_text_empty_list_and_null_mean_absent(body: bytes) -> None:
    assert read(body, "application/json").values == {}
    assert read(body, "application/json", b"n=3").values == {"n": "3"}


@pytest.mark.parametrize("body", [b"n=", b"n", b"n[]=", b"n=[]", b"n[]=&n[]="])
def test_empty_fields_mean_absent_in_forms_too(body: bytes) -> None:
    assert read(body, FORM, b"n=3").values == {"n": "3"}


def test_zero_and_false_are_not_absent() -> None:
    read_ = read(b'{"n": 0, "purge": false}', "application/json", b"n=3&purge=1")
    assert read_.integer("n") == 0
    assert read_.truth("purge") is False


@pytest.mark.parametrize(
    "line", ["Content-Type: multipart/form-data", "Content-Type: application/octet-stream", "Content-Type:", "X-Y: z"]
)
def test_wrong_content_types_of_a_part_do_not_matter(line: str) -> None:
    found = read(form(part("image_path", JPEG, "me.jpg", line)), MULTIPART)
    assert found.uploads["image_path"].content == JPEG
    assert found.uploads["image_path"].name == "me.jpg"


def test_a_text_part_with_the_type_of_a_file_is_a_text() -> None:
    line = "Content-Type: application/octet-stream"
    assert read(form(part("photo", b"http://host/a.jpg", None, line)), MULTIPART).text("photo") == "http://host/a.jpg"


@pytest.mark.parametrize("file_first", [True, False])
def test_of_two_parts_with_one_name_the_file_counts(file_first: bool) -> None:
    parts = [part("photo", b"/home/me/face.jpg"), part("photo", JPEG, "face.jpg")]
    found = read(form(*(reversed(parts) if file_first else parts)), MULTIPART, b"photo=http://host/a.jpg")
    assert found.uploads["photo"].content == JPEG
    assert "photo" not in found.values


def test_a_body_null_is_no_parameters() -> None:
    for media in ("application/json", FORM, None):
        found = read(b"null", media, b"n=3")
        assert found.values == {"n": "3"}
        assert found.body is None


def test_a_json_body_that_is_no_object_is_there_to_be_refused() -> None:
    assert read(b'["a"]', "application/json").body == ["a"]
    assert read(b"7", "application/json").body == 7


@pytest.mark.parametrize("query", [b"/", b"?/", b"&&=&", b"%", b"a[=&]b[=", b"[]=", b"_=1&/"])
def test_a_junk_query_does_no_harm(query: bytes) -> None:
    assert read(b'{"meta": "me"}', "application/json", query).text("meta") == "me"


def test_an_empty_file_is_a_file() -> None:
    found = read(form(part("file", b"", "me.jpg")), MULTIPART)
    assert found.uploads["file"].content == b""


def test_a_file_that_nobody_chose_gives_way_to_an_address() -> None:
    unchosen = part("photo", b"", "", "Content-Type: application/octet-stream")
    assert read(form(unchosen, part("photo", b"http://host/a.jpg")), MULTIPART).text("photo") == "http://host/a.jpg"
    assert read(form(unchosen), MULTIPART, b"photo=http://host/a.jpg").text("photo") == "http://host/a.jpg"
    assert read(form(unchosen), MULTIPART).uploads["photo"].content == b""


def test_a_picture_without_a_file_name_is_a_file() -> None:
    found = read(form(part("photo", JPEG + bytes(2000))), MULTIPART)
    assert found.uploads["photo"].content.startswith(JPEG)


# --- FindFace: parameters come as


@pytest.mark.parametrize(
    ("body", "media"),
    [
        (b'{"galleries": ["a", "b"]}', "application/json"),
        (b'{"galleries": "a,b"}', "application/json"),
        (b"galleries=a,b", FORM),
        (b"galleries=a%2C+b", FORM),
        (b"galleries[]=a&galleries[]=b", FORM),
        (b"galleries%5B%5D=a&galleries%5B%5D=b", FORM),
        (b"galleries[0]=a&galleries[1]=b", FORM),
        (b"galleries=a&galleries=b", FORM),
        (b'galleries=["a","b"]', FORM),
        (form(part("galleries", b'["a","b"]')), MULTIPART),
        (form(part("galleries[]", b"a"), part("galleries[]", b"b")), MULTIPART),
    ],
)
def test_galleries_in_every_writing(body: bytes, media: str) -> None:
    assert read(body, media).texts("galleries") == ["a", "b"]


def test_a_bare_name_is_a_list_of_one() -> None:
    assert read(b"galleries=ppl", FORM).texts("galleries") == ["ppl"]
    assert read(b'{"galleries": "ppl"}', "application/json").texts("galleries") == ["ppl"]
    assert read().texts("galleries") == []


def test_galleries_to_add_in_json_and_in_brackets() -> None:
    for body, media in (
        (b'{"galleries": {"add": ["ppl"]}}', "application/json"),
        (b"galleries[add][]=ppl", FORM),
        (b"galleries[add][0]=ppl", FORM),
        (b'galleries={"add":["ppl"]}', FORM),
        (b'galleries[add]=["ppl"]', FORM),
        (form(part("galleries[add][]", b"ppl")), MULTIPART),
    ):
        assert read(body, media).values == {"galleries": {"add": ["ppl"]}}


def test_galleries_can_be_set_to_none_at_all() -> None:
    assert read(b"galleries[set][]=", FORM).values == {"galleries": {"set": []}}
    assert read(b'{"galleries": {"set": []}}', "application/json").values == {"galleries": {"set": []}}


@pytest.mark.parametrize(
    "body",
    [
        b"bbox[][]=1&bbox[][]=2&bbox[][]=3&bbox[][]=4&bbox[][]=5&bbox[][]=6&bbox[][]=7&bbox[][]=8",
        b"bbox[0][0]=1&bbox[0][1]=2&bbox[0][2]=3&bbox[0][3]=4&bbox[1][0]=5&bbox[1][1]=6&bbox[1][2]=7&bbox[1][3]=8",
        b"bbox=[[1,2,3,4],[5,6,7,8]]",
        b"bbox=[1,2,3,4,5,6,7,8]",
        b"bbox=[1,2,3,4]&bbox=[5,6,7,8]",
    ],
)
def test_boxes_as_lists_in_every_writing(body: bytes) -> None:
    rows = read(body, FORM).rows("bbox", 4)
    assert [[int(number) for number in row] for row in rows] == [[1, 2, 3, 4], [5, 6, 7, 8]]


def test_boxes_as_objects() -> None:
    box = {"x1": 1, "y1": 2, "x2": 3, "y2": 4}
    for sent in (box, [box]):
        assert read(json.dumps({"bbox": sent}).encode()).rows("bbox", 4) == [box]
        assert read(urlencode({"bbox": json.dumps(sent)}).encode(), FORM).rows("bbox", 4) == [box]
    texts = {name: str(value) for name, value in box.items()}
    assert read(b"bbox[x1]=1&bbox[y1]=2&bbox[x2]=3&bbox[y2]=4", FORM).rows("bbox", 4) == [texts]
    twice = b"&".join([b"bbox[][x1]=1&bbox[][y1]=2&bbox[][x2]=3&bbox[][y2]=4"] * 2)
    assert read(twice, FORM).rows("bbox", 4) == [texts, texts]


@pytest.mark.parametrize("sent", [b"[1,2,3]", b"[[1,2,3,4],[5]]", b'"all"', b"[[1,2,3,4],5,6,7]"])
def test_boxes_that_are_none_are_refused(sent: bytes) -> None:
    with pytest.raises(Refused) as refused:
        read(b'{"bbox": %s}' % sent).rows("bbox", 4)
    assert reason(refused) == "bad_parameter"


def test_no_boxes() -> None:
    assert read(b'{"bbox": []}').rows("bbox", 4) == []
    assert read(b"bbox=[]", FORM).rows("bbox", 4) == []


def test_thresholds_as_numbers_and_words() -> None:
    assert read(b'{"threshold": 0.75}').text("threshold") == "0.75"
    assert read(b'{"threshold": "0.75"}').text("threshold") == "0.75"
    assert read(b"threshold=0.75", FORM).text("threshold") == "0.75"
    assert read(b'{"threshold": "Strict"}').text("threshold") == "Strict"
    assert read(b'{"threshold": ""}').text("threshold") == ""


def test_truth_values_in_every_writing() -> None:
    for body in (b'{"age": true}', b'{"age": "true"}', b'{"age": 1}', b"age=true", b"age=True", b"age=1"):
        assert read(body).truth("age") is True
    for body in (b'{"age": false}', b'{"age": "false"}', b"age=0", b"age=", b""):
        assert read(body).truth("age") is False
    with pytest.raises(BadParameter) as refused:
        read(b"age=maybe").truth("age")
    assert (refused.value.name, refused.value.value) == ("age", "maybe")


def test_whole_numbers() -> None:
    for body in (b'{"n": 5}', b'{"n": "5"}', b'{"n": 5.0}', b"n=5", b"n=%205"):
        assert read(body).integer("n") == 5
    assert read().integer("n") is None
    for body in (b"n=five", b"n=5.5", b'{"n": true}', b'{"n": [5]}', b'{"n": 99999999999999999999}', b"n=\xd9\xa1"):
        with pytest.raises(Refused) as refused:
            read(body).integer("n")
        assert reason(refused) == "bad_parameter"


def test_query_plus_multipart_and_a_file_plus_an_address() -> None:
    body = form(part("photo1", JPEG, "a.jpg"), part("photo2", b"http://host/b.jpg"))
    found = read(body, MULTIPART, b"threshold=strict")
    assert found.uploads.keys() == {"photo1"}
    assert found.values == {"photo2": "http://host/b.jpg", "threshold": "strict"}


# --- Headers that lie


@pytest.mark.parametrize("media", [None, "", FORM, "text/plain", "text/json", "application/octet-stream", MULTIPART])
def test_json_is_taken_as_json_whatever_its_type_says(media: str | None) -> None:
    assert read(b' \n{"meta": "a+b=c&d"}', media).values == {"meta": "a+b=c&d"}


@pytest.mark.parametrize("media", ["multipart/form-data", None, "application/json", FORM])
def test_a_form_without_its_boundary_in_the_header_is_read_by_its_first_line(media: str | None) -> None:
    assert read(form(part("meta", b"me"), part("photo", JPEG, "a")), media).text("meta") == "me"


def test_a_photograph_as_the_whole_body_is_refused() -> None:
    for media in ("image/jpeg", None, "application/octet-stream"):
        with pytest.raises(Refused) as refused:
            read(JPEG + bytes(MAX_BYTES * 4), media)
        assert reason(refused) == "bad_parameter"


def test_western_text_is_understood_with_or_without_saying_so() -> None:
    said = "Content-Type: text/plain; charset=ISO-8859-1"
    assert read(form(part("first_name", "Jürgen".encode("latin-1"), None, said)), MULTIPART).values == {
        "first_name": "Jürgen"
    }
    for text in ("Jürgen".encode("latin-1"), "Jürgen".encode()):
        assert read(form(part("first_name", text)), MULTIPART).text("first_name") == "Jürgen"
        assert read(b'{"first_name": "%s"}' % text).text("first_name") == "Jürgen"
        assert read(b"first_name=" + text, FORM).text("first_name") == "Jürgen"
    assert read(b"\xef\xbb\xbf" + '{"first_name": "Jürgen"}'.encode()).text("first_name") == "Jürgen"


# --- What is refused


@pytest.mark.parametrize(
    "body",
    [
        b"{",
        b'{"a": NaN}',
        b'{"a": Infinity}',
        b'{"a": 1e999}',
        b'{"a": 1, "a": 2}',
        rb'{"a": "\ud800"}',
        rb'{"\udfff": 1}',
        rb'{"a": "\u0000"}',
        b'{"a": ' + b"[" * 20 + b"]" * 20 + b"}",
        b"[" * 60_000,
        b'{"a":' * 10_000,
        b"{'a': 1}",
    ],
)
def test_json_that_could_mean_two_things_or_nothing_is_refused(body: bytes) -> None:
    with pytest.raises(Refused) as refused:
        read(body, "application/json")
    assert reason(refused) == "malformed_json"


def test_a_number_too_large_for_a_database_is_its_digits() -> None:
    assert read(b'{"meta": 12345678901234567890123}').text("meta") == "12345678901234567890123"
    assert read(b'{"meta": 9223372036854775807}').integer("meta") == 9223372036854775807


@pytest.mark.parametrize("text", ["[1]", '{"a": 1}', "[x]", "{4d0f}"])
def test_a_text_that_happens_to_be_a_list_can_be_had_as_the_text_it_was(text: str) -> None:
    assert read(json.dumps({"meta": text}).encode()).text("meta") == text
    assert read(urlencode({"meta": text}).encode(), FORM).text("meta") == text


def test_lists_and_objects_are_no_texts() -> None:
    for body in (b'{"meta": ["a"]}', b'{"meta": {"a": 1}}', b"meta=a&meta=b", b"meta[x]=1"):
        with pytest.raises(BadParameter) as refused:
            read(body).text("meta")
        assert refused.value.name == "meta"


def test_the_same_text_twice_is_that_text() -> None:
    assert read(b"meta=me&meta=me", FORM).text("meta") == "me"


@pytest.mark.parametrize(
    ("body", "media"),
    [
        (form(part("a", b"1"))[:-4], MULTIPART),
        (part("a", b"1"), MULTIPART),
        (b"--b", MULTIPART),
        (b"something", MULTIPART),
        (b"something", "multipart/form-data"),
        (form(part("a", b"1", None, "X: " + "y" * 9000)), MULTIPART),
        (b'--b\r\nContent-Disposition: form-data; name="a"\r\n--b--\r\n', MULTIPART),
    ],
)
def test_a_broken_form_is_refused(body: bytes, media: str) -> None:
    with pytest.raises(Refused) as refused:
        read(body, media)
    assert reason(refused) == "malformed_form"


@pytest.mark.parametrize("step", [1, 2, 3, 7, 50])
def test_pieces_of_any_size_make_the_same_form(step: int) -> None:
    tricky = JPEG + b"\r\n--b\r\r\n--bb\r\n--\r\n--b \r \r--b--\r\n\r"
    body = b"preamble\r\n" + form(part("meta", b"me"), part("photo", tricky, "a.jpg"), part("n", b"")) + b"epilogue"
    found = read(body, MULTIPART, step=step)
    assert found.uploads["photo"].content == tricky
    assert found.values == {"meta": "me"}


@pytest.mark.parametrize(
    ("body", "media", "query"),
    [
        (b"&".join(b"a%d=1" % at for at in range(1001)), FORM, b""),
        (b"&".join(b"a%d=1" % at for at in range(600)), FORM, b"&".join(b"b%d=1" % at for at in range(600))),
        (form(*(part(f"a{at}", b"1") for at in range(1001))), MULTIPART, b""),
        (b"a" + b"&a" * 500_000, FORM, b""),
    ],
)
def test_too_many_parameters_are_refused(body: bytes, media: str, query: bytes) -> None:
    with pytest.raises(Refused) as refused:
        read(body, media, query, max_bytes=4 * 1024 * 1024)
    assert reason(refused) == "too_many_parts"


def test_forms_that_are_made_to_keep_us_busy_are_refused() -> None:
    boundaries = form(part("photo", JPEG + b"\r\n--bX" * 100_000, "a.jpg"))
    heads = form(*(part("a", b"1", None, "X: " + "y" * 8_000) for _ in range(200)))
    for body, expected in ((boundaries, "malformed_form"), (heads, "too_large")):
        with pytest.raises(Refused) as refused:
            read(body, MULTIPART, max_bytes=4 * 1024 * 1024)
        assert reason(refused) == expected


def test_what_was_sent_does_not_get_into_a_log() -> None:
    found = read(form(part("photo", JPEG, "sam.jpg"), part("meta", b"Sam Berry")), MULTIPART)
    assert "Berry" not in repr(found)
    assert "picture" not in f"{found.uploads} {found!r}"


def test_fields_without_names_do_not_count() -> None:
    assert read(b"&" * 5000 + b"a=1&b=2", FORM).values == {"a": "1", "b": "2"}


def test_as_many_as_allowed_are_read() -> None:
    body = b"&".join(b"bbox[][]=%d" % at for at in range(1000))
    assert len(read(body, FORM).rows("bbox", 4)) == 250


@pytest.mark.parametrize(
    "query", [b"a" * 300 + b"=1", b"a[" + b"][" * 9 + b"]=1", b"a=1&a[b]=2", b"a[b]=1&a[]=2", b"a=%00"]
)
def test_names_and_texts_that_cannot_be_are_refused(query: bytes) -> None:
    with pytest.raises(Refused) as refused:
        read(query=query)
    assert reason(refused) == "bad_parameter"


def test_what_is_too_large_is_refused_before_the_rest_is_read() -> None:
    asked = 0

    async def receive() -> Message:
        nonlocal asked
        asked += 1
        head = part("photo", b"", "a.jpg")[:-2]
        return {"type": "http.request", "body": head if asked == 1 else bytes(10_000), "more_body": True}

    headers = [(b"content-type", MULTIPART.encode())]
    scope = {"type": "http", "method": "POST", "path": "/", "query_string": b"", "headers": headers}
    with pytest.raises(Refused) as refused:
        anyio.run(read_parameters, Request(scope, receive), 100_000)
    assert reason(refused) == "too_large"
    assert asked <= 13


def test_a_file_of_exactly_the_size_is_taken_and_two_of_them_too() -> None:
    whole = JPEG + bytes(MAX_BYTES - len(JPEG))
    found = read(form(part("photo1", whole, "a"), part("photo2", whole, "b")), MULTIPART)
    assert [len(upload.content) for upload in found.uploads.values()] == [MAX_BYTES, MAX_BYTES]
    with pytest.raises(Refused) as refused:
        read(form(part("photo1", whole + b"!", "a")), MULTIPART)
    assert reason(refused) == "too_large"


@pytest.mark.parametrize("media", ["application/json", FORM, None])
def test_texts_have_a_limit_of_their_own(media: str | None) -> None:
    with pytest.raises(Refused) as refused:
        read(b"a" * (1024 * 1024 + 1), media, max_bytes=16 * 1024 * 1024)
    assert reason(refused) == "too_large"


def test_text_parts_have_it_together() -> None:
    parts = (part(f"a{at}", b"x" * 300_000) for at in range(4))
    with pytest.raises(Refused) as refused:
        read(form(*parts), MULTIPART, max_bytes=16 * 1024 * 1024)
    assert reason(refused) == "too_large"


def test_a_client_that_hangs_up_is_no_fault_of_ours() -> None:
    async def receive() -> Message:
        return {"type": "http.disconnect"}

    scope = {"type": "http", "method": "POST", "path": "/", "query_string": b"", "headers": []}
    with pytest.raises(Refused) as refused:
        anyio.run(read_parameters, Request(scope, receive), 1000)
    assert reason(refused) == "malformed_form"


def _arriving(*pieces: bytes, then_s: float) -> Request:
    """A form that arrives so far, and then takes its time."""
    left = list(pieces)

    async def receive() -> Message:
        if left:
            return {"type": "http.request", "body": left.pop(0), "more_body": True}
        await anyio.sleep(then_s)
        return {"type": "http.request", "body": b"--b--", "more_body": False}

    headers = [(b"content-type", MULTIPART.encode())]
    return Request({"type": "http", "method": "POST", "path": "/", "query_string": b"", "headers": headers}, receive)


def test_bodies_that_arrive_at_once_have_a_limit_together(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("edged.api.request_body._ALL_BYTES", 10_000)
    body = part("photo", JPEG + bytes(8_000), "a.jpg")

    async def all_three() -> list[str]:
        outcomes = []

        async def one(wait_s: float) -> None:
            await anyio.sleep(wait_s)
            try:
                await read_parameters(_arriving(body, then_s=0.2), MAX_BYTES)
                outcomes.append("read")
            except Unavailable:
                outcomes.append("busy")

        async with anyio.create_task_group() as group:
            for wait_s in (0.0, 0.1, 0.4):
                group.start_soon(one, wait_s)
        return outcomes

    assert anyio.run(all_three) == ["busy", "read", "read"]


def test_a_body_that_does_not_end_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("edged.api.request_body._BODY_S", 0.1)
    with pytest.raises(Refused) as refused:
        anyio.run(read_parameters, _arriving(part("a", b"1"), then_s=60), MAX_BYTES)
    assert reason(refused) == "malformed_form"


# --- The same parameters in every encoding

_NAMES = st.text("abcxyz_", min_size=1, max_size=6)
_TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1, max_size=20).filter(
    lambda text: text.lstrip()[:1] not in ("[", "{")
)
_NESTED = st.one_of(
    _TEXTS,
    st.lists(_TEXTS, min_size=1, max_size=4),
    st.dictionaries(_NAMES, st.one_of(_TEXTS, st.lists(_TEXTS, min_size=1, max_size=3)), min_size=1, max_size=3),
)
_SENT = st.dictionaries(_NAMES, _NESTED, max_size=5)


def brackets(values: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Values as PHP and Ruby write them."""
    fields: list[tuple[str, str]] = []
    for name, value in values.items():
        if isinstance(value, str):
            fields.append((name, value))
        elif isinstance(value, list):
            fields += [(f"{name}[]", one) for one in value]
        else:
            fields += [(f"{name}{_bracketed(key)}", one) for key, one in brackets(value)]
    return fields


def _bracketed(key: str) -> str:
    name, bracket, rest = key.partition("[")
    return f"[{name}]{bracket}{rest}"


def encodings(values: Mapping[str, Any]) -> dict[str, tuple[bytes, str | None, bytes]]:
    written = [(name, value if isinstance(value, str) else json.dumps(value)) for name, value in values.items()]
    flat = brackets(values)
    encoded, pairs = urlencode(flat).encode(), urlencode(written).encode()
    document = json.dumps(values).encode()
    parts = form(*(part(name, value.encode()) for name, value in flat))
    texts = form(*(part(name, value.encode(), None, "Content-Type: application/json") for name, value in written))
    return {
        "JSON": (document, "application/json", b""),
        "JSON without a type": (document, None, b""),
        "JSON in UTF-8": (json.dumps(values, ensure_ascii=False).encode(), FORM, b""),
        "urlencoded with brackets": (encoded, FORM, b""),
        "urlencoded with JSON in it": (pairs, FORM, b""),
        "a query": (b"", None, encoded),
        "a query with JSON in it": (b"", "application/json", pairs),
        "multipart with brackets": (parts, MULTIPART, b""),
        "multipart with JSON in it": (texts, MULTIPART, b""),
        "JSON over a query": (
            document,
            "application/json",
            "&".join(f"{quote_plus(n)}=other" for n in values).encode(),
        ),
        "multipart over a query": (parts, MULTIPART, "&".join(f"{quote_plus(n)}[]=other" for n in values).encode()),
    }


@given(values=_SENT, step=st.integers(1, 40))
def test_the_same_parameters_are_read_from_every_encoding(values: dict[str, Any], step: int) -> None:
    for encoding, (body, media, query) in encodings(values).items():
        assert read(body, media, query, step=step).values == values, encoding


@given(content=st.binary(max_size=200), step=st.integers(1, 40), name=st.text("abc ü\\'", min_size=1, max_size=9))
def test_a_file_is_read_as_it_was_sent(content: bytes, step: int, name: str) -> None:
    escaped = name.replace("\\", "\\\\")
    if b"\r\n--b" in content:
        return
    found = read(form(part("photo", content, escaped), part("meta", b"me")), MULTIPART, step=step)
    assert found.uploads["photo"].content == content
    assert found.uploads["photo"].name == name
    assert found.text("meta") == "me"


@given(
    body=st.binary(max_size=300), query=st.binary(max_size=60), media=st.sampled_from([None, FORM, MULTIPART, "a/json"])
)
def test_any_bytes_are_read_or_refused(body: bytes, query: bytes, media: str | None) -> None:
    try:
        found = read(body, media, query)
    except Refused:
        return
    json.dumps(dict(found.values)).encode()
    assert not any(value in ("", [], None) for value in found.values.values())


def test_a_first_line_of_blanks_keeps_nobody_waiting() -> None:
    begun = time.process_time()
    with pytest.raises(Refused):
        read(b"--" + b" " * 65_536 + b"content-disposition", "multipart/form-data")
    assert time.process_time() - begun < 0.1
