"""What came of one photograph that was put forward for somebody."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Self

import numpy as np

from edged.domain.curve import Curve
from edged.domain.errors import Refused
from edged.domain.person import Person, Template
from edged.recognition.doubt import Doubt, Known, find_doubts
from edged.recognition.enrolment import Portrait


@dataclass(frozen=True, slots=True)
class Warned:
    """A doubt as it is told: a stable word, what is odd, and what to do."""

    reason: str
    what: str
    remedy: str

    @classmethod
    def of(cls, doubt: Doubt) -> Self:
        return cls(doubt.oddity.value, f"{doubt.what} (similarity {doubt.similarity:.2f})", doubt.remedy)


@dataclass(frozen=True, slots=True)
class Finding:
    """What came of one photograph, in words; nothing of the face is in it.

    Attributes:
        photo: its name.
        taken: whether it is to be enrolled.
        reason, what, remedy: why it was refused; empty where it was taken.
        quality: 0–1; 0 where it was refused before that was known.
        warnings: what is odd about it, taken or not.
    """

    photo: str
    taken: bool
    reason: str = ""
    what: str = ""
    remedy: str = ""
    quality: float = 0.0
    warnings: tuple[Warned, ...] = ()

    def document(self) -> dict[str, Any]:
        """For programs: JSON values only."""
        document: dict[str, Any] = {"photo": self.photo, "taken": self.taken}
        if self.taken:
            document["quality"] = round(self.quality, 3)
        else:
            document |= {"reason": self.reason, "what": self.what, "remedy": self.remedy}
        document["warnings"] = [
            {"reason": item.reason, "what": item.what, "remedy": item.remedy} for item in self.warnings
        ]
        return document

    @classmethod
    def of_document(cls, document: Mapping[str, Any]) -> Self:
        """The finding that `document` was made from.

        Raises:
            KeyError, TypeError: it was not.
        """
        values = dict(document)
        warnings = tuple(Warned(**item) for item in values.pop("warnings"))
        return cls(**values, warnings=warnings)


@dataclass(frozen=True, slots=True)
class PersonFinding:
    """What came of one person of an import.

    Attributes:
        where: the folder or line they come from; key: customer_person_id; name: may be empty.
        stored: whether they are enrolled, be it without a photograph.
        photos: in the order in which they were put forward.
        reason, what, remedy: why nothing was stored, where that is not the photographs' fault; else empty.
    """

    where: str
    key: str
    name: str
    stored: bool
    photos: tuple[Finding, ...] = ()
    reason: str = ""
    what: str = ""
    remedy: str = ""

    @classmethod
    def rejected(
        cls, where: str, refusal: Refused, person: Person | None = None, photos: tuple[Finding, ...] = ()
    ) -> Self:
        """Somebody who cannot be stored; None where it is not known who."""
        key, name = (person.customer_person_id, person.name) if person else ("", "")
        return cls(
            where,
            key,
            name,
            stored=False,
            photos=photos,
            reason=refusal.reason,
            what=refusal.what,
            remedy=refusal.remedy,
        )

    @property
    def flawless(self) -> bool:
        """Nothing was refused and nothing is odd."""
        return self.stored and all(photo.taken and not photo.warnings for photo in self.photos)

    def document(self) -> dict[str, Any]:
        """For programs: JSON values only."""
        document: dict[str, Any] = {
            "where": self.where,
            "customer_person_id": self.key,
            "name": self.name,
            "stored": self.stored,
            "photos": [photo.document() for photo in self.photos],
        }
        if self.reason:
            document |= {"reason": self.reason, "what": self.what, "remedy": self.remedy}
        return document

    @classmethod
    def of_document(cls, document: Mapping[str, Any]) -> Self:
        """The finding that `document` was made from.

        Raises:
            KeyError, TypeError: it was not.
        """
        values = dict(document)
        photos = tuple(map(Finding.of_document, values.pop("photos")))
        return cls(key=values.pop("customer_person_id"), photos=photos, **values)


Looked = Portrait | Refused
"""What `portray` made of a photograph, or why it would not."""


def find(
    known: Known, curve: Curve, key: str, photos: Sequence[tuple[str, Looked]], *, strict: bool
) -> tuple[tuple[Finding, ...], tuple[Template, ...]]:
    """Judges one person's photographs together. Pure.

    Args:
        known, curve, key: see `find_doubts`.
        photos: name and look of each.
        strict: refuse what is doubted; otherwise it is taken with a warning.

    Returns:
        a finding for each photograph, and the templates of those that are taken.
    """
    portraits = [look for _name, look in photos if isinstance(look, Portrait)]
    vectors = [portrait.template.vector for portrait in portraits]
    doubted = iter(find_doubts(known, curve, key, np.stack(vectors)) if vectors else ())
    findings: list[Finding] = []
    templates: list[Template] = []
    for name, look in photos:
        if isinstance(look, Refused):
            findings.append(refused(name, look))
            continue
        finding = Finding(name, taken=True, quality=look.quality.score, warnings=tuple(map(Warned.of, next(doubted))))
        if finding.warnings and strict:
            first = finding.warnings[0]
            finding = replace(finding, taken=False, reason=first.reason, what=first.what, remedy=first.remedy)
        else:
            templates.append(look.template)
        findings.append(finding)
    return tuple(findings), tuple(templates)


def refused(photo: str, refusal: Refused) -> Finding:
    """The finding of a photograph that nothing can be made of."""
    return Finding(photo, taken=False, reason=refusal.reason, what=refusal.what, remedy=refusal.remedy)
