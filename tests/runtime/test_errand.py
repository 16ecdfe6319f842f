"""Work that one thread has another do."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest

from edged.domain.errors import Refused, Unavailable
from edged.runtime.errand import Errand, Errands


def refuse() -> None:
    raise Refused("blurred", "the face is blurred")


def test_the_answer_comes_back() -> None:
    errands = Errands()
    errand = errands.add(lambda: 6 * 7)
    assert errands.waits()
    threading.Timer(0.02, errands.do_one).start()
    assert errand.result(10) == 42
    assert not errands.waits()
    errands.do_one()


def test_an_error_of_ours_comes_back_as_it_is() -> None:
    errand = Errand(refuse)
    errand.do()
    with pytest.raises(Refused, match="blurred"):
        errand.result(10)


def test_what_nobody_came_round_to_is_never_done() -> None:
    done: list[int] = []
    errand = Errand(lambda: done.append(1))
    with pytest.raises(Unavailable, match="nothing was changed"):
        errand.result(0.01)
    errand.do()
    assert done == []


def test_what_has_begun_is_waited_for_once_more_and_then_said_to_be_under_way() -> None:
    begun, go_on = threading.Event(), threading.Event()

    def work() -> None:
        begun.set()
        go_on.wait(10)

    errand = Errand(work)
    thread = threading.Thread(target=errand.do)
    thread.start()
    begun.wait(10)
    with pytest.raises(Unavailable, match="has not finished"):
        errand.result(0.01)
    go_on.set()
    thread.join(10)
    errand.result(0)


@pytest.mark.parametrize("early", [True, False])
def test_nobody_waits_for_a_thread_that_has_ended(*, early: bool) -> None:
    errands = Errands()
    add: Callable[[], Errand[int]] = lambda: errands.add(lambda: 1)  # noqa: E731  called before or after
    errand = add() if early else None
    errands.close()
    with pytest.raises(Unavailable):
        (errand or add()).result(10)
