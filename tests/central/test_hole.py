from edged.domain.errors import Unavailable
from edged.domain.person import Person
from tests.central.following import site
from tests.gallery.sample import template
import pytest
def lost_answer(place):
    real = place.centre.push
    def push(p, m):
        real(p, m); raise Unavailable("cut", "x")
    place.centre.push = push
    with pytest.raises(Unavailable): place.round()
    place.centre.push = real
def test_deleted_here(tmp_path):
    place = site(tmp_path/"a")
    place.gallery.enroll(Person("", "k"), [template(1)])
    lost_answer(place)
    place.gallery.delete("k")
    place.until_quiet()
    assert not place.roster() and not place.centre.people
def test_deleted_there(tmp_path):
    place = site(tmp_path/"a")
    place.gallery.enroll(Person("", "k"), [template(1)])
    lost_answer(place)
    (own,) = place.centre.people
    place.centre.delete(own)
    place.until_quiet()
    assert not place.roster() and not place.centre.people
