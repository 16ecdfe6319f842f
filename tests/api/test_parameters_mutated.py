"""A thousand requests with something wrong in them: each is answered, none with a fault of ours."""

from __future__ import annotations

import random
from collections import Counter
from urllib.parse import quote

from tests.api.echo import exchange, serving
from tests.api.test_parameters_wire import CLIENTS

MUTATIONS = 1000

_SEEDS = [
    *CLIENTS.values(),
    ("application/json", b'{"photo": "http://host/a.jpg", "bbox": [[1, 2, 3, 4]], "galleries": {"add": ["ppl"]}}'),
    (
        "application/x-www-form-urlencoded",
        b"galleries[add][]=ppl&bbox[][]=1&bbox[0][x1]=2&meta=%C3%BC+x&threshold=strict",
    ),
]
_TOKENS = [
    b"\0", b"\r\n", b"\n", b"--", b'"', b"\\", b"[", b"]", b"{", b"}", b"=", b"&", b";", b"%", b"%00", b"\xff", b":",
    b"null", b"filename=", b"boundary=", b"1e999", b"\\ud800", b"[]" * 50, b"a" * 9000, b"9" * 5000,
]  # fmt: skip


def mutated(chance: random.Random, data: bytes) -> bytes:
    for _ in range(chance.randint(1, 4)):
        start, end = sorted(chance.randrange(len(data) + 1) for _ in range(2))
        match chance.randrange(5):
            case 0:
                data = data[:start] + chance.choice(_TOKENS) + data[start:]
            case 1:
                data = data[:start] + data[min(end, start + 9) :]
            case 2:
                data = data[:start] + chance.randbytes(3) + data[start + 3 :]
            case 3:
                data = data[:end]
            case _:
                data = data[:start] + data[start:end] * 2 + data[end:]
    return data


def test_no_mutated_request_is_answered_with_a_fault_of_ours() -> None:
    chance = random.Random(4)
    answers: Counter[int] = Counter()
    with serving() as port:
        for _ in range(MUTATIONS):
            media, body = chance.choice(_SEEDS)
            body = mutated(chance, body)
            query = quote(mutated(chance, b"galleries[]=a&n=1&/"), safe="%[]=&/;?") if chance.random() < 0.3 else ""
            typed = f"Content-Type: {media}".encode()
            if chance.random() < 0.3:
                typed = mutated(chance, typed).replace(b"\r\n", b"").replace(b"\n", b"")
            method = chance.choice([b"GET", b"POST", b"PUT", b"DELETE"])
            head = b"%s /v1/face?%s HTTP/1.1\r\nHost: edged\r\nConnection: close\r\nContent-Length: %d\r\n%s\r\n\r\n"
            answer = exchange(port, head % (method, query.encode(), len(body), typed) + body)
            answers[int(answer.split()[1])] += 1
    assert answers.keys() == {200, 400}
    assert min(answers.values()) > 100
