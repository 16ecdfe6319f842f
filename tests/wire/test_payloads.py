"""The bytes on the wire are a contract: a change here is a change for every reader out there."""

import json
import re
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError as SchemaMismatch

from edged.control.signing import sealed
from edged.domain.door import Alarm, Contact, DoorAlarm, DoorState, Mode
from edged.domain.event import Outcome
from edged.domain.frame import Moment
from edged.domain.passage import Verdict
from edged.measure.sample_event import ANNA, SAMPLE_UTC, sample_event
from edged.measure.sample_passage import sample_passage
from edged.wire.availability import Availability
from edged.wire.camera import CameraState, CameraStatus, Presence
from edged.wire.device import (
    AuditPart,
    CameraHealth,
    CentralPart,
    ConditionPart,
    Health,
    Index,
    IndexModel,
    Info,
    LifeState,
    ModelPart,
    StageTimes,
)
from edged.wire.door import alarm_of, status_of
from edged.wire.event import PersonPart, message_of, record_of
from edged.wire.event_ack import EventAck
from edged.wire.feed import Announcement
from edged.wire.order import Request, Sealed
from edged.wire.payload import Payload, instant
from edged.wire.record import message_of as record_message
from edged.wire.reported import ProblemPart, Reported, ReportStatus
from edged.wire.schemas import schemas

GOLDEN = Path(__file__).parent / "golden"
UNDOCUMENTED = {"event-unknown", "passage-refused"}
"""They look like others of their kind."""
PAYLOADS: dict[str, Payload] = {
    "alarm": record_message(
        alarm_of(DoorAlarm("01", "front-door", Alarm.HELD_TOO_LONG, on=True, at=Moment(5.0, SAMPLE_UTC)), "02"),
        device="door",
        boot="b1",
        seq=1,
        published=SAMPLE_UTC + 0.25,
        replayed=False,
    ),
    "door": status_of(
        DoorState("front-door", Mode.NORMAL, Contact.OPEN, True, True, (Alarm.HELD_TOO_LONG,), Moment(5.0, SAMPLE_UTC))
    ),
    "passage-granted": record_message(
        sample_passage(3), device="door", boot="b1", seq=3, published=SAMPLE_UTC + 0.25, replayed=False
    ),
    "passage-refused": record_message(
        sample_passage(4, verdict=Verdict.REFUSED),
        device="door",
        boot="b1",
        seq=4,
        published=SAMPLE_UTC + 90.0,
        replayed=True,
    ),
    "ack": EventAck(ids=(sample_event(2).id, sample_event(1).id)),
    "event-known": message_of(
        record_of(sample_event(2, outcome=Outcome.KNOWN)),
        device="door",
        boot="b1",
        seq=7,
        published=SAMPLE_UTC + 0.25,
        replayed=False,
    ),
    "event-unknown": message_of(
        record_of(sample_event(1)), device="door", boot="b1", seq=8, published=SAMPLE_UTC + 90.0, replayed=True
    ),
    "health": Health(
        at=instant(SAMPLE_UTC),
        state=LifeState.READY,
        uptime_s=86_400.5,
        conditions=(
            ConditionPart(
                name="camera.back",
                what="camera back gives no frames",
                remedy="Look at its cable",
                since=instant(SAMPLE_UTC - 60),
            ),
        ),
        cameras={
            "front": CameraHealth(
                fps=14.9,
                frame_age_s=0.04,
                dropped=3,
                looked=1200,
                still=80,
                stages={
                    "wait": StageTimes(p50=2.9, p95=9.0, p99=31.5, count=1200),
                    "look": StageTimes(p50=27.4, p95=36.1, p99=52.0, count=1200),
                    "decide": StageTimes(p50=41.0, p95=77.5, p99=120.0, count=64),
                    "publish": StageTimes(p50=6.2, p95=18.8, p99=40.0, count=62),
                },
            ),
            "back": CameraHealth(fps=0.0, frame_age_s=None, dropped=0, looked=0, still=0),
        },
        stages={
            "wait": StageTimes(p50=2.9, p95=9.0, p99=31.5, count=1200),
            "look": StageTimes(p50=27.4, p95=36.1, p99=52.0, count=1200),
            "decide": StageTimes(p50=41.0, p95=77.5, p99=120.0, count=64),
            "publish": StageTimes(p50=6.2, p95=18.8, p99=40.0, count=62),
        },
        queues={"events": 2},
        events_dropped=0,
        faces_refused={"too_small": 4},
        rss_mb=141.2,
        cpu_percent=63.0,
        temperature_c=None,
        disk_free_mb=20_480.0,
        clock_synchronised=True,
        central=CentralPart(revision=41, stale_s=12.5, shared=120, queued=1, held=0, roster="ab" * 32),
        audit=AuditPart(chain="0190f1e2-0000-7000-8000-0000000000a1", number=4711, hash="7c" * 32),
    ),
    "index": Index(
        version=12,
        digest="9f" * 32,
        persons=250,
        templates=1000,
        model=IndexModel(name="sface-2021dec-int8", digest="ab" * 32, dimension=128),
    ),
    "info": Info(
        device="door",
        boot="b1",
        started=instant(SAMPLE_UTC),
        versions={"edged": "0.1.0", "python": "3.11.7"},
        models=(ModelPart(role="embedder", name="sface-2021dec-int8", digest="ab" * 32),),
        capabilities=("onnxruntime.cpu",),
        config="cd" * 32,
        config_schema="ef" * 32,
        restart_required=False,
    ),
    "presence": Presence(
        at=instant(SAMPLE_UTC),
        total=2,
        known=1,
        unknown=1,
        undecided=0,
        people=(PersonPart(id=ANNA.id, customer_person_id="anna", name="Anna Müller"),),
    ),
    "reported": Reported(
        at=instant(SAMPLE_UTC),
        source="group:doors",
        version=7,
        token="2026-01-margins",
        by="anna",
        status=ReportStatus.REVERTED,
        problems=(
            ProblemPart(path="cameras.front", message="the camera gives no pictures: it cannot be reached"),
            ProblemPart(path="decision.margin", message="is too large", got="7", allowed="below 1"),
        ),
        overruled=("log.level",),
        config="0123456789ab",
        versions={"group:doors": 6, "device": 3},
        effective={"decision": {"margin": 0.03}, "mqtt": {"password": "********"}},
        provenance={"decision.margin": "default", "log.level": "pushed", "mqtt.password": "file"},
    ),
    "revision": Announcement(epoch="0f1e2d3c4b5a69788796a5b4c3d2e1f0", revision=4711),
    "sealed": Sealed.model_validate_json(
        sealed(
            Request(transaction="t-1", by="anna", expires=instant(SAMPLE_UTC + 60)),
            "request/open_door",
            "door",
            Ed25519PrivateKey.from_private_bytes(bytes(range(32))),
        )
    ),
    "status": CameraStatus(state=CameraState.OFFLINE, reason="no frame for 5 s", since=instant(SAMPLE_UTC)),
}


