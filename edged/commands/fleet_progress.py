"""How a roll-out goes on, for whoever watches it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from edged.commands.console import Console
from edged.commands.fleet_table import batches_text, devices_text, plain
from edged.fleet.census import Census
from edged.fleet.rollout import Phase, Rollout, Target
from edged.fleet.verdict import Mark, verdict


class Narrator:
    """Says what is news: a bar for the batch in hand, a line when it is done, and what is in the way.

    Args:
        out: where to say it.
        rollout: that is told of.
    """

    def __init__(self, out: Console, rollout: Rollout) -> None:
        self._out = out
        self._batch, self._phase = rollout.batch, rollout.phase
        self._trouble = ""
        many, batches = devices_text(len(rollout.devices)), batches_text(rollout)
        out.say(f"Roll-out {rollout.id}: {many} in batches of {batches}, watched for {rollout.hold_s:.0f} s each.")

    def tell(self, rollout: Rollout, census: Census, trouble: str) -> None:
        """See `edged.runtime.roller.Tell`."""
        if trouble and trouble != self._trouble:
            self._out.say(f"{trouble}; trying again")
        self._trouble = trouble
        for number in range(self._batch, rollout.batch):
            devices = sum(len(target.devices) for target in rollout.batches[number])
            self._out.say(f"✓ batch {number + 1} of {len(rollout.batches)}: applied and well on {devices}")
        if rollout.phase is Phase.UNDOING and self._phase is Phase.ROLLING:
            self._out.say(f"✗ batch {rollout.batch + 1} of {len(rollout.batches)}: stopped")
            for why in rollout.why[:10]:
                self._out.say(f"    {plain(why, 200)}")
            self._out.say(f"  taking it back on {len(rollout.told)}")
        self._batch, self._phase = rollout.batch, rollout.phase
        if not trouble:
            self._bar(rollout, census)

    def _bar(self, rollout: Rollout, census: Census) -> None:
        if rollout.phase is Phase.ROLLING and rollout.batch < len(rollout.batches):
            batch = rollout.batches[rollout.batch]
            marks = Counter(_marks(batch, {address: told.version for address, told in rollout.told.items()}, census))
            total = sum(marks.values())
            doing = f"batch {rollout.batch + 1} of {len(rollout.batches)}: {marks[Mark.APPLIED]} of {total} applied it"
            done = rollout.batch + marks[Mark.APPLIED] / max(1, total) * 0.99
            self._out.progress(
                doing if rollout.well is None else f"{doing}, watching them", done / len(rollout.batches)
            )
        elif rollout.phase is Phase.UNDOING:
            targets = tuple(target for target in rollout.targets if target.address in rollout.undone)
            marks = Counter(_marks(targets, rollout.undone, census))
            total = max(1, sum(marks.values()))
            self._out.progress(f"taking back: {marks[Mark.APPLIED]} of {total}", marks[Mark.APPLIED] / total * 0.99)


def _marks(targets: Sequence[Target], versions: Mapping[str, int], census: Census) -> list[Mark]:
    return [
        verdict(census.sight(device), target.address, versions[target.address]).mark
        if target.address in versions
        else Mark.SILENT
        for target in targets
        for device in target.devices
    ]
