"""What a head-turn challenge lets through, and whom it refuses, on photographs of many people."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import numpy as np

from edged.config.document import ModelSettings
from edged.domain.errors import Refused
from edged.domain.face import Face
from edged.domain.progress import Progress
from edged.liveness.challenge import Challenge, ChallengeSettings
from edged.measure.liveness_people import Pair, Portrait, depth_at, halves, pairs, portraits
from edged.measure.liveness_players import DissolvePlayer, Manner, Player, ReliefPlayer, SheetPlayer, turning_head
from edged.measure.liveness_reliefs import NOSE, NOSE_SPREAD, bent, folded, head
from edged.measure.liveness_trials import Played, play, shared_out
from edged.measure.proportion import Proportion
from edged.vision.sight import Sight, open_sight

FLAT: Final = "rigid flat"
BENT: Final = "bent"
FOLDED: Final = "folded"
DISSOLVED: Final = "dissolved"
HEAD: Final = "rendered head"
_OTHERS: Final = (BENT, FOLDED, DISSOLVED, HEAD)
_SHARE_OF_OTHERS: Final = 20
_OUTLINES: Final = (0.16, 0.18, 0.20, 0.22, 0.24, 0.26, 0.28, 0.30)
_EXCESSES: Final = (1.2, 1.25, 1.3, 1.35, 1.4)
_ACCEPT: Final = 0.975
"""Of the fitting half's turned faces, so that 95 % of others are."""
_FITTED: Final = (20.0, 40.0)
"""Degrees of the faces that thresholds are fixed on."""
_TURNED: Final = (30.0, 35.0)
"""Degrees that are asked of people."""
_RANGES: Final = ((20.0, 25.0), (25.0, 30.0), (30.0, 35.0), (35.0, 40.0))
_SEED: Final = 7
_WORKERS: Final = 2


@dataclass(frozen=True, slots=True)
class Fit:
    """What the fitting half says.

    Attributes:
        people: in it; pairs: turned by 20–40 degrees.
        depth: see `depth_at`.
        accepted: by each threshold of the outline: how many of these pairs.
        narrower: the same by how much narrower than a head the face may be, at that threshold.
        outline: the highest threshold that accepts 97.5 % of them; excess: the lowest one that does.
    """

    people: int
    pairs: int
    depth: float
    accepted: dict[str, Proportion]
    narrower: dict[str, Proportion]
    outline: float
    excess: float


@dataclass(frozen=True, slots=True)
class Measured:
    """What the reporting half says, of thresholds that were fixed before.

    Attributes:
        people: in the reporting half.
        nose, outline, excess: the thresholds.
        attacks: sequences that passed both steps, of those that were asked anything, by kind.
        manners: the same of rigid flat ones, by what was done with them.
        one_step: sequences that passed the first step, by kind.
        why: how the others ended, by kind.
        unasked: sequences in which the face never counted as one from the front.
        turned: photographs of turned people accepted, by degrees: `30–35`.
        same: of these at 30–35 degrees, how many count as the same person.
        heads: steps that rendered heads passed, of those they began.
        judge_ms: processor milliseconds of the challenge for one frame.
        frames: that were shown in all.
    """

    fit: Fit
    people: int
    nose: float
    outline: float
    excess: float
    attacks: dict[str, Proportion]
    manners: dict[str, Proportion]
    one_step: dict[str, Proportion]
    why: dict[str, dict[str, int]]
    unasked: int
    turned: dict[str, Proportion]
    same: Proportion
    heads: Proportion
    judge_ms: float
    frames: int


@dataclass(frozen=True, slots=True, eq=False)
class _Task:
    kind: str
    number: int


