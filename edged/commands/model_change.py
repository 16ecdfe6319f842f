"""`edged models prepare`, `compare`, `switch`, `rollback` and `drop`: another embedder without enrolling again."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import asdict
from typing import TYPE_CHECKING, Any, Final

from edged.commands.console import Console, Exit
from edged.commands.noted import note_config
from edged.config.kept import push
from edged.config.propose import Rejected, propose
from edged.config.pushed import PAGE
from edged.domain.errors import ConfigInvalid, Refused
from edged.domain.person import Person

if TYPE_CHECKING:
    from edged.runtime.model_change import Comparison, Disagreement

_PREPARE: Final = """\
Makes the templates of another embedder from the faces that were kept of everybody's photographs (privacy.keep_crops),
and its index beside the one in use. Nothing that is in use changes, and a running daemon goes on. May be interrupted
and begun again. Lists who has no kept face and must be photographed again.
"""
_COMPARE: Final = """\
Decides the latest events of this device again, with the embedder in use and with another, each with its own templates
and threshold, and lists those that come out differently: live traffic, judged by both before anything is switched.
"""
_SWITCH: Final = """\
Prepares the embedder and makes it the one in use, as if models.embedder had been pushed. The former templates stay, so
that `edged models rollback` is as quick. Takes effect when the daemon starts again. Refused while somebody would no
longer be recognised, unless --leave-out is given; and where the configuration file itself names the embedder.
"""
_ROLLBACK: Final = """\
Makes the embedder in use that was in use before the last switch; people enrolled since are prepared for it.
"""
_DROP: Final = """\
Deletes the templates of an embedder that is no longer wanted. Kept faces stay: it can be prepared again.
"""
_SHOWN: Final = 20

AddWord = Callable[..., argparse.ArgumentParser]


def register(add_word: AddWord) -> None:
    """Adds the words to `edged models`.

    Args:
        add_word: takes name, one line about it, description, and the function to run.
    """
    words = [
        add_word("prepare", "make templates for another embedder", _PREPARE, _prepare),
        add_word("compare", "how two embedders decide the same events", _COMPARE, _compare),
        add_word("switch", "use another embedder", _SWITCH, _switch),
        add_word("drop", "delete the templates of an embedder", _DROP, _drop),
    ]
    for word in words:
        word.add_argument("name", metavar="NAME", help="an embedder, see `edged models list`")
    words[1].add_argument("--most", type=int, default=500, metavar="N", help="events at most (default: 500)")
    rollback = add_word("rollback", "use the former embedder again", _ROLLBACK, _rollback)
    for word in (words[2], rollback):
        word.add_argument(
            "--leave-out", action="store_true", help="even if people without a kept face are no longer recognised"
        )


def _prepare(args: argparse.Namespace, out: Console) -> int:
    from edged.runtime.model_change import check, prepare  # noqa: PLC0415  loads the runtimes: not for `--help`
    from edged.runtime.state_dir import StateDir  # noqa: PLC0415

    check(args.document, args.name)
    prepared = prepare(StateDir.of(args.document), args.document, args.name, out.progress)
    text = f"{prepared.made} template(s) made; {prepared.people} people can be recognised with {args.name}."
    out.result(
        {"model": args.name, **asdict(prepared), "left_out": _keys(prepared.left_out)},
        "\n".join([text, *_left_out(prepared.left_out)]),
    )
    return Exit.OK if not prepared.left_out else Exit.FAILED


def _compare(args: argparse.Namespace, out: Console) -> int:
    from edged.runtime.model_change import check, compare  # noqa: PLC0415  as above
    from edged.runtime.state_dir import StateDir  # noqa: PLC0415

    check(args.document, args.name)
    found = compare(StateDir.of(args.document), args.document, args.name, args.most, out.progress)
    out.result(_comparison(args.name, found), _compared(args.document.models.embedder, args.name, found))
    return Exit.OK if not found.disagreements else Exit.FAILED


def _switch(args: argparse.Namespace, out: Console) -> int:
    former = args.document.models.embedder
    if args.name == former:
        raise Refused("in_use", f"{args.name} is in use already")
    _make_current(args, args.name, former, out)
    return Exit.OK


def _rollback(args: argparse.Namespace, out: Console) -> int:
    from edged.runtime.model_change import former  # noqa: PLC0415  as above

    name = former(args.document)
    if not name:
        raise Refused("no_former", "the embedder was never switched on this device", "See `edged models switch`.")
    _make_current(args, name, args.document.models.embedder, out)
    return Exit.OK


def _make_current(args: argparse.Namespace, name: str, former: str, out: Console) -> None:
    from edged.runtime.model_change import check, prepare_switch, remember_former  # noqa: PLC0415  as above
    from edged.runtime.state_dir import StateDir  # noqa: PLC0415

    check(args.document, name)
    patch = {"models": {"embedder": name}}
    answer = propose(args.loaded, patch, PAGE)
    if isinstance(answer, Rejected):
        raise ConfigInvalid(answer.problems, "the switch")
    prepared = prepare_switch(
        StateDir.of(args.document), args.document, name, leave_out=args.leave_out, progress=out.progress
    )
    remember_former(args.document, former)
    push(args.document.device.state, PAGE, patch)  # minutes later: orders may have been followed since
    note_config(args.document, out, "pushed", ["models.embedder"])
    out.result(
        {"model": name, "former": former, **asdict(prepared), "left_out": _keys(prepared.left_out)},
        "\n".join(
            [
                f"{name} is in use from the next start on: sudo systemctl restart edged",
                f"Back again: edged models rollback ({former})",
                *_left_out(prepared.left_out),
            ]
        ),
    )


def _drop(args: argparse.Namespace, out: Console) -> int:
    from edged.runtime.state_dir import StateDir  # noqa: PLC0415  as above

    if args.name == args.document.models.embedder:
        raise Refused("in_use", f"{args.name} is in use", "Switch to another embedder first.")
    with closing(StateDir.of(args.document).open_people(args.document)) as people:
        found = [model for model, _people in people.models() if model.name == args.name]
        dropped = sum(people.forget_model(model.digest) for model in found)
    out.result({"model": args.name, "templates": dropped}, f"{dropped} template(s) of {args.name} deleted.")
    return Exit.OK


def _keys(people: Sequence[Person]) -> list[str]:
    return [person.customer_person_id for person in people]


def _left_out(people: Sequence[Person]) -> list[str]:
    if not people:
        return []
    lines = [f"  {person.customer_person_id}  {person.name}" for person in people[:_SHOWN]]
    more = [f"  … and {len(people) - _SHOWN} more (--json has all)"] if len(people) > _SHOWN else []
    return ["Without a kept face, to be photographed again:", *lines, *more]


def _comparison(name: str, found: Comparison) -> dict[str, Any]:
    return {
        "model": name,
        "events": found.events,
        "same": found.same,
        "disagreements": [
            {
                "event": item.event.id,
                "camera": item.event.camera,
                "current": asdict(item.current),
                "other": asdict(item.other),
            }
            for item in found.disagreements
        ],
    }


def _compared(current: str, name: str, found: Comparison) -> str:
    if not found.events:
        return "There is no event with kept pictures to compare by; see events.keep_shots."
    lines = [f"{found.same} of {found.events} events are decided alike by {current} and {name}."]
    lines += [_line(item, current, name) for item in found.disagreements[:_SHOWN]]
    if len(found.disagreements) > _SHOWN:
        lines.append(f"  … and {len(found.disagreements) - _SHOWN} more (--json has all)")
    return "\n".join(lines)


def _line(item: Disagreement, current: str, name: str) -> str:
    at = item.event.at.captured.astimezone()
    sides = [
        f"{model}: {answer.outcome.value} {answer.person} ({answer.similarity:.2f}, needs {answer.threshold:.2f})"
        for model, answer in ((current, item.current), (name, item.other))
    ]
    return f"  {item.event.id}  {at:%Y-%m-%d %H:%M}  {item.event.camera}\n    " + "\n    ".join(sides)
