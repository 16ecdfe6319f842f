"""A request and its answer for each command, as docs/requests.md shows them."""

from __future__ import annotations

from typing import Any, Final

from edged.config.control import Command
from edged.domain.event import Outcome
from edged.measure.sample_event import ANNA, SAMPLE_UTC
from edged.wire.camera import CameraState, CameraStatus
from edged.wire.commands import booth, journal, looking, machine, people
from edged.wire.device import CentralPart, Health, Index, IndexModel, Info, LifeState, ModelPart
from edged.wire.event import BoxPart, PersonPart
from edged.wire.order import ErrorPart, Request, Response
from edged.wire.payload import Part, instant

NOW = instant(SAMPLE_UTC)
ENTRY = people.PersonEntry(
    customer_person_id="anna",
    id=ANNA.id,
    name="Anna Müller",
    email="anna@example.org",
    phone="",
    groups=("staff",),
    valid_from=None,
    valid_until=instant(SAMPLE_UTC + 86_400),
    notes="",
    photos=3,
    enrolled_at=instant(SAMPLE_UTC - 86_400),
)
LINE = journal.LogEntry(
    at=NOW, level="warning", logger="edged.runtime.conditions", message="camera.back: no frame for 5 s"
)
RECEIPT: Final = {
    "v": 1,
    "kind": "edged.deletion",
    "device": "door",
    "person": ANNA.id,
    "key_digest": "9f" * 32,
    "salt": "0f1e2d3c4b5a69788796a5b4c3d2e1f0",
    "requested": "2026-01-01T12:00:00Z",
    "completed": "2026-01-01T12:00:02Z",
    "revision": 13,
    "removed": {"templates": 3, "crops": 3, "events": 2, "pictures": 4, "backups": 1},
    "public_key": "ab" * 32,
    "signature": "cd" * 64,
}
HEALTH = Health(
    at=NOW,
    state=LifeState.READY,
    uptime_s=86_400.5,
    conditions=(),
    cameras={},
    stages={},
    queues={"events": 0},
    events_dropped=0,
    faces_refused={},
    rss_mb=141.2,
    cpu_percent=63.0,
    temperature_c=51.5,
    disk_free_mb=20_480.0,
    clock_synchronised=True,
)
INFO = Info(
    device="door",
    boot="b1",
    started=NOW,
    versions={"edged": "0.1.0", "python": "3.11.7"},
    models=(ModelPart(role="embedder", name="sface-2021dec-int8", digest="ab" * 32),),
    capabilities=("recognise", "enrol", "replay"),
    config="0123456789ab",
    config_schema="ba9876543210",
    restart_required=False,
)
INDEX = Index(
    version=12,
    digest="9f" * 32,
    persons=250,
    templates=1000,
    model=IndexModel(name="sface-2021dec-int8", digest="ab" * 32, dimension=128),
)

_ASKED: Final[dict[Command, dict[str, Any]]] = {
    "snapshot": {"camera": "front", "side": 320, "boxes": True},
    "identify": {"camera": "front", "seconds": 5.0},
    "enroll": {"customer_person_id": "anna", "name": "Anna Müller", "groups": ["staff"], "camera": "front"},
    "people_list": {"after": "", "most": 100},
    "people_get": {"customer_person_id": "anna"},
    "people_delete": {"customer_person_id": "anna"},
    "sync": {"wait_s": 5.0},
    "open_door": {"door": "entrance"},
    "photo": {},
    "log_level": {"room": "mqtt", "level": "debug", "publish": "info", "for_s": 600},
    "log_tail": {"lines": 100, "level": "warning"},
    "diagnostics": {"lines": 200},
    "models_list": {},
    "models_switch": {"embedder": "sface-2021dec-f32"},
    "restart": {},
    "reboot": {},
}

