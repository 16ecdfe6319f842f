"""Forgetting people everywhere: whatever a deletion leaves behind, and the receipt for it."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from typing import Any

from edged.access.standing_record import struck_out
from edged.config.document import Document
from edged.domain.errors import Unavailable
from edged.domain.timestamp import utc
from edged.gallery.database import translated
from edged.gallery.departures import Departure
from edged.gallery.index_directory import sweep_index
from edged.gallery.survey_file import forget_survey
from edged.mqtt.forgetting import Forgotten, empty_log, forget_person
from edged.runtime.state_dir import DAMAGED, StateDir
from edged.vault.receipt import sign


@dataclass(frozen=True, slots=True)
class _Traces:
    """What was found of a person outside the database."""

    forgotten: Forgotten
    pictures: int
    credentials: int


def purge(state: StateDir, document: Document, now: float) -> tuple[Mapping[str, Any], ...]:
    """Cleans up behind everybody who was deleted, and returns their receipts.

    Goes through kept events, pictures, kept faces, codes, passes, blocks, index files, backups, damaged files that were
    set aside, and the logs of the databases. Any process may do it at any time; one at a time does. What was done
    before a kill is done again. Blocks for the disk: seconds where there are many people.

    Args:
        state: the state directory.
        document: names the device and its key.
        now: UTC seconds since the epoch.

    Raises:
        Unavailable: something cannot be removed at the moment; try again. Nobody has a receipt then.
        Corrupt: the database is damaged.
    """
    with closing(state.open_people(document)) as people, people.departures.alone():
        people.finish_deletions()
        departures = people.departures.pending()
        if not departures:
            return ()
        shots = state.open_shots(document)
        traces = []
        for departure in departures:
            forgotten = forget_person(state.events, departure.person)
            pictures = shots.forget(forgotten.pictured)
            traces.append(_Traces(forgotten, pictures, _forget_credentials(state, document, departure.person)))
            people.keepsakes.forget(departure.person)
        backups = people.back_up_anew()
        with translated(state.people):
            forget_survey(state.root)
            sweep_index(state.root)
            _remove_damaged(state)
        if not (people.empty_log() and empty_log(state.events)):
            raise Unavailable("a reader keeps the log of a database open", "It is tried again in a moment.")
        revision = people.revision()
        key = state.open_vault(document).signing_key()
        receipts = []
        for departure, found in zip(departures, traces, strict=True):
            removed = _removed(departure, found, backups)
            receipt = sign(_statement(document.device.name, departure, removed, revision, now), key)
            people.departures.settle(departure.person, receipt)
            receipts.append(receipt)
        return tuple(receipts)


def _forget_credentials(state: StateDir, document: Document, person: str) -> int:
    """Removes codes, passes and blocks, and the person from what is kept of the doors; counts codes and passes."""
    if not state.access.exists():
        return 0
    with closing(state.open_credentials(document)) as credentials:
        count = credentials.forget(person, lambda standing: struck_out(standing, {person}))
        if not credentials.empty_log():
            raise Unavailable("a reader keeps the log of a database open", "It is tried again in a moment.")
    return count


def _removed(departure: Departure, found: _Traces, backups: int) -> dict[str, int]:
    return {
        "templates": departure.templates,
        "crops": departure.crops,
        "events": found.forgotten.events,
        "pictures": found.pictures,
        "credentials": found.credentials,
        "backups": backups,
    }


def _statement(
    device: str, departure: Departure, removed: Mapping[str, int], revision: int, now: float
) -> dict[str, Any]:
    return {
        "v": 1,
        "kind": "edged.deletion",
        "device": device,
        "person": departure.person,
        "key_digest": departure.key_digest,
        "salt": departure.salt,
        "requested": utc(departure.requested),
        "completed": utc(now),
        "revision": revision,
        "removed": dict(removed),
    }


def _remove_damaged(state: StateDir) -> None:
    """What was set aside cannot be cleaned of one person."""
    for path in state.root.glob(f"*{DAMAGED}*"):
        path.unlink(missing_ok=True)
