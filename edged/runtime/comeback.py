"""A request whose answer comes after a restart: written down before it, answered after it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from edged.config.store import read_kept, write_kept
from edged.control.command_table import End
from edged.domain.errors import ConfigInvalid, Unavailable

FILE: Final = "comeback.json"
"""In the state directory."""
_BOOT: Final = Path("/proc/sys/kernel/random/boot_id")


def boot_of_machine() -> str:
    """Differs after the machine has started again."""
    return _BOOT.read_text(encoding="ascii").strip()


@dataclass(frozen=True, slots=True)
class Owed:
    """An answer that is owed to somebody.

    Attributes:
        command, transaction: of the request.
        topic, correlation: where the answer goes.
        asked: when the request came, UTC seconds.
        machine: `boot_of_machine` at that time.
        end: what it waits for.
    """

    command: str
    transaction: str
    topic: str
    correlation: bytes
    asked: float
    machine: str
    end: End

    def came_true(self, machine: str) -> bool:
        """Whether what was asked for has happened, now that edged has started; `machine`: see `boot_of_machine`."""
        return self.end is End.NEXT_START or machine != self.machine


class Comeback:
    """The one file. Belongs to one thread; blocks for the disk.

    Args:
        path: of the file.
    """

    def __init__(self, path: Path) -> None:
        self._path = path

    def note(self, owed: Owed) -> None:
        """Writes it down; on the disk when this returns.

        Raises:
            Unavailable: the disk does not let us. Nothing must be restarted then: nobody would be answered.
        """
        write_kept(
            self._path,
            {
                "command": owed.command,
                "transaction": owed.transaction,
                "topic": owed.topic,
                "correlation": owed.correlation.hex(),
                "asked": owed.asked,
                "machine": owed.machine,
                "end": owed.end.value,
            },
        )

    def forget(self) -> None:
        """Nothing is owed.

        Raises:
            Unavailable: the disk does not let us.
        """
        try:
            self._path.unlink(missing_ok=True)
        except OSError as error:
            raise Unavailable(f"{self._path} cannot be removed: {error.strerror}", "Check the disk.") from error

    def take(self) -> Owed | None:
        """What is owed to somebody from before the start, once; None where nothing is, or the file is damaged.

        Raises:
            Unavailable: it cannot be read, or not be removed.
        """
        try:
            kept = read_kept(self._path)
            if kept is None:
                return None
            self.forget()
            return Owed(
                command=str(kept["command"]),
                transaction=str(kept["transaction"]),
                topic=str(kept["topic"]),
                correlation=bytes.fromhex(kept["correlation"]),
                asked=float(kept["asked"]),
                machine=str(kept["machine"]),
                end=End(kept["end"]),
            )
        except (ConfigInvalid, KeyError, TypeError, ValueError):
            self.forget()
            return None
