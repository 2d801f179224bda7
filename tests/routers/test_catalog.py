"""The release and the export through the front door."""

from starlette.testclient import TestClient

from schemas.catalog import CatalogExport, CatalogRelease


def test_the_release_says_what_is_served(reader: TestClient) -> None:
    answer = reader.get("/catalog")
    release = CatalogRelease.model_validate_json(answer.content)
    assert release.model_dump_json().encode() == answer.content
    assert release.counts["exercises"] == reader.get("/exercises?facets=level&limit=1").json()["matching"]
    assert release.counts["exercises"] >= 250
    assert min(release.exercises_per_region.values()) >= 8
    assert release.licence == "CC BY 4.0"
    assert release.languages == ["en", "de", "es"]
    assert release.reviewed_exercises == 0
    assert "reviewed by a clinician" in release.review_notice


def test_the_export_holds_everything_to_the_byte(reader: TestClient) -> None:
    answer = reader.get("/catalog/export")
    export = CatalogExport.model_validate_json(answer.content)
    assert export.model_dump_json().encode() == answer.content
    assert export.catalog.counts["exercises"] == len(export.exercises)
    assert export.catalog.counts["conditions"] == len(export.conditions)
    assert export.red_flags
    assert export.questions
    assert export.numbers
    assert export.tuning.texts["safety_net"]
    one = reader.get("/exercises/standing-mid-back-reach").json()
    assert one in answer.json()["exercises"]


def test_the_export_travels_compressed_and_is_not_sent_twice(reader: TestClient) -> None:
    first = reader.get("/catalog/export", headers={"accept-encoding": "br"})
    assert first.headers["content-encoding"] == "br"
    assert int(first.headers["content-length"]) < len(first.content) / 4
    again = reader.get("/catalog/export", headers={"accept-encoding": "br", "if-none-match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
