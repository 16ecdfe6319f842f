"""An event at a camera, on the broker, on the hub's disk, and only then out of the outbox."""

from __future__ import annotations

import json
from contextlib import closing
from pathlib import Path
from typing import Any

from edged.mqtt.outbox_reader import Counters, OutboxReader
from tests.central.whole_site import DEVICE, TOPIC, WholeSite, eventually, is_event, whole_site
from tests.hub.running import running
from tests.runtime.daemon import RunningDaemon


def _outbox(daemon: RunningDaemon) -> Counters:
    state = Path(json.loads(daemon.config.read_text())["device"]["state"])
    with closing(OutboxReader.open(state / "events.db")) as reader:
        return reader.counters()


def _at_hub(place: WholeSite, after: int = 0) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = place.ask(f"/edged/v1/events?device={DEVICE}&after={after}")["events"]
    return found


def test_an_event_stays_on_the_device_until_the_hub_has_it(
    tmp_path: Path, models_dir: Path, astronaut_path: Path
) -> None:
    camera = {"kind": "demo", "photo": str(astronaut_path), "appear_s": 1.0, "absent_s": 1.0}
    visits = {"leave_s": 0.4, "reentry_s": 0.2}
    with whole_site(tmp_path, models_dir, events=True) as place, place.listening() as listener:
        mqtt = {"host": "127.0.0.1", "port": place.broker.port, "acknowledged_by": "hub"}
        with place.device(models_dir, cameras={"door": camera}, visits=visits, mqtt=mqtt) as daemon:
            listener.listen(is_event(type="end", outcome="unknown"), 60)
            eventually(lambda: len(_at_hub(place)) >= 2)
            eventually(lambda: _outbox(daemon).delivered >= 2)
            assert place.hub.terminated() == 0
            before = _outbox(daemon)
            for _ in range(2):
                listener.listen(is_event(type="new"), 30)
            stopped = _outbox(daemon)
            assert stopped.pending >= 2, "the broker has them, and that is not enough"
            assert stopped.delivered <= before.delivered + before.pending
            place.config.write_text(place.config.read_text().replace("port: 0", f"port: {place.port}", 1))
            with running(place.config, tmp_path / "hub-again.log"):
                eventually(lambda: _outbox(daemon).delivered >= stopped.delivered + stopped.pending)
                said = [message.payload for message in listener.received if message.topic == f"{TOPIC}/event"]
                heard = {json.loads(payload)["id"] for payload in said}
                eventually(lambda: heard <= {item["event"]["id"] for item in _at_hub(place)})
                kept = [item["event"]["id"] for item in _at_hub(place)]
                assert len(kept) == len(set(kept))
