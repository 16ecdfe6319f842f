"""Topics are what people subscribe to."""

from edged.wire.topics import Topics, announcements


def test_topics_stand_below_prefix_and_device() -> None:
    topics = Topics("site/edged", "door")
    assert [
        topics.available,
        topics.info,
        topics.health,
        topics.index,
        topics.event,
        topics.camera_status("front"),
        topics.camera_presence("front"),
        topics.image("0190"),
    ] == [
        "site/edged/door/available",
        "site/edged/door/info",
        "site/edged/door/health",
        "site/edged/door/index",
        "site/edged/door/event",
        "site/edged/door/cam/front/status",
        "site/edged/door/cam/front/presence",
        "site/edged/door/image/0190",
    ]


def test_the_centre_speaks_where_no_device_can() -> None:
    """A device's name begins with a letter or a digit."""
    assert announcements("site/edged") == "site/edged/_hub/revision"
