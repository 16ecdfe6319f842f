"""The hub's composition root: the one place where its parts meet."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from starlette.types import ASGIApp

from edged.api.addresses import Addresses
from edged.api.centre import Centre
from edged.api.docs import make_docs
from edged.api.findface.app import make_findface
from edged.api.fleet_page import make_fleet_page
from edged.api.miicloud.app import make_miicloud
from edged.api.native.app import make_native
from edged.api.ninepic.app import make_ninepic
from edged.api.patience import Patience
from edged.api.photos import make_photos
from edged.hub.census import Census
from edged.hub.eyes import open_eyes
from edged.hub.gate import HubGate
from edged.hub.health import make_health
from edged.hub.holdings import Holdings
from edged.hub.home import HubHome
from edged.hub.meter import Meter
from edged.hub.settings import HubSettings
from edged.hub.sightings import Sightings
from edged.hub.stores import Stores, open_stores
from edged.web.pages import PAGES

LINKS: Final = "links to photographs"
"""What the key of links is derived for."""


@dataclass(frozen=True, slots=True)
class Hub:
    """Everything that answers, put together."""

    app: ASGIApp
    centre: Centre
    gate: HubGate
    stores: Stores

    def close(self) -> None:
        """Lets go of the stores; nobody may be answering any more."""
        self.stores.close()


def build(settings: HubSettings, home: HubHome) -> Hub:
    """Opens the stores, loads the models, and puts the hub together. Blocks for seconds: READY waits for this.

    Raises:
        Unavailable, Corrupt, Refused, Unsupported: the directory, a store, the key or a model cannot be used.
    """
    vault = home.open_vault()
    manners = settings.chosen_manners()
    eyes = open_eyes(settings.models, max_bytes=manners.max_photo_bytes)
    stores = open_stores(settings.store, home)
    stores.albums.tidy()
    gate = HubGate(stores.tokens, settings.limits)
    meter = Meter()
    centre = Centre(
        eyes=eyes,
        directory=meter.timed("people", stores.directory, "nearest"),
        gate=gate,
        link_key=vault.secret_for(LINKS),
        albums=meter.timed("photographs", stores.albums, "like"),
        feed=stores.feed,
        fleet=stores.fleet,
        manners=manners,
        tokens=stores.tokens,
        watch=Sightings(home.fleet, home.pushes) if settings.watch.enabled else None,
    )
    return Hub(Patience(addresses(centre, meter, stores.census)), centre, gate, stores)


def addresses(centre: Centre, meter: Meter | None = None, census: Callable[[], Census] | None = None) -> ASGIApp:
    """Every dialect at its addresses. What no other has a prefix for is FindFace's: its paths come with and without.

    Args:
        meter: counts the requests; census: see `Stores`.
    """
    assert centre.fleet is not None  # noqa: S101  a hub has one
    meter = meter or Meter()
    holdings = Holdings(centre.fleet, census)
    docs = meter.counted("docs", make_docs())
    health = meter.counted("health", make_health(centre, lambda: meter.exposition(holdings)))
    pages = meter.counted("pages", make_fleet_page(PAGES))
    return Addresses(
        [
            ("/docs", docs),
            ("/openapi.json", docs),
            *((address, health) for address in ("/healthz", "/readyz", "/metrics")),
            ("/fleet", pages),
            ("/static", pages),
            ("/miicloud", meter.counted("miicloud", make_miicloud(centre))),
            ("/api/v1/ext", meter.counted("9pic", make_ninepic(centre))),
            ("/edged/photos", meter.counted("photos", make_photos(centre))),
            ("/edged/v1", meter.counted("edged", make_native(centre))),
            ("", meter.counted("findface", make_findface(centre))),
        ]
    )
