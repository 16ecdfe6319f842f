"""`request/models_list` and `models_switch`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import closing
from typing import Any, Final

from edged.config.kept import Verdict
from edged.config.layers import Loaded
from edged.config.propose import Rejected, propose
from edged.config.pushed import PAGE
from edged.domain.errors import ConfigInvalid, Refused
from edged.runtime import heap
from edged.runtime.deed import Call
from edged.runtime.errand import Errand
from edged.runtime.model_change import prepare_switch, remember_former
from edged.runtime.state_dir import StateDir
from edged.vision.shelf import shelf
from edged.wire.commands.asked import Nothing
from edged.wire.commands.machine import ModelEntry, ModelsListed, ModelsSwitchAsked, ModelsSwitched

_MOST_NAMED: Final = 100
_STEWARD_S: Final = 60.0
"""Another change may be on probation."""


class ModelDeeds:
    """Args:
    state: the state directory; loaded: gives the configuration in force.
    order: has a patch of the configuration followed; see `Steward.ask`.
    """

    def __init__(
        self,
        state: StateDir,
        loaded: Callable[[], Loaded],
        order: Callable[[Mapping[str, Any], str], Errand[Verdict]],
    ) -> None:
        self._state = state
        self._loaded = loaded
        self._order = order

    def listed(self, _asked: Nothing, _call: Call) -> ModelsListed:
        """What there is. Reads every model file, for its digest."""
        document = self._loaded().document
        with closing(self._state.open_people(document)) as people:
            known = {model.digest: count for model, count in people.models()}
        entries = [
            ModelEntry(
                name=item.manifest.name,
                role=item.manifest.role,
                family=item.manifest.family,
                runtime=item.manifest.runtime,
                state=item.state,
                in_use=item.in_use,
                sha256=item.manifest.sha256,
                licence=item.manifest.licence.spdx,
                people=known.get(item.manifest.sha256, 0) if item.manifest.role == "embedder" else None,
            )
            for item in shelf(document.models)
        ]
        return ModelsListed(models=tuple(entries))

    def switch(self, asked: ModelsSwitchAsked, call: Call) -> ModelsSwitched:
        """Makes the templates that the other embedder lacks, then pushes its name. Blocks for about 10 ms a photograph;
        what was made is kept when it is cut off.
        """
        loaded = self._loaded()
        document, former = loaded.document, loaded.document.models.embedder
        if asked.embedder == former:
            raise Refused("in_use", f"{former} is in use already")
        patch = {"models": {"embedder": asked.embedder}}
        answer = propose(loaded, patch, PAGE)
        if isinstance(answer, Rejected):  # before minutes of work
            raise ConfigInvalid(answer.problems, "the switch")

        def progress(_words: str, _share: float) -> None:
            call.go_on()

        try:
            prepared = prepare_switch(
                self._state, document, asked.embedder, leave_out=asked.leave_out, progress=progress
            )
        finally:
            heap.give_back()  # the other model is not in use yet
        call.go_on()
        verdict = self._order(patch, call.by).result(min(_STEWARD_S, call.left_s()))
        if verdict.status == "rejected":
            raise ConfigInvalid(verdict.problems, "the switch")
        remember_former(document, former)
        return ModelsSwitched(
            embedder=asked.embedder,
            former=former,
            made=prepared.made,
            people=prepared.people,
            left_out=tuple(person.customer_person_id for person in prepared.left_out[:_MOST_NAMED]),
        )
