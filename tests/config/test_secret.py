from __future__ import annotations

import json
import traceback
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edged.config.layers import assembled
from edged.config.listing import listing
from edged.config.problems import checked
from edged.config.propose import propose
from edged.config.pushed import Pushed
from edged.config.secret import MASK, revealed, shown
from edged.domain.errors import ConfigInvalid

SECRETS = st.text(st.characters(codec="utf-8", exclude_categories=["C", "Z"]), min_size=3, max_size=20).map(
    "Zq".__add__
)
quick = settings(max_examples=60, deadline=None, database=None)


def tree(secret: str) -> dict[str, Any]:
    """A document with this secret wherever one may stand."""
    return {
        "mqtt": {"username": "door", "password": secret},
        "cameras": {
            "a": {"kind": "rtsp", "url": f"rtsp://user:{secret}@host/stream"},
            "b": {"kind": "mjpeg", "url": f"http://host/?token={secret}"},
            "c": {"kind": "command", "argv": ["ffmpeg", "-i", f"rtsp://u:{secret}@host/"], "width": 16, "height": 16},
        },
    }


@quick
@given(SECRETS)
def test_no_secret_is_seen_in_what_is_shown(secret: str) -> None:
    loaded = assembled(checked(tree(secret), "test").model_dump(exclude_unset=True), Pushed(), Path("/x"))
    seen = "\n".join(
        (repr(loaded), str(loaded.document), listing(loaded), json.dumps(shown(loaded.document.model_dump())))
    )
    assert secret not in seen
    assert MASK in seen
    assert revealed(loaded.document.model_dump())["mqtt"]["password"] == secret


@quick
@given(SECRETS, st.sampled_from([3, None, "x", ["x"], {"x": 1}, -1, True]))
def test_no_secret_is_seen_in_a_refusal(secret: str, wrong: Any) -> None:
    current = assembled({}, Pushed(), None)
    broken = tree(secret)
    broken["mqtt"] |= {"port": wrong, "pasword": secret, "password_file": "/x", "host": secret + "://" + secret}
    broken["cameras"]["a"] |= {"url": f"htpp://{secret}", "transport": wrong, "ur": secret}
    broken["cameras"]["d"] = {"kind": "rtsp", "url": [secret]}
    answer = propose(current, broken)
    hidden = secret + "://"
    assert secret not in repr(answer).replace(hidden, "")
    with pytest.raises(ConfigInvalid) as caught:
        checked(broken, "test")
    assert secret not in "".join(traceback.format_exception(caught.value)).replace(hidden, "")


@quick
@given(SECRETS, SECRETS)
def test_a_digest_tells_nothing_of_a_secret(one: str, other: str) -> None:
    first, second = (assembled(tree(secret), Pushed(), None) for secret in (one, other))
    assert first.digest == second.digest
