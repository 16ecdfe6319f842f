"""Guests who search without a pause, in a process of their own: `python -m edged.measure.booth_guests`.

Reads what it needs from standard input, as `guests_words` writes it, begins when a line follows, and writes what came
of it to standard output. In the process that reads pages meanwhile they would keep it from looking at its clock.
"""

from __future__ import annotations

import json
import random
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from edged.measure.booth_site import images_of, new_request, search
from edged.measure.hub_client import Answer, Crowd, HubClient

_AGAIN: Final = frozenset({429, 503})
_AGAIN_S: Final = 2.0
"""What Retry-After says to whom the eyes are too busy for."""
_SPREAD_S: Final = 1.0
"""Nobody comes at the very moment when others come."""
_NO_ANSWER: Final = Answer(0, b"", 0)


@dataclass(frozen=True, slots=True)
class Guests:
    """What came of them.

    Attributes:
        searches: from a guest's first try until their photographs, those that were turned away meanwhile included.
        turned_away: how often somebody was told to come again in a moment, and did.
    """

    searches: Crowd
    turned_away: int


class GuestProcess:
    """The process; ended with `close`. Belongs to one thread.

    Args:
        url, ca, keys: of the site, see `edged.measure.booth_site.BoothSite`.
        selfies: files that they send.
        guests: how many; each searches again as soon as they have their photographs, for so many seconds.
    """

    def __init__(
        self, url: str, ca: Path | None, keys: Sequence[str], selfies: Sequence[Path], guests: int, seconds: float
    ) -> None:
        words = {
            "url": url,
            "ca": ca and str(ca),
            "keys": list(keys),
            "selfies": [str(path) for path in selfies],
            "guests": guests,
            "seconds": seconds,
        }
        command = [sys.executable, "-m", "edged.measure.booth_guests"]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self._guests = guests
        self._say(json.dumps(words))
        assert self._process.stdout is not None  # noqa: S101  a pipe was asked for
        self._process.stdout.readline()  # it has loaded what it needs

    def begin(self) -> None:
        """Lets them come."""
        self._say("begin")

    def result(self) -> Guests:
        """What came of them. Blocks until the last one has their photographs."""
        assert self._process.stdout is not None  # noqa: S101  a pipe was asked for
        found = json.loads(self._process.stdout.readline())
        crowd = Crowd(self._guests, found["seconds"], tuple(found["latencies"]), found["wrong"])
        return Guests(crowd, found["turned_away"])

    def close(self) -> None:
        self._process.kill()
        self._process.communicate()

    def _say(self, line: str) -> None:
        assert self._process.stdin is not None  # noqa: S101  a pipe was asked for
        self._process.stdin.write(f"{line}\n")
        self._process.stdin.flush()


@dataclass(slots=True)
class _Guests:
    words: dict[str, Any]
    latencies: list[float] = field(default_factory=list)
    wrong: list[int] = field(default_factory=list)
    again: list[int] = field(default_factory=list)

    def come(self) -> dict[str, Any]:
        until = time.perf_counter() + self.words["seconds"]
        threads = [
            threading.Thread(target=self._search_on, args=(number, until), daemon=True)
            for number in range(self.words["guests"])
        ]
        began = time.perf_counter()
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return {
            "seconds": time.perf_counter() - began,
            "latencies": self.latencies,
            "wrong": len(self.wrong),
            "turned_away": len(self.again),
        }

    def _search_on(self, number: int, until: float) -> None:
        """A guest after the other, each of whom connects anew."""
        selfies = self.words["selfies"]
        selfie = Path(selfies[number % len(selfies)]).read_bytes()
        chance = random.Random(number)  # noqa: S311  moments, not secrets
        time.sleep(chance.uniform(0, _SPREAD_S))
        while (begun := time.perf_counter()) < until:
            request_id = new_request()
            while (answer := self._ask(number, request_id, selfie)).status in _AGAIN:
                if time.perf_counter() > until:
                    return  # nobody waits for the end of this
                self.again.append(answer.status)
                time.sleep(_AGAIN_S * chance.uniform(0.8, 1.2))
            self.latencies.append(time.perf_counter() - begun)
            if not images_of(answer):
                self.wrong.append(answer.status)

    def _ask(self, number: int, request_id: str, selfie: bytes) -> Answer:
        keys, ca = self.words["keys"], self.words["ca"]
        with suppress(OSError):
            key = f"X-API-Key: {keys[number % len(keys)]}"
            with HubClient(self.words["url"], Path(ca) if ca else None, [key]) as client:
                return client.ask(search(client, request_id, selfie))
        return _NO_ANSWER


def main() -> None:
    guests = _Guests(json.loads(sys.stdin.readline()))
    print("READY", flush=True)  # noqa: T201  what whoever started us waits for
    sys.stdin.readline()
    print(json.dumps(guests.come()), flush=True)  # noqa: T201  the same


if __name__ == "__main__":
    main()
