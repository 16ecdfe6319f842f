"""What was announced to Home Assistant, remembered across restarts so that it can be taken away again."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Final

from edged.config.store import read_kept, write_kept
from edged.domain.errors import ConfigInvalid

log = logging.getLogger(__name__)

MOST_KEPT: Final = 500
"""So many entities of one announcement are remembered; above, those that went first are forgotten."""


class Announced:
    """A small file: by topic, the key and the platform of every entity that was ever announced there.

    Read once; belongs to one thread from then on.

    Args:
        path: made with the first announcement. A damaged one counts as none: what it held is not taken away then.

    Raises:
        Unavailable: the file is there and cannot be read.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._by_topic = _read(path)

    def departed(self, topic: str, present: Mapping[str, str]) -> dict[str, str]:
        """What was announced under a topic before and is not among `present`, which is about to be announced there.

        `present` is on the disk when this returns: nothing is announced that would not be remembered.

        Raises:
            Unavailable: the disk is full or not writable; nothing has changed.
        """
        before = self._by_topic.get(topic, {})
        departed = {key: platform for key, platform in before.items() if key not in present}
        kept = dict([*departed.items(), *present.items()][-MOST_KEPT:])
        if kept != before:
            self._keep({**self._by_topic, topic: kept})
        return {key: platform for key, platform in departed.items() if key in kept}

    def elsewhere(self, topic: str) -> tuple[str, ...]:
        """The topics of former announcements, but for this one."""
        return tuple(other for other in self._by_topic if other != topic)

    def forget(self, topics: Iterable[str]) -> None:
        """Nothing stands under these topics any more. On the disk when it returns.

        Raises:
            Unavailable: the disk is full or not writable; nothing has changed.
        """
        gone = set(topics)
        self._keep({topic: kept for topic, kept in self._by_topic.items() if topic not in gone})

    def _keep(self, by_topic: dict[str, dict[str, str]]) -> None:
        write_kept(self._path, {"announced": by_topic})
        self._by_topic = by_topic


def _read(path: Path) -> dict[str, dict[str, str]]:
    try:
        announced = (read_kept(path) or {}).get("announced", {})
        return {str(topic): {str(key): str(kept[key]) for key in kept} for topic, kept in announced.items()}
    except (ConfigInvalid, AttributeError, TypeError, KeyError):
        log.warning("%s is damaged: what was announced to Home Assistant under another name stays there", path)
        return {}
