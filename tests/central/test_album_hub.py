"""What `photos.sync` says is what the line to the hub does."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from edged.central.dialects import open_album_hub
from edged.config.central import CentralSettings
from edged.config.photos import PhotoSettings
from edged.domain.errors import EdgedError, Refused, Unavailable
from tests.central.stand import Stand, answer, stand

NOTHING = json.dumps({"v": 1, "cursor": "1.0", "more": False, "changes": []}).encode()


def asked(tmp_path: Path, site: Stand, **sync: Any) -> float:
    """Seconds that one question took by a clock that only waiting moves."""
    clock = [0.0]

    def sleep(seconds: float) -> None:
        clock[0] += seconds

    token = tmp_path / "booth.token"
    token.write_text("the-booths-own\n")
    central = CentralSettings(kind="hub", url=f"http://127.0.0.1:{site.port}", token="the devices")  # type: ignore[arg-type]
    photos = PhotoSettings.model_validate(
        {"organisation": "gala-house", "sync": {"enabled": True, "token_file": token, **sync}}
    )
    hub = open_album_hub(central, photos, now=lambda: clock[0], sleep=sleep)
    try:
        hub.changes("", 10)
    finally:
        hub.close()
    return clock[0]


def test_it_asks_for_its_organisation_with_its_own_token(tmp_path: Path) -> None:
    with stand(answer(NOTHING), tls=None) as site:
        asked(tmp_path, site)

    (head,) = site.heads
    assert head.startswith("GET /edged/v1/organisations/gala-house/sync?limit=10 ")
    assert "authorization: bearer the-booths-own" in head.lower()
    assert "the devices" not in head


def test_it_takes_no_more_bandwidth_than_it_may(tmp_path: Path) -> None:
    with stand(answer(NOTHING + b" " * 400_000), tls=None) as site:
        free = asked(tmp_path, site)
        bounded = asked(tmp_path, site, max_kbit_s=800)

    assert free == 0
    assert bounded > 2.5  # 400 kB at 100 kB a second, of which the first second's worth is there at once


@pytest.mark.parametrize(("token", "error"), [(None, Refused), ("elsewhere", Unavailable)])
def test_without_a_token_it_says_which_setting_names_none(
    tmp_path: Path, token: str | None, error: type[EdgedError]
) -> None:
    central = CentralSettings(kind="hub", url="http://127.0.0.1:9", token="the devices")  # type: ignore[arg-type]
    sync = {"enabled": token is not None, "token_file": tmp_path / token if token else None}
    photos = PhotoSettings.model_validate({"sync": sync})

    with pytest.raises(error) as refusal:
        open_album_hub(central, photos, now=lambda: 0.0, sleep=lambda _seconds: None)
    assert "photos.sync.token_file" in refusal.value.remedy
