"""The week of pregnancy as people write it: `36+4`, `8w2d`, `I'm 22 wks`, `8 weeks to go until little one comes`."""

from api.rules.hearing import Heard
from api.rules.quantities import Lapse

DAYS_A_WEEK = 7
TERM_DAYS = 280
EARLIEST = 4
LATEST = 42
TWO_DIGITS = 10
WELL_ON = 14
GOES_ON = frozenset(
    ("and", "so", "with", "but", "now", "today", "tomorrow", "yesterday", "because", "cos", "would", "wants")
)


def dated(heard: Heard) -> list[tuple[int, int]]:
    """Return (token, week) of every date that midwives write: `36+4` and `8w2d`."""
    tokens, found = heard.tokens, []
    for at in range(len(tokens) - 2):
        week, day = _whole(heard, at), _whole(heard, at + 2)
        if week is None or day is None or not EARLIEST <= week <= LATEST or day >= DAYS_A_WEEK:
            continue
        first, last = tokens[at], tokens[at + 2]
        joined = first.end == tokens[at + 1].start and tokens[at + 1].end == last.start
        apart = first.start == 0 or not heard.text[first.start - 1].isalnum()
        if joined and apart and (_plus(heard, at, week) or _lettered(heard, at)):
            found.append((at, week))
    return found


def to_come(heard: Heard) -> list[tuple[Lapse, int]]:
    """Return each lapse that is left until the birth, with the week that it tells, counted back from term."""
    left = {start for start, _ in heard.scene.spans("weeks_left")}
    lapses = [lapse for lapse in heard.times.lapses if lapse.end in left and lapse.end > lapse.start + 1]
    return [(lapse, round((TERM_DAYS - lapse.days) / DAYS_A_WEEK)) for lapse in lapses if lapse.days <= TERM_DAYS]


def told_alone(heard: Heard) -> int | None:
    """Return the week of pregnancy that a text tells without a word of pregnancy, None when it does not."""
    weeks = [week for _, week in dated(heard)] + [week for _, week in to_come(heard)]
    if weeks:
        return weeks[0]
    for lapse in heard.times.lapses:
        week = round(lapse.days / DAYS_A_WEEK)
        counted = lapse.unit_days == DAYS_A_WEEK and lapse.end > lapse.start + 1 and not lapse.ago and not lapse.lasting
        if counted and EARLIEST <= week <= LATEST and _of_pregnancy(heard, lapse, week):
            return week
    return None


def _whole(heard: Heard, at: int) -> int | None:
    word = heard.tokens[at].word
    return int(word) if word.isdecimal() else None


def _plus(heard: Heard, at: int, week: int) -> bool:
    """True for `36+4`; `10+5 reps` is an amount, and `4+5` a date only as `4+5 today` or `I'm 4+5`."""
    behind = at + 3
    if heard.text[heard.tokens[at + 1].start] != "+":
        return False
    if heard.scene.overlaps("weeks_day", behind, behind + 1) or _weeks_at(heard, behind) or _led(heard, at):
        return True
    return week >= TWO_DIGITS and (_closed(heard, behind) or heard.tokens[behind].word in GOES_ON)


def _closed(heard: Heard, behind: int) -> bool:
    tokens = heard.tokens
    return behind == len(tokens) or tokens[behind].part != tokens[behind - 1].part


def _weeks_at(heard: Heard, at: int) -> bool:
    unit = heard.spoken.units.get(at)
    return unit is not None and unit[1] == DAYS_A_WEEK


def _lettered(heard: Heard, at: int) -> bool:
    tokens = heard.tokens
    return tokens[at + 1].word == "w" and at + 3 < len(tokens) and tokens[at + 3].word == "d"


def _led(heard: Heard, at: int) -> bool:
    return any(end == at for _, end in heard.scene.spans("weeks_before"))


def _of_pregnancy(heard: Heard, lapse: Lapse, week: int) -> bool:
    """True when these weeks are somebody's state (`I'm 22 wks`), and nothing else in the text can be counted so."""
    scene, tokens, behind = heard.scene, heard.tokens, lapse.end
    expecting = bool(scene.spans("baby_words"))
    if scene.overlaps("weeks_with", behind, behind + 1):
        return True
    if bool(scene.spans("other_weeks")) and not expecting:
        return False
    closed = _closed(heard, behind)
    opened = lapse.start == 0 or tokens[lapse.start - 1].part != tokens[lapse.start].part
    if not closed and tokens[behind].word not in GOES_ON:
        return False
    if _led(heard, lapse.start) or (lapse.start == 0 and tokens[1].word == "w" and not closed):
        before = max(0, lapse.start - 3)
        others = any(scene.overlaps(name, before, lapse.start) for name in ("third_person", "kin"))
        return not (others and scene.kin_are_others)
    said_soon = any(end == lapse.start for _, end in scene.spans("weeks_about"))
    day = not closed and scene.overlaps("weeks_day", behind, behind + 1)
    return (expecting and said_soon) or (opened and day and week >= WELL_ON)
