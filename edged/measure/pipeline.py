"""`edged bench pipeline`: what a frame costs, how fast a face becomes an event, how much memory that takes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from edged.config.document import Document
from edged.domain.errors import Unsupported
from edged.domain.progress import Progress
from edged.measure.daemon_trial import FPS, SIZE, DaemonTrial, try_daemon
from edged.measure.few_cores import CORES
from edged.measure.frame_cost import FrameCost, measure_frame_cost
from edged.measure.gate_saving import GateSaving, measure_gate_saving
from edged.measure.latency import Latency, Spread
from edged.measure.meter import MODELS
from edged.measure.report import Goal, Report, Table, goals_table
from edged.measure.rival import Contest, compare_with_rival

_FRAME_MS: Final = 40.0
_MOST_WORK: Final = 0.10
_MOST_EFFORT: Final = 0.15
_MOST_P50_MS: Final = 250.0
_MOST_P95_MS: Final = 600.0
_MOST_MB: Final = 160.0


@dataclass(frozen=True, slots=True)
class Extent:
    """How much is measured.

    Attributes:
        frames: 1080p frames with a face, twice; still_frames: without one, of each size.
        appearances: of a stranger, and as many of somebody enrolled.
        idle_s: how long the page is left alone before the memory is read.
    """

    frames: int
    still_frames: int
    appearances: int
    idle_s: float


FULL: Final = Extent(frames=250, still_frames=150, appearances=40, idle_s=60.0)
QUICK: Final = Extent(frames=30, still_frames=15, appearances=3, idle_s=5.0)


@dataclass(frozen=True, slots=True)
class Pipeline:
    """What was measured.

    Attributes:
        voting: a frame whose face is embedded; watching: one of somebody who has been recognised.
        contest, daemon: None where what they need is missing.
        missing: what that is, with the remedy.
    """

    voting: FrameCost
    watching: FrameCost
    gate: tuple[GateSaving, ...]
    contest: Contest | None
    daemon: DaemonTrial | None
    missing: tuple[str, ...]


def measure_pipeline(
    document: Document, photo: Path, photos: Sequence[Path], rival: Path, extent: Extent, progress: Progress
) -> Pipeline:
    """Measures all of it, one after the other; at full extent about five minutes, and half a second a photograph.

    Args:
        document: names the models.
        photo: a portrait with the head in the upper middle, whose face the frames show.
        photos: to compare with face_recognition on.
        rival: the interpreter of an environment that has face_recognition.

    Raises:
        Unavailable, Refused, Corrupt: a model or photograph cannot be used, or the daemon does not start.
    """

    def step(begin: float, end: float) -> Progress:
        return lambda doing, share: progress(doing, begin + share * (end - begin))

    missing: list[str] = []
    voting = measure_frame_cost(document, photo, extent.frames, step(0.0, 0.05), look_again_s=0.0)
    look_again_s = document.decision.look_again_s
    watching = measure_frame_cost(document, photo, extent.frames, step(0.05, 0.1), look_again_s=look_again_s)
    gate = measure_gate_saving(document, photo, extent.still_frames, step(0.1, 0.2))
    contest = daemon = None
    try:
        contest = compare_with_rival(document, photos, rival, step(0.2, 0.4))
    except Unsupported as error:
        missing.append(str(error))
    try:
        daemon = try_daemon(document, photo, extent.appearances, extent.idle_s, step(0.4, 1.0))
    except Unsupported as error:
        missing.append(str(error))
    progress("all was measured", 1.0)
    return Pipeline(voting, watching, gate, contest, daemon, tuple(missing))


def pipeline_report(found: Pipeline) -> Report:
    """The measurement for people."""
    parts: list[str | Table] = [goals_table(_goals(found)), _FRAME_TEXT, _steps(found), _costliest(found.voting)]
    parts += [_GATE_TEXT, _gates(found.gate)]
    if found.contest:
        parts += [_rival_text(found.contest)]
    if found.daemon:
        parts += [_LATENCY_TEXT, _latencies(found.daemon.latencies), _memory_text(found.daemon)]
    if found.missing:
        parts.append(f"Not measured: {'; '.join(found.missing)}.")
    return Report("Pipeline", tuple(parts))


_FRAME_TEXT: Final = f"""\
Frame: 1920 × 1080 with one face, from the pixels in hand to the events, among 1,000 people; processor time of all
threads, as a share of {_FRAME_MS:.0f} ms. A face is embedded in each of its first frames, until it is decided who it
is ("voting"), and from then on once a second ("watching"). Mean milliseconds:"""

_GATE_TEXT: Final = """\
Motion gate: an empty scene with a camera's noise; mean processor milliseconds of the inference thread for a frame."""

