"""A group's configuration, with a real daemon on a real broker."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from edged.config.document import ModelSettings, MqttSettings
from edged.measure.control_site import ControlSite, control_site
from edged.mqtt.session import Session
from edged.wire.reported import Reported, ReportStatus

PATIENCE_S = 30.0


@pytest.fixture
def site(tmp_path: Path, model_settings: ModelSettings) -> Iterator[ControlSite]:
    with control_site(tmp_path, model_settings, probation_s=5.0) as site:
        site.start()
        yield site


def tell_group(site: ControlSite, group: str, version: int, margin: float) -> None:
    """What stands on the topic of a group from now on."""
    order = json.dumps({"version": version, "patch": {"decision": {"margin": margin}}}).encode()
    with closing(Session(MqttSettings(host="127.0.0.1", port=site.broker.port), "group-admin")) as session:
        session.connect(PATIENCE_S)
        session.publish(f"edged/_group/{group}/config/desired", order, qos=1, retain=True)
        session.next_notice(PATIENCE_S)


def report_of(site: ControlSite, source: str) -> Reported:
    """What became of the newest order of a source, once it is decided."""
    deadline = time.monotonic() + PATIENCE_S
    while True:
        report = site.next_report(deadline - time.monotonic())
        if report.source == source and report.status is not ReportStatus.APPLYING:
            return report


def test_a_group_is_followed_from_the_moment_it_is_joined_and_no_more_when_it_is_left(site: ControlSite) -> None:
    tell_group(site, "doors", 7, 0.11)
    site.push({"control": {"groups": ["doors"]}})
    joined = report_of(site, "group:doors")
    assert (joined.status, joined.version, joined.versions["group:doors"]) == (ReportStatus.APPLIED, 7, 7)
    assert joined.effective["decision"]["margin"] == 0.11
    assert joined.provenance["decision.margin"] == "group:doors"

    left = site.outcome(site.push({"control": {"groups": None}}))
    assert (left.effective["decision"]["margin"], left.provenance["decision.margin"]) == (0.03, "default")
    tell_group(site, "doors", 8, 0.12)
    after = site.outcome(site.push({"log": {"level": "debug"}}))
    assert after.effective["decision"]["margin"] == 0.03
    assert "group:doors" not in after.versions
