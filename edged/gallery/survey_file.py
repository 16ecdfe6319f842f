"""The last survey on the disk, sealed: look-alikes are known from the first frame after a start."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final

from edged.domain.errors import Corrupt
from edged.domain.person import ModelRef
from edged.domain.survey import LookAlike, Site, Survey
from edged.vault.private_file import private_file
from edged.vault.seal import Seal

_NAME: Final = "survey.sealed"
_LONGEST: Final = 64 * 2**20


def save_survey(state: Path, survey: Survey, model: ModelRef, revision: int, seal: Seal) -> None:
    """Keeps a survey; raises OSError.

    Args:
        state: the directory that the database of people lies in.
        survey: of the people at `revision`, by `model`.
        model: see `survey`.
        revision: see `survey`.
        seal: locks it.
    """
    document = {
        "revision": revision,
        "site": asdict(survey.site),
        "look_alikes": [asdict(pair) for pair in survey.look_alikes],
    }
    with private_file(state / _NAME, durable=False) as file:
        file.write(seal.seal(json.dumps(document).encode(), _context(model)))


def read_survey(state: Path, model: ModelRef, seal: Seal) -> tuple[Survey, int] | None:
    """The kept survey and the revision that it is of; None where there is none of this model that can be read."""
    try:
        with (state / _NAME).open("rb") as file:
            document: dict[str, Any] = json.loads(seal.open(file.read(_LONGEST), _context(model)))
        pairs = tuple(LookAlike(**pair) for pair in document["look_alikes"])
        return Survey(Site(**document["site"]), pairs), int(document["revision"])
    except (OSError, Corrupt, ValueError, TypeError, KeyError):
        return None


def forget_survey(state: Path) -> None:
    """Removes it: it may name somebody who was deleted. Raises OSError."""
    (state / _NAME).unlink(missing_ok=True)


def _context(model: ModelRef) -> bytes:
    return b"survey by " + model.digest.encode()
