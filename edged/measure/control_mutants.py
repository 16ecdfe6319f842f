"""Damaged orders, sent to a running device: each is refused with all that is wrong with it, and what holds stays."""

from __future__ import annotations

import json
import random
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from edged.config.layers import Loaded, load
from edged.config.propose import Rejected, propose
from edged.config.secret import revealed
from edged.domain.progress import Progress
from edged.measure.control_site import ControlSite
from edged.measure.mutant import damaged_bytes, damaged_tree
from edged.wire.reported import Reported, ReportStatus


@dataclass(frozen=True, slots=True)
class ControlMutants:
    """What came of it.

    Attributes:
        sent: invalid orders; refused: of these, by the device; fully: of these, with every problem that there is.
        crashes: how often the daemon ended.
        unchanged: what is kept of the configuration has the same bytes as before.
    """

    sent: int
    refused: int
    fully: int
    crashes: int
    unchanged: bool

    @property
    def is_good(self) -> bool:
        return self.sent == self.refused == self.fully and not self.crashes and self.unchanged


def send_mutants(site: ControlSite, count: int, progress: Progress, *, seed: int = 1) -> ControlMutants:
    """Sends so many invalid orders, of damaged bytes and of damaged trees in turn, and waits for each answer.

    Raises:
        Unavailable: the device does not answer.
    """
    chance = random.Random(seed)  # noqa: S311  damage, not secrets
    current = load(site.config)
    whole = _pushable(current)
    before = site.layers()
    refused = fully = sent = 0
    while sent < count:
        progress(f"damaged orders, {sent + 1} of {count}", sent / count)
        version = site.next_version()
        if sent % 2:
            order = json.dumps({"version": version, "patch": whole}).encode()
            order, expected = damaged_bytes(chance, order), None
            if _is_order(order):
                continue
        else:
            patch = damaged_tree(chance, whole)
            order, expected = json.dumps({"version": version, "patch": patch}).encode(), _problems(current, patch)
            if expected == set():
                continue
        site.send(order)
        sent += 1
        report = site.next_report()
        if report.status is ReportStatus.REJECTED and report.problems:
            refused += 1
            fully += expected is None or _told(report) == expected
    return ControlMutants(sent, refused, fully, int(site.has_ended()), site.layers() == before)


def _told(report: Reported) -> set[tuple[str, str]]:
    return {(_place(problem.path), problem.message) for problem in report.problems}


def _place(path: str) -> str:
    """The setting. What lies too deep is named by a few levels only, one less in an order, which is a level itself."""
    return ".".join(path.split(".")[:2])


def _problems(current: Loaded, patch: Mapping[str, Any]) -> set[tuple[str, str]] | None:
    """What is wrong with a patch; None where it is not even an order, and the order's own form is what is told."""
    try:
        json.dumps(patch, allow_nan=False)
    except ValueError:
        return None
    answer = propose(current, patch)
    return {(_place(item.path), item.message) for item in answer.problems} if isinstance(answer, Rejected) else set()


def _is_order(order: bytes) -> bool:
    """Whether it can still be read: then it may be valid, or be refused for its version alone."""
    try:
        json.loads(order)
    except (ValueError, RecursionError):
        return False
    return True


def _pushable(current: Loaded) -> dict[str, Any]:
    """The document in force as somebody would push it: without what only the file may set, and what it sets."""
    document = json.loads(json.dumps(revealed(current.document.model_dump(mode="python")), default=str))
    return {
        name: section
        for name, section in document.items()
        if name in {"cameras", "quality", "decision", "visits", "strangers", "gallery", "events", "log"}
    }
