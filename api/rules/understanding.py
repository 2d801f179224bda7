"""People's words and fields understood: a question becomes findings, each with where it was said and how."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

from api.rules.bare import is_bare
from api.rules.facts import Amounts, establish, short_of
from api.rules.fields import QUESTIONS, nearest, place
from api.rules.hearing import Heard, Told, hear
from api.rules.likely_places import with_likely
from api.rules.people import describe, person_facts
from api.rules.places import by_cause, regions
from api.rules.quantities import measures, severities
from api.rules.reader import OPTION_KINDS, PLACES, Reader, build
from api.rules.told_conditions import PREGNANCY
from api.rules.unknown_illness import unknown_illness
from schemas.catalog import Catalog, Lexicon, RuleSet
from schemas.findings import Alarm, Finding, PersonFacts, Reading, Unplaced
from schemas.recommendations import RecommendationQuestion, TriageQuestion
from schemas.vocabulary import Side, Status

NOT_UNDERSTOOD = "We could not tell what this is about. Where does it hurt, and what does it feel like?"
UNEXPLAINED = "unexplained_pain"
LINK_REACH = 3
NAMED_BEFORE = (Status.PAST, Status.OTHER_PERSON, Status.HYPOTHETICAL)
REFERRED_TO = 0.45
WHERE = "Where does it hurt? Please name the area."


@dataclass(slots=True)
class _Gathered:
    findings: list[Finding] = field(default_factory=list)
    unplaced: list[Unplaced] = field(default_factory=list)
    heard: list[Heard] = field(default_factory=list)


def compile_reader(lexicon: Lexicon, catalog: Catalog, rules: RuleSet) -> Reader:
    """Return what `read` needs, built once per release; raises PhraseError on a malformed phrase."""
    return build(lexicon, catalog, rules)


def read(question: TriageQuestion, reader: Reader, ticked: Sequence[Finding] = ()) -> Reading:
    """Return everything understood of `question`: its text, its fields, the person, and the facts they establish.

    `ticked` was chosen from a list of signs and qualities, not said in words.
    """
    gathered = _Gathered(findings=list(ticked))
    _read_fields(question, reader, gathered)
    text = hear(question.text, reader, speaker_has_pain=bool(question.pain_areas))
    described = describe(text, reader.limits["birth.year"])
    person = person_facts(question.person, described)
    gathered.findings.extend(_findings(text, "/text", reader))
    gathered.heard.append(text)
    _ask_about_unknown_illness(text, gathered, reader)
    _guess_places(gathered, reader)
    findings, alarm, person = _with_learned(text, gathered.findings, person, reader)
    nothing = not any(f.kind not in OPTION_KINDS for f in findings) and person.age is None and not person.pregnant
    if (question.text.strip() or nothing) and not any(f.pointer == "/text" for f in findings):
        gathered.unplaced.append(Unplaced("/text", NOT_UNDERSTOOD))
    severity, duration = _severity(question, gathered.heard), _duration(question, gathered.heard)
    facts = establish(findings, person, _amounts(gathered.heard, severity, duration), described.child, reader)
    return Reading(
        findings=findings,
        unplaced=tuple(gathered.unplaced),
        person=person,
        severity=severity,
        duration_days=duration,
        facts=facts.present,
        uncertain_facts=facts.uncertain,
        recent_facts=facts.recent,
        denied_facts=facts.denied,
        foreign_emergency=reader.foreign.said_in(question.text),
        nothing_understood=nothing,
        alarm=alarm,
        measured_facts=facts.measured,
        ruled_out_facts=facts.ruled_out,
    )


def _ask_about_unknown_illness(heard: Heard, gathered: _Gathered, reader: Reader) -> None:
    words = unknown_illness(heard)
    if words is not None:
        nearby = nearest(words, "condition", reader)
        gathered.unplaced.append(Unplaced("/text", QUESTIONS["condition"], nearby, "condition"))


def _with_learned(
    heard: Heard, gathered: Sequence[Finding], person: PersonFacts, reader: Reader
) -> tuple[tuple[Finding, ...], Alarm | None, PersonFacts]:
    """Return what is named with the conditions and places that were learned to be meant, and the alarm."""
    named = _united(_with_pregnancy(gathered, person, reader))
    if not heard.tokens or is_bare(heard, reader):
        return named, None, person
    alarm = None if reader.listener is None else reader.listener.listen(heard.tokens, named, person)
    told, person = _told_conditions(heard, named, person, reader)
    return with_likely(_united(_with_pregnancy([*named, *told], person, reader)), alarm), alarm, person


def _told_conditions(
    heard: Heard, findings: Sequence[Finding], person: PersonFacts, reader: Reader
) -> tuple[list[Finding], PersonFacts]:
    """Return the conditions told without a phrase, and the person, whom they may tell to be pregnant."""
    if reader.condition_listener is None:
        return [], person
    ruled_out = short_of(_amounts([heard], None, None), reader)
    told = reader.condition_listener.listen(heard.tokens, findings, person, ruled_out)
    expecting = any(finding.id.startswith(PREGNANCY) for finding in told)
    if not expecting:
        return told, person
    if person.pregnant is None:
        return told, replace(person, pregnant=True)
    return [finding for finding in told if not finding.id.startswith(PREGNANCY)], person


def _read_fields(question: TriageQuestion, reader: Reader, gathered: _Gathered) -> None:
    for index, area in enumerate(question.pain_areas):
        before = len(gathered.findings)
        _read_words([area.region], "region", f"/pain_areas/{index}/region", reader, gathered, single=True)
        for at in range(before, len(gathered.findings)):
            found = gathered.findings[at]
            if found.kind == "region":
                side = area.side if area.side is not Side.UNKNOWN else found.side
                severity = area.severity if area.severity is not None else found.severity
                gathered.findings[at] = replace(found, side=side, severity=severity)
    _read_words(question.causes, "cause", "/causes", reader, gathered)
    _read_words(question.conditions, "condition", "/conditions", reader, gathered)
    if isinstance(question, RecommendationQuestion):
        _read_words(question.equipment or (), "equipment", "/equipment", reader, gathered)
        _read_words(question.positions or (), "position", "/positions", reader, gathered)


def _read_words(
    words: Sequence[str], kind: str, pointer: str, reader: Reader, gathered: _Gathered, single: bool = False
) -> None:
    for index, said in enumerate(words):
        where = pointer if single else f"{pointer}/{index}"
        placed = place(said, kind, where, reader)
        gathered.findings.extend(placed.findings)
        if placed.heard is not None:
            gathered.heard.append(placed.heard)
            heard = _findings(placed.heard, where, reader, options=kind in OPTION_KINDS)
            gathered.findings.extend(f for f in heard if kind == "region" or f.kind != "region")
        if placed.unplaced is not None:
            gathered.unplaced.append(placed.unplaced)


def _findings(heard: Heard, pointer: str, reader: Reader, options: bool = False) -> list[Finding]:
    findings = regions(heard, pointer, reader)
    for told in heard.told:
        if told.meaning.kind in PLACES or (told.meaning.kind in OPTION_KINDS and not options):
            continue
        findings.append(_finding(told, heard, pointer))
    return findings


def _mere_setting(told: Told, heard: Heard) -> bool:
    """True for a cause told as a trade, or without a link where the same text says that nothing brought the pain on."""
    mention, scene = told.mention, heard.scene
    if scene.overlaps("background", mention.start, mention.end):
        return True
    unexplained = any(t.meaning.id == UNEXPLAINED and t.manner.status is Status.PRESENT for t in heard.told)
    return unexplained and not scene.overlaps("link", max(0, mention.start - LINK_REACH), mention.end)


def _finding(told: Told, heard: Heard, pointer: str) -> Finding:
    mention, how = told.mention, told.manner
    counts = how.recent and (mention.lingers or not how.fading)
    mere_setting = mention.kind == "cause" and _mere_setting(told, heard)
    return Finding(
        kind=mention.kind,
        id=mention.id,
        status=how.status,
        confidence=1.0 if (counts or not how.recent) and not mere_setting else 0.5,
        pointer=pointer,
        span=(heard.tokens[mention.start].start, heard.tokens[mention.end - 1].end),
        recent=how.recent,
    )


def _guess_places(gathered: _Gathered, reader: Reader) -> None:
    """A stated cause names likely places when nobody named one."""
    if any(f.kind == "region" and f.status is Status.PRESENT for f in gathered.findings):
        return
    if _refers_back(gathered):
        return
    causes = [f for f in gathered.findings if f.kind == "cause" and f.status is Status.PRESENT]
    denied = {f.id for f in gathered.findings if f.kind == "region"}
    guessed = by_cause([f.id for f in causes], reader.priors, causes[0].pointer if causes else "")
    gathered.findings.extend(f for f in guessed if f.id not in denied)


def _refers_back(gathered: _Gathered) -> bool:
    """`Broke my ankle in 1999. It is stiff`: a complaint without a place is likely about the place named before."""
    complaint = any(f.kind in ("quality", "pattern") and f.status is Status.PRESENT for f in gathered.findings)
    named = [f for f in gathered.findings if f.kind == "region" and f.status in NAMED_BEFORE]
    if complaint:
        gathered.findings.extend(replace(f, status=Status.PRESENT, confidence=REFERRED_TO) for f in named)
    return complaint and bool(named)


def _with_pregnancy(findings: Iterable[Finding], person: PersonFacts, reader: Reader) -> list[Finding]:
    """Pregnancy becomes the trimester when the week is known, else the vague condition that unites all three."""
    kept = list(findings)
    vague = [f for f in kept if f.kind == "condition" and f.id == "pregnancy"]
    if not person.pregnant:
        return kept
    exact = any(f.kind == "condition" and f.id.startswith("pregnancy_") and f.status is Status.PRESENT for f in kept)
    if exact:
        return [f for f in kept if f not in vague]
    model = next((f for f in vague if f.status is Status.PRESENT), None)
    if model is None:
        model = Finding("condition", "pregnancy", Status.PRESENT, 1.0, "/person/pregnant")
    if person.pregnancy_weeks is None:
        return [*(f for f in kept if f is not model), model]
    third, second = reader.limits.get("trimester.third", 28), reader.limits.get("trimester.second", 14)
    weeks = person.pregnancy_weeks
    trimester = "pregnancy_t3" if weeks >= third else "pregnancy_t2" if weeks >= second else "pregnancy_t1"
    return [*(f for f in kept if f not in vague), replace(model, id=trimester)]


def _united(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Drop repeats: one finding per kind, id, status and pointer, the surest first."""
    kept: dict[tuple[str, str, Status, str], Finding] = {}
    for found in findings:
        key = (found.kind, found.id, found.status, found.pointer)
        held = kept.get(key)
        if held is None or found.confidence > held.confidence:
            kept[key] = found
    return tuple(kept.values())


def _severity(question: TriageQuestion, heard: Iterable[Heard]) -> int | None:
    given = [area.severity for area in question.pain_areas if area.severity is not None]
    said = [score for one in heard for _, score in severities(one.tokens, one.text, one.spoken)]
    return max([*given, *said], default=None)


def _duration(question: TriageQuestion, heard: Iterable[Heard]) -> int | None:
    """The days of the field, else the longest stretch that something has lasted, else the first bare amount of days."""
    if question.duration_days is not None:
        return question.duration_days
    lapses = [lapse for one in heard for lapse in one.times.lapses]
    lasting = [lapse.days for lapse in lapses if lapse.lasting]
    if lasting:
        return round(max(lasting))
    ago = [lapse.days for lapse in lapses if lapse.ago]
    return round(ago[0]) if ago else None


def _amounts(heard: Iterable[Heard], severity: int | None, duration: int | None) -> Amounts:
    values = [(name, value) for one in heard for name, value, _, _ in measures(one.tokens, one.text, one.spoken)]
    if severity is not None:
        values.append(("severity", float(severity)))
    if duration is not None:
        values.append(("duration_days", float(duration)))
    return Amounts(tuple(values))
