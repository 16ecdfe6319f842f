"""The review of unknown visits, with the real models, databases and threads."""

from __future__ import annotations

import os
import re
import time
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from threading import Thread
from typing import Any
from urllib.parse import urlsplit

import httpx
import numpy as np
import pytest

from edged.config.document import Document, GallerySettings, HttpSettings, QualitySettings
from edged.domain.errors import Refused, Unavailable
from edged.domain.event import BestShot, Event, Outcome, Phase
from edged.domain.frame import Image, Moment
from edged.domain.identity import uuid7
from edged.domain.person import Person
from edged.gallery.dismissals import Dismissals
from edged.gallery.gallery import Gallery
from edged.gallery.pseudonyms import Pseudonyms
from edged.gallery.shots import ShotStore
from edged.measure.sample_event import sample_event
from edged.mqtt.outbox import Outbox
from edged.recognition.recognizer import Recognizer
from edged.runtime.alarm import Alarm
from edged.runtime.clock import SystemClock
from edged.runtime.conditions import Conditions
from edged.runtime.intake import Intake
from edged.runtime.judge import Judge, Standing
from edged.runtime.keeper import Keeper
from edged.runtime.review import ReviewDesk, closed_review
from edged.runtime.stages import Stages
from edged.runtime.state_dir import new_id, new_salt
from edged.runtime.stop import Stop
from edged.runtime.witness import witness
from edged.vision.sight import Sight
from tests.api.signed_in import accounts_in, signed_in
from tests.gallery.sample import VAULT
from tests.runtime.daemon import RunningDaemon, running

EVE = Person("", "4711", "Eve", groups=("staff",))


class Bench:
    """A judge and a keeper at work, and events of one face."""

    def __init__(self, folder: Path, sight: Sight, photo: Image) -> None:
        clock = SystemClock()
        (face,) = sight.detect(photo)
        self.crop = sight.crop(photo, face)
        self.photo = photo
        self.folder = folder
        self.stop = Stop()
        self.kept: list[Event] = []
        self.noted: list[tuple[str, str, dict[str, Any]]] = []
        self.shots = ShotStore(folder / "shots", VAULT.seal_for("shots"))
        self.gallery = Gallery.open(
            folder / "gallery.db",
            GallerySettings(),
            sight.model,
            VAULT,
            now=time.time,
            new_id=lambda: new_id(clock.now()),
        )
        self.keeper = Keeper(
            Outbox.open(folder / "events.db", "boot", now=time.time()),
            self.gallery,
            self.shots,
            Document(),
            curve=sight.curve,
            clock=clock,
            conditions=Conditions(clock),
            changed=lambda: None,
            alarm=Alarm(self.stop),
        )
        self.judge = Judge(
            Recognizer(sight, new_id, new_salt),
            Standing.of(Document(), "c"),
            gallery=self.gallery.snapshot,
            intake=Intake(),
            heed=lambda _seen: None,
            keep=self.keeper.keep,
            clock=clock,
            stages=Stages(),
        )
        self.gallery.be_seen_by(witness(self))
        self.threads = [Thread(target=part.run, args=(self.stop,), daemon=True) for part in (self.judge, self.keeper)]
        self.desk = self.open_desk(sight)
        self._count = 0

    def open_desk(self, sight: Sight) -> ReviewDesk:
        return ReviewDesk(
            sight,
            QualitySettings,
            judge=self.judge,
            keeper=self.keeper,
            outbox=self.folder / "events.db",
            shots=self.shots,
            dismissals=Dismissals(self.folder / "review.json", 1e6),
            pseudonyms=Pseudonyms(self.folder / "pseudonyms.json", 1e6),
            note=self.note,
            clock=SystemClock(),
        )

    def note(self, act: str, *, by: str, about: Mapping[str, Any], at: Moment | None = None) -> None:
        self.noted.append((act, by, dict(about)))

    def keep(self, *, like: Event | None = None, picture: Image | None = None, crop: Image | None = None) -> Event:
        """Somebody unknown was there; or the visit of `like` goes on."""
        self._count += 1
        utc = time.time() - 1000 + self._count
        shot = BestShot(
            (self.crop if crop is None else crop,) * 4, self.photo if picture is None else picture, Moment(0, utc)
        )
        sample = sample_event(self._count, utc=utc)
        event = replace(
            sample,
            id=uuid7(utc, os.urandom(10)),
            visit=like.visit if like else sample.visit,
            phase=Phase.UPDATE if like else Phase.NEW,
            shot=shot,
        )
        self.kept.append(event)
        self.keeper.keep((event,))
        self.settle()
        return event

    def settle(self) -> None:
        """What was handed to the keeper is on the disk."""
        self.keeper.ask(lambda _gallery: None).result(10)

    def listed(self) -> list[list[str]]:
        return [[visit.event_id for visit in group] for group in self.desk.unknowns().groups]


