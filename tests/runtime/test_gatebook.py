"""What the doorman keeps: over a restart, and after somebody was deleted."""

from __future__ import annotations

import time
from collections.abc import Collection
from contextlib import closing
from pathlib import Path
from typing import Final

from edged.access.standing_record import struck_out
from edged.config.document import DeviceSettings, Document
from edged.domain.door import Mode
from edged.domain.frame import Moment
from edged.runtime.clock import SystemClock
from edged.runtime.conditions import Conditions
from edged.runtime.gatebook import Gatebook
from edged.runtime.state_dir import StateDir
from tests.access.site import ANNA, BEN, ask, knock, later, site, visitor

NOW: Final = Moment(1000.0, time.time())


def book(state: StateDir, document: Document, now: Moment, departed: Collection[str]) -> Gatebook:
    return Gatebook(state.open_credentials(document), "boot", now, Conditions(SystemClock()), lambda: departed)


def test_who_was_deleted_is_forgotten_while_the_daemon_runs_and_not_written_again(tmp_path: Path) -> None:
    document = Document(device=DeviceSettings(name="door", state=tmp_path))
    state, access, gone = StateDir.of(document), site(area="lab"), set[str]()
    open_book = book(state, document, NOW, gone)
    for person in (ANNA, BEN):
        decision = ask(knock(person, NOW), access, open_book.standing)
        open_book.standing = open_book.standing.after_passage(decision, access)
    open_book.standing = open_book.standing.with_mode("back", Mode.LOCKED)
    open_book.save(NOW)

    gone.add(ANNA.id)
    with closing(state.open_credentials(document)) as purging:
        purging.forget(ANNA.id, lambda kept: struck_out(kept, {ANNA.id}))
    open_book.follow(later(NOW, 1))
    open_book.standing = open_book.standing.with_mode("side", Mode.LOCKED)
    open_book.close(later(NOW, 2))

    with closing(state.open_credentials(document)) as credentials:
        kept = credentials.kept_standing() or b""
    assert BEN.id.encode() in kept
    assert ANNA.id.encode() not in kept
    again = book(state, document, later(NOW, 3), gone)
    assert again.standing.inside["lab"].keys() == {BEN.id}
    assert again.standing.modes["back"].mode is Mode.LOCKED


def test_who_was_deleted_while_nothing_ran_is_not_taken_over(tmp_path: Path) -> None:
    document = Document(device=DeviceSettings(name="door", state=tmp_path))
    state, access = StateDir.of(document), site(area="lab")
    first = book(state, document, NOW, ())
    first.standing = first.standing.after_passage(ask(knock(ANNA, NOW), access), access)
    first.close(NOW)

    again = book(state, document, later(NOW, 60), {ANNA.id})

    assert again.standing.inside["lab"] == {}


def test_a_pass_that_was_revoked_is_inside_no_longer_and_one_that_is_kept_stays(tmp_path: Path) -> None:
    document = Document(device=DeviceSettings(name="door", state=tmp_path))
    state, access = StateDir.of(document), site(area="lab", visitors=True)
    open_book = book(state, document, NOW, ())
    with closing(state.open_credentials(document)) as reception:
        until = NOW.utc + 3600
        tickets = [reception.issue("Parcel", valid_from=NOW.utc, valid_until=until)[0] for _ in range(2)]
        for ticket in tickets:
            decision = ask(visitor(ticket, NOW), access, open_book.standing)
            open_book.standing = open_book.standing.after_passage(decision, access)
        assert len(open_book.standing.inside["lab"]) == 2
        reception.revoke(tickets[0].id)
    open_book.follow(later(NOW, 1))
    assert [key.partition(":")[2] for key in open_book.standing.inside["lab"]] == [tickets[1].id]
