"""`edged people delete`, `forget`, `receipts` and `restore`: taking people out, for good and provably."""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any, Final

from edged.commands.console import Console, Exit
from edged.commands.noted import noted
from edged.config.document import Document
from edged.domain.errors import Refused, Unavailable
from edged.gallery.departures import Departures, digest_of_key
from edged.runtime.purge import purge
from edged.runtime.scribe import operator
from edged.runtime.state_dir import StateDir
from edged.runtime.witness import witness
from edged.vault.receipt import is_genuine

_DELETE_EPILOG: Final = """\
Exit codes: 0 all were deleted, 1 somebody was not enrolled (the others are deleted).

Examples:
  edged people delete 4711
  edged people delete 4711 4712 --json
"""
_FORGET_EPILOG: Final = """\
The receipt says what was removed and when, and is signed with this device's key. In place of the person's ID it has a
salted digest, which shows the ID to nobody who does not know it: `edged people receipts --id 4711` finds it again.

Exit codes: 0 forgotten, 1 nobody has this ID, or something could not be removed yet (it will be tried again).

Examples:
  edged people forget 4711
  edged people forget 4711 --receipt receipt.json
"""
_RECEIPTS_EPILOG: Final = """\
Exit codes: 0 shown, or the receipt is genuine; 1 there is none, or it is not genuine.

Examples:
  edged people receipts
  edged people receipts --id 4711
  edged people receipts --verify receipt.json
"""
_RESTORE_EPILOG: Final = """\
The daemon does this by itself when it finds its database damaged. Whoever was deleted since the backup stays deleted;
whoever was enrolled since must be enrolled again. The former database is set aside beside it, until the next deletion.

Exit codes: 0 put back, 1 there is no good backup, or edged is running.

Examples:
  sudo systemctl stop edged && sudo edged people restore && sudo systemctl start edged
"""
_PATIENCE_S: Final = 30.0
_LOOK_S: Final = 0.2

AddWord = Callable[..., argparse.ArgumentParser]


def register(add_word: AddWord) -> None:
    """Adds the words to `edged people`.

    Args:
        add_word: takes name, one line about it, description, epilog, and the function to run.
    """
    about = "Delete people, with all that was kept of them. There is no way back, and nobody is asked twice."
    delete = add_word("delete", "delete people, with all that was kept of them", about, _DELETE_EPILOG, _delete)
    delete.add_argument("ids", metavar="ID", nargs="+", help="your own key of the person (customer_person_id)")
    about = "Delete one person and give proof of it: templates, faces, pictures, events, backups and index."
    forget = add_word("forget", "delete a person, with a signed receipt", about, _FORGET_EPILOG, _forget)
    forget.add_argument("id", metavar="ID", help="your own key of the person (customer_person_id)")
    forget.add_argument("--receipt", type=Path, metavar="FILE", help="write the receipt there as well")
    about = "List the receipts of deletions on this device, find one by the person's ID, or check one."
    receipts = add_word("receipts", "proofs of deletion", about, _RECEIPTS_EPILOG, _receipts)
    receipts.add_argument("--id", metavar="ID", help="only those of this person")
    receipts.add_argument("--verify", type=Path, metavar="FILE", help="check a receipt, of this or any other device")
    about = "Put the last good backup of the people in the place of the database. Stop edged first."
    add_word("restore", "put the last good backup back", about, _RESTORE_EPILOG, _restore)


def _delete(args: argparse.Namespace, out: Console) -> int:
    deleted = _take_out(args.document, args.ids, out)
    lines = [_deleted(key, deleted[key]) if key in deleted else f"{key}: nobody has this id" for key in args.ids]
    document = {
        "deleted": list(deleted),
        "unknown": [key for key in args.ids if key not in deleted],
        "receipts": [receipt for receipt in deleted.values() if receipt],
    }
    out.result(document, "\n".join(lines))
    return Exit.OK if len(deleted) == len(set(args.ids)) else Exit.FAILED


def _deleted(key: str, receipt: Mapping[str, Any] | None) -> str:
    if receipt is None:
        return f"{key}: deleted; the rest of the traces are removed as soon as the disk lets it"
    return f"{key}: deleted, and forgotten everywhere on this device"


