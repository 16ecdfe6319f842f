"""What `edged doctor` says of the broker: whether it works, and what it lets through."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from edged.config.document import Document
from edged.domain.errors import EdgedError
from edged.mqtt.broker_trial import Trespass, Trial, try_login, try_stranger
from edged.runtime.finding import Finding, Mark

_PAGE: Final = "docs/broker.md has a set-up that does all this (scripts/broker)"

_HARM: Final[Mapping[Trespass, str]] = {
    Trespass.ORDER_ITSELF: "configure this device and ask it for anything",
    Trespass.ORDER_OTHERS: "configure every other device and ask it for anything",
    Trespass.SPEAK_AS_OTHERS: "speak in the place of every other device",
    Trespass.SPEAK_AS_HUB: "speak in the place of the hub",
    Trespass.HEAR_OTHERS: "hear what is said by and to other devices",
}
"""What somebody can do who has a login that can."""

_RULE: Final[Mapping[Trespass, str]] = {
    Trespass.ORDER_ITSELF: "a device writes only what it says itself: a rule for each topic, none for {}/%u/#",
    Trespass.ORDER_OTHERS: "only administrators write {0}/+/config/desired, {0}/+/request/# and {0}/_group/#",
    Trespass.SPEAK_AS_OTHERS: "whatever a device writes has its own name (%u) in it",
    Trespass.SPEAK_AS_HUB: "only the hub writes {}/_hub/#",
    Trespass.HEAR_OTHERS: "whatever a device reads has its own name (%u) in it, but for {0}/_group/# and {0}/_hub/#",
}
"""What the access list should say instead, by the first part of the topics."""


def broker_findings(document: Document) -> Iterator[Finding]:
    """Tries the broker with the device's login and without any, and yields what was found. Blocks for some seconds.

    Where the broker ties client ids to user names, a daemon that runs is disconnected twice and comes back by itself.
    """
    settings, device = document.mqtt, document.device.name
    try:
        trial = try_login(settings, device)
    except EdgedError as error:
        yield Finding("broker", Mark.FAIL, error.what, error.remedy)
        return
    where = f"{settings.host}:{settings.port}"
    yield Finding("broker", Mark.OK, f"{where}: a message went there and back in {trial.seconds * 1000:.0f} ms")
    yield _access(document, trial)
    if settings.username is not None:
        yield _sessions(settings.username, tied=trial.tied)
    if settings.username is not None or settings.cert_file is not None:
        yield _strangers(document, try_stranger(settings, device))


def _access(document: Document, trial: Trial) -> Finding:
    """What this device's login can do that it should not: a hole in an access list, or that there is none."""
    name = "broker.access"
    if trial.everything:
        who = "anybody who reaches this broker" if document.mqtt.username is None else "anybody who has a login there"
        what = f"the broker forbids this device nothing: {who} can {_deeds(document)}"
        return Finding(name, Mark.WARN, what, f"Give each device a login and the broker an access list: {_PAGE}")
    if trial.possible:
        deeds = "; ".join(f"{_HARM[one]} ({topic})" for one, topic in sorted(trial.possible.items()))
        what = f"whoever has this device's password can {deeds}"
        rules = "; ".join(_RULE[one].format(document.mqtt.prefix) for one in sorted(trial.possible))
        return Finding(name, Mark.FAIL, what, f"In the broker's access list: {rules}. {_PAGE}")
    what = "this device can say and hear its own, and nothing that was tried beyond"
    if trial.protocol != "5":
        what += "; with MQTT 3.1.1 a broker does not say what it forbids, so only what came back counts"
    return Finding(name, Mark.OK, what)


def _sessions(username: str, *, tied: bool) -> Finding:
    name = "broker.sessions"
    if tied:
        return Finding(name, Mark.OK, f"the session of {username} is for its own login only")
    return Finding(
        name,
        Mark.WARN,
        "whoever has a login can take over this device's session, and what is kept for it, by its client id",
        "In mosquitto.conf, below the `listener` line: use_username_as_clientid true. With another broker, let it take"
        " no client ids but the user's name",
    )


def _strangers(document: Document, trial: Trial | None) -> Finding:
    name, remedy = "broker.strangers", "In mosquitto.conf: allow_anonymous false"
    if trial is None:
        return Finding(name, Mark.OK, "nobody comes in without a login")
    if trial.possible:
        what = f"anybody who reaches this broker comes in without a login, and can {_deeds(document)}"
        return Finding(name, Mark.WARN if trial.everything else Mark.FAIL, what, remedy)
    return Finding(name, Mark.WARN, "anybody comes in without a login, but can do nothing that was tried", remedy)


def _deeds(document: Document) -> str:
    if document.control.keys is not None:
        return "say anything in its place and hear all of it; orders need a signature (control.keys)"
    return "configure this device, ask it for anything, and hear all of it"
