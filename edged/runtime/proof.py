"""What can be tried of a change before anything is let go: the models, the people's templates, the broker."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing

from edged.config.document import Document
from edged.config.plan import Plan
from edged.domain.errors import EdgedError, Problem
from edged.mqtt.round_trip import round_trip
from edged.runtime.probation import sections
from edged.runtime.state_dir import StateDir
from edged.vision.manifest import read_detector, read_embedder
from edged.vision.trial import try_model


def prove(former: Document, document: Document, plan: Plan) -> tuple[Problem, ...]:
    """Tries what the change needs beside what is in use; what does not work, empty where all does.

    Blocks for some seconds, and takes the memory of another pair of models where they change. On a thread of its own.

    Args:
        former: the document in force; document: the one to come.
        plan: what changes.
    """
    found: list[Problem] = []
    touched = sections(plan.paths)
    if "models" in touched:
        found += _tried("models", lambda: _try_models(document))
        if "models.embedder" in plan.changes and not found:
            found += _tried("models.embedder", lambda: tuple(_would_be_strangers(former, document)))
    if document.mqtt.enabled and ("mqtt" in touched or "device.name" in plan.changes):
        found += _tried("mqtt", lambda: _try_broker(document))
    return tuple(found)


def _tried(path: str, attempt: Callable[[], tuple[Problem, ...]]) -> tuple[Problem, ...]:
    try:
        return attempt()
    except EdgedError as error:
        return (Problem(path, error.what, allowed=error.remedy),)


def _try_models(document: Document) -> tuple[Problem, ...]:
    settings = document.models
    for manifest in (
        read_detector(settings.directory, settings.detector),
        read_embedder(settings.directory, settings.embedder),
    ):
        try_model(manifest, settings.directory, settings)
    return ()


def _would_be_strangers(former: Document, document: Document) -> Iterator[Problem]:
    """Whoever is recognised now and has no template of the other model."""
    now, then = (
        read_embedder(settings.directory, settings.embedder).model for settings in (former.models, document.models)
    )
    with closing(StateDir.of(document).open_people(document)) as people:
        missing = {person.id for person in people.without(then)} - {person.id for person in people.without(now)}
    if missing:
        yield Problem(
            "models.embedder",
            f"{len(missing)} people have no template of this model and would not be recognised",
            allowed=f"after `edged models prepare {then.name}` on the device",
        )


def _try_broker(document: Document) -> tuple[Problem, ...]:
    """On a second connection: the first is in use until this one has carried a message there and back."""
    round_trip(document.mqtt, document.device.name)
    return ()
