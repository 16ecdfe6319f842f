"""Does SIGKILL, of a booth or of its hub, leave anything at the hub that the booth has purged?"""

from __future__ import annotations

import os
import random
import signal
import time
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final, Literal

from edged.config.document import ModelSettings
from edged.domain.errors import Unavailable
from edged.domain.progress import Progress, quiet
from edged.measure.booth_device import ORGANISATION
from edged.measure.booth_kills import BoothKills, judge, let_live, settle, writing
from edged.measure.booth_ledger import BoothLedger
from edged.measure.booth_store import BoothStore
from edged.measure.booth_writer import TOKEN
from edged.measure.byte_search import count_traces
from edged.measure.sync_hub import SyncHub

_ROUNDS: Final = 20
_LONGEST_DEATH_S: Final = 0.3


@dataclass(frozen=True, slots=True)
class BoothSyncKills:
    """What came of it. `booth`: of the booth's store after each kill; `hub`: of the hub's after the next round."""

    victim: str
    booth: BoothKills
    hub: BoothKills

    @property
    def is_good(self) -> bool:
        return self.booth.is_good and self.hub.is_good


def kill_syncing_booth(
    victim: Literal["device", "hub"], models: ModelSettings, kills: int, progress: Progress = quiet, *, seed: int = 1
) -> BoothSyncKills:
    """Has a booth tell a real hub of its events while it works at them, and kills one of the two at random moments.

    After each kill whatever was killed is started again, the booth does a round with the hub, and both are compared
    with what was acknowledged. A kill takes some seconds.

    Args:
        victim: the device, or the hub; then the device as well, when the hub is there again.
        models: whose folder the hub uses.

    Raises:
        Unavailable: the hub does not start, or no round comes to its end, or the device ended on its own.
    """
    chance = random.Random(seed)  # noqa: S311  moments, not secrets
    at_booth, at_hub, ledger = BoothKills(), BoothKills(), BoothLedger()
    with TemporaryDirectory(prefix="edged-kills-") as name:
        folder, far = Path(name) / "state", Path(name) / "hub"
        with SyncHub.founded(far, models) as hub:
            _kill_again_and_again(victim, hub, folder, kills, (at_booth, at_hub, ledger), chance, progress)
        with BoothStore.opened(folder) as store:
            store.database.empty_log()
        at_booth.searched, at_booth.traces = count_traces(folder, ledger.traces)
        at_hub.searched, at_hub.traces = count_traces(far, ledger.traces)
    return BoothSyncKills(victim, at_booth, at_hub)


def _kill_again_and_again(
    victim: str,
    hub: SyncHub,
    folder: Path,
    kills: int,
    accounts: tuple[BoothKills, BoothKills, BoothLedger],
    chance: random.Random,
    progress: Progress,
) -> None:
    at_booth, at_hub, ledger = accounts
    token = hub.album_token(ORGANISATION)
    hub.start()

    def strike(child: int) -> None:
        if victim == "hub":
            hub.kill()
            time.sleep(chance.uniform(0.0, _LONGEST_DEATH_S))
            hub.start()
        os.kill(child, signal.SIGKILL)

    with writing(folder, [hub.url, str(hub.ca)], **{TOKEN: token}) as (orders, said):
        for number in range(kills):
            progress(f"killing a {victim} that syncs events, {number + 1} of {kills}", number / kills)
            orders.write(f"{number}\n")
            orders.flush()
            torn = let_live(said, chance, ledger, at_booth, strike)
            at_hub.kills += 1
            with BoothStore.opened(folder) as store:
                settle(store, torn, ledger)
                judge(store.kept, ledger, at_booth)
                _agree(store, hub, token)
            judge(hub.kept, ledger, at_hub, at_hub=True)


def _agree(store: BoothStore, hub: SyncHub, token: str) -> None:
    """Does rounds until there is nothing left to tell."""
    with store.following(hub.url, hub.ca, token) as follower:
        for _ in range(_ROUNDS):
            told = follower.round()
            if not told.waiting and not told.pushed and not told.pulled:
                return
    raise Unavailable(f"booth and hub did not agree within {_ROUNDS} rounds: {told}")
