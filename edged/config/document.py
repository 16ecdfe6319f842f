"""THE document: everything that can be set, with its default, its bounds and what a change costs."""

from __future__ import annotations

import socket
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import Field, SecretStr, StringConstraints, model_validator

from edged.config.access import AccessSettings
from edged.config.audit import AuditSettings
from edged.config.cameras import CameraSettings
from edged.config.central import CentralSettings
from edged.config.control import ControlSettings
from edged.config.field import AbsolutePath, Section, live, models, restart
from edged.config.home_assistant import HomeAssistantSettings
from edged.config.kiosk import KioskSettings
from edged.config.loopback import is_loopback
from edged.config.objectives import ObjectiveSettings
from edged.config.photos import PhotoSettings

CameraName = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9_-]{0,31}$")]
DeviceName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$")]
ModelName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$")]


def _host_name() -> str:
    """This machine's name, made fit for an MQTT topic."""
    name = "".join(letter if letter.isalnum() or letter == "-" else "-" for letter in socket.gethostname())
    return name.strip("-")[:64] or "edged"


class DeviceSettings(Section):
    """Who this device is."""

    name: DeviceName = restart(default_factory=_host_name, examples=["entrance"])
    """In topics and lists; the host's name unless set."""
    state: AbsolutePath = restart(Path("/var/lib/edged"), file_only=True)
    """The directory for everything that must survive a restart."""


class ModelSettings(Section):
    """Which models to use and where to run them."""

    directory: AbsolutePath = models(Path("/opt/edged/models"))
    """Where the manifests and the built models lie."""
    detector: ModelName = models("yunet-2023mar")
    """Name of the detector's manifest."""
    embedder: ModelName = models("sface-2021dec-int8")
    """Name of the embedder's manifest."""
    liveness: ModelName | None = models(None)
    """Name of the manifest of a model that tells living faces from pictures, for doors with `liveness: passive`. None
    is shipped."""
    providers: tuple[Literal["tensorrt", "cuda", "openvino", "cpu"], ...] = models(
        ("cpu",), min_length=1, max_length=8, strict=False
    )
    """onnxruntime providers by preference; one that is missing becomes a condition in the health."""
    edgetpu: AbsolutePath | None = models(None, file_only=True)
    """Path of the Edge TPU delegate library, for TFLite models."""
    threads: int = models(2, ge=1, le=64)
    """Threads of one inference."""
    detect_long_side: int = models(640, ge=160, le=3840)
    """Frames are scaled so that the longer side has at most so many pixels before faces are looked for."""


class QualitySettings(Section):
    """When a face is good enough to be judged. Each refusal is counted by its reason."""

    min_eye_distance: float = live(16.0, ge=4, le=500)
    """Pixels between the eyes."""
    min_sharpness: float = live(8.0, ge=0, le=10_000)
    """Variance of the Laplacian of the aligned face."""
    max_yaw: float = live(0.9, gt=0, le=2)
    """How far a head may be turned sideways: 0 frontal, about 1 at profile."""
    max_pitch: float = live(0.4, gt=0, le=2)
    """How far it may nod, same scale."""
    min_light: float = live(25.0, ge=0, le=255)
    """Mean grey of the aligned face, at least."""
    max_light: float = live(210.0, ge=0, le=255)
    """Mean grey of the aligned face, at most."""
    min_contrast: float = live(10.0, ge=0, le=128)
    """Standard deviation of that grey."""

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        if self.min_light >= self.max_light:
            raise ValueError("min_light must be below max_light")
        return self


class DecisionSettings(Section):
    """How frames become an answer."""

    target_fpir: float = live(1e-3, gt=0, le=0.1)
    """The accepted chance that a stranger's visit is taken for anyone enrolled. The threshold follows from it, from
    the number of people and templates, from the model's curve and from how alike the enrolled people are."""
    threshold: float | None = live(None, gt=0, lt=1)
    """A fixed cosine instead of the one that follows from target_fpir; at a door, where it is the higher one."""
    margin: float = live(0.03, ge=0, lt=1)
    """By how much the best person must be ahead of the second."""
    look_alike_margin: float = live(0.08, ge=0, lt=1)
    """By how much somebody who has a look-alike among the enrolled must be ahead of that one."""
    frames: int = live(3, ge=1, le=30)
    """Good frames of a face that vote before an answer is given."""
    patience_s: float = live(2.0, gt=0, le=30)
    """Without enough good frames for so long, the answer is `undecided`."""
    look_again_s: float = live(1.0, ge=0, le=60)
    """Once decided, a face is compared again only so often."""
    min_face_score: float = live(0.7, gt=0, lt=1)
    """The detector's certainty below which a face is ignored."""


class VisitSettings(Section):
    """What one visit is."""

    leave_s: float = live(1.5, gt=0, le=60)
    """A face unseen for so long has left the picture."""
    reentry_s: float = live(10.0, ge=0, le=3600)
    """Whoever comes back within so many seconds continues the same visit."""
    update_s: float = live(30.0, ge=1, le=3600)
    """A long visit is reported again so often."""


