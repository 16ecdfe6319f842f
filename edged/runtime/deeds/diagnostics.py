"""`request/diagnostics`: everything that somebody who helps needs to know, in one piece, without a secret."""

from __future__ import annotations

import os
import platform
import shutil
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from pathlib import Path
from types import FrameType
from typing import Any, Final

from edged.config.layers import Loaded
from edged.config.secret import secrets_of, shown, without_secrets
from edged.mqtt.outbox_reader import OutboxReader
from edged.runtime import machine
from edged.runtime.clock import Clock
from edged.runtime.deed import Call
from edged.runtime.deeds.log import newest_within
from edged.runtime.log_ring import LogRing
from edged.runtime.pulse import Pulse
from edged.runtime.replies import MAX_ANSWER_BYTES
from edged.wire.commands.machine import ConfigPart, Diagnostics, DiagnosticsAsked, MachinePart
from edged.wire.payload import instant

_MOST_FRAMES: Final = 24
_MOST_THREADS: Final = 64
_PACKAGES: Final = Path(__file__).parents[3]
"""Where edged itself lies: shown of a file is the rest of its path."""
_RESERVE_BYTES: Final = 4096


class DiagnosticsDeed:
    """Args:
    ring: the log; pulse: what the device says of itself; queues: see `Talker.queues`.
    outbox: the file of events; state: the state directory.
    loaded: gives the configuration in force.
    """

    def __init__(
        self,
        ring: LogRing,
        pulse: Pulse,
        queues: Callable[[], Mapping[str, int]],
        *,
        outbox: Path,
        state: Path,
        loaded: Callable[[], Loaded],
        clock: Clock,
    ) -> None:
        self._ring = ring
        self._pulse = pulse
        self._queues = queues
        self._outbox = outbox
        self._state = state
        self._loaded = loaded
        self._clock = clock

    def __call__(self, asked: DiagnosticsAsked, _call: Call) -> Diagnostics:
        with closing(OutboxReader.open(self._outbox)) as reader:
            health = self._pulse.health(reader.counters(), self._queues())
        conditions = tuple(
            item.model_copy(update={"what": self._clean(item.what), "remedy": self._clean(item.remedy)})
            for item in health.conditions
        )
        bundle = Diagnostics(
            at=instant(self._clock.now().utc),
            info=self._pulse.info(),
            health=health.model_copy(update={"conditions": conditions}),
            index=self._pulse.index(),
            cameras={
                name: status.model_copy(update={"reason": self._clean(status.reason)})
                for name, status in self._pulse.cameras().items()
            },
            config=self._config(),
            machine=self._machine(),
            threads=dict(_threads()),
            log=(),
        )
        room = MAX_ANSWER_BYTES - _RESERVE_BYTES - len(bundle.model_dump_json().encode())
        return bundle.model_copy(update={"log": newest_within(self._ring.tail(asked.lines), max(0, room))})

    def _config(self) -> ConfigPart:
        loaded = self._loaded()
        return ConfigPart(
            digest=loaded.digest,
            source=str(loaded.source) if loaded.source else None,
            effective=_clean_values(shown(loaded.document.model_dump()), self._clean),
            provenance=loaded.provenance,
        )

    def _machine(self) -> MachinePart:
        disk = shutil.disk_usage(self._state)
        memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
        return MachinePart(
            system=f"{platform.system()} {platform.release()}",
            architecture=platform.machine(),
            processors=os.cpu_count() or 0,
            memory_mb=round(memory / 1e6),
            load=os.getloadavg(),
            disk_mb=round(disk.total / 1e6),
            disk_free_mb=round(machine.disk_free_mb(self._state)),
        )

    def _clean(self, text: str) -> str:
        """No part writes a secret out; where one is in a fault's words all the same, it goes no further."""
        return without_secrets(text, secrets_of(self._loaded().document))


def _clean_values(value: Any, clean: Callable[[str], str]) -> Any:
    """JSON data with its texts cleaned; keys are ours."""
    match value:
        case str():
            return clean(value)
        case dict():
            return {key: _clean_values(below, clean) for key, below in value.items()}
        case list():
            return [_clean_values(below, clean) for below in value]
        case _:
            return value


def _threads() -> Iterator[tuple[str, tuple[str, ...]]]:
    """What each thread is at; names, not values."""
    names = {thread.ident: thread.name for thread in threading.enumerate()}
    for number, (ident, frame) in enumerate(sys._current_frames().items()):  # noqa: SLF001  documented, in spite of its name
        if number >= _MOST_THREADS:
            return
        yield f"{names.get(ident, 'unnamed')} {number}", tuple(reversed([*_stack(frame)]))


def _stack(innermost: FrameType) -> Iterator[str]:
    frame: FrameType | None = innermost
    for _ in range(_MOST_FRAMES):
        if frame is None:
            return
        yield f"{_short(frame.f_code.co_filename)}:{frame.f_lineno} {frame.f_code.co_name}"
        frame = frame.f_back


def _short(file: str) -> str:
    path = Path(file)
    return str(path.relative_to(_PACKAGES)) if path.is_relative_to(_PACKAGES) else "/".join(path.parts[-2:])
