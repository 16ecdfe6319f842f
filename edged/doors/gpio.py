"""Relays, contacts and buttons at the pins of a Raspberry Pi. Imported only where one is configured.

The kernel frees a line when its process dies, however it dies. What the pin does then is the board's: upstream kernels
make it an input, so that its pull resistor decides; Raspberry Pi's keep it as it was driven, unless `dtparam=
strict_gpiod` is in config.txt. So the next helper takes it again, off, and `edged door off` does after the service.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import gpiozero

from edged.domain.errors import EdgedError, Unavailable
from edged.doors.plan import PinPlan


class GpioRelay:
    """A relay at a pin; see `Relay`. Switching takes no time worth a name.

    Raises:
        Unavailable: the pin cannot be had.
    """

    check_s = 60.0

    def __init__(self, pin: int, *, active_low: bool) -> None:
        self._pin = f"the pin {pin}"
        with _translated(self._pin):
            _has_chip()
            self._device = gpiozero.OutputDevice(pin, active_high=not active_low, initial_value=False)

    def on(self, seconds: float) -> None:  # noqa: ARG002  the port's
        """See `Relay.on`."""
        with _translated(self._pin):
            self._device.on()

    def off(self) -> None:
        """See `Relay.off`."""
        with _translated(self._pin):
            self._device.off()

    def check(self) -> None:
        """See `Relay.check`: a pin is always there."""

    def close(self) -> None:
        """See `Relay.close`."""
        self._device.close()


class GpioContact:
    """A contact or button at a pin, pulled by the board itself to the level that it has while it is open.

    Args:
        changed: called whenever the level changes, on a thread of the library; must not block.

    Raises:
        Unavailable: the pin cannot be had.
    """

    def __init__(self, plan: PinPlan, changed: Callable[[], None]) -> None:
        self._pin = f"the pin {plan.pin}"
        with _translated(self._pin):
            _has_chip()
            # Active is closed: low where the contact pulls to ground, against a pull-up.
            self._device = gpiozero.DigitalInputDevice(plan.pin, pull_up=plan.is_low_closed)
            self._device.when_activated = changed
            self._device.when_deactivated = changed

    def is_closed(self) -> bool:
        """What the level says at this instant.

        Raises:
            Unavailable: the pin cannot be read.
        """
        with _translated(self._pin):
            return bool(self._device.is_active)


def take_chip() -> None:
    """Opens the chip, once for the process; changes its working directory to `/`. Before any pin, on one thread.

    Never gpiozero's own choice of a library: it would go on to some that write to the memory of the chip.

    Raises:
        Unavailable: there is no chip, or this user may not use it.
    """
    if gpiozero.Device.pin_factory is not None:
        return
    # lgpio makes a pipe in the working directory, which is the root's own under systemd, and keeps it open.
    folder = tempfile.mkdtemp(prefix="edged-door-")
    os.chdir(folder)
    try:
        with _translated("the chip"):
            from gpiozero.pins.lgpio import LGPIOFactory  # noqa: PLC0415  see above

            gpiozero.Device.pin_factory = LGPIOFactory()
    finally:
        os.chdir("/")
        shutil.rmtree(folder, ignore_errors=True)


def _has_chip() -> None:
    if gpiozero.Device.pin_factory is None:
        raise Unavailable("there is no chip with pins, or this user may not use it", "Is it in the group gpio?")


@contextmanager
def _translated(what: str) -> Iterator[None]:
    try:
        yield
    except EdgedError:
        raise
    except Exception as error:
        raise Unavailable(
            f"{what} cannot be used: {str(error) or type(error).__name__}",
            "It needs a Raspberry Pi, a user in the group gpio, and no other program on this pin",
        ) from error