class StrangerSettings(Section):
    """Whether somebody who is not enrolled and comes again is told to be the same. Faces are held in memory only; a
    restart forgets everybody.
    """

    enabled: bool = live(False)
    """Give unknown visitors a made-up word by which their visits can be told apart. It stays on the device."""
    remember_hours: float = live(24.0, gt=0, le=168)
    """Whoever was not seen for so long is forgotten."""
    rotate_hours: float = live(24.0, gt=0, le=168)
    """After so long everybody is forgotten and all words change; no word can be linked to one from before."""
    at_most: int = live(200, ge=1, le=1000)
    """So many are remembered; above, whoever was not seen for longest is forgotten. The more, the more alike two visits
    must be."""

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        if self.remember_hours > self.rotate_hours:
            raise ValueError("remember_hours must not be above rotate_hours: a rotation forgets everybody")
        return self


class GallerySettings(Section):
    """The index of people."""

    exact_below: int = live(4000, ge=0, le=1_000_000)
    """Up to so many templates every lookup compares with all of them; above, an index narrows it where that pays."""
    trees: int = live(50, ge=1, le=1000)
    """Annoy trees a build makes."""
    rebuild_after: int = live(512, ge=1, le=100_000)
    """Templates enrolled since the last build that are searched exactly before a new build begins."""
    min_recall: float = live(0.999, gt=0.5, le=1)
    """A build that finds fewer of the true nearest people than this is not used."""


class BrokerSettings(Section):
    """A broker, and how to get in."""

    enabled: bool = restart(False)
    """Speak to a broker."""
    host: str = restart("localhost", min_length=1, max_length=253)
    """Its name or address."""
    port: int = restart(1883, ge=1, le=65535)
    """Its port; 8883 is usual with TLS."""
    username: str | None = restart(None, max_length=256)
    """Where the broker asks for one."""
    password: SecretStr | None = restart(None)
    """Shown to nobody; `password_file` keeps it out of the document altogether."""
    password_file: AbsolutePath | None = restart(None, file_only=True)
    """Read instead of `password`, so that the document holds no secret."""
    tls: bool = restart(False)
    """Encrypt, and check who the broker is."""
    ca_file: AbsolutePath | None = restart(None)
    """The authority that signed the broker's certificate; the system's own where absent."""
    cert_file: AbsolutePath | None = restart(None)
    """A client certificate, where the broker asks for one."""
    key_file: AbsolutePath | None = restart(None)
    """The key of that certificate."""
    protocol: Literal["5", "3.1.1"] = restart("5")
    """The version of MQTT; a text, so in quotes."""
    prefix: str = restart("edged", pattern=r"^[A-Za-z0-9_-]+(/[A-Za-z0-9_-]+)*$", max_length=64)
    """First part of every topic."""
    keepalive_s: int = restart(20, ge=5, le=600)
    """Seconds of silence after which the two ask each other for a sign of life."""

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        if self.password is not None and self.password_file is not None:
            raise ValueError("give password or password_file, not both")
        if (self.cert_file is None) != (self.key_file is None):
            raise ValueError("cert_file and key_file go together")
        if self.cert_file is not None and not self.tls:
            raise ValueError("a client certificate needs tls: true")
        return self


class MqttSettings(BrokerSettings):
    """The broker."""

    enabled: bool = restart(True, file_only=True)
    """Speak to a broker; false: events stay on the device."""
    inflight: int = restart(20, ge=1, le=100)
    """Events under way to the broker at once."""
    acknowledged_by: Literal["broker", "hub"] = restart("broker")
    """Whose word lets an event leave the device. A broker that is killed forgets some of what it has taken; hub: an
    event is kept and sent again until your edged hub has it on its disk, which needs mqtt.events: true in hub.yaml."""


class EventSettings(Section):
    """What is kept and sent of what happened."""

    max_pending: int = live(300_000, ge=100, le=10_000_000)
    """Events, passages and alarms kept while the broker is away, about 1 kB each; above, the oldest are dropped,
    counted and reported. The default holds two weeks of a busy door."""
    max_age_days: float = live(30.0, gt=0, le=3650)
    """Events and best shots are kept so long, sent or not."""
    max_shots_mb: int = live(512, ge=1, le=1_000_000)
    """Disk space for best shots; the oldest go first."""
    keep_shots: bool = live(True)
    """Keep the best shot of each visit, so that `edged replay` can show why."""
    publish_image: bool = live(False)
    """Also publish the best shot's JPEG under image/<event>."""


class PrivacySettings(Section):
    """What is kept of people, and how it is locked."""

    key_file: AbsolutePath | None = restart(None, file_only=True)
    """The device's key, 64 hexadecimal digits, best on a medium of its own. Without it systemd's credential `edged.key`
    is used, else a key that is made in the state directory."""
    keep_crops: bool = live(True)
    """Keep the aligned face of each enrolled photograph, encrypted, so that another model can be used without enrolling
    everybody again."""
    unknown_days: float = live(7.0, gt=0, le=3650)
    """Pictures of people who are not enrolled are kept so long at most, for the review."""
    backups: int = live(3, ge=1, le=100)
    """Backups of the people kept on the device; encrypted, and rid of whoever is deleted."""


