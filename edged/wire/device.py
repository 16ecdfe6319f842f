"""What a device says of itself: `info`, `health` and `index`, all retained."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from edged.wire.payload import Instant, Part, Payload


class ModelPart(Part):
    """A model in use."""

    role: str
    """`detector` or `embedder`."""
    name: str
    digest: str
    """sha256 of the model file."""


class Info(Payload):
    """What runs here. Published when it changes."""

    device: str
    boot: str
    """The boot that `seq` of the events counts in."""
    started: Instant
    versions: Mapping[str, str]
    """By package name: `edged`, `python`, `onnxruntime`, …"""
    models: tuple[ModelPart, ...]
    capabilities: tuple[str, ...]
    """Stable words for what this build and machine can do."""
    config: str
    """Digest of the configuration in force."""
    config_schema: str
    """Digest of the schema it was checked by."""
    restart_required: bool
    """An accepted change waits for a restart."""


class LifeState(StrEnum):
    """Where in its life the daemon is. Degraded is no state: it is ready, with conditions."""

    STARTING = "starting"
    READY = "ready"
    STOPPING = "stopping"


class ConditionPart(Part):
    """Something that is not as it should be. The same words stand in `systemctl status` and on the page."""

    name: str
    """A stable word for programs: `camera.door`, `broker`, `disk`, …"""
    what: str
    remedy: str
    since: Instant


class StageTimes(Part):
    """How long one stage took, over the last frames or events (512 at most), in milliseconds."""

    p50: float
    p95: float
    p99: float
    count: int = 0
    """How often it was measured since the start."""


class CameraHealth(Part):
    """How a camera's frames come in."""

    fps: float
    """Frames a second that were looked at."""
    frame_age_s: float | None
    """Seconds since the last frame; null where none has come yet."""
    dropped: int
    """Frames that a newer one replaced before anybody looked, since the start."""
    looked: int
    """Frames in which faces were looked for, since the start."""
    still: int
    """Frames that were passed over because nothing moved, since the start."""
    stages: Mapping[str, StageTimes] = {}
    """As in the whole; of this camera alone."""


class CentralPart(Part):
    """How sync with the centre stands."""

    revision: int
    """Of the centre's people, to which the device has followed it."""
    stale_s: float | None
    """Seconds since the device last had everything; null: not since its start."""
    shared: int
    """People whom the device and the centre both have."""
    queued: int
    """People and deletions that the centre is still to be told of."""
    held: int
    """People who were deleted at the centre and wait here for somebody's word."""
    roster: str
    """Digest of the shared people; equal where both know the same."""


class AuditPart(Part):
    """Where the audit log ends. Whoever keeps it can tell later whether the log on the device still holds it."""

    chain: str
    """Names the chain; another one begins where the former was damaged."""
    number: int
    """Of the newest entry."""
    hash: str
    """Of the newest entry, which is of all before it; SHA-256 in hexadecimal digits."""


class Health(Payload):
    """How it goes. Published every 30 to 60 seconds."""

    at: Instant
    state: LifeState
    uptime_s: float
    conditions: tuple[ConditionPart, ...]
    """Empty when all is well."""
    cameras: Mapping[str, CameraHealth]
    stages: Mapping[str, StageTimes]
    """Of all cameras together, by stage: `wait` from the capture until somebody looks, `look` until the faces are
    judged, `decide` from the capture to the decision, `publish` from there to the broker's acknowledgement."""
    queues: Mapping[str, int]
    """By queue, how many wait: `events` in the outbox; `events_unacknowledged`, where the hub's word is waited for, of
    these sent and not yet acknowledged by it; …"""
    events_dropped: int
    """Events that fell out of the full outbox before anybody had acknowledged them, ever."""
    faces_refused: Mapping[str, int]
    """Faces that were not good enough to be judged, by reason (`too_small`, `blurred`, …), since the start."""
    rss_mb: float
    """Resident memory of the daemon."""
    cpu_percent: float
    """Of one core, over the last interval; may pass 100."""
    temperature_c: float | None
    """Of the processor; null where it has no sensor."""
    disk_free_mb: float
    """On the file system of the state directory."""
    clock_synchronised: bool | None
    """Whether the times can be believed, as the kernel says; null where it does not."""
    central: CentralPart | None = None
    """Null on a device that stands alone."""
    audit: AuditPart | None = None
    """Null until it was opened."""


class IndexModel(Part):
    """The model whose embeddings the index holds."""

    name: str
    digest: str
    dimension: int


class Index(Payload):
    """Who can be recognised here. Published when it changes."""

    version: int
    """The `index` of the events."""
    digest: str
    """Of the people and templates; equal on two devices that know the same."""
    persons: int
    templates: int
    model: IndexModel
    watermark: int | None = None
    """Position in a centre's list of changes; null on a device that stands alone."""
    stale_s: float | None = None
    """Seconds since the device last had everything of the centre's, in whole minutes; null where it never had, and on a
    device that stands alone."""