_ANSWERED: Final[dict[Command, Part]] = {
    "snapshot": looking.Snapshot(
        camera="front",
        at=NOW,
        width=320,
        height=240,
        jpeg="/9j/4AAQSkZJRgABAQAAAQ==",
        faces=(
            looking.SeenFace(
                track=2, box=BoxPart(x1=101.5, y1=40.0, x2=180.0, y2=140.5), outcome=Outcome.KNOWN, name="Anna Müller"
            ),
        ),
    ),
    "identify": looking.Identified(
        outcome=Outcome.KNOWN,
        why="the similarity is 0.70 of the 0.42 needed, ahead of everybody else by 0.31",
        camera="front",
        faces=(
            looking.IdentifiedFace(
                outcome=Outcome.KNOWN,
                person=PersonPart(id=ANNA.id, customer_person_id="anna", name="Anna Müller"),
                similarity=0.700012,
                confidence=0.9998,
                margin=0.31,
                threshold=0.423,
                frames=3,
                quality=0.812,
                box=BoxPart(x1=203.0, y1=80.0, x2=360.0, y2=281.0),
                why="the similarity is 0.70 of the 0.42 needed, ahead of everybody else by 0.31",
            ),
        ),
    ),
    "enroll": looking.Enrolled(
        customer_person_id="anna",
        id=ANNA.id,
        photos=2,
        pictures=(
            looking.EnrolledPicture(taken=True, quality=0.95),
            looking.EnrolledPicture(
                taken=True,
                quality=0.81,
                warnings=(
                    looking.Doubt(
                        reason="unlike_the_others",
                        what="it is unlike the person's other photographs (similarity 0.31)",
                        remedy="Look whether it shows the same person",
                    ),
                ),
            ),
        ),
    ),
    "people_list": people.PeopleListed(people=(ENTRY,), next=None, total=1),
    "people_get": people.PersonShown(person=ENTRY),
    "people_delete": people.PersonDeleted(customer_person_id="anna", id=ANNA.id, receipt=RECEIPT),
    "sync": machine.Synced(
        followed=True,
        central=CentralPart(revision=41, stale_s=0.2, shared=120, queued=0, held=0, roster="ab" * 32),
    ),
    "open_door": machine.DoorOpened(door="entrance", open_s=3.0),
    "photo": booth.PhotoTaken(
        photo="5b8f1f6e-2c1d-8a4b-9c3e-7d6f5a4b3c2d",
        event="019b796d-d600-7000-8000-050000000001",
        slug="gala",
        at=NOW,
        width=1920,
        height=1080,
        shown=True,
    ),
    "log_level": journal.LogLevels(
        document="info", everywhere=None, rooms={"mqtt": "debug"}, publish="info", until=instant(SAMPLE_UTC + 600)
    ),
    "log_tail": journal.LogTail(lines=(LINE,), left_out=0),
    "diagnostics": machine.Diagnostics(
        at=NOW,
        info=INFO,
        health=HEALTH,
        index=INDEX,
        cameras={"front": CameraStatus(state=CameraState.ONLINE, reason="", since=NOW)},
        config=machine.ConfigPart(
            digest="0123456789ab",
            source="/etc/edged/edged.yaml",
            effective={"mqtt": {"host": "broker.example", "password": "********"}},
            provenance={"mqtt.host": "file", "mqtt.password": "file"},
        ),
        machine=machine.MachinePart(
            system="Linux 6.6.62",
            architecture="aarch64",
            processors=4,
            memory_mb=4148,
            load=(0.71, 0.65, 0.6),
            disk_mb=31_000,
            disk_free_mb=20_480,
        ),
        threads={"judge 3": ("edged/runtime/judge.py:102 run", "edged/runtime/judge.py:110 run_once")},
        log=(LINE,),
    ),
    "models_list": machine.ModelsListed(
        models=(
            machine.ModelEntry(
                name="sface-2021dec-int8",
                role="embedder",
                family="sface",
                runtime="onnx",
                state="built",
                in_use=True,
                sha256="ab" * 32,
                licence="Apache-2.0",
                people=250,
            ),
        )
    ),
    "models_switch": machine.ModelsSwitched(
        embedder="sface-2021dec-f32", former="sface-2021dec-int8", made=1000, people=250, left_out=()
    ),
    "restart": machine.Restarted(boot="b2", asked=instant(SAMPLE_UTC - 4)),
    "reboot": machine.Restarted(boot="b2", asked=instant(SAMPLE_UTC - 40)),
}


def _transaction(command: Command) -> str:
    return f"{command.replace('_', '-')}-1"


REQUESTS: Final[dict[Command, Request]] = {
    command: Request(transaction=_transaction(command), data=data) for command, data in _ASKED.items()
}
RESPONSES: Final[dict[Command, Response]] = {
    command: Response(
        transaction=_transaction(command),
        device="door",
        command=command,
        status="ok",
        at=NOW,
        data=data.model_dump(mode="json"),
    )
    for command, data in _ANSWERED.items()
}
REFUSED = Response(
    transaction="reboot-2",
    device="door",
    command="reboot",
    status="error",
    at=NOW,
    error=ErrorPart(
        code="not_allowed",
        message="this device does not follow reboot: it is not in control.allow",
        remedy="Add it to control.allow in the device's own file",
    ),
)
SAID = journal.LogLine(
    at=NOW, level="warning", logger="edged.runtime.conditions", message="camera.back: no frame for 5 s", dropped=0
)
