"""What the device is to achieve. Whatever is missed for some minutes becomes a condition: none is set by default."""

from __future__ import annotations

from edged.config.field import Section, live


class ObjectiveSettings(Section):
    """What is to be achieved. Each becomes an alarm, the condition `objective.…`, where it is missed for some minutes;
    where it is absent, nobody minds.
    """

    decide_p95_ms: float | None = live(None, gt=0, le=60_000)
    """Of the decisions of a minute, 95 in 100 stand so soon after the picture was taken; camera by camera."""
    publish_p95_ms: float | None = live(None, gt=0, le=3_600_000)
    """Of the events of a minute, the broker has 95 in 100 so soon after they were decided."""
    min_fps: float | None = live(None, gt=0, le=120)
    """Every camera gives at least so many frames a second, in the mean of a minute; a camera's own `min_fps` goes
    before."""
    frame_age_s: float | None = live(None, gt=0, le=3600)
    """The newest frame of every camera is never older."""
    outbox_age_s: float | None = live(None, gt=0, le=2_592_000)
    """No event waits longer for the broker."""
    minutes: int = live(3, ge=1, le=60)
    """An alarm begins after so many minutes in which the objective was missed, and ends after so many in which it was
    met. Minutes that say nothing, since nobody came by, count for neither."""
