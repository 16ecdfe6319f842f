"""Topics are what people subscribe to."""

import pytest

from edged.wire.topics import GroupTopics, Topics, announcements


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
        topics.camera_face("front"),
        topics.image("0190"),
        topics.event_ack,
        topics.desired,
        topics.reported,
        topics.request("+"),
        topics.response("sync"),
        topics.log,
        GroupTopics("site/edged", "doors").desired,
        GroupTopics("site/edged", "doors").request("sync"),
    ] == [
        "site/edged/door/available",
        "site/edged/door/info",
        "site/edged/door/health",
        "site/edged/door/index",
        "site/edged/door/event",
        "site/edged/door/cam/front/status",
        "site/edged/door/cam/front/presence",
        "site/edged/door/cam/front/face",
        "site/edged/door/image/0190",
        "site/edged/door/event/ack",
        "site/edged/door/config/desired",
        "site/edged/door/config/reported",
        "site/edged/door/request/+",
        "site/edged/door/response/sync",
        "site/edged/door/log",
        "site/edged/_group/doors/config/desired",
        "site/edged/_group/doors/request/sync",
    ]


def test_the_centre_speaks_where_no_device_can() -> None:
    """A device's name begins with a letter or a digit."""
    assert announcements("site/edged") == "site/edged/_hub/revision"


@pytest.mark.parametrize(
    ("topic", "fits"),
    [
        ("edged/door/response/x", True),
        ("edged/_reply/laptop", True),
        ("edged/door/event", False),
        ("edged/door/response", False),
        ("edged/gate/response/x", False),
        ("edged/_reply/#", False),
        ("edged/_reply/+/x", False),
        ("homeassistant/lock/set", False),
        ("", False),
    ],
)
def test_an_answer_goes_only_where_nothing_else_is_read(topic: str, fits: bool) -> None:
    assert Topics("edged", "door").may_reply_to(topic) is fits
