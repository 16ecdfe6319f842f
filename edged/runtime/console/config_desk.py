"""What the console's configuration page asks of the device."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, Final

from edged.api.console.config import ChangePart, ConfigState, Forecast, OrderReport
from edged.config.kept import Verdict
from edged.config.layers import Loaded
from edged.config.plan import Plan
from edged.config.propose import Rejected, propose
from edged.config.pushed import PAGE
from edged.config.secret import MASK, revealed, shown
from edged.config.setting import Setting, settings
from edged.config.tree import dotted
from edged.domain.errors import Problem
from edged.runtime.console.entry_names import entry_names
from edged.runtime.errand import Errand
from edged.wire.payload import instant
from edged.wire.reported import ProblemPart, Reported, ReportStatus

if TYPE_CHECKING:
    from edged.runtime.clock import Clock
    from edged.runtime.daemon import Daemon

_PATIENCE_S: Final = 10.0
_MOST_CHANGES: Final = 500
"""More than a form shows; a whole configuration pasted in has fewer."""


class DeviceConfigDesk:
    """The device's configuration: `edged.api.console.config.ConfigDesk`. Any thread.

    Args:
        loaded: the document in force.
        propose: has a patch followed, for whom it names; see `Steward.ask`.
        report: what stands under `config/reported`.
        now: UTC seconds since the epoch.
    """

    def __init__(
        self,
        loaded: Callable[[], Loaded],
        propose: Callable[[Mapping[str, Any], str], Errand[Verdict]],
        report: Callable[[], bytes],
        now: Callable[[], float],
    ) -> None:
        self._loaded = loaded
        self._propose = propose
        self._report = report
        self._now = now

    def state(self) -> ConfigState:
        loaded = self._loaded()
        return ConfigState(
            source="" if loaded.source is None else str(loaded.source),
            config=loaded.digest,
            effective=shown(loaded.document.model_dump()),
            provenance={path: str(origin) for path, origin in sorted(loaded.provenance.items())},
            hidden=tuple(setting.path for setting in settings(loaded.document) if _is_hidden(setting)),
            names=dict(entry_names(loaded)),
            set_aside=tuple(map(_part, loaded.set_aside)),
            report=self.report(),
        )

    def forecast(self, patch: Mapping[str, Any]) -> Forecast:
        masked = tuple(_masked(patch))
        if masked:
            return Forecast(problems=masked)
        loaded = self._loaded()
        answer = propose(loaded, patch, PAGE)
        if isinstance(answer, Rejected):
            return Forecast(problems=tuple(map(_part, answer.problems)))
        return Forecast(
            changes=tuple(_changes(answer.plan, loaded, answer.loaded)),
            costliest=answer.plan.costliest or "",
            overruled=answer.overruled,
        )

    def propose(self, patch: Mapping[str, Any], by: str) -> OrderReport:
        masked = tuple(_masked(patch))
        if masked:
            status, now = ReportStatus.REJECTED, instant(self._now())
            return OrderReport(at=now, source=PAGE, by=by, status=status, problems=masked)
        verdict = self._propose(patch, by).result(_PATIENCE_S)
        return OrderReport(
            at=instant(verdict.at),
            source=verdict.source,
            by=verdict.by,
            status=ReportStatus(verdict.status),
            problems=tuple(map(_part, verdict.problems)),
            overruled=verdict.overruled,
        )

    def report(self) -> OrderReport:
        told = Reported.model_validate_json(self._report())
        return OrderReport(
            at=told.at,
            source=told.source,
            by=told.by,
            status=told.status,
            problems=told.problems,
            overruled=told.overruled,
        )


def config_desk(daemon: Callable[[], Daemon], clock: Clock) -> DeviceConfigDesk:
    """The desk of a daemon, which is asked once it runs."""
    return DeviceConfigDesk(
        loaded=lambda: daemon().loaded,
        propose=lambda patch, by: daemon().steward.ask(patch, by),  # noqa: PLW0108  not there yet
        report=lambda: daemon().steward.report,
        now=lambda: clock.now().utc,
    )


def _is_hidden(setting: Setting) -> bool:
    return setting.value is not None and shown(setting.value) != revealed(setting.value)


def _masked(patch: Mapping[str, Any], path: tuple[str, ...] = ()) -> Iterator[ProblemPart]:
    """What a program sends back that has read the document and not understood that secrets are masked."""
    for key, value in patch.items():
        if isinstance(value, Mapping):
            yield from _masked(value, (*path, key))
        elif MASK in str(value):
            words = f"holds {MASK}, which stands for a secret and is none"
            yield ProblemPart(path=dotted((*path, key)), message=words)


def _changes(plan: Plan, old: Loaded, new: Loaded) -> Iterator[ChangePart]:
    before, after = ({setting.path: setting for setting in settings(loaded.document)} for loaded in (old, new))
    for path in plan.paths[:_MOST_CHANGES]:
        yield ChangePart(
            path=path,
            apply=plan.changes[path],
            before=shown(before[path].value) if path in before else None,
            after=shown(after[path].value) if path in after else None,
            origin=str(new.provenance.get(path, "")),
        )


def _part(problem: Problem) -> ProblemPart:
    return ProblemPart(path=problem.path, message=problem.message, got=problem.got, allowed=problem.allowed)