@pytest.fixture
def bench(tmp_path: Path, sight: Sight, astronaut: Image) -> Iterator[Bench]:
    bench = Bench(tmp_path, sight, astronaut)
    for thread in bench.threads:
        thread.start()
    yield bench
    bench.stop.set()
    for thread in bench.threads:
        thread.join(10)


def test_unknown_visits_are_listed_once_each_by_whose_they_are(bench: Bench) -> None:
    first, second = bench.keep(), bench.keep()
    again = bench.keep(like=first)
    other = bench.keep(crop=np.ascontiguousarray(bench.crop[::-1]))
    assert bench.listed() == [[other.id], [again.id, second.id]]
    assert bench.desk.unknowns().waiting == 0


def test_a_long_list_comes_piece_by_piece(bench: Bench) -> None:
    for _ in range(15):
        bench.keep()
    answers = [bench.desk.unknowns() for _ in range(2)]
    assert [answer.waiting for answer in answers] == [3, 0]
    assert [len(answer.groups[0]) for answer in answers] == [12, 15]


def test_whoever_is_enrolled_is_found_when_the_call_returns_and_leaves_the_list(bench: Bench, sight: Sight) -> None:
    event, other = bench.keep(), bench.keep()
    enrolled = bench.desk.enroll_from_events([event.id], EVE, known=False, by="tester")
    probe = sight.embed([bench.crop])
    found = bench.gallery.snapshot().nearest(probe)[0][0]
    assert (found.person.customer_person_id, found.person.name, found.person.groups) == ("4711", "Eve", ("staff",))
    assert found.similarity > 0.9
    assert (enrolled.person, enrolled.pictures, enrolled.refused) == (found.person, 1, ())
    assert bench.listed() == [[other.id]]


def test_an_id_that_is_somebodys_is_refused_unless_it_is_meant(bench: Bench) -> None:
    first, second = bench.keep(), bench.keep(picture=np.ascontiguousarray(bench.photo[:400]))
    with pytest.raises(Refused, match="nobody with the ID 4711"):
        bench.desk.enroll_from_events([first.id], EVE, known=True, by="tester")
    bench.desk.enroll_from_events([first.id], EVE, known=False, by="tester")
    with pytest.raises(Refused, match="belongs to Eve already"):
        bench.desk.enroll_from_events([second.id], Person("", "4711", "Mallory"), known=False, by="tester")
    assert bench.listed() == [[second.id]], "a refusal changes nothing"
    bench.desk.enroll_from_events([second.id], Person("", "4711"), known=True, by="tester")
    summary = bench.keeper.ask(lambda gallery: gallery.find("4711")).result(10)
    assert summary is not None
    assert (summary.person.name, summary.templates) == ("Eve", 2)


def test_a_picture_without_a_good_face_is_refused_and_the_others_are_taken(bench: Bench) -> None:
    blank = np.full((200, 200, 3), 90, np.uint8)
    good, bad = bench.keep(), bench.keep(picture=blank)
    with pytest.raises(Refused, match="no face was found"):
        bench.desk.enroll_from_events([bad.id], EVE, known=False, by="tester")
    enrolled = bench.desk.enroll_from_events([bad.id, good.id], EVE, known=False, by="tester")
    assert (enrolled.pictures, enrolled.refused) == (1, ("no face was found in the picture",))


def test_a_bystanders_face_is_never_enrolled(bench: Bench) -> None:
    event = bench.keep(crop=np.ascontiguousarray(bench.crop[::-1]))
    with pytest.raises(Refused, match="somebody else's"):
        bench.desk.enroll_from_events([event.id], EVE, known=False, by="tester")
    with pytest.raises(Refused, match="no longer there"):
        bench.desk.enroll_from_events([uuid7(0, bytes(10))], EVE, known=False, by="tester")


