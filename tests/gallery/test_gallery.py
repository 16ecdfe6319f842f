from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from edged.gallery.build import Built, Plan, build
from edged.gallery.gallery import Gallery
from tests.gallery.sample import (
    MODEL,
    OTHER_MODEL,
    directions,
    fill,
    names,
    open_gallery,
    open_people,
    rebuild,
    somebody,
    standing_clock,
    template,
    wants_build,
)

_WRITER = """
import sys
from pathlib import Path
from tests.gallery.sample import MODEL, open_people, somebody, standing_clock, template

people = open_people(Path(sys.argv[1]))
print("open", flush=True)
for line in sys.stdin:
    word, key = line.split()
    if word == "enroll":
        people.enroll(somebody(key), [template(int(key))], MODEL)
    else:
        people.delete(key)
    print("done", flush=True)
"""


@pytest.fixture
def gallery(tmp_path: Path) -> Iterator[Gallery]:
    gallery = open_gallery(tmp_path / "gallery.db")
    yield gallery
    gallery.close()


def test_enrolled_is_found_and_deleted_is_gone_when_the_call_returns(gallery: Gallery) -> None:
    gallery.enroll(somebody("anna"), [template(1)])
    assert names(gallery, template(1).vector) == ["anna"]

    gallery.delete("anna")
    assert names(gallery, template(1).vector) == []


def test_another_process_is_followed_both_ways(gallery: Gallery, tmp_path: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", _WRITER, str(tmp_path / "gallery.db")],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as writer:
        assert writer.stdin
        assert writer.stdout
        assert writer.stdout.readline() == "open\n"

        def order(text: str) -> None:
            print(text, file=writer.stdin, flush=True)
            assert writer.stdout
            assert writer.stdout.readline() == "done\n"

        for number in range(10):
            order(f"enroll {number}")
            assert gallery.refresh()
            assert names(gallery, template(number).vector, k=1) == [str(number)]
            gallery.enroll(somebody(f"ours {number}"), [template(100 + number)])
        order("delete 3")
        order("enroll 50")
        assert gallery.refresh()
        assert not gallery.refresh()
        assert names(gallery, template(3).vector, k=1) != ["3"]
        assert gallery.snapshot().persons == 20
        writer.stdin.close()
        assert writer.wait(20) == 0


def test_an_own_write_takes_over_what_another_process_wrote_before(gallery: Gallery, tmp_path: Path) -> None:
    other = open_people(tmp_path / "gallery.db")
    other.enroll(somebody("theirs"), [template(1)], MODEL)
    gallery.enroll(somebody("ours"), [template(2)])
    other.close()

    assert names(gallery, template(1).vector, k=1) == ["theirs"]


def test_templates_of_another_model_are_never_compared(gallery: Gallery, tmp_path: Path) -> None:
    gallery.enroll(somebody("anna"), [template(1)])
    other = open_gallery(tmp_path / "gallery.db", OTHER_MODEL)

    assert other.snapshot().templates == 0
    assert names(other, template(1).vector) == []
    other.enroll(somebody("bob"), [template(2)])
    assert gallery.refresh()
    assert gallery.snapshot().templates == 1
    other.close()


def test_a_gallery_that_grows_keeps_every_template(gallery: Gallery) -> None:
    """More templates than the memory laid out at first, in the middle of the life of older snapshots."""
    people = [gallery.snapshot()]
    for person in range(40):
        faces = directions(person, 60)
        gallery.enroll(somebody(str(person)), [template(60 * person + n, face) for n, face in enumerate(faces)])
        people.append(gallery.snapshot())

    for count, snapshot in enumerate(people):
        assert snapshot.templates == 60 * count
        for person in range(count):
            (found,) = snapshot.nearest(directions(person, 60)[59:], k=1)
            assert found[0].person.customer_person_id == str(person)


def test_many_deletions_ask_for_a_build_that_gives_the_memory_back(gallery: Gallery) -> None:
    for person in range(20):
        faces = directions(person, 60)
        gallery.enroll(somebody(str(person)), [template(60 * person + n, face) for n, face in enumerate(faces)])
    assert not wants_build(gallery)
    for person in range(19):
        gallery.delete(str(person))
    assert wants_build(gallery)

    rebuild(gallery)

    assert not wants_build(gallery)
    assert gallery.snapshot().roll.matrix.count == 60
    assert names(gallery, directions(19, 60)[7]) == ["19"]


def test_lookups_on_other_threads_are_right_while_people_come_and_go(tmp_path: Path) -> None:
    """Who is enrolled throughout is found in every lookup, by whatever snapshot, base or half-finished build."""
    gallery = open_gallery(tmp_path / "gallery.db", exact_below=50, trees=5, rebuild_after=5)
    vectors = fill(gallery, people=60, photos=2)
    stop = threading.Event()
    wrong: list[str] = []
    lookups = [0, 0]

    def look(which: int) -> None:
        while not stop.is_set():
            person = lookups[which] % 60
            (found,) = gallery.snapshot().nearest(vectors[person, :1])
            if len(found) != 2 or found[0].person.customer_person_id != f"p{person}":
                wrong.append(f"{person}: {found}")
            lookups[which] += 1

    threads = [threading.Thread(target=look, args=(which,)) for which in range(2)]
    for thread in threads:
        thread.start()
    try:
        for turn in range(6):
            builds: list[Built] = []
            builder = threading.Thread(target=_build_into, args=(builds, gallery.begin_build()))
            builder.start()
            for guest in range(6):
                gallery.enroll(somebody(f"guest {turn} {guest}"), [template(1000 * (turn + 1) + guest)])
                gallery.delete(f"guest {turn - 1} {guest}")
            builder.join()
            gallery.adopt(builds[0])
            assert names(gallery, template(1000 * (turn + 1) + 5).vector, k=1) == [f"guest {turn} 5"]
    finally:
        stop.set()
        for thread in threads:
            thread.join(30)
        gallery.close()
    assert wrong == []
    assert min(lookups) > 0


def _build_into(builds: list[Built], plan: Plan) -> None:
    builds.append(build(plan, timer=standing_clock))


def test_settings_apply_from_the_next_lookup_on(gallery: Gallery) -> None:
    fill(gallery, people=20, photos=2)
    assert not wants_build(gallery)

    gallery.configure(gallery.begin_build().settings.model_copy(update={"exact_below": 10}))
    assert wants_build(gallery)
    rebuild(gallery)
    assert gallery.snapshot().narrowing is not None
    assert not wants_build(gallery)

    gallery.configure(gallery.begin_build().settings.model_copy(update={"exact_below": 100}))
    assert gallery.snapshot().narrowing is None
    assert np.isclose(gallery.snapshot().nearest(directions(5, 1))[0][0].similarity, 0, atol=1)
