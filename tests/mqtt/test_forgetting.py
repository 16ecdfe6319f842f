"""Taking a person out of what is kept of the doors."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

from edged.access.standing import Standing
from edged.mqtt.forgetting import forget_person
from edged.mqtt.outbox import Outbox
from edged.wire.passage import passage_of
from tests.access.site import ANNA, BEN, NOON, ask, knock, site, ticket


def test_a_passage_quotes_neither_why_somebody_was_blocked_nor_their_pass_once_they_are_deleted(tmp_path: Path) -> None:
    path = tmp_path / "events.db"
    blocked = Standing().with_blocked({ANNA.id: "Mrs Berg took a laptop"})
    shown = knock(ANNA, ticket=ticket(name="for Mrs Berg"))
    access = site(visitors=True, groups=["nobody"])
    with closing(Outbox.open(path, "boot", now=NOON.utc)) as outbox:
        refused = passage_of(ask(shown, access, blocked), opened=False)
        other = passage_of(ask(knock(BEN, ticket=ticket()), access), opened=False)
        outbox.append([refused, other.model_copy(update={"id": "d2"})])
        assert "Berg" in refused.encoded().decode()

        assert forget_person(path, ANNA.id).events == 1

        theirs, bens = (stored.record for stored in reversed(outbox.recent_passages(2)))
        assert "Berg" not in theirs.encoded().decode()
        assert (theirs.why, [rule.rule for rule in theirs.rules]) == (
            refused.why,
            [rule.rule for rule in refused.rules],
        )
        assert bens.person is not None
        assert any(rule.detail for rule in bens.rules)
