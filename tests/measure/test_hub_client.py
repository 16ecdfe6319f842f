"""The client that a hub is measured with, against a real hub."""

from __future__ import annotations

from pathlib import Path

from edged.measure.hub_client import HubClient, crowd
from tests.hub.running import made_hub, running


def test_a_crowd_counts_answers_and_those_that_are_wrong(tmp_path: Path, models_dir: Path) -> None:
    made = made_hub(tmp_path / "hub", models_dir)
    with running(Path(made["config"]), tmp_path / "log") as hub:
        with HubClient(hub.url, hub.ca, []) as client:
            assert client.ask(client.written("GET", "/healthz")).body == b'{"ok":true}'
        right = crowd(hub.url, hub.ca, [], ("GET", "/healthz", b"", ""), 2, 0.3)
        denied = crowd(hub.url, hub.ca, [], ("GET", "/v1/galleries", b"", ""), 1, 0.1)

    assert right.wrong == 0
    assert right.rate == len(right.latencies) / right.seconds > 0
    assert min(right.latencies) <= right.quantile(0.5) <= right.quantile(0.95) <= max(right.latencies)
    assert denied.wrong == len(denied.latencies) > 0
