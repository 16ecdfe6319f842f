"""From the risk an administrator accepts to the cosine a face must reach."""

from __future__ import annotations

import math

from edged.domain.curve import Curve


def cosine_for(curve: Curve, target_fpir: float, templates: int) -> float:
    """The cosine at which a stranger is taken for anyone enrolled with probability `target_fpir` a visit.

    A visit compares the stranger with every template. If the comparisons were independent, a rate r of each gives
    1 - (1 - r)^templates for the visit; they are positively correlated, so the true chance is lower. The frames of one
    visit are averaged before they are judged, and count once; somebody who stays is judged again and again, from frames
    that are much alike, so that a long visit has a somewhat greater chance.

    Args:
        curve: of the embedding model in use.
        target_fpir: accepted chance a visit, 0–1.
        templates: number of templates in the gallery; 0 counts as 1.
    """
    rate = -math.expm1(math.log1p(-target_fpir) / max(templates, 1))
    return curve.cosine_at(rate)