def test_what_is_put_aside_stays_so_over_a_restart_and_comes_back_when_asked(bench: Bench, sight: Sight) -> None:
    event, other = bench.keep(), bench.keep()
    bench.desk.dismiss([event.id], undo=False, by="tester")
    bench.keep(like=event)
    assert bench.listed() == [[other.id]], "the whole visit, whatever comes of it"
    bench.desk = bench.open_desk(sight)
    assert bench.listed() == [[other.id]]
    bench.desk.dismiss([event.id], undo=True, by="tester")
    assert len(bench.listed()[0]) == 2


def test_a_visit_that_became_known_is_not_listed(bench: Bench) -> None:
    event = bench.keep()
    end = replace(sample_event(99, outcome=Outcome.KNOWN, utc=time.time()), visit=event.visit)
    bench.keeper.keep((end,))
    bench.settle()
    assert bench.listed() == []


def test_a_damaged_picture_or_list_is_no_end_of_the_review(bench: Bench) -> None:
    bad, good = bench.keep(), bench.keep()
    (bench.folder / "review.json").write_bytes(b"\x00 not json")
    for path in (bench.folder / "shots").rglob(f"{bad.id}.crops"):
        path.write_bytes(b"\x00")
    assert bench.listed() == [[good.id]]


def test_a_device_that_ends_keeps_nobody_waiting(bench: Bench) -> None:
    bench.keep()
    bench.stop.set()
    for thread in bench.threads:
        thread.join(10)
    with pytest.raises(Unavailable):
        bench.desk.unknowns()


@pytest.mark.parametrize("listen", ["127.0.0.1", "127.0.0.7", "::1", "localhost"])
def test_on_loopback_there_is_a_review(listen: str) -> None:
    assert closed_review(HttpSettings(listen=listen)) is None


def test_it_can_be_switched_off() -> None:
    closed = closed_review(HttpSettings(review=False))
    assert closed is not None
    assert "http.review" in closed.remedy


def page_of(daemon: RunningDaemon) -> str:
    """The address that the daemon says in its log."""
    found = re.search(r"the page is at http://(\S+)/", daemon.log.read_text())
    assert found
    return f"http://{found[1]}"


def test_a_stranger_in_front_of_a_real_daemon_is_enrolled_from_the_page_and_known_at_once(
    tmp_path: Path, models_dir: Path, astronaut_path: Path
) -> None:
    settings: dict[str, Any] = {
        "http": {"port": 0},
        "visits": {"leave_s": 0.8, "reentry_s": 1.0},
        "cameras": {"door": {"kind": "demo", "photo": str(astronaut_path), "appear_s": 3.0, "absent_s": 3.0}},
    }

    def wait_for(page: httpx.Client, path: str, what: str) -> Any:
        until = time.monotonic() + 30
        while what not in (answer := page.get(path)).text:
            assert time.monotonic() < until, answer.text
            time.sleep(0.2)
        return answer.json()

    with running(tmp_path, models_dir, **settings) as daemon:
        daemon.ready()
        address = page_of(daemon)
        with closing(accounts_in(tmp_path / "state")) as accounts:
            key = signed_in(accounts, urlsplit(address).port or 0)
        with httpx.Client(base_url=address, timeout=20, headers={"Cookie": key.cookie}) as page:
            groups = wait_for(page, "/api/v1/console/review", '"event":')["groups"]
            visit = groups[0]["visits"][0]
            assert page.get(visit["picture"]).content.startswith(b"\xff\xd8")
            answer = page.post(
                "/api/v1/console/review/enroll",
                json={"events": [visit["event"]], "customer_person_id": "4711", "name": "Eileen"},
                headers={"Sec-Fetch-Site": "same-origin", "edged-token": key.word},
            )
            assert (answer.status_code, answer.json()["pictures"]) == (200, 1)
            assert visit["event"] not in page.get("/api/v1/console/review").text
            events = wait_for(page, "/api/v1/events", '"outcome":"known"')["events"]
        known = [entry["event"] for entry in events if entry["event"]["outcome"] == "known"]
        assert known[0]["best"]["person"]["name"] == "Eileen"
        assert key.word not in daemon.log.read_text()
