"""A device's figures as Prometheus reads them. Nothing in them tells of a person: no name, no key, no id."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Final

from prometheus_client import CollectorRegistry, ProcessCollector, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, InfoMetricFamily, Metric
from prometheus_client.registry import Collector

from edged.api.port import BrokerState, DeviceState
from edged.wire.camera import CameraState
from edged.wire.device import CameraHealth, CentralPart, Health, Index, Info, LifeState, StageTimes

_MB: Final = 1e6


def exposition(state: DeviceState) -> bytes:
    """The text format 0.0.4. How the process is comes from the kernel, under the names that all Prometheus' clients
    use, with a prefix (`edged_process_cpu_seconds_total`, …): a collector of text files has such names of its own.
    """
    registry = CollectorRegistry()
    registry.register(_Collected(state))
    ProcessCollector("edged", registry=registry)
    return generate_latest(registry)


class _Collected(Collector):
    """One state; asked once. Each label has as many values as the document has cameras, or as edged has words."""

    def __init__(self, state: DeviceState) -> None:
        self._state = state

    def collect(self) -> Iterator[Metric]:
        state = self._state
        yield from _identity(state.info)
        yield from _life(state)
        yield from _cameras(state)
        yield from _stages(state.health)
        yield from _queues(state.health)
        yield from _machine(state.health)
        yield from _people(state.index)
        if state.health.central is not None:
            yield from _centre(state.health.central)


def _identity(info: Info) -> Iterator[Metric]:
    yield InfoMetricFamily(
        "edged",
        "What runs here; the value is always 1.",
        {"device": info.device, "version": info.versions.get("edged", "")},
    )
    yield InfoMetricFamily(
        "edged_config",
        "Digest of the configuration in force and of the schema it was checked by; the value is always 1.",
        {"digest": info.config, "schema": info.config_schema},
    )
    models = GaugeMetricFamily(
        "edged_model_info", "A model in use; the value is always 1.", labels=("role", "name", "digest")
    )
    for model in info.models:
        models.add_metric((model.role, model.name, model.digest), 1)
    yield models


def _life(state: DeviceState) -> Iterator[Metric]:
    yield _gauge(
        "edged_ready", "1 while the device is ready to recognise people.", state.health.state is LifeState.READY
    )
    conditions = GaugeMetricFamily(
        "edged_condition", "1 for each thing that is not as it should be; absent while it is well.", labels=("name",)
    )
    for condition in state.health.conditions:
        conditions.add_metric((condition.name,), 1)
    yield conditions
    if state.broker.state is not BrokerState.OFF:
        connected = state.broker.state is BrokerState.CONNECTED
        yield _gauge("edged_broker_connected", "1 while there is a session with the MQTT broker.", connected)


def _cameras(state: DeviceState) -> Iterator[Metric]:
    health = state.health.cameras
    online = {name: status.state is CameraState.ONLINE for name, status in state.cameras.items()}
    yield _by_camera("edged_camera_up", "1 while the camera gives pictures.", online)
    yield _by_camera(
        "edged_camera_frames_per_second",
        "Frames a second that the camera hands on, over the last thirty.",
        {name: camera.fps for name, camera in health.items()},
    )
    yield _by_camera(
        "edged_camera_frame_age_seconds",
        "Since the camera's last frame; absent before the first.",
        {name: camera.frame_age_s for name, camera in health.items() if camera.frame_age_s is not None},
    )
    yield _frames("dropped", "that a newer one replaced before anybody looked", health, lambda one: one.dropped)
    yield _frames("looked", "in which faces were looked for", health, lambda one: one.looked)
    yield _frames("still", "that were passed over because nothing moved", health, lambda one: one.still)


def _stages(health: Health) -> Iterator[Metric]:
    what = (
        "wait from the capture until somebody looks, look until the faces are judged, decide from the capture to the "
        "decision, publish from there to the broker's acknowledgement; quantiles of the last 512"
    )
    whole = Metric("edged_stage_seconds", f"How long a stage takes, all cameras together: {what}.", "summary")
    for stage, times in health.stages.items():
        _add(whole, {"stage": stage}, times)
    yield whole
    each = Metric("edged_camera_stage_seconds", f"How long a stage takes, by camera: {what}.", "summary")
    for camera, one in health.cameras.items():
        for stage, times in one.stages.items():
            _add(each, {"camera": camera, "stage": stage}, times)
    yield each


def _queues(health: Health) -> Iterator[Metric]:
    yield _gauge(
        "edged_events_pending", "Events in the outbox that the broker has not got yet.", health.queues.get("events", 0)
    )
    yield CounterMetricFamily(
        "edged_events_dropped",
        "Events that fell out of the full outbox before the broker had them, ever.",
        health.events_dropped,
    )
    refused = CounterMetricFamily(
        "edged_faces_refused", "Faces that were not good enough to be judged, since the start.", labels=("reason",)
    )
    for reason, count in health.faces_refused.items():
        refused.add_metric((reason,), count)
    yield refused


def _machine(health: Health) -> Iterator[Metric]:
    if health.temperature_c is not None:
        yield _gauge(
            "edged_processor_temperature_celsius", "Of the hottest sensor of the machine.", health.temperature_c
        )
    yield _gauge("edged_disk_free_bytes", "On the file system of the state directory.", health.disk_free_mb * _MB)
    if health.clock_synchronised is not None:
        yield _gauge("edged_clock_synchronised", "1 while the clock follows a time server.", health.clock_synchronised)


def _people(index: Index) -> Iterator[Metric]:
    yield _gauge("edged_persons", "People who can be recognised here.", index.persons)
    yield _gauge("edged_templates", "Templates of theirs.", index.templates)
    yield _gauge("edged_index_version", "Version of the index; rises with every change.", index.version)


def _centre(central: CentralPart) -> Iterator[Metric]:
    if central.stale_s is not None:
        yield _gauge(
            "edged_central_stale_seconds",
            "Since the device last had everything of its centre's; absent until it has.",
            central.stale_s,
        )
    yield _gauge(
        "edged_central_revision", "Of the centre's people, to which the device has followed.", central.revision
    )
    yield _gauge("edged_central_shared_persons", "People whom the device and the centre both have.", central.shared)
    yield _gauge("edged_central_queued", "People and deletions that the centre is still to be told of.", central.queued)
    yield _gauge("edged_central_held", "Deletions that wait for somebody's word.", central.held)


def _gauge(name: str, what: str, value: float) -> Metric:
    return GaugeMetricFamily(name, what, float(value))


def _by_camera(name: str, what: str, values: Mapping[str, float]) -> Metric:
    family = GaugeMetricFamily(name, what, labels=("camera",))
    for camera, value in values.items():
        family.add_metric((camera,), float(value))
    return family


def _add(summary: Metric, labels: Mapping[str, str], times: StageTimes) -> None:
    for quantile, milliseconds in (("0.5", times.p50), ("0.95", times.p95), ("0.99", times.p99)):
        summary.add_sample(summary.name, {**labels, "quantile": quantile}, milliseconds / 1000)
    summary.add_sample(f"{summary.name}_count", dict(labels), times.count)


def _frames(name: str, which: str, health: Mapping[str, CameraHealth], count: Callable[[CameraHealth], int]) -> Metric:
    family = CounterMetricFamily(f"edged_camera_frames_{name}", f"Frames {which}, since the start.", labels=("camera",))
    for camera, one in health.items():
        family.add_metric((camera,), count(one))
    return family
