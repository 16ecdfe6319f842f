"""Strangers who come again."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from edged.config.document import StrangerSettings
from edged.domain.event import Event, Outcome, Phase
from edged.domain.frame import Moment
from edged.recognition.strangers import Strangers
from tests.recognition.stage import CURVE, Figure, Stage, identity

ANNA, STRANGER, OTHER = 1, 40, 41
FAR_S = 15.0
HOUR_S = 3600.0


def remembering(*enrolled: int, **settings: object) -> Stage:
    stage = Stage(*enrolled)
    stage.strangers = StrangerSettings.model_validate({"enabled": True, **settings})
    return stage


def comes(stage: Stage, *figures: Figure, after_s: float = FAR_S) -> list[Event]:
    """A visit from its first to its last event."""
    stage.now += after_s
    return stage.hold(2, *figures) + stage.hold(FAR_S)


def words(events: list[Event]) -> set[str]:
    return {event.stranger for event in events}


def test_strangers_are_not_remembered_unless_it_is_asked_for() -> None:
    stage = Stage(ANNA)
    events = comes(stage, Figure(STRANGER, 300)) + comes(stage, Figure(STRANGER, 300))
    assert len(events) == 4
    assert words(events) == {""}


def test_a_stranger_who_comes_again_has_the_same_word_and_is_counted() -> None:
    stage = remembering(ANNA)
    first, second = comes(stage, Figure(STRANGER, 300)), comes(stage, Figure(STRANGER, 600))
    other = comes(stage, Figure(OTHER, 300))
    assert [event.phase for event in first] == [Phase.NEW, Phase.END]
    (word,) = words(first)
    assert word
    assert words(second) == {word}
    assert words(other) not in ({word}, {""})
    assert [event.stranger_visits for event in (*first, *second, *other)] == [1, 1, 2, 2, 1, 1]


def test_two_strangers_in_one_picture_are_never_one() -> None:
    stage = remembering()
    together = comes(stage, Figure(STRANGER, 200), Figure(OTHER, 700, like=STRANGER, likeness=0.55))
    assert {event.outcome for event in together} == {Outcome.UNKNOWN}
    assert len(words(together)) == 2


def test_somebody_known_has_no_word() -> None:
    stage = remembering(ANNA)
    assert words(comes(stage, Figure(ANNA, 300))) == {""}


def test_whoever_turns_out_to_be_somebody_is_forgotten_as_a_stranger() -> None:
    stage = remembering(ANNA)
    (before,) = words(comes(stage, Figure(STRANGER, 300)))
    stage.now += FAR_S
    unknown = stage.hold(2, Figure(STRANGER, 300))
    stage.memory = stage.memory.with_person(STRANGER)
    known = stage.hold(2, Figure(STRANGER, 300))
    assert [(event.outcome, event.stranger) for event in unknown + known] == [
        (Outcome.UNKNOWN, before),
        (Outcome.KNOWN, ""),
    ]
    stage.hold(FAR_S)
    stage.memory = stage.memory.without(STRANGER)
    again = comes(stage, Figure(STRANGER, 300))
    assert again[0].stranger not in ("", before)
    assert again[0].stranger_visits == 1


def test_whoever_is_enrolled_meanwhile_is_forgotten_without_coming_again() -> None:
    stage = remembering(ANNA)
    for who in range(STRANGER, STRANGER + 6):
        comes(stage, Figure(who, 300))
    (before,) = words(comes(stage, Figure(STRANGER, 300)))
    stage.memory = stage.memory.with_person(STRANGER)
    stage.hold(1)
    stage.memory = stage.memory.without(STRANGER)
    assert comes(stage, Figure(STRANGER, 300))[0].stranger != before
    assert comes(stage, Figure(STRANGER + 1, 300))[0].stranger_visits == 2, "the others are remembered"


def test_a_rotation_changes_every_word_and_forgets_every_count() -> None:
    stage = remembering(rotate_hours=2.0, remember_hours=2.0)
    first = comes(stage, Figure(STRANGER, 300))
    second = comes(stage, Figure(STRANGER, 300), after_s=HOUR_S)
    third = comes(stage, Figure(STRANGER, 300), after_s=HOUR_S)
    assert words(first) == words(second)
    assert words(third) not in (words(first), {""})
    assert third[0].stranger_visits == 1


def test_a_visit_that_outlasts_a_rotation_does_not_link_two_words() -> None:
    stage = remembering(rotate_hours=0.001, remember_hours=0.001)
    events = stage.hold(70, Figure(STRANGER, 300))
    said = [event.stranger for event in events]
    assert said[0]
    assert len(said) == 3
    assert said[1:] == ["", ""]


def test_whoever_stays_away_too_long_is_forgotten() -> None:
    stage = remembering(remember_hours=1.0)
    first = comes(stage, Figure(STRANGER, 300))
    assert words(comes(stage, Figure(STRANGER, 300), after_s=HOUR_S / 2)) == words(first)
    assert words(comes(stage, Figure(STRANGER, 300), after_s=HOUR_S + 60)) != words(first)


def test_switched_off_everybody_is_forgotten_at_once_and_open_visits_say_no_word() -> None:
    stage = remembering()
    on = stage.strangers
    (new,) = stage.hold(2, Figure(STRANGER, 300))
    assert new.stranger
    stage.strangers = StrangerSettings()
    stage.hold(2, Figure(STRANGER, 300))
    end = stage.hold(FAR_S)[-1]
    assert (end.visit, end.stranger) == (new.visit, "")
    stage.strangers = on
    assert comes(stage, Figure(STRANGER, 300))[0].stranger not in ("", new.stranger)


def ledger(**settings: object) -> tuple[Strangers, StrangerSettings]:
    salts = itertools.count(1)
    strangers = Strangers(CURVE, lambda: next(salts).to_bytes(32, "big"))
    asked = StrangerSettings.model_validate({"enabled": True, **settings})
    strangers.lapse(Moment(0, 0), asked)
    return strangers, asked


def test_only_so_many_are_remembered_and_the_oldest_go() -> None:
    strangers, settings = ledger(at_most=3)
    given = []
    for minute, who in enumerate((1, 2, 3, 1, 4)):
        strangers.lapse(Moment(60.0 * minute, 0), settings)
        given.append(strangers.meet(identity(who), 1))
    assert [bool(strangers.visits_of(word)) for word in given[:3]] == [True, False, True]
    assert len(strangers) == 3
    strangers.lapse(Moment(300, 0), settings.model_copy(update={"at_most": 1}))
    assert [bool(strangers.visits_of(word)) for word in given] == [False, False, False, False, True]


def test_the_more_are_remembered_the_more_alike_they_must_be() -> None:
    barely = 0.45
    strangers, _ = ledger(at_most=1000)
    first = strangers.meet(identity(1), 1)
    assert strangers.meet(identity(2, like=1, likeness=barely), 1) == first
    for who in range(3, 120):
        strangers.meet(identity(who), 1)
    assert strangers.meet(identity(2, like=1, likeness=barely), 1) != first


def test_faces_can_be_forgotten_by_what_they_look_like() -> None:
    strangers, _ = ledger()
    one, two = strangers.meet(identity(1), 1), strangers.meet(identity(2), 1)
    assert strangers.forget(np.stack([identity(3), identity(4, like=1, likeness=0.8)])) == 1
    assert (strangers.visits_of(one), strangers.visits_of(two)) == (0, 1)


def test_words_are_sayable_different_and_of_nothing_but_the_key() -> None:
    strangers, _ = ledger(at_most=1000)
    given = [strangers.meet(identity(who), 1) for who in range(120)]
    assert len(set(given)) == 120
    assert all(len(word) == 9 and word[4] == "-" and word.isascii() for word in given)
    other, _ = ledger(at_most=1000)
    assert [other.meet(identity(120 - who), 1) for who in range(120)] == given, "the face does not go into it"


@pytest.mark.parametrize("settings", [{"remember_hours": 48.0}, {"rotate_hours": 200.0}, {"at_most": 0}])
def test_settings_that_promise_too_much_are_refused(settings: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"remember_hours|rotate_hours|at_most"):
        StrangerSettings.model_validate({"enabled": True, **settings})
