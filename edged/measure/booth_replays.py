"""Is a search done once, however often it is asked for, and wherever its answer is cut off?"""

from __future__ import annotations

import json
import threading
from dataclasses import dataclass
from typing import Any, Final

from edged.domain.progress import Progress
from edged.measure.booth_crowd import Selfie
from edged.measure.booth_site import BoothSite, new_request, search
from edged.measure.hub_client import Answer

AT_ONCE: Final = 50
_HEAD_END: Final = b"\r\n\r\n"
_WAIT_S: Final = 120.0


@dataclass(frozen=True, slots=True)
class Replays:
    """What came of asking for one search on many connections at the same moment.

    Attributes:
        where: `device` or `hub`; asked: how often.
        wrong: answers other than 200; results: different ones.
        runs: how often the selfie was looked for; stored: searches that the event has more than before.
    """

    where: str
    asked: int
    wrong: int
    results: int
    runs: int
    stored: int

    @property
    def is_good(self) -> bool:
        return (self.wrong, self.results, self.runs, self.stored) == (0, 1, 1, 1)


@dataclass(frozen=True, slots=True)
class Cuts:
    """What came of hanging up in the middle of an answer and asking again, each time with another search.

    Attributes:
        size: bytes of an answer with its head; cuts: how often somebody hung up, after one byte more each time, or
            some more where fewer were asked for.
        wrong: second answers other than 200; different: those that were not what the first one began with.
        runs, stored: see `Replays`.
    """

    where: str
    size: int
    cuts: int
    wrong: int
    different: int
    runs: int
    stored: int

    @property
    def is_good(self) -> bool:
        return self.wrong == self.different == 0 and self.runs == self.stored == self.cuts


def ask_at_once(site: BoothSite, selfie: Selfie, times: int) -> Replays:
    """Sends one search over so many connections at once. Blocks until all are answered.

    Raises:
        Unavailable: the site does no search.
    """
    site.warm(selfie)
    runs, stored = site.runs(), site.stored()
    request_id = new_request()
    gate = threading.Barrier(times, timeout=_WAIT_S)
    answers: list[Answer] = []

    def ask(number: int) -> None:
        with site.client(number) as client:
            request = search(client, request_id, selfie.file)
            gate.wait()
            answers.append(client.ask(request))

    threads = [threading.Thread(target=ask, args=(number,), daemon=True) for number in range(times)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    right = [answer for answer in answers if answer.status == 200]
    results = {json.dumps(_result(answer.body)) for answer in right}
    return Replays(site.name, times, times - len(right), len(results), site.runs() - runs, site.stored() - stored)


def cut_answers(site: BoothSite, selfie: Selfie, every: int, progress: Progress) -> Cuts:
    """Hangs up after each number of bytes of an answer of one photograph, from none to all, and asks again.

    Args:
        every: only after so many bytes more; 1: every one.

    Raises:
        Unavailable: the site does no search.
    """
    site.warm(selfie)
    with site.client(0) as client:
        whole = client.ask(search(client, new_request(), selfie.small, page_size=1))
    expected = _result(whole.body)
    runs, stored = site.runs(), site.stored()
    wrong = different = 0
    places = range(0, whole.size + 1, every)
    for number, place in enumerate(places):
        progress(f"hanging up at a {site.name} after {place} bytes", number / len(places))
        request_id = new_request()
        with site.client(number) as client:
            begun = client.ask_and_leave(search(client, request_id, selfie.small, page_size=1), place)
        with site.client(number) as client:
            answer = client.ask(search(client, request_id, selfie.small, page_size=1))
        if answer.status != 200:
            wrong += 1
        elif not _is_same(answer, begun, {**expected, "request_id": request_id}):
            different += 1
    return Cuts(site.name, whole.size, len(places), wrong, different, site.runs() - runs, site.stored() - stored)


def _is_same(answer: Answer, begun: bytes, expected: dict[str, Any]) -> bool:
    """Whether an answer tells what is expected, and begins with the part of the first answer's body that came."""
    _head, _end, part = begun.partition(_HEAD_END)
    return _result(answer.body) == expected and answer.body.startswith(part)


def _result(body: bytes) -> dict[str, Any]:
    """What is told, but for the links, which change from hour to hour."""
    data = json.loads(body)["data"]
    return {**data, "images": [image["image_id"] for image in data["images"]]}