class HttpSettings(Section):
    """The device's own pages, for whoever has signed in: `edged account`."""

    enabled: bool = restart(True)
    """Serve it."""
    listen: str = restart("127.0.0.1", min_length=1, max_length=253)
    """Address to listen on; beyond this machine with a certificate only."""
    review: bool = restart(True)
    """Let the page enrol people from unknown visits."""
    port: int = restart(8765, ge=0, le=65535)
    """0: any that is free."""
    certificate: AbsolutePath | None = restart(None, file_only=True)
    """Whom browsers take this device for, PEM; with it, HTTPS is spoken."""
    key: AbsolutePath | None = restart(None, file_only=True)
    """The key of that certificate, without a password."""

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        if (self.certificate is None) != (self.key is None):
            raise ValueError("certificate and key go together")
        if self.enabled and self.certificate is None and not is_loopback(self.listen):
            raise ValueError("without a certificate, listen must be an address of this machine alone")
        return self


class ApiSettings(Section):
    """Interfaces for clients of FindFace and miiCloud, which speak of this device's own people."""

    enabled: bool = restart(False)
    """Serve them."""
    listen: str = restart("127.0.0.1", min_length=1, max_length=253)
    """Address to listen on; beyond this machine with a certificate only."""
    port: int = restart(8766, ge=0, le=65535)
    """0: any that is free."""
    certificate: AbsolutePath | None = restart(None, file_only=True)
    """Whom clients take this device for, PEM; with it, HTTPS is spoken."""
    key: AbsolutePath | None = restart(None, file_only=True)
    """The key of that certificate, without a password."""
    tokens: AbsolutePath | None = restart(None, file_only=True)
    """A file with a line for each token, as `edged api token` prints them; it is read again when it changes."""
    known: float = restart(0.9, ge=0, le=1)
    """The confidence from which miiCloud calls a face known."""
    v0_threshold: float = restart(0.75, ge=0, le=1)
    """The confidence that FindFace v0 asks for where a client sends no threshold."""
    v1_threshold: float = restart(0.569, ge=0, le=1)
    """The same of v1."""
    fail_as_200: bool = restart(False)
    """miiCloud's failures have the status 200, for clients that look at the field `status` only."""

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        if (self.certificate is None) != (self.key is None):
            raise ValueError("certificate and key go together")
        if self.enabled and self.tokens is None:
            raise ValueError("tokens must name a file: nobody is let in without a token")
        if self.enabled and self.certificate is None and not is_loopback(self.listen):
            raise ValueError("without a certificate, listen must be an address of this machine alone")
        return self


class LogSettings(Section):
    """What is written to the journal."""

    level: Literal["debug", "info", "warning", "error"] = live("info")
    """This and whatever is more serious."""


class Document(Section):
    """The whole configuration of one device."""

    device: DeviceSettings = Field(default_factory=DeviceSettings)
    models: ModelSettings = Field(default_factory=ModelSettings)
    cameras: dict[CameraName, CameraSettings] = Field(
        default_factory=dict, max_length=32, json_schema_extra={"additionalProperties": False}
    )
    """One entry a camera, by its name."""
    quality: QualitySettings = Field(default_factory=QualitySettings)
    decision: DecisionSettings = Field(default_factory=DecisionSettings)
    visits: VisitSettings = Field(default_factory=VisitSettings)
    strangers: StrangerSettings = Field(default_factory=StrangerSettings)
    gallery: GallerySettings = Field(default_factory=GallerySettings)
    access: AccessSettings = Field(default_factory=AccessSettings)
    kiosk: KioskSettings = Field(default_factory=KioskSettings)
    audit: AuditSettings = Field(default_factory=AuditSettings)
    mqtt: MqttSettings = Field(default_factory=MqttSettings)
    events: EventSettings = Field(default_factory=EventSettings)
    privacy: PrivacySettings = Field(default_factory=PrivacySettings)
    http: HttpSettings = Field(default_factory=HttpSettings)
    api: ApiSettings = Field(default_factory=ApiSettings)
    photos: PhotoSettings = Field(default_factory=PhotoSettings)
    central: CentralSettings = Field(default_factory=CentralSettings)
    control: ControlSettings = Field(default_factory=ControlSettings)
    objectives: ObjectiveSettings = Field(default_factory=ObjectiveSettings)
    homeassistant: HomeAssistantSettings = Field(default_factory=HomeAssistantSettings)
    log: LogSettings = Field(default_factory=LogSettings)

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        for name, door in self.access.doors.items():
            if door.camera and door.camera not in self.cameras:
                raise ValueError(f"access.doors.{name}.camera names a camera that is not there: {door.camera}")
        if self.kiosk.door and self.kiosk.door not in self.access.doors:
            raise ValueError(f"kiosk.door names a door that is not there: {self.kiosk.door}")
        if self.photos.sync.enabled and self.central.kind != "hub":
            raise ValueError("photos.sync is with a centre of the kind hub: set central.kind and central.url")
        if self.photos.camera and self.photos.camera not in self.cameras:
            raise ValueError(f"photos.camera names a camera that is not there: {self.photos.camera}")
        return self
