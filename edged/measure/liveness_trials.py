"""Shows sequences to a head-turn challenge, frame by frame, through the real detector."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Final, TypeVar

import numpy as np
from numpy.typing import NDArray

from edged.domain.face import Face
from edged.domain.frame import Moment
from edged.liveness.challenge import Challenge, ChallengeSettings, Head, Progress, Turn
from edged.measure.liveness_players import FPS, Player
from edged.vision.sight import Sight

_MOST_FRAMES: Final = 400
_UNCHANGED: Final[NDArray[np.float32]] = np.eye(1, 8, dtype=np.float32)[0]
"""In place of an embedding, where a sequence shows one picture all the time: it is always the same person."""
_T = TypeVar("_T")
_R = TypeVar("_R")


@dataclass(frozen=True, slots=True)
class Played:
    """How a sequence ended.

    Attributes:
        kind: of what; passed: all steps.
        steps: passed, so many.
        began: whether the face was accepted as one from the front, so that something was asked.
        why: it failed; empty where it passed.
        frames: that were shown.
        judge_s: processor seconds of the challenge itself.
    """

    kind: str
    passed: bool
    steps: int
    began: bool
    why: str
    frames: int
    judge_s: float


def play(
    kind: str, player: Player, turns: Sequence[Turn], settings: ChallengeSettings, sight: Sight, *, embeds: bool
) -> Played:
    """Shows one sequence at 15 frames a second, for as long as the challenge takes. Blocks.

    Args:
        embeds: whether the face is embedded in each frame; else it counts as the same person in all of them, which
            helps whoever plays.
    """
    challenge = Challenge(turns, Moment(0.0, 0.0), settings)
    told: Progress | None = None
    judge_s, frames, steps, began = 0.0, 0, 0, False
    while frames < _MOST_FRAMES and (told is None or told.state not in ("passed", "failed")):
        image = player.show(told)
        faces = sight.detect(image)
        face = max(faces, key=lambda face: face.box.area) if faces else None
        head = None
        if face is not None:
            vector = sight.embed([sight.crop(image, face)])[0] if embeds else _UNCHANGED
            head = _head(face, vector)
        at = Moment(frames / FPS, frames / FPS)
        begun = time.thread_time()
        told = challenge.see(head, 0, at)
        judge_s += time.thread_time() - begun
        frames += 1
        began = began or told.state in ("turning", "back", "passed")
        steps = max(steps, told.step if told.state in ("back", "passed") else told.step - 1)
    passed = told is not None and told.state == "passed"
    return Played(kind, passed, steps, began, told.why if told else "", frames, judge_s)


def shared_out(work: Callable[[_T, Sight], _R], items: Sequence[_T], sights: Sequence[Sight]) -> list[_R]:
    """Does it for all items, on a thread for each sight; results in the order of the items."""
    if not items:
        return []
    share = [list(range(first, len(items), len(sights))) for first in range(len(sights))]

    def own(number: int) -> list[tuple[int, _R]]:
        return [(place, work(items[place], sights[number])) for place in share[number]]

    with ThreadPoolExecutor(len(sights)) as pool:
        done = [pair for part in pool.map(own, range(len(sights))) for pair in part]
    return [result for _, result in sorted(done, key=lambda pair: pair[0])]


def _head(face: Face, vector: NDArray[np.float32]) -> Head:
    return Head(1, face.box, face.landmarks, vector)
