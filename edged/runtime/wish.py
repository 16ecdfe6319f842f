"""An order over the configuration: as it arrived, as it is read, and what is answered where it is not followed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final, TypeAlias

from edged.config.kept import Kept, Verdict, order_digest
from edged.control.authority import Opened
from edged.control.claim import claim_of
from edged.domain.errors import ConfigInvalid, Problem, Refused
from edged.wire.order import Desired

Opens: TypeAlias = Callable[[bytes, str, float], Opened[Desired]]
"""Opens an order for the configuration: its bytes, whom it was sent to, and the time, UTC; see
`edged.control.authority.Authority.opened`."""


_CLOCK_UNKNOWN: Final = "clock_unknown"


@dataclass(frozen=True, slots=True)
class Arrived:
    """A message with an order.

    Attributes:
        source: see `edged.config.pushed`; to: the device's name or `_group/` and a group's.
        retained: it stood there before we asked for it.
    """

    payload: bytes = field(repr=False)
    source: str
    to: str
    retained: bool = False


@dataclass(frozen=True, slots=True)
class Wish:
    """An order that was read and may be given.

    Attributes:
        patch: JSON merge patch of what its source has asked for so far.
        verdict: on it, as far as it is known: who gave it, which one it is.
    """

    patch: Mapping[str, Any] = field(repr=False)
    verdict: Verdict


def read(arrived: Arrived, kept: Kept, opens: Opens, utc: float, *, may_configure: bool) -> Wish | Verdict | None:
    """The order, where it may be given and is news; else what is answered, and nothing changes. None: nothing is, since
    what was answered long ago only stands there still.

    Args:
        arrived: the message.
        kept: what was ordered before.
        opens: opens the order.
        utc: now, seconds since the epoch.
        may_configure: whether the owner lets orders be followed at all.
    """
    claim = claim_of(arrived.payload)
    verdict = Verdict(source=arrived.source, version=claim.version, token=claim.token, at=utc)
    former = kept.verdicts.get(arrived.source)
    if former is not None and former.status == "applying":
        former = None  # nothing is being tried now: a full disk did not let its end be noted
    # A group that was left has lost its say, and has it again from the very same order on; from none before that.
    is_lost = former is not None and former.status == "applied" and arrived.source not in kept.followed
    if arrived.retained and not is_lost and _is_same(former, claim.version, claim.patch):
        return None  # unread: it may have expired by now, or its key be gone
    try:
        opened = opens(arrived.payload, arrived.to, utc)
    except ConfigInvalid as error:
        return rejected(verdict, tuple(map(_in_document, error.problems)))
    except Refused as error:
        return rejected(verdict, (Problem("", error.what, error.reason, error.remedy),))
    order = opened.order
    verdict = verdict.model_copy(
        update={
            "version": order.version,
            "token": order.token,
            "by": opened.by,
            "digest": order_digest(order.patch),
        }
    )
    is_known = former is not None and former.version is not None and order.version <= former.version
    if former is not None and is_known and not (is_lost and _is_same(former, order.version, order.patch)):
        return _repeated(verdict, former)
    if not may_configure:
        words = "the device's owner lets nothing be configured from afar"
        return rejected(verdict, (Problem("control.configure", words),))
    return Wish(order.patch, verdict)


def waits_for_the_clock(verdict: Verdict) -> bool:
    """Whether the order is refused only because nobody can say yet what time it is."""
    return any(problem.got == _CLOCK_UNKNOWN for problem in verdict.problems)


def _in_document(problem: Problem) -> Problem:
    """With the path that the setting has in the document, not in the order."""
    return replace(problem, path=problem.path.removeprefix("patch."))


def rejected(verdict: Verdict, problems: tuple[Problem, ...]) -> Verdict:
    """The verdict on an order that is not followed."""
    return verdict.model_copy(update={"status": "rejected", "problems": problems})


def _is_same(former: Verdict | None, version: int | None, patch: Mapping[str, Any]) -> bool:
    return (
        former is not None and version is not None and (former.version, former.digest) == (version, order_digest(patch))
    )


def _repeated(verdict: Verdict, former: Verdict) -> Verdict:
    """Of an order whose version is not above the last one's: the very same is answered as it was."""
    if (verdict.version, verdict.digest) == (former.version, former.digest):
        return former
    words = "another order had this version" if verdict.version == former.version else "is an older version"
    return rejected(verdict, (Problem("version", words, str(verdict.version), f"above {former.version}"),))