@pytest.mark.parametrize("name", PAYLOADS)
def test_bytes_are_those_of_the_golden_file(name: str) -> None:
    assert PAYLOADS[name].encoded() + b"\n" == (GOLDEN / f"{name}.json").read_bytes()


def test_every_golden_file_is_checked() -> None:
    assert {path.stem for path in GOLDEN.iterdir()} == set(PAYLOADS)


@pytest.mark.parametrize("name", PAYLOADS)
def test_golden_files_fit_the_exported_schema(name: str) -> None:
    schema = schemas()[name.split("-", maxsplit=1)[0]]
    Draft202012Validator.check_schema(schema)
    document = json.loads((GOLDEN / f"{name}.json").read_bytes())
    Draft202012Validator(schema).validate(document)
    with pytest.raises(SchemaMismatch):
        Draft202012Validator(schema).validate(document | {"v": 2})


def test_a_person_without_a_name_has_no_name_key() -> None:
    assert json.loads(PersonPart(id="x", customer_person_id="7").model_dump_json()) == {
        "id": "x",
        "customer_person_id": "7",
    }
    Draft202012Validator(schemas()["event"]["$defs"]["PersonPart"]).validate({"id": "x", "customer_person_id": "7"})


def test_times_are_utc_with_milliseconds() -> None:
    eastern = timezone(timedelta(hours=2))
    status = CameraStatus(
        state=CameraState.ONLINE, reason="", since=datetime(2026, 1, 1, 14, 0, 0, 123_999, tzinfo=eastern)
    )
    assert json.loads(status.encoded())["since"] == "2026-01-01T12:00:00.123Z"
    assert CameraStatus.model_validate_json(status.encoded()).since.tzinfo is not None
    assert instant(SAMPLE_UTC) == datetime(2026, 1, 1, 12, tzinfo=UTC)


def test_availability_is_a_plain_word() -> None:
    assert [str(word) for word in Availability] == ["online", "stopped", "offline"]


def test_the_examples_in_the_documentation_are_the_golden_files() -> None:
    documentation = (Path(__file__).parents[2] / "docs" / "mqtt.md").read_text()
    examples = re.findall(r"^```json\n(.*?)^```", documentation, re.MULTILINE | re.DOTALL)
    golden = [json.loads(path.read_bytes()) for path in GOLDEN.iterdir() if path.stem not in UNDOCUMENTED]
    assert sorted(map(json.dumps, map(json.loads, examples))) == sorted(map(json.dumps, golden))
