"""Bare weeks that tell a pregnancy, and the many other things that are counted in weeks."""

import pytest

from tests.rules.asking import ask

TOLD = [
    ("calves cramp up at night, im 22 wks", "pregnancy_t2"),
    ("36+4 today, stiff between the shoulder blades", "pregnancy_t3"),
    ("bum cheek ache when I walk the dog, 31+4 with twins", "pregnancy_t3"),
    ("24w3d, ribs feel tight", "pregnancy_t2"),
    ("saw the heartbeat at 8w2d on Friday, jaw is tight", "pregnancy_t1"),
    ("My wife is 31 weeks and would like something for a stiff neck", "pregnancy_t3"),
    ("3 weeks til my due date, hips stiff", "pregnancy_t3"),
    ("due date is 16 weeks away, pregnant and stiff", "pregnancy_t2"),
    ("8 weeks to go until little one comes. stiff mid back", "pregnancy_t3"),
    ("lower back aching by evening, 22 weeks tomorrow", "pregnancy_t2"),
    ("I am in fifth month with my first child, low back aches", "pregnancy_t2"),
]
NOT_TOLD = [
    "stiff neck for 22 weeks",
    "22 weeks ago I pulled my back",
    "I'm 22 weeks post op, knee is stiff",
    "I'm in week 3, hamstrings are tight",
    "on a 22 week plan, tight hamstrings",
    "training 12 weeks for a marathon, tight calves",
    "rotator cuff repair, I'm 6 weeks now and stiff",
    "did 10+5 press ups, tight chest",
    "toes 4+5 feel stiff",
    "3 weeks to go until the marathon, tight calves",
    "my baby is 9 weeks and my wrists ache",
    "my sister is 31 weeks and I've a stiff back from painting her nursery",
    "tennis elbow, 16 weeks now and still sore",
]


@pytest.mark.parametrize(("text", "condition"), TOLD)
def test_bare_weeks_tell_the_trimester(text: str, condition: str) -> None:
    assert ask(text).ids("condition") & {"pregnancy_t1", "pregnancy_t2", "pregnancy_t3"} == {condition}


@pytest.mark.parametrize("text", NOT_TOLD)
def test_other_weeks_tell_no_pregnancy(text: str) -> None:
    heard = ask(text)
    assert not heard.reading.person.pregnant
    assert not {each for each in heard.ids("condition") if each.startswith("pregnancy")}