def measure_liveness(models: ModelSettings, folder: Path, sequences: int, progress: Progress) -> Measured:
    """Fixes thresholds on one half of the people, plays attacks with the other half's photographs, and shows turned
    faces of theirs.

    Blocks: about half a second a sequence.

    Args:
        folder: a folder for each person, several photographs of some of them, as LFW has it.
        sequences: of rigid flat attacks; a twentieth of it of each other kind.

    Raises:
        Refused: there are too few photographs.
        Unavailable, Corrupt: as `open_sight`.
    """
    one_thread = models.model_copy(update={"threads": 1, "liveness": None})
    sights = [open_sight(one_thread) for _ in range(_WORKERS)]
    fitting, reporting = halves(portraits(sights[0], folder, progress))
    fit = _fit(fitting)
    settings = replace(ChallengeSettings.of(sights[0].curve), outline=fit.outline, excess=fit.excess)
    stage = _Stage(reporting, settings)
    kinds = [FLAT] * sequences + [kind for kind in _OTHERS for _ in range(max(1, sequences // _SHARE_OF_OTHERS))]
    tasks = [_Task(kind, number) for number, kind in enumerate(kinds)]
    played: list[Played] = []
    at_once = 20 * _WORKERS
    for begin in range(0, len(tasks), at_once):
        progress(f"sequence {begin} of {len(tasks)}", begin / len(tasks))
        played += shared_out(stage.play, tasks[begin : begin + at_once], sights)
    progress("all sequences were shown", 1.0)
    return _summed_up(fit, stage, played, sights[0])


def _fit(found: Sequence[Portrait]) -> Fit:
    made = pairs(found)
    if len(made) < 50:
        raise Refused(
            "too_few", f"there are {len(made)} pairs of photographs to fix thresholds on", "It takes 50 at least."
        )
    depth = depth_at(made)
    turned = [pair for pair in made if _FITTED[0] <= abs(pair.moved.degrees) < _FITTED[1]]
    settings = ChallengeSettings(same=0.0, steady=0.0, excess=max(_EXCESSES))
    accepted = {outline: _accepted(turned, replace(settings, outline=outline)) for outline in _OUTLINES}
    outline = max((one for one, count in accepted.items() if count.share >= _ACCEPT), default=_OUTLINES[0])
    narrower = {excess: _accepted(turned, replace(settings, outline=outline, excess=excess)) for excess in _EXCESSES}
    excess = min((one for one, count in narrower.items() if count.share >= _ACCEPT), default=max(_EXCESSES))
    return Fit(
        people=len({portrait.person for portrait in found}),
        pairs=len(turned),
        depth=depth,
        accepted={f"{one:.2f}": count for one, count in accepted.items()},
        narrower={f"{one:.2f}": count for one, count in narrower.items()},
        outline=outline,
        excess=excess,
    )


def _accepted(turned: Sequence[Pair], settings: ChallengeSettings) -> Proportion:
    good = [pair for pair in turned if pair.moved.excess <= settings.excess and _share(pair, settings) >= 1]
    return Proportion(len(good), len(turned))


def _share(pair: Pair, settings: ChallengeSettings) -> float:
    return settings.share(pair.moved if pair.moved.depth > 0 else pair.moved.mirrored())


class _Stage:
    """Makes each sequence from its number, so that threads do not matter."""

    def __init__(self, found: Sequence[Portrait], settings: ChallengeSettings) -> None:
        self.settings = settings
        self.pairs = pairs(found)
        self.people = len({portrait.person for portrait in found})
        ahead = [portrait for portrait in found if portrait.is_ahead]
        self._ahead = [ahead[place] for place in np.random.default_rng(_SEED).permutation(len(ahead))]
        self._aside = [pair for pair in self.pairs if pair.aside.path != pair.ahead.path and self._is_aside(pair)]
        if not self._ahead or not self._aside:
            raise Refused("too_few", "there are too few photographs of people from the front and turned")

    def _is_aside(self, pair: Pair) -> bool:
        return 25 <= abs(pair.moved.degrees) <= 45

    def play(self, task: _Task, sight: Sight) -> Played:
        rng = np.random.default_rng([_SEED, task.number])
        turns = Challenge.draw(rng.bytes(1))
        embeds = task.kind in (DISSOLVED, HEAD)
        kind, player = self._player(task, rng)
        return play(kind, player, turns, self.settings, sight, embeds=embeds)

    def _player(self, task: _Task, rng: np.random.Generator) -> tuple[str, Player]:
        if task.kind == DISSOLVED:
            pair = self._aside[task.number % len(self._aside)]
            ahead, aside = pair.ahead.print(), pair.aside.print()
            return task.kind, DissolvePlayer(ahead, aside if pair.moved.depth > 0 else aside.mirrored(), rng)
        sheet = self._ahead[task.number % len(self._ahead)].print()
        if task.kind == BENT:
            depth = bent(sheet, float(rng.uniform(0.7, 3.0)))
            return task.kind, ReliefPlayer(sheet, depth, float(rng.uniform(20, 50)), rng)
        if task.kind == FOLDED:
            depth = folded(sheet, float(rng.uniform(10, 45)))
            return task.kind, ReliefPlayer(sheet, depth, float(rng.uniform(20, 50)), rng)
        if task.kind == HEAD:
            depth = head(sheet, float(rng.normal(NOSE, NOSE_SPREAD)))
            return task.kind, turning_head(sheet, depth, float(rng.uniform(*_TURNED)), rng)
        manner = tuple(Manner)[task.number % len(Manner)]
        return f"{FLAT}: {manner}", SheetPlayer(sheet, manner, rng)


def _summed_up(fit: Fit, stage: _Stage, played: Sequence[Played], sight: Sight) -> Measured:
    asked = [one for one in played if one.began]
    kinds = (FLAT, BENT, FOLDED, DISSOLVED, HEAD)

    def of(kind: str) -> list[Played]:
        return [one for one in asked if one.kind == kind or one.kind.startswith(f"{kind}:")]

    heads = of(HEAD)
    settings = stage.settings
    turned = {
        f"{low:.0f}–{high:.0f}": _accepted(
            [pair for pair in stage.pairs if low <= abs(pair.moved.degrees) < high], settings
        )
        for low, high in _RANGES
    }
    frames = sum(one.frames for one in played)
    return Measured(
        fit=fit,
        people=stage.people,
        nose=settings.nose,
        outline=settings.outline,
        excess=settings.excess,
        attacks={kind: _passed(of(kind)) for kind in kinds if kind != HEAD},
        manners={manner.value: _passed(of(f"{FLAT}: {manner}")) for manner in Manner},
        one_step={
            kind: Proportion(sum(one.steps > 0 for one in of(kind)), len(of(kind))) for kind in kinds if kind != HEAD
        },
        why={kind: dict(Counter(one.why for one in of(kind) if not one.passed)) for kind in kinds},
        unasked=len(played) - len(asked),
        turned=turned,
        same=_same(stage, sight),
        heads=Proportion(sum(one.steps for one in heads), sum(min(2, one.steps + 1) for one in heads)),
        judge_ms=sum(one.judge_s for one in played) * 1000 / max(1, frames),
        frames=frames,
    )


def _passed(played: Sequence[Played]) -> Proportion:
    return Proportion(sum(one.passed for one in played), len(played))


def _same(stage: _Stage, sight: Sight) -> Proportion:
    """Of the pairs at the angles that are asked for: how many the embeddings call one person."""
    turned = [pair for pair in stage.pairs if _TURNED[0] <= abs(pair.moved.degrees) < _TURNED[1]]
    good = 0
    for pair in turned:
        crops = [sight.crop(one.print().image, Face(one.box, 1.0, one.landmarks)) for one in (pair.ahead, pair.aside)]
        first, second = sight.embed(crops)
        good += float(first @ second) >= stage.settings.same
    return Proportion(good, len(turned))
