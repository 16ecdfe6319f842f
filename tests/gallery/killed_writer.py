"""Kills a process that enrols and deletes, again and again, and checks what it had acknowledged.

Run as a process of its own, which has one thread and may therefore fork. Prints what came of it as JSON.
"""

from __future__ import annotations

import json
import os
import random
import signal
import sqlite3
import sys
import time
from pathlib import Path

from tests.gallery.sample import names, open_gallery, open_people, somebody, template


def write_until_killed(path: Path, seed: int, said: int) -> None:
    """Enrols and deletes at random, saying what it begins and what has returned."""
    chance = random.Random(seed)
    gallery = open_gallery(path)
    while True:
        person = chance.randrange(40)
        word = chance.choice(("enroll", "enroll", "delete"))
        os.write(said, f"begin {word} {person}\n".encode())
        if word == "enroll":
            gallery.enroll(somebody(f"{person}"), [template(2 * person), template(2 * person + 1)])
        else:
            gallery.delete(f"{person}")
        os.write(said, f"done {word} {person}\n".encode())


def killed(path: Path, seed: int, seconds: float) -> list[list[str]]:
    """What a writer said that lived for so long after its first write."""
    reading, said = os.pipe()
    writer = os.fork()
    if writer == 0:
        os.close(reading)
        write_until_killed(path, seed, said)
    os.close(said)
    first = os.read(reading, 64)
    time.sleep(seconds)
    os.kill(writer, signal.SIGKILL)
    os.waitpid(writer, 0)
    with os.fdopen(reading, "rb") as pipe:
        rest = pipe.read()
    return [line.split() for line in (first + rest).decode().splitlines()]


def main(path: Path, rounds: int) -> None:
    chance = random.Random(3)
    open_people(path).close()
    enrolled: set[str] = set()
    faults: list[str] = []
    acknowledged = 0
    for turn in range(rounds):
        lines = killed(path, turn, chance.uniform(0.0, 0.15))
        for state, word, person in lines:
            if state == "done":
                acknowledged += 1
                (enrolled.add if word == "enroll" else enrolled.discard)(person)
        open_end = {lines[-1][2]} if lines[-1][0] == "begin" else set()
        connection = sqlite3.connect(path)
        verdict = connection.execute("PRAGMA integrity_check").fetchone()[0]
        orphans = connection.execute("SELECT count(*) FROM packs WHERE person NOT IN (SELECT number FROM people)")
        faults += [f"turn {turn}: {verdict}"] * (verdict != "ok")
        faults += [f"turn {turn}: orphans"] * (orphans.fetchone()[0] > 0)
        connection.close()
        gallery = open_gallery(path)
        present = {summary.person.customer_person_id for summary in gallery.people(limit=1000)}
        faults += [f"turn {turn}: {person} lost" for person in enrolled - present - open_end]
        faults += [f"turn {turn}: {person} resurrected" for person in present - enrolled - open_end]
        for person in present:
            summary = gallery.find(person)
            whole = summary is not None and summary.templates == 2
            whole = whole and names(gallery, template(2 * int(person)).vector, k=1) == [person]
            faults += [f"turn {turn}: {person} half enrolled"] * (not whole)
        gallery.close()
        enrolled = present
    print(json.dumps({"acknowledged": acknowledged, "faults": faults}))


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
