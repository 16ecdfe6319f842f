"""Checking an export without the device: with its public key alone."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from edged.audit.anchor import genesis
from edged.audit.entry import Entry, hash_of
from edged.audit.head import Head
from edged.audit.statement import KIND
from edged.audit.verification import MOST_FAULTS, Fault, Kind, Verification
from edged.domain.errors import Refused
from edged.vault.receipt import is_genuine


def verify_export(
    entries: Sequence[Entry], statement: Mapping[str, Any], public_key: str = "", noted: Head | None = None
) -> Verification:
    """Whether entries that left a device are those that it vouches for. Computes only.

    Args:
        entries, statement: as they were read.
        public_key: of the device, hexadecimal digits, as it told when there was no doubt; empty: whoever signed is
            taken for the device, and a remark says so.
        noted: a head that somebody noted, which the export must have.

    Raises:
        Refused: `not_an_export`: the statement is none.
    """
    try:
        begin = Head(str(statement["chain"]), int(statement["after"]), bytes.fromhex(statement["after_hash"]))
        end = Head(begin.chain, int(statement["through"]), bytes.fromhex(statement["hash"]))
        device_faults, kind = int(statement["faults"]), statement["kind"]
    except (KeyError, TypeError, ValueError, OverflowError) as error:
        raise Refused("not_an_export", f"the statement of the export lacks {error}") from None
    if kind != KIND:
        raise Refused("not_an_export", f"the statement is on something else: {str(kind)[:64]}")
    faults = [*_signed(statement, public_key), *_entries(entries, begin, end), *_noted(entries, begin, noted)]
    remarks = []
    if not public_key:
        key = statement.get("public_key")
        remarks.append(f"signed with the key {key}: compare it with what `edged audit head` prints on the device")
    if device_faults:
        remarks.append(f"the device itself found {device_faults} fault(s) in the chain when it was exported")
    if noted is not None and noted.chain == begin.chain and noted.number < begin.number:
        remarks.append(f"entry {noted.number}, which was noted, is older than what was exported")
    numbers = [entry.number for entry in entries]
    return Verification(
        chain=begin.chain,
        first=min(numbers, default=0),
        last=max(numbers, default=0),
        entries=len(entries),
        faults=tuple(faults[:MOST_FAULTS]),
        more=max(0, len(faults) - MOST_FAULTS),
        head=end,
        remarks=tuple(remarks),
    )


def _signed(statement: Mapping[str, Any], public_key: str) -> Iterator[Fault]:
    if not is_genuine(statement):
        yield Fault(Kind.SIGNATURE, 0, 0, "the statement was changed after it was signed")
    elif public_key and str(statement["public_key"]).lower() != public_key.strip().lower():
        yield Fault(Kind.SIGNATURE, 0, 0, "the statement was signed with another key, not by this device")


def _entries(entries: Sequence[Entry], begin: Head, end: Head) -> Iterator[Fault]:
    """Without marks, the places of hashes tell what was done."""
    if begin.number == 0 and begin.hash != genesis(begin.chain).hash:
        yield Fault(Kind.ANCHOR, 0, 0, "it does not begin where this chain began")
    number, previous, is_wrong = begin.number, begin.hash, False
    seen: set[bytes] = set()
    for entry in entries:
        fits = hash_of(entry, previous) == entry.hash
        if entry.hash in seen:
            is_wrong = True
            yield Fault(Kind.INSERTED, entry.number, entry.number, f"entry {entry.number} is there a second time")
            continue
        seen.add(entry.hash)
        if entry.number > number + 1:
            is_wrong = True
            yield Fault(Kind.REMOVED, number + 1, entry.number - 1, f"before entry {entry.number} some are missing")
        elif entry.number <= number:
            is_wrong = True
            yield Fault(Kind.SWAPPED, entry.number, entry.number, f"entry {entry.number} is not in its place")
            continue
        elif not fits:
            is_wrong = True
            yield Fault(Kind.ALTERED, entry.number, entry.number, f"entry {entry.number} is not as it was exported")
        number, previous = entry.number, entry.hash
    if number < end.number:
        words = f"the last entries are missing, {number + 1} to {end.number}"
        yield Fault(Kind.TAIL_REMOVED, number + 1, end.number, words)
    elif number > end.number:
        yield Fault(Kind.INSERTED, end.number + 1, number, "there are more entries than the device exported")
    elif previous != end.hash and not is_wrong:
        yield Fault(Kind.ALTERED, 0, number, "an entry was altered, and every hash after it made anew")


def _noted(entries: Sequence[Entry], begin: Head, noted: Head | None) -> Iterator[Fault]:
    if noted is None or (noted.chain == begin.chain and noted.number < begin.number):
        return
    hashes = {entry.number: entry.hash for entry in entries} | {begin.number: begin.hash}
    if noted.chain != begin.chain or hashes.get(noted.number) != noted.hash:
        words = f"entry {noted.number}, which was noted, is not there or is another"
        yield Fault(Kind.ROLLED_BACK, noted.number, noted.number, words)