def _forget(args: argparse.Namespace, out: Console) -> int:
    deleted = _take_out(args.document, [args.id], out)
    if args.id not in deleted:
        raise Refused("unknown_person", f"nobody with the id {args.id} is enrolled", "See `edged people list`.")
    receipt = deleted[args.id]
    if receipt is None:
        raise Unavailable(
            f"{args.id} is deleted, but not all traces could be removed yet", "It is tried again; see people receipts."
        )
    if args.receipt:
        _write(args.receipt, receipt)
    removed = ", ".join(f"{count} {what}" for what, count in receipt["removed"].items())
    lines = [f"{args.id}: forgotten everywhere on this device.", f"  removed: {removed}"]
    lines += [f"  receipt: {args.receipt}" if args.receipt else f"  receipt: edged people receipts --id {args.id}"]
    out.result(dict(receipt), "\n".join(lines))
    return Exit.OK


def _receipts(args: argparse.Namespace, out: Console) -> int:
    if args.verify:
        return _verify(args.verify, out)
    receipts = list(Departures(args.document.device.state).receipts())
    if args.id:
        receipts = [item for item in receipts if digest_of_key(item["salt"], args.id) == item["key_digest"]]
    lines = [_line(receipt) for receipt in receipts]
    out.result({"receipts": receipts}, "\n".join(lines) or "There is no receipt.")
    return Exit.OK if receipts or not args.id else Exit.FAILED


def _line(receipt: Mapping[str, Any]) -> str:
    return f"{receipt['completed']}  {receipt['person']}  {'genuine' if is_genuine(receipt) else 'NOT GENUINE'}"


def _verify(path: Path, out: Console) -> int:
    try:
        receipt = json.loads(path.read_bytes()[:65_536])
    except (OSError, ValueError) as error:
        raise Refused("unreadable", f"{path} is no receipt: {error}") from error
    genuine = isinstance(receipt, dict) and is_genuine(receipt)
    device, key = (receipt.get(name) for name in ("device", "public_key")) if isinstance(receipt, dict) else ("", "")
    text = f"genuine: signed by the device {device} with the key {key}" if genuine else "not genuine: it was changed"
    out.result({"genuine": genuine, "device": device, "public_key": key}, text)
    return Exit.OK if genuine else Exit.FAILED


def _restore(args: argparse.Namespace, out: Console) -> int:
    state = StateDir.of(args.document)
    with state.claim():
        backup = state.restore(args.document, time.time())
    out.result(
        {"revision": backup.revision, "backup": backup.path.name},
        f"The backup of revision {backup.revision} is in place. Enrol again whoever came since.",
    )
    return Exit.OK


def _take_out(document: Document, keys: Sequence[str], out: Console) -> dict[str, Mapping[str, Any] | None]:
    """Deletes people; returns their receipts by their keys, None for those who are not forgotten everywhere yet."""
    state = StateDir.of(document)
    ids: dict[str, str] = {}
    with noted(state, document, out) as scribe, closing(state.open_people(document)) as people:
        people.witness = witness(scribe, operator())
        for key in keys:
            summary = people.find(key)
            if summary and people.delete(key):
                ids[key] = summary.person.id
        departures = people.departures
    if ids:
        out.progress("removing what was kept of them", 0.5)
        _clean_up(state, document, departures, ids.values())
        out.progress("done", 1.0)
    return {key: departures.receipt(person) for key, person in ids.items()}


def _clean_up(state: StateDir, document: Document, departures: Departures, ids: Collection[str]) -> None:
    """Waits for the daemon to clean up behind these people, or does it where no daemon runs."""
    patient_until = time.monotonic() + _PATIENCE_S
    while any(departures.receipt(person) is None for person in ids) and time.monotonic() < patient_until:
        try:
            with state.claim():
                purge(state, document, time.time())
        except Unavailable:
            time.sleep(_LOOK_S)


def _write(path: Path, receipt: Mapping[str, Any]) -> None:
    try:
        path.write_text(json.dumps(receipt, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    except OSError as error:
        raise Unavailable(f"{path} cannot be written: {error.strerror}", "It stays on the device, too.") from error
