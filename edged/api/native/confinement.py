"""Whose people a token may know."""

from __future__ import annotations

from collections.abc import Collection

from edged.api.access import Grant
from edged.api.directory import DEFAULT_GALLERY
from edged.api.fleet import Fleet


def wanted_galleries(fleet: Fleet, grant: Grant) -> tuple[str, ...] | None:
    """The galleries whose people a token may know: the device's groups, the token's gallery, or both; None: all.

    Blocks as the fleet does.
    """
    device = fleet.device(grant.device) if grant.device else None
    groups = device.galleries if device and DEFAULT_GALLERY not in (device.galleries or ()) else None
    if grant.gallery in (None, DEFAULT_GALLERY):
        return groups
    return (grant.gallery,) if groups is None or grant.gallery in groups else ()


def is_within(galleries: Collection[str], wanted: Collection[str] | None) -> bool:
    """Whether somebody whose faces are in these galleries is among the wanted ones."""
    return wanted is None or not set(wanted).isdisjoint(galleries)
