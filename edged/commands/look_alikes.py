"""`edged people lookalikes`: who among the enrolled is too much like whom."""

from __future__ import annotations

import argparse
from contextlib import closing
from typing import TYPE_CHECKING, Any

from edged.commands.console import Console, Exit
from edged.config.document import Document

if TYPE_CHECKING:
    from edged.domain.curve import Curve
    from edged.domain.person import Person
    from edged.gallery.snapshot import Snapshot

_DESCRIPTION = """\
Pairs of enrolled people who are so much alike that the one, were they a stranger, would be taken for the other. At a
door, such people must be more like their own photographs and further ahead of each other (decision.look_alike_margin)
than anybody else. A running daemon finds new pairs by itself, a moment after people have changed.

Needs no models but the embedder's manifest. About a second for 10,000 people.
"""
_EPILOG = """\
Examples:
  edged people lookalikes
  edged people lookalikes --json | jq '.pairs[] | select(.same)'
"""
_SAME = ("probably one person", "compare the photographs; if it is one person, delete one entry")
_ALIKE = ("look alike", "add good photographs of both; a second check helps where it matters")


def register(words: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Adds `lookalikes` to the words of `people`."""
    parser = words.add_parser(
        "lookalikes",
        help="who is too much like whom",
        description=_DESCRIPTION,
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.set_defaults(run=_run)


def surveyed_gallery(document: Document, out: Console) -> tuple[Snapshot, Curve]:
    """The gallery with its survey, and the curve of its model. Blocks for seconds in a large one.

    Raises:
        Unavailable, Corrupt: the manifest or the gallery cannot be read.
    """
    from edged.runtime.state_dir import StateDir  # noqa: PLC0415  loads the gallery: not for `--help`
    from edged.vision.manifest import read_embedder  # noqa: PLC0415

    manifest = read_embedder(document.models.directory, document.models.embedder)
    curve = manifest.curve.value()
    with closing(StateDir.of(document).open_gallery(document, manifest.model)) as gallery:
        if not gallery.is_surveyed:
            out.progress("comparing the enrolled people", 0.1)
            gallery.adopt_survey(gallery.surveyed.after(gallery.snapshot().roll, curve))
            out.progress("compared", 1.0)
        return gallery.snapshot(), curve


def _run(args: argparse.Namespace, out: Console) -> int:
    from edged.measure.report import Table  # noqa: PLC0415  as above

    snapshot, _ = surveyed_gallery(args.document, out)
    people = {member.person.id: member.person for member in snapshot.roll.members.values()}
    pairs = snapshot.survey.look_alikes
    rows = []
    for pair in pairs:
        one, other = (_called(people[each]) for each in (pair.one, pair.other))
        rows.append((one, other, f"{pair.similarity:.3f}", *(_SAME if pair.same else _ALIKE)))
    documents = [
        {
            "one": _document(people[pair.one]),
            "other": _document(people[pair.other]),
            "similarity": round(pair.similarity, 4),
            "same": pair.same,
            "meaning": (_SAME if pair.same else _ALIKE)[0],
            "remedy": (_SAME if pair.same else _ALIKE)[1],
        }
        for pair in pairs
    ]
    table = Table(("WHO", "AND WHO", "SIMILARITY", "WHAT IT MEANS", "WHAT TO DO"), tuple(rows)).text()
    nobody = f"None of {snapshot.persons} people look too much alike."
    out.result({"people": snapshot.persons, "pairs": documents}, table if rows else nobody)
    return Exit.OK


def _called(person: Person) -> str:
    return f"{person.name} ({person.customer_person_id})" if person.name else person.customer_person_id


def _document(person: Person) -> dict[str, Any]:
    return {"id": person.id, "customer_person_id": person.customer_person_id, "name": person.name}
