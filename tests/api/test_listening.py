"""Where a server of ours listens, and by what certificate."""

from __future__ import annotations

import ssl
from pathlib import Path

import pytest

from edged.api.listening import Place
from edged.domain.errors import Refused, Unavailable
from edged.hub.authority import make_authority

HUB = Place("the hub", "serve", "; ask for another")
PAGE = Place("the page", "http")


def test_old_versions_of_tls_are_not_spoken(tmp_path: Path) -> None:
    make_authority(tmp_path, ["localhost"], 1_800_000_000.0)
    context = HUB.context(tmp_path / "hub.crt", tmp_path / "hub.key")
    assert context.minimum_version is ssl.TLSVersion.TLSv1_2


def test_a_pair_that_does_not_belong_together_is_refused_with_what_to_do(tmp_path: Path) -> None:
    for name in ("one", "other"):
        (tmp_path / name).mkdir()
        make_authority(tmp_path / name, ["localhost"], 1_800_000_000.0)
    with pytest.raises(Refused, match="ask for another") as refused:
        HUB.context(tmp_path / "one" / "hub.crt", tmp_path / "other" / "hub.key")
    assert refused.value.reason == "bad_certificate"
    with pytest.raises(Unavailable, match=r"Look at http\.certificate and http\.key"):
        PAGE.context(tmp_path / "none.crt", tmp_path / "none.key")


def test_a_taken_port_and_an_address_that_is_none_are_told_apart() -> None:
    taken = r"the hub cannot listen on 127\.0\.0\.1:\d+: another program does"
    with PAGE.listen("127.0.0.1", 0, backlog=1, stall_s=1) as listener, pytest.raises(Unavailable, match=taken):
        HUB.listen("127.0.0.1", listener.getsockname()[1], backlog=1, stall_s=1)
    with pytest.raises(Refused, match=r"Correct serve\.listen"):
        HUB.listen("not an address", 0, backlog=1, stall_s=1)
