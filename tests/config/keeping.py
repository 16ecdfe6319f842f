"""What a daemon would have kept."""

from __future__ import annotations

from edged.config.kept import Kept, changing, write_pushed
from edged.config.layers import Loaded


def keep_pushed(loaded: Loaded) -> None:
    """Writes what was pushed where the next `load` finds it."""
    state = loaded.document.device.state
    with changing(state):
        write_pushed(state, Kept(layers={name: dict(tree) for name, tree in loaded.pushed.layers.items()}))
