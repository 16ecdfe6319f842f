"""People to search among: real embeddings, or made ones that are spread like real ones."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from edged.domain.errors import Refused

_SIBLING_COSINE: Final = 0.62
"""Of two photographs of one person, mean; LFW with ArcFace-like models has 0.55–0.75."""
_PROBE_COSINES: Final = (0.35, 0.75)
"""Of a face at the door with the middle of its person's templates."""
_MIXED: Final = 8
"""Real people that an invented one is mixed from."""
_FEWEST_FAMILIES: Final = 50
_STRANGERS: Final = 3
"""One probe of so many is a stranger's."""


@dataclass(frozen=True, slots=True, eq=False)
class Population:
    """Enrolled people, faces of theirs that are not enrolled, and faces of others.

    Attributes:
        source: what the vectors are, in words.
        vectors: float32, shape (templates, dimension), unit length; owners: int32, the number of each one's person.
        known: probes of enrolled people, float32, shape (N, dimension), unit length; strangers: of nobody enrolled.
    """

    source: str
    vectors: NDArray[np.float32]
    owners: NDArray[np.int32]
    known: NDArray[np.float32]
    strangers: NDArray[np.float32]

    @property
    def people(self) -> int:
        return int(self.owners[-1]) + 1

    @property
    def probes(self) -> NDArray[np.float32]:
        """All of them, those of known people first."""
        return np.concatenate((self.known, self.strangers))


def synthetic(people: int, templates: int, dimension: int, probes: int, seed: int) -> Population:
    """People whose vectors fill space as faces do: more in some directions, templates in a cone about their middle.

    The variance of direction i falls as (1 / (1 + 4 i / dimension))². Made vectors mislead about indexes (a narrowing
    that finds 99.8 % of these found 97.7 % of real ones): measure real ones where it matters.
    """
    chance = np.random.default_rng(seed)
    spread = (1 / (1 + np.arange(dimension) / (dimension / 4))).astype(np.float32)

    def cloud(rows: int) -> NDArray[np.float32]:
        return _unit(chance.standard_normal((rows, dimension), dtype=np.float32) * spread)

    def near(middles: NDArray[np.float32], cosines: NDArray[np.float64]) -> NDArray[np.float32]:
        tangents = np.sqrt(1 / cosines**2 - 1).astype(np.float32)[:, np.newaxis]
        return _unit(middles + tangents * cloud(len(middles)))

    middles = cloud(people + probes // _STRANGERS)
    owners = np.repeat(np.arange(people, dtype=np.int32), templates)
    shown = chance.integers(0, people, probes - probes // _STRANGERS)
    strangers = np.arange(people, len(middles))
    enrolled = near(middles[owners], np.full(len(owners), np.sqrt(_SIBLING_COSINE)))
    known, unknown = (
        near(middles[whose], np.sqrt(chance.uniform(*_PROBE_COSINES, len(whose)))) for whose in (shown, strangers)
    )
    return Population("made-up people", enrolled, owners, known, unknown)


def real(faces: Sequence[NDArray[np.float32]], people: int, templates: int, probes: int, seed: int) -> Population:
    """Real people, those with several photographs first, and as many mixed from them as are missing.

    Of everybody with two photographs or more one half are probes; of the others up to `templates` are enrolled. Three
    quarters of the people with one photograph, but no more than a third of the probes, are strangers, never enrolled
    and never mixed from. An invented person is a random mixture of eight real ones, with the differences that real
    people's photographs have from their middles.

    Args:
        faces: the embeddings of each person's photographs, float32, shape (photographs, dimension), unit length.

    Raises:
        Refused: fewer than 50 people have two photographs.
    """
    chance = np.random.default_rng(seed)
    families = [photographs for photographs in faces if len(photographs) > 1]
    single = [photographs for photographs in faces if len(photographs) == 1]
    if len(families) < _FEWEST_FAMILIES:
        raise Refused("too_few_faces", f"{len(families)} people have two photographs", f"It needs {_FEWEST_FAMILIES}.")
    families = [families[place] for place in chance.permutation(len(families))]
    single = [single[place] for place in chance.permutation(len(single))]
    held = min(probes // _STRANGERS, len(single) * 3 // 4)
    strangers = np.concatenate([np.empty((0, faces[0].shape[1]), np.float32), *single[:held]])
    there = [*families, *single[held:]]
    enrolled = [photographs[: (len(photographs) + 1) // 2][:templates] for photographs in there[:people]]
    missing = people - len(enrolled)
    invented = _invented(there, families, missing, templates, chance)
    shown = np.concatenate([photographs[(len(photographs) + 1) // 2 :] for photographs in there[:people]])
    owners = np.repeat(np.arange(people, dtype=np.int32), [len(own) for own in (*enrolled, *invented)])
    return Population(
        f"{len(enrolled)} real people, {missing} mixed from them",
        np.concatenate((*enrolled, *invented)),
        owners,
        chance.permutation(shown)[: probes - held],
        strangers,
    )


def _invented(
    faces: Sequence[NDArray[np.float32]],
    families: Sequence[NDArray[np.float32]],
    people: int,
    templates: int,
    chance: np.random.Generator,
) -> NDArray[np.float32]:
    """float32, shape (people, templates, dimension)."""
    middles = _unit(np.stack([photographs.mean(axis=0) for photographs in faces]))
    lengths = [float(np.linalg.norm(photographs.mean(axis=0))) for photographs in families]
    apart = np.concatenate([_differences(photographs) for photographs in families])
    weights = chance.standard_normal((people, _MIXED, 1), dtype=np.float32)
    mixed = _unit((middles[chance.integers(0, len(middles), (people, _MIXED))] * weights).sum(axis=1))
    invented = mixed[:, np.newaxis] * np.float32(np.median(lengths))
    return _unit(invented + apart[chance.integers(0, len(apart), (people, templates))])


def _differences(photographs: NDArray[np.float32]) -> NDArray[np.float32]:
    """From the middle of these to each; made as long as from the middle of all that there could be."""
    count = len(photographs)
    return np.asarray((photographs - photographs.mean(axis=0)) * np.sqrt(count / (count - 1)), np.float32)


def _unit(vectors: NDArray[np.float32]) -> NDArray[np.float32]:
    return np.asarray(vectors / np.linalg.norm(vectors, axis=-1, keepdims=True), np.float32)
