"""The story of a door: a stranger is refused, is enrolled, comes with face and PIN, and everybody can see why."""

from __future__ import annotations

import http.client
import json
import re
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from edged.accounts.account import Role
from edged.runtime.mosquitto import free_port
from tests.api.signed_in import Key, accounts_in, signed_in
from tests.runtime.daemon import running
from tests.runtime.test_end_to_end import QUICK, edged

PATIENCE_S = 40.0


def document(port: int, photo: Path) -> dict[str, Any]:
    return {
        "http": {"port": port},
        "visits": QUICK,
        "cameras": {"porch": {"kind": "demo", "photo": str(photo), "appear_s": 5.0, "absent_s": 2.5}},
        "access": {"doors": {"front": {"camera": "porch", "relay": {"kind": "none"}, "second_factor": ["pin"]}}},
    }


class Caller:
    """Whoever stands at the kiosk, without a key, or sits at the console, with one."""

    def __init__(self, port: int, key: Key | None = None) -> None:
        self._port = port
        self._headers = {"cookie": key.cookie, "edged-token": key.word} if key else {}

    @contextmanager
    def ask(self, method: str, path: str, body: object = None) -> Iterator[http.client.HTTPResponse]:
        headers = self._headers | {"content-type": "application/json", "sec-fetch-site": "same-origin"}
        sent = None if body is None else json.dumps(body)
        with closing(http.client.HTTPConnection("127.0.0.1", self._port, timeout=PATIENCE_S)) as line:
            line.request(method, path, sent, headers)
            yield line.getresponse()

    def read(self, path: str, method: str = "GET", body: object = None) -> dict[str, Any]:
        with self.ask(method, path, body) as answer:
            assert answer.status == 200, answer.read()
            return dict(json.loads(answer.read()))

    def screen(self, wanted: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
        """The next thing that the kiosk shows and is wanted."""
        seen = []
        with self.ask("GET", "/api/v1/kiosk/state") as stream:
            name = ""
            for _ in range(2000):
                field, _, value = stream.readline().decode().rstrip("\n").partition(": ")
                if field == "event":
                    name = value
                elif field == "data" and name == "screen":
                    seen.append(json.loads(value))
                    if wanted(seen[-1]):
                        return dict(seen[-1])
        raise AssertionError([(one["stage"], one["reason"]) for one in seen])


def test_a_stranger_is_refused_enrolled_and_let_through_with_face_and_pin(
    tmp_path: Path, models_dir: Path, astronaut_path: Path
) -> None:
    port = free_port()
    public = Caller(port)
    with running(tmp_path, models_dir, **document(port, astronaut_path)) as daemon:
        daemon.ready()
        refused = public.screen(lambda screen: screen["stage"] == "refused")
        assert (refused["reason"], refused["name"]) == ("not_recognised", "")
        with public.ask("GET", "/api/v1/console/events") as closed:
            assert closed.status == 401

        edged(daemon, "enroll", "4711", str(astronaut_path), "--name", "Eileen")
        pin = edged(daemon, "access", "pin", "4711", "--new")["pin"]
        asked = public.screen(lambda screen: screen["stage"] == "ask_factor")
        assert asked["accepts"] == ["pin"]
        assert asked["name"] == "", "nobody is named before the door was opened for them"
        with public.ask("POST", "/api/v1/kiosk/code", {"factor": "pin", "code": pin}) as taken:
            assert taken.status == 202
        assert public.screen(lambda screen: screen["stage"] == "granted")["name"] == "Eileen"

        with closing(accounts_in(tmp_path / "state")) as accounts:
            console = Caller(port, signed_in(accounts, port, role=Role.INSTALLER))
        items = console.read("/api/v1/console/events?kind=passage")["items"]
        passages = [item["passage"] for item in items]
        granted = next(passage for passage in passages if passage["verdict"] == "granted")
        assert granted["person"]["customer_person_id"] == "4711"
        answers = {rule["rule"]: (rule["answer"], rule["why"]) for rule in granted["rules"]}
        assert answers["known"][0] == answers["permitted"][0] == "yes"
        assert answers["second_factor"] == ("yes", "pin")
        assert any(passage["verdict"] == "refused" for passage in passages)
        assert not re.search(rf"\b{pin}\b", json.dumps(items)), "no code is kept with a passage"

        verified = console.read("/api/v1/console/audit/verify", "POST", {})["verified"]
        assert verified["whole"], verified["findings"]
        enrolments = edged(daemon, "audit", "show", "--act", "enrolment")["entries"]
        assert len(enrolments) == 1, "one act is noted once"
        assert not re.search(rf"\b{pin}\b", daemon.log.read_text())
