"""From what was done to people to what is noted of it."""

from __future__ import annotations

from typing import Final

from edged.audit.act import Act
from edged.audit.chain import DEVICE
from edged.audit.entry import Fact
from edged.audit.noting import Noting
from edged.gallery.happening import Done, Happening, Witness

_ACTS: Final = {Done.ENROLLED: Act.ENROLMENT, Done.CHANGED: Act.CHANGE, Done.DELETED: Act.DELETION}


def witness(noting: Noting, by: str = DEVICE) -> Witness:
    """Notes everything that is done to people, by their ids.

    Args:
        noting: takes the notes.
        by: who did what nobody else is named for.
    """

    def saw(happening: Happening) -> None:
        about: dict[str, Fact] = {"person": happening.person, "faces": happening.faces, "new": happening.is_new}
        if happening.fields:
            about["fields"] = " ".join(happening.fields)
        if happening.done is Done.DELETED:
            about = {"person": happening.person}
        noting.note(_ACTS[happening.done], by=happening.by or by, about=about)

    return saw
