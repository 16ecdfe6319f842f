"""What a booth and its hub tell each other of events: each thing as it is kept now, by an id that both know."""

from __future__ import annotations

import base64
from dataclasses import asdict
from typing import Annotated, Final

from pydantic import Field, StringConstraints

from edged.domain.person import ModelRef
from edged.domain.rect import Rect
from edged.photos.admission import LATEST, MOST_CONSENT, MOST_NAME
from edged.photos.album import EventPlan, Features, Tally, Terms
from edged.photos.kept import ChangeKind, KeptEvent, KeptPhoto, KeptPurge, KeptSearch
from edged.photos.photo import Photo, PhotoFace, Source, Standing
from edged.photos.photo_format import clean_filename
from edged.photos.search import Probe, Search
from edged.wire.album import TallyItem
from edged.wire.feed import read_vector, written
from edged.wire.payload import Part, Payload

MOST_CHANGES: Final = 1000
MOST_SMALL_BYTES: Final = 2 * 2**20
"""Of a preview, and of a thumbnail."""
_MOST_FACES: Final = 2000
_MOST_FOUND: Final = 100_000

_Slug = Annotated[str, StringConstraints(pattern=r"^[a-z0-9-]{1,64}$")]
_Uuid = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$")]
_Sha256 = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
_Vector = Annotated[str, StringConstraints(max_length=16_384)]
_Seconds = Annotated[float, Field(ge=0, le=LATEST)]
"""UTC seconds since the epoch, with all digits: what is compared must not be rounded."""
_Small = Annotated[str, StringConstraints(max_length=MOST_SMALL_BYTES * 4 // 3 + 4)]
_Edge = Annotated[int, Field(ge=-1_000_000, le=1_000_000)]
_Revision = Annotated[int, Field(ge=0, le=2**53)]
"""How often it was changed; see `edged.photos.kept`."""
_Pixels = Annotated[int, Field(ge=1, le=1_000_000)]


class ChangeItem(Part):
    """Something is not as it was: to be asked for as it is now, which may be gone."""

    kind: ChangeKind
    event: str
    """Its event's id."""
    id: str


class AlbumChanges(Payload):
    """What has changed, the oldest first."""

    cursor: str
    """Ask for what comes after this next."""
    more: bool
    """There is more: ask at once."""
    changes: tuple[ChangeItem, ...]


class KeptEventItem(Payload):
    """An event as it is kept."""

    id: _Uuid
    slug: _Slug
    name: Annotated[str, StringConstraints(min_length=1, max_length=MOST_NAME)]
    enabled: bool
    selfie_search: bool
    name_search: bool
    downloads: bool
    threshold: Annotated[float, Field(ge=0, le=1)]
    consent: Annotated[str, StringConstraints(max_length=MOST_CONSENT)]
    consent_version: Annotated[int, Field(ge=1, le=1_000_000)]
    revision: _Revision
    closes: _Seconds | None
    expires: _Seconds | None
    closed: _Seconds | None
    keeps_selfies: bool
    keeps_originals: bool
    is_moderated: bool
    forgets_faces: bool

    @classmethod
    def of(cls, event: KeptEvent) -> KeptEventItem:
        features, terms = event.plan.features, event.plan.terms
        return cls(
            id=event.id,
            slug=event.slug,
            name=event.plan.name,
            enabled=features.enabled,
            selfie_search=features.selfie_search,
            name_search=features.name_search,
            downloads=features.downloads,
            threshold=event.plan.threshold,
            consent=terms.consent,
            consent_version=event.consent_version,
            revision=event.revision,
            closes=terms.closes,
            expires=terms.expires,
            closed=event.closed,
            keeps_selfies=terms.keeps_selfies,
            keeps_originals=terms.keeps_originals,
            is_moderated=terms.is_moderated,
            forgets_faces=terms.forgets_faces,
        )

    @property
    def kept(self) -> KeptEvent:
        features = Features(self.enabled, self.selfie_search, self.name_search, self.downloads)
        terms = Terms(
            self.consent,
            self.closes,
            self.expires,
            self.keeps_selfies,
            self.keeps_originals,
            self.is_moderated,
            self.forgets_faces,
        )
        plan = EventPlan(self.name, features, self.threshold, terms)
        return KeptEvent(self.id, self.slug, plan, self.closed, self.consent_version, self.revision)


class KeptPurgeItem(Payload):
    """What was removed of an event that is purged, here and now or formerly."""

    event: _Uuid
    at: _Seconds
    tally: TallyItem

    @classmethod
    def of(cls, kept: KeptPurge) -> KeptPurgeItem:
        return cls(event=kept.event, at=kept.at, tally=TallyItem(**asdict(kept.tally)))

    @property
    def kept(self) -> KeptPurge:
        return KeptPurge(self.event, self.at, Tally(**self.tally.model_dump(exclude={"v"})))


class ModelItem(Part):
    """Who made vectors."""

    name: Annotated[str, StringConstraints(max_length=128)]
    digest: _Sha256
    dimension: Annotated[int, Field(ge=1, le=4096)]

    @classmethod
    def of(cls, model: ModelRef) -> ModelItem:
        return cls(name=model.name, digest=model.digest, dimension=model.dimension)

    @property
    def ref(self) -> ModelRef:
        return ModelRef(self.name, self.digest, self.dimension)


class KeptFaceItem(Part):
    """A face in a photograph."""

    box: tuple[_Edge, _Edge, _Edge, _Edge]
    """Left, top, right and bottom in pixels of the photograph as it is seen."""
    vector: _Vector
    """Base64 of float32 numbers, little-endian."""


class KeptPhotoItem(Payload):
    """A photograph as it is kept, without its files."""

    id: _Uuid
    digest: _Sha256
    """Of the file as it came."""
    filename: Annotated[str, StringConstraints(min_length=1, max_length=160)]
    width: _Pixels
    height: _Pixels
    taken: Annotated[float, Field(ge=-LATEST, le=LATEST)] | None
    added: _Seconds
    size: Annotated[int, Field(ge=1, le=2**31)]
    media_type: Annotated[str, StringConstraints(pattern=r"^image/(jpeg|png|webp)$")]
    standing: Standing
    source: Source
    model: ModelItem | None
    """None where there is no face."""
    faces: Annotated[tuple[KeptFaceItem, ...], Field(max_length=_MOST_FACES)]
    revision: _Revision

    @classmethod
    def of(cls, kept: KeptPhoto) -> KeptPhotoItem:
        photo = kept.photo
        return cls(
            id=photo.id,
            digest=kept.digest,
            filename=photo.filename,
            width=photo.width,
            height=photo.height,
            taken=photo.taken,
            added=photo.added,
            size=photo.size,
            media_type=photo.media_type,
            standing=photo.standing,
            source=photo.source,
            revision=kept.revision,
            model=ModelItem.of(kept.model) if kept.model else None,
            faces=tuple(
                KeptFaceItem(
                    box=(face.box.left, face.box.top, face.box.right, face.box.bottom), vector=written(face.vector)
                )
                for face in kept.faces
            ),
        )

    @property
    def kept(self) -> KeptPhoto:
        """Raises Refused `bad_vector`."""
        photo = Photo(
            self.id,
            clean_filename(self.filename, self.media_type),
            self.width,
            self.height,
            self.taken,
            self.added,
            self.size,
            self.media_type,
            self.standing,
            self.source,
        )
        model = self.model.ref if self.model else None
        if model is None:
            return KeptPhoto(photo, self.digest, (), None, self.revision)
        faces = [PhotoFace(Rect(*face.box), read_vector(face.vector, model.dimension)) for face in self.faces]
        return KeptPhoto(photo, self.digest, faces, model, self.revision)


class PhotoPut(KeptPhotoItem):
    """A photograph with its smaller files, where they are not there yet."""

    preview: _Small = ""
    """Base64 of a JPEG; empty: it is not sent."""
    thumbnail: _Small = ""


class PhotoTaken(Payload):
    """What came of it."""

    needs: tuple[str, ...]
    """Files that are still wanted: `preview` and `thumbnail` with the photograph, `original` by itself."""


class KeptSearchItem(Payload):
    """A search as it is kept."""

    request_id: _Uuid
    confidence: Annotated[float, Field(ge=0, le=1)]
    photos: Annotated[tuple[_Uuid, ...], Field(max_length=_MOST_FOUND)]
    denied: Annotated[tuple[_Uuid, ...], Field(max_length=_MOST_FOUND)]
    model: ModelItem | None
    vector: _Vector | None
    consent: Annotated[int, Field(ge=1, le=1_000_000)] | None
    done: _Seconds
    renewals: Annotated[int, Field(ge=0, le=2**31)]

    @classmethod
    def of(cls, kept: KeptSearch) -> KeptSearchItem:
        search = kept.search
        return cls(
            request_id=search.request_id,
            confidence=search.confidence,
            photos=search.photos,
            denied=kept.denied,
            model=ModelItem.of(search.probe.model) if search.probe else None,
            vector=written(search.probe.vector) if search.probe else None,
            consent=search.consent,
            done=search.done,
            renewals=kept.renewals,
        )

    @property
    def kept(self) -> KeptSearch:
        """Raises Refused `bad_vector`."""
        probe = None
        if self.model is not None and self.vector is not None:
            probe = Probe(read_vector(self.vector, self.model.dimension), self.model.ref)
        search = Search(self.request_id, self.confidence, self.photos, probe, self.consent, self.done)
        return KeptSearch(search, self.renewals, self.denied)


def as_text(content: bytes) -> str:
    """A small file as it is written."""
    return base64.b64encode(content).decode()


def as_file(text: str) -> bytes:
    """A small file as it was written. Raises ValueError where it was not."""
    return base64.b64decode(text, validate=True)
