"""Events that are composed, what is counted of their searches, and `edged bench selfies` as it is typed."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from edged.cli import main
from edged.domain.curve import Curve
from edged.domain.errors import Refused
from edged.measure import selfies
from edged.measure.album_event import AlbumEvent, Pool, compose, halves, pool_of
from edged.measure.album_siblings import try_siblings
from edged.measure.population import synthetic
from edged.measure.selfie_search import Searches, Wrong, search

CURVE = Curve(((0.01, 0.3), (0.0001, 0.42)), slope=46.76, intercept=-15.24)


def crowd(people: int = 240, seed: int = 3) -> Pool:
    """A third of the people have six faces, a third two, a third one."""
    made = synthetic(people, 6, 64, 3, seed)
    places = np.arange(len(made.vectors))
    most = np.array((6, 2, 1))[made.owners % 3]
    kept = places % 6 < most
    return Pool(made.vectors[kept], np.array([f"Person_{owner}" for owner in made.owners[kept].tolist()]))


@pytest.fixture(scope="module")
def pool() -> Pool:
    return crowd()


@given(st.integers(0, 10_000), st.integers(20, 800))
def test_every_face_is_in_an_event_once_and_no_selfie_is(seed: int, faces: int) -> None:
    pool = crowd(60, seed)
    event = compose(pool, faces, np.random.default_rng(seed))
    rows = [*event.faces.tolist(), *event.selfies]
    assert len(set(rows)) == len(rows)
    assert len(event.faces) <= max(faces, 5)


def test_a_guest_is_in_several_photographs_and_in_none_of_them_twice(pool: Pool) -> None:
    event = compose(pool, 400, np.random.default_rng(1))
    there = Counter(zip(pool.people[event.faces].tolist(), event.photos.tolist(), strict=True))
    assert set(there.values()) == {1}
    photographs = Counter(person for person, _photo in there)
    guests = pool.people[list(event.selfies)].tolist()
    assert {photographs[guest] for guest in guests} == {5}
    sizes = Counter(Counter(event.photos.tolist()).values())
    assert set(sizes) == {1, 2, 3, 4, 5, 6}
    strangers = sum(1 for count in photographs.values() if count == 1)
    assert (len(event.faces), len(guests), strangers > 60) == (300, 32, True)


def test_an_event_of_everybody_has_everybody(pool: Pool) -> None:
    event = compose(pool, 10_000, np.random.default_rng(1))
    assert len(event.faces) + len(event.selfies) == len(pool.people)
    assert len(event.selfies) == 80


def test_events_need_people_with_several_photographs(pool: Pool) -> None:
    alone = Pool(pool.vectors[:3], np.array(["a", "b", "c"]))
    with pytest.raises(Refused, match="nobody has 3 photographs"):
        compose(alone, 3, np.random.default_rng(1))


def test_somebody_is_on_one_side_whatever_else_is_there(pool: Pool) -> None:
    first, second = halves(pool)
    assert set(first.people.tolist()).isdisjoint(second.people.tolist())
    assert len(first.people) + len(second.people) == len(pool.people)
    fewer, _ = halves(Pool(pool.vectors[::2], pool.people[::2]))
    assert set(fewer.people.tolist()) <= set(first.people.tolist())


def test_two_names_of_one_person_are_one_person() -> None:
    pool = pool_of(np.eye(3, dtype=np.float32), ["Bart", "Ricky", "Ann"], {"Bart": "Bart", "Ricky": "Bart"})
    assert pool.people.tolist() == ["Bart", "Bart", "Ann"]


def test_what_guests_see_is_counted() -> None:
    """Two searches: one finds two of its two and a wrong one, the other one of two."""
    wrong = Wrong("Ann", "Bo", 0.5)
    found = Searches(
        odds=np.array([5.0, 4.0, 1.0, 3.0, -2.0]),
        right=np.array([True, True, False, True, True]),
        searches=np.array([0, 0, 0, 1, 1]),
        wanted=np.array([2, 2]),
        weight=2.0,
        mistakes=((1.0, wrong), (-3.0, Wrong("Ann", "Bo", 0.4)), (-4.0, Wrong("Ann", "Cy", 0.3))),
    )
    even = found.at(0.5)
    assert (even.recall, even.guests, even.precision, even.spared) == (0.75, 0.75, 3 / 5, 0.5)
    strict = found.at(0.9)
    assert (strict.recall, strict.precision, strict.spared) == (0.75, 1.0, 1.0)
    assert found.at(1 - 1e-9).recall == 0
    assert found.best(0.99) == 0.75
    assert found.best(0.6) == 1.0
    assert found.wrong_at(0.5) == [wrong]
    assert [mistake.taken for mistake in found.wrong_at(0.01)] == ["Bo", "Cy"]


def test_a_selfie_finds_its_own_person_and_what_is_joined_finds_more(pool: Pool) -> None:
    def events() -> list[AlbumEvent]:
        return [compose(pool, 400, np.random.default_rng(seed)) for seed in range(3)]

    plain, joined = (search(pool, iter(events()), CURVE, joins=joins) for joins in (False, True))
    assert len(plain.wanted) == sum(len(event.selfies) for event in events())
    assert plain.wanted.tolist() == [5] * len(plain.wanted)
    assert joined.at(0.5).recall > plain.at(0.5).recall
    assert joined.at(0.5).precision > plain.at(0.5).precision + 0.1
    as_if = search(pool, iter(events()), CURVE, joins=True, faces=3200)
    assert as_if.weight == 3200 / 300
    assert as_if.at(0.5).recall < joined.at(0.5).recall


def test_siblings_who_stand_side_by_side_are_told_apart_more_often(pool: Pool) -> None:
    event = compose(pool, 10_000, np.random.default_rng(1))
    apart, together = (try_siblings(pool, event, CURVE, 0.5, count, 0.5, joins=True) for count in (0, 2))
    assert together.of < apart.of - 60
    assert together.shown / together.of < apart.shown / apart.of / 2
    assert try_siblings(pool, event, CURVE, 0.2, 0, 0.5, joins=True).shown == 0


def test_the_word_says_what_was_reached_and_draws_it(
    pool: Pool, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    monkeypatch.setattr(selfies, "look_at", lambda *_: (pool, CURVE))
    page, out = tmp_path / "benchmarks.md", tmp_path / "figures"
    words = ["bench", "selfies", "--faces", "nowhere", "--quick", "--out", str(out), "--write", str(page), "--json"]
    assert main(words) == 0
    answer = json.loads(capsys.readouterr().out)
    assert set(answer["chosen"]) == {"selfie alone", "joined"}
    assert answer["events"]["300 faces"]["joined"]["recall"] > 0.9
    assert {each["faces"] for each in answer["speeds"]} >= {20_000}
    text = page.read_text()
    assert "## Selfies: the right photographs\n" in text
    assert "![precision over recall](figures/right-photographs.png)" in text
    assert (out / "right-photographs.png").read_bytes().startswith(b"\x89PNG")
