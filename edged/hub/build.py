"""The hub's composition root: the one place where its parts meet."""

from __future__ import annotations

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
from edged.hub.eyes import open_eyes
from edged.hub.gate import HubGate
from edged.hub.health import make_health
from edged.hub.home import HubHome
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
    centre = Centre(
        eyes=eyes,
        directory=stores.directory,
        gate=gate,
        link_key=vault.secret_for(LINKS),
        albums=stores.albums,
        fleet=stores.fleet,
        manners=manners,
        tokens=stores.tokens,
        watch=Sightings(home.fleet, home.pushes) if settings.watch.enabled else None,
    )
    return Hub(Patience(addresses(centre)), centre, gate, stores)


def addresses(centre: Centre) -> ASGIApp:
    """Every dialect at its addresses. What no other has a prefix for is FindFace's: its paths come with and without."""
    docs, pages = make_docs(), make_fleet_page(PAGES)
    return Addresses(
        [
            ("/docs", docs),
            ("/openapi.json", docs),
            ("/healthz", make_health()),
            ("/fleet", pages),
            ("/static", pages),
            ("/miicloud", make_miicloud(centre)),
            ("/api/v1/ext", make_ninepic(centre)),
            ("/edged/photos", make_photos(centre)),
            ("/edged/v1", make_native(centre)),
            ("", make_findface(centre)),
        ]
    )
