"""A device's gallery that follows a centre in memory."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from edged.central.account import Account, Hold
from edged.central.follower import Counts, Follower, Round, Terms
from edged.central.ledger import Ledger
from edged.central.port import Picture
from edged.domain.errors import EdgedError
from edged.domain.person import Template
from edged.gallery.gallery import Gallery
from edged.gallery.shared_roster import shared_roster
from edged.wire.roster import RosterDigest, fields_digest
from tests.central.pretend_centre import PretendCentre, face
from tests.gallery.sample import MODEL, open_gallery

TERMS = Terms(Hold(0.2, 10))


@dataclass
class Site:
    """Attributes: receipts: by our id, as upkeep makes them; portray: what the device's eyes make of a picture."""

    centre: PretendCentre
    gallery: Gallery
    folder: Path
    receipts: dict[str, dict[str, object]]

    def follower(self, portray: Callable[[Picture, str], Template] | None = None) -> Follower:
        return Follower(
            self.centre,
            self.ledger,
            MODEL,
            portray or portrayed,
            receipt=self.receipts.get,
        )

    @property
    def ledger(self) -> Ledger:
        return Ledger(self.gallery.change)

    def round(self, terms: Terms = TERMS) -> Round:
        return self.follower().round(terms)

    def until_quiet(self) -> None:
        """Rounds, faults and all, until two in a row find nothing to do."""
        quiet = 0
        while quiet < 2:
            try:
                done = self.round()
            except EdgedError:
                quiet = 0
                continue
            quiet = quiet + 1 if not done.people and not done.pushed else 0

    def report(self, now: float = 0.0) -> bool:
        return self.follower().report(self.account(), Counts(0, 0), self.digest(), now)

    def account(self) -> Account:
        return self.ledger.account(10)

    def roster(self) -> Mapping[str, tuple[str, frozenset[str]]]:
        """By key: the name, and what names the faces."""
        everybody = self.gallery.people(limit=100_000)

        def work(book: Any) -> dict[str, tuple[str, frozenset[str]]]:
            return {
                item.person.customer_person_id: (item.person.name, book.links.hashes(item.person.id))
                for item in everybody
            }

        return self.gallery.change(work)

    def digest(self) -> str:
        digest = RosterDigest()
        with closing(sqlite3.connect(self.folder / "gallery.db")) as connection:
            for item in shared_roster(connection):
                fields = fields_digest(item.name, item.email, item.phone, item.groups)
                digest.add(item.central, item.key, fields, item.faces)
        return digest.value()

    def names(self, name: str) -> list[str]:
        """Keys of whoever is found by the face that `name` stands for."""
        vector = face(name).vector
        assert vector is not None
        (found,) = self.gallery.snapshot().nearest(vector[np.newaxis], 1)
        return [item.person.customer_person_id for item in found if item.similarity > 0.99]


def portrayed(picture: Picture, photo_hash: str) -> Template:
    """Eyes that see in a picture what its bytes name."""
    vector = face(picture.jpeg.decode()).vector
    assert vector is not None
    return Template(vector, 0.5, photo_hash)


def site(folder: Path) -> Site:
    folder.mkdir(exist_ok=True)
    return Site(PretendCentre(), open_gallery(folder / "gallery.db"), folder, {})
