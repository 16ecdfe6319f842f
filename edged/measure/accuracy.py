"""The accuracy of an embedder on a photo set, as documents: what `edged eval` says."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from edged.config.document import Document
from edged.domain.curve import Curve
from edged.domain.errors import Refused
from edged.domain.person import ModelRef
from edged.domain.progress import Progress
from edged.domain.scale import Scale
from edged.measure.error_curve import count_cosines, fit_curve
from edged.measure.gaze import gaze
from edged.measure.identification import Search, search
from edged.measure.photo_set import Pair, Photo
from edged.measure.reliability import Reliability, reliability
from edged.measure.verification import Accuracy, compare, judge_folds, true_accept_rate
from edged.vision.sight import open_sight

RATES: Final = (1e-2, 1e-3)


@dataclass(frozen=True, slots=True)
class Verified:
    """What `verify` found.

    Attributes:
        photos: looked at; missed: of these, those in which no face was found.
        flaws: how many faces the quality gate would refuse, by reason.
        true_accepts: share of one-person pairs accepted, by false-accept rate.
        cpu_ms: processor time for one photograph.
    """

    model: ModelRef
    photos: int
    missed: int
    flaws: dict[str, int]
    accuracy: Accuracy
    true_accepts: dict[float, float]
    cpu_ms: float


@dataclass(frozen=True, slots=True, eq=False)
class Identified:
    """What `identify` found.

    Attributes:
        templates: people enrolled with one photograph each.
        threshold: the cosine that follows from the gallery's size.
        missed: photographs in which no face was found; they are neither enrolled nor searched.
        reliability: of the confidences.
    """

    model: ModelRef
    templates: int
    threshold: float
    search: Search
    missed: int
    reliability: Reliability


@dataclass(frozen=True, slots=True, eq=False)
class Faces:
    """What an embedder made of photographs.

    Attributes:
        vectors: float32, shape (n, dimension), unit length; people: whom each shows.
        curve: the embedder's, as its manifest has it.
    """

    vectors: NDArray[np.float32]
    people: tuple[str, ...]
    curve: Curve


def verify(document: Document, model: str, pairs: Sequence[Pair], progress: Progress) -> Verified:
    """Compares the pairs with one embedder. Blocks for about 20 ms a photograph."""
    sight = open_sight(document.models.model_copy(update={"embedder": model}))
    paths = sorted({path for pair in pairs for path in (pair.first, pair.second)})
    seen = gaze(sight, paths, document.quality, progress)
    cosines = compare(seen, pairs)
    same = np.array([pair.same for pair in pairs])
    folds = np.array([pair.fold for pair in pairs])
    return Verified(
        model=sight.model,
        photos=len(paths),
        missed=len(seen.missed),
        flaws=seen.flaws,
        accuracy=judge_folds(cosines, same, folds),
        true_accepts={rate: true_accept_rate(cosines, same, rate) for rate in RATES},
        cpu_ms=seen.cpu_ms,
    )


def identify(
    document: Document,
    model: str,
    photos: Sequence[Photo],
    strangers: frozenset[str],
    aliases: Mapping[str, str],
    progress: Progress,
) -> Identified:
    """Enrols the first photograph of each person who is no stranger, and searches for all others.

    Args:
        document: names the models, and the target that the threshold follows from.
        model: the embedder.
        photos: of the people and the strangers.
        strangers: names of people who are not enrolled.
        aliases: another name → the name of the same person. A stranger who has another name among the enrolled
            is no stranger.
        progress: told of each step.

    Raises:
        Refused: there is nobody to enrol, no second photograph, or no stranger.
    """
    sight = open_sight(document.models.model_copy(update={"embedder": model}))
    seen = gaze(sight, [photo.path for photo in photos], document.quality, progress)
    names = np.array([path.parent.name for path in seen.paths])
    enrolled = _first_of_each(names) & ~np.isin(names, list(strangers))
    people = np.array([aliases.get(name, name) for name in names])
    found = search(seen.vectors[enrolled], people[enrolled], seen.vectors[~enrolled], people[~enrolled])
    if not found.enrolled.any() or found.enrolled.all():
        raise Refused("too_few_photos", "identification needs people with two photographs, and strangers")
    templates = int(np.count_nonzero(enrolled))
    scale = Scale(sight.curve, templates, templates)
    threshold = document.decision.threshold or scale.cosine_for(document.decision.target_fpir)
    return Identified(sight.model, templates, threshold, found, len(seen.missed), reliability(found, scale))


def measure_curve(
    document: Document, model: str, photos: Sequence[Photo], aliases: Mapping[str, str], progress: Progress
) -> tuple[Curve, int]:
    """The curve of an embedder, and the number of pairs of two people that it was measured on.

    Args:
        document: names the models.
        model: the embedder.
        photos: of people; each is compared with every other.
        aliases: another name → the name of the same person.
        progress: told of each step.
    """
    faces = see(document, model, photos, aliases, progress)
    cosines = count_cosines(faces.vectors, faces.people)
    return fit_curve(cosines), int(cosines.other.sum())


def see(
    document: Document, model: str, photos: Sequence[Photo], aliases: Mapping[str, str], progress: Progress
) -> Faces:
    """The face of each photograph in which one is found; the arguments are those of `measure_curve`."""
    sight = open_sight(document.models.model_copy(update={"embedder": model}))
    seen = gaze(sight, [photo.path for photo in photos], document.quality, progress)
    people = tuple(aliases.get(path.parent.name, path.parent.name) for path in seen.paths)
    return Faces(seen.vectors, people, sight.curve)


def _first_of_each(people: NDArray[np.str_]) -> NDArray[np.bool_]:
    """Which rows show a person for the first time."""
    first = np.zeros(len(people), np.bool_)
    first[np.unique(people, return_index=True)[1]] = True
    return first
