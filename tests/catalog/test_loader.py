"""The loader on small folders: what it reads, what it refuses, and that nothing depends on the order of files."""

import json
import random
from pathlib import Path

import pytest
from pydantic import ValidationError

from data.catalog.documents import KINDS
from data.catalog.loader import CatalogError, assemble, dump, parse, read_files
from schemas.lexicon import Concept
from tests.catalog.making import CONCEPT, MUSCLES, REGIONS, Folder, findings_of


def test_a_sound_folder_has_every_document_with_its_line(folder: Folder) -> None:
    found = {(d.kind, d.id): d for d in read_files(folder())}
    assert found["region", "mid_back"].line == 6
    assert found["region", "mid_back"].place.endswith("regions.toml:6: region mid_back")
    assert found["exercise", "mid-back-reach"].path.name == "mid-back-reach.toml"
    assert ("numbers", "ZZ") in found
    assert ("tuning", "tuning") in found


def test_invalid_toml_is_found_with_its_line_and_hides_no_other_fault(folder: Folder) -> None:
    message = findings_of(folder(regions='[[region]]\nid = "back\n', muscles=MUSCLES + "size = 3\n"))
    assert "regions.toml: not valid TOML" in message
    assert "line 2" in message
    assert "muscles.toml:5: muscle rhomboids: size: Extra inputs are not permitted" in message


def test_a_stray_file_and_a_stray_table_are_found(folder: Folder) -> None:
    message = findings_of(folder(region=REGIONS, muscles=MUSCLES + '[[musle]]\nid = "x"\nname = "X"\n'))
    assert "region.toml: it is not a file of the catalogue" in message
    assert "musle does not belong here" in message


def test_text_that_is_not_utf8_is_found(folder: Folder) -> None:
    made = folder()
    (made / "causes.toml").write_bytes(b'name = "\xff"')
    assert "causes.toml: it is not UTF-8 text" in findings_of(made)


def test_concepts_of_several_files_are_merged_in_file_order(folder: Folder) -> None:
    found = read_files(folder(lexicon__b=CONCEPT.replace('["stiff"]', '["rusty", "stiff"]'), lexicon__a=CONCEPT))
    (concept,) = [d.document for d in found if isinstance(d.document, Concept)]
    assert concept.phrases == ["stiff", "rusty"]


def test_concepts_of_one_id_need_one_kind_and_stand_once_in_a_file(folder: Folder) -> None:
    message = findings_of(folder(lexicon__a=CONCEPT + CONCEPT, lexicon__b=CONCEPT.replace("quality", "pattern")))
    assert "b.toml:1: concept stiff: its kind is pattern" in message
    assert "a.toml:5: concept stiff: it stands twice in this file" in message


def test_emergency_words_are_numbered_by_language(folder: Folder) -> None:
    words = "".join(f'[[word]]\nlanguage = "{language}"\nphrase = "{language}"\n' for language in ("de", "fr", "de"))
    found = read_files(folder(lexicon__emergency_words=words))
    assert [d.id for d in found if d.kind == "emergency_word"] == ["de-001", "fr-001", "de-002"]


def test_assembled_hashes_depend_on_no_order_but_on_every_word(folder: Folder) -> None:
    pieces = [(d.kind, d.id, d.document) for d in read_files(folder(lexicon__a=CONCEPT))]
    shuffled = random.Random(4).sample(pieces, len(pieces))
    stored = [(kind, identity, parse(kind, dump(document))) for kind, identity, document in shuffled]
    first, second = assemble(pieces), assemble(stored)
    assert first == second
    assert (first[0].hash, first[1].hash) == (second[0].hash, second[1].hash)
    assert len(first[0].hash) == 16
    assert list(first[0].regions) == sorted(first[0].regions)
    changed = [
        (k, i, d.model_copy(update={"name": "Other"}) if (k, i) == ("muscle", "rhomboids") else d) for k, i, d in pieces
    ]
    assert assemble(changed)[0].hash != first[0].hash
    assert assemble(changed)[1].hash == first[1].hash


def test_rules_need_their_thresholds(folder: Folder) -> None:
    pieces = [(d.kind, d.id, d.document) for d in read_files(folder()) if d.kind != "tuning"]
    with pytest.raises(CatalogError, match="exactly one set of thresholds"):
        assemble(pieces)


def test_a_document_comes_back_from_its_text_unchanged(folder: Folder) -> None:
    for found in read_files(folder(lexicon__a=CONCEPT)):
        text = dump(found.document)
        assert parse(found.kind, text) == found.document
        assert text == json.dumps(json.loads(text), sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def test_parse_refuses_unknown_kinds_and_bad_payloads() -> None:
    with pytest.raises(KeyError):
        parse("nothing", "{}")
    with pytest.raises(ValidationError):
        parse("muscle", '{"id": "Rhomboids"}')


def test_the_kinds_are_those_of_the_catalogue() -> None:
    assert (
        " ".join(KINDS)
        == "exercise region muscle equipment cause property stop_rule kind topic nickname answers translation "
        "condition red_flag question numbers concept emergency_word tuning alarm told_conditions"
    )


def test_a_folder_that_is_not_there_is_a_finding(tmp_path: Path) -> None:
    assert "there is no such folder" in findings_of(tmp_path / "nothing")
