"""Looking at a gallery as a whole: how alike its people are, and which pairs too much."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

from edged.domain.curve import Curve
from edged.domain.scale import Scale
from edged.domain.survey import NO_SURVEY, Survey
from edged.gallery.impostors import measure_site
from edged.gallery.look_alikes import Resemblance, same_from
from edged.gallery.roll import Roll


@dataclass(frozen=True, slots=True, eq=False)
class Surveyed:
    """A survey with what the next one builds on.

    Attributes:
        roll: what was looked at.
    """

    survey: Survey
    resemblance: Resemblance

    @classmethod
    def nothing(cls, dimension: int) -> Self:
        """Of a gallery that nobody has looked at."""
        return cls(NO_SURVEY, Resemblance.nothing(dimension))

    @property
    def roll(self) -> Roll:
        return self.resemblance.roll

    def after(self, roll: Roll, curve: Curve) -> Surveyed:
        """Looks at the gallery as it is now: on any thread, from an immutable roll, without the database.

        Takes milliseconds for a thousand people, and seconds for tens of thousands; see `measure_site` and
        `Resemblance.after`.

        Args:
            curve: of the model that made the roll's vectors.
        """
        alone = Scale(curve, len(roll.members), roll.templates)
        site = measure_site(roll, curve, same_from(alone))
        scale = Scale(curve, len(roll.members), roll.templates, site)
        resemblance = self.resemblance.after(roll, scale)
        return Surveyed(Survey(site, resemblance.pairs(scale)), resemblance)