_LATENCY_TEXT: Final = f"""\
Face to event: a daemon, its camera ({SIZE[0]} × {SIZE[1]}, {FPS:.0f} frames a second, a program that hands out raw
frames), Mosquitto and a subscriber, all on {CORES} cores. From one frame to the next a real face is there, whole and
sharp. Timed until the event is at the subscriber, from the moment that the first frame with the face is handed out, and
from the moment that the deciding frame is taken over. In between the daemon waits for frames: a name needs two good
frames at least, "unknown" three, which are {1000 / FPS:.0f} ms apart. Milliseconds, p50 and p95:"""


def _goals(found: Pipeline) -> tuple[Goal, ...]:
    goals = [
        Goal(
            f"non-model work of a 1080p frame with one face, {name}",
            f"≤ {_MOST_WORK:.0%} of {_FRAME_MS:.0f} ms",
            f"p50 {cost.p50 / _FRAME_MS:.1%}, p95 {cost.p95 / _FRAME_MS:.1%}",
            reached=cost.p50 <= _MOST_WORK * _FRAME_MS,
        )
        for name, cost in (("watching", found.watching), ("voting", found.voting))
    ]
    if contest := found.contest:
        goals.append(
            Goal(
                "detect and embed, beside face_recognition",
                f"≤ {_MOST_EFFORT} × its processor time",
                f"{contest.ratio:.3f} ×",
                reached=contest.ratio <= _MOST_EFFORT,
            )
        )
    if found.daemon:
        goals += [_latency_goal(latency) for latency in found.daemon.latencies]
        resident = found.daemon.memory.resident
        goals.append(
            Goal("resident memory", f"≤ {_MOST_MB:.0f} MB", f"{resident:.0f} MB", reached=resident <= _MOST_MB)
        )
    return tuple(goals)


def _latency_goal(latency: Latency) -> Goal:
    spread = latency.from_first
    return Goal(
        f"face to event, {latency.outcome}",
        f"p50 ≤ {_MOST_P50_MS:.0f} ms, p95 ≤ {_MOST_P95_MS:.0f} ms",
        f"p50 {spread.p50:.0f} ms, p95 {spread.p95:.0f} ms",
        reached=spread.p50 <= _MOST_P50_MS and spread.p95 <= _MOST_P95_MS,
    )


def _steps(found: Pipeline) -> Table:
    costs = (found.voting, found.watching)
    rows = [(step, *(f"{cost.steps[step]:.2f}" for cost in costs)) for step in found.voting.steps]
    rows += [
        ("all but the models, p50", *(f"{cost.p50:.2f}" for cost in costs)),
        ("all but the models, p95", *(f"{cost.p95:.2f}" for cost in costs)),
    ]
    return Table(("step", "voting", "watching"), tuple(rows))


def _costliest(cost: FrameCost) -> str:
    """Where to save first."""
    ours = sorted((step for step in cost.steps if step not in MODELS), key=lambda step: -cost.steps[step])
    shares = [f"{step} {cost.steps[step] / sum(cost.steps[other] for other in ours):.0%}" for step in ours[:4]]
    return f"Of a voting frame's work beside the models: {', '.join(shares)}."


def _gates(gates: Sequence[GateSaving]) -> Table:
    rows = tuple(
        (
            f"{gate.width} × {gate.height}",
            f"{gate.gate:.2f}",
            f"{gate.without_gate:.2f}",
            f"{gate.with_gate:.2f}",
            f"{gate.saved:.0%}",
        )
        for gate in gates
    )
    return Table(("picture", "the gate alone", "without gate", "with gate", "saved"), rows)


def _rival_text(contest: Contest) -> str:
    return (
        f"Beside PyPI's face_recognition (dlib; HOG, pictures doubled once, its defaults), photograph by photograph in "
        f"turns, {contest.photos} of them: {contest.cpu_ms:.1f} ms of processor time each for {contest.faces} faces "
        f"found and embedded, against {contest.rival_cpu_ms:.1f} ms for {contest.rival_faces} faces."
    )


def _latencies(latencies: Sequence[Latency]) -> Table:
    def cell(spread: Spread) -> str:
        return f"{spread.p50:.0f}, {spread.p95:.0f}"

    rows = tuple(
        (
            latency.outcome,
            f"{latency.told} of {latency.appearances}",
            f"{latency.as_expected}",
            f"{latency.frames:.0f}",
            cell(latency.from_first),
            cell(latency.from_deciding),
            cell(latency.deciding),
            cell(latency.storing),
            cell(latency.telling),
        )
        for latency in latencies
    )
    columns = ("answer", "told", "right", "frames", "from the first frame", "from the deciding frame")
    return Table((*columns, "until decided", "until handed to the broker", "until arrived"), rows)


def _memory_text(daemon: DaemonTrial) -> str:
    memory = daemon.memory
    return (
        f"Memory of that daemon, {daemon.idle_s:.0f} s after its page was loaded: {memory.resident:.0f} MB resident, "
        f"of which {memory.own:.0f} MB are its own and {memory.files:.0f} MB pages of programs and libraries; "
        f"{memory.peak:.0f} MB at its most."
    )
