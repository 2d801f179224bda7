"""Signing in by an issuer's identity token: what is taken, and every way in which a token can lie."""

import base64
import hashlib
import hmac
import json
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from starlette.testclient import TestClient

from tests.conftest import Tenant
from tests.issuing import AUDIENCE, CERTIFICATE, NAME, Issuer, answer, drip, public, running
from tests.routers.posting import pointers
from tests.signing import Clock, bearer


@pytest.fixture(scope="module")
def issuing() -> Iterator[Issuer]:
    with running() as issuer:
        yield issuer


@pytest.fixture
def issuer(issuing: Issuer, entry: TestClient, tenant: Tenant) -> Issuer:
    """The issuer, trusted by the clinic, which is closed for strangers."""
    issuing.serve, issuing.asked = issuing.serve_keys, 0
    trusted = trust(entry, tenant, issuing.jwks_url)
    assert trusted.status_code == 201, trusted.json()
    return issuing


def trust(client: TestClient, tenant: Tenant, url: str, issuer: str = NAME) -> Any:
    body = {"issuer": issuer, "audience": AUDIENCE, "jwks_url": url}
    return client.post("/organization/issuers", json=body, headers=tenant.headers)


def enter(client: TestClient, tenant: Tenant, token: str) -> Any:
    return client.post("/auth/oidc", json={"id_token": token, "organization_id": str(tenant.organization_id)})


def encoded(part: Any) -> str:
    raw = part if isinstance(part, bytes) else json.dumps(part).encode()
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def test_the_same_subject_is_always_the_same_person(entry: TestClient, tenant: Tenant, issuer: Issuer) -> None:
    first = enter(entry, tenant, issuer.token())
    assert first.status_code == 200, first.json()
    person = first.json()["person"]
    others = [
        issuer.token(issuer.ec, "ES256", "ec", headers={"typ": None}),
        issuer.token(issuer.ed, "EdDSA", "ed", headers={"typ": "jwt"}),
        issuer.token(aud=["other-app", AUDIENCE], exp=datetime.now(UTC) - timedelta(seconds=50)),
    ]
    for token in others:
        again = enter(entry, tenant, token)
        assert (again.status_code, again.json().get("person")) == (200, person), jwt.get_unverified_header(token)
    assert enter(entry, tenant, issuer.token(sub="subject-2")).json()["person"]["id"] != person["id"]
    headers = {"Authorization": f"Bearer {again.json()['tokens']['access_token']}"}
    assert entry.get("/me", headers=headers).json()["person_id"] == person["id"]
    assert entry.get("/people", headers=headers).status_code == 403
    assert issuer.asked == 1, "the keys are kept"


def lies_about_keys(issuer: Issuer) -> dict[str, str]:
    stranger = rsa.generate_private_key(65537, 2048)
    _, claims, signature = issuer.token().split(".")
    public_pem = issuer.rsa.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    confused = f"{encoded({'alg': 'HS256', 'typ': 'JWT', 'kid': 'rsa'})}.{claims}"
    forged = encoded(hmac.new(public_pem, confused.encode(), hashlib.sha256).digest())
    return {
        "no algorithm": f"{encoded({'alg': 'none', 'typ': 'JWT', 'kid': 'rsa'})}.{claims}.",
        "the public key as a shared secret": f"{confused}.{forged}",
        "an algorithm that is no text": f"{encoded({'alg': ['RS256'], 'kid': 'rsa'})}.{claims}.{signature}",
        "an algorithm of another key": issuer.token(issuer.ec, "ES256", "rsa"),
        "another algorithm of the same key": issuer.token(algorithm="PS256"),
        "another key": issuer.token(stranger),
        "a key brought along": issuer.token(stranger, headers={"jwk": public(jwt.algorithms.RSAAlgorithm, stranger)}),
        "an address of keys brought along": issuer.token(headers={"jku": issuer.jwks_url}),
        "an unknown extension": issuer.token(headers={"crit": ["exp"]}),
        "an unknown key": issuer.token(kid="nobody's"),
        "no key named": issuer.token(kid=None),
        "another type": issuer.token(headers={"typ": "at+jwt"}),
    }


def lies_in_claims(issuer: Issuer) -> dict[str, str]:
    now = datetime.now(UTC)
    return {
        "another audience": issuer.token(aud="another-app"),
        "no audience": issuer.token(aud=None),
        "an audience that is no text": issuer.token(aud=[AUDIENCE, 7]),
        "another issuer": issuer.token(iss="https://elsewhere.example.org"),
        "no issuer": issuer.token(iss=None),
        "expired": issuer.token(exp=now - timedelta(seconds=61)),
        "no end": issuer.token(exp=None),
        "an end that is no number": issuer.token(exp="never"),
        "not yet valid": issuer.token(nbf=now + timedelta(minutes=5)),
        "made in the future": issuer.token(iat=now + timedelta(minutes=5)),
        "no beginning": issuer.token(iat=None),
        "no subject": issuer.token(sub=None),
        "an empty subject": issuer.token(sub=""),
        "an endless subject": issuer.token(sub="x" * 256),
        "an unprintable subject": issuer.token(sub="a\x00b"),
    }


def broken_forms(issuer: Issuer) -> dict[str, str]:
    good = issuer.token()
    head, claims, signature = good.split(".")
    other_claims = encoded({**jwt.decode(good, options={"verify_signature": False}), "sub": "somebody else"})
    return {
        "other claims under the signature": f"{head}.{other_claims}.{signature}",
        "no signature": f"{head}.{claims}.",
        "20 kB": issuer.token(padding="x" * 20_000),
        "9 kB": issuer.token(padding="x" * 7_000),
        "no token": "nothing.at.all",
        "not even that": "\u00e9",
        "deep nesting": f"{head}.{encoded(b'[' * 3000)}.{signature}",
    }


def test_a_token_that_lies_is_refused_without_a_word(entry: TestClient, tenant: Tenant, issuer: Issuer) -> None:
    lies = lies_about_keys(issuer) | lies_in_claims(issuer) | broken_forms(issuer)
    refusals = {name: enter(entry, tenant, token) for name, token in lies.items()}
    assert {name: found.status_code for name, found in refusals.items() if found.status_code != 401} == {}
    assert len({found.content for found in refusals.values()}) == 1
    assert issuer.asked == 1, "an unknown key makes the issuer be asked once a minute"
    unknown = entry.post("/auth/oidc", json={"id_token": issuer.token(), "organization_id": str(uuid4())})
    assert unknown.content == refusals["no algorithm"].content
    assert enter(entry, tenant, issuer.token()).status_code == 200


def test_new_keys_are_found_and_old_ones_forgotten(
    entry: TestClient, tenant: Tenant, issuer: Issuer, clock: Clock
) -> None:
    assert enter(entry, tenant, issuer.token()).status_code == 200
    fresh = rsa.generate_private_key(65537, 2048)
    kept = issuer.keys
    issuer.keys = [{**public(jwt.algorithms.RSAAlgorithm, fresh), "kid": "fresh"}]
    try:
        assert enter(entry, tenant, issuer.token(fresh, kid="fresh")).status_code == 401
        clock.forward(seconds=61)
        assert enter(entry, tenant, issuer.token(fresh, kid="fresh")).status_code == 200
        assert issuer.asked == 2
        assert enter(entry, tenant, issuer.token()).status_code == 401
        issuer.keys = [
            {"kty": "oct", "k": "c2VjcmV0", "kid": "rsa"},
            "nonsense",
            {"kid": 7},
            {"kty": "RSA", "kid": "ec"},
        ]
        clock.forward(minutes=11)
        for token in (issuer.token(), issuer.token(kid="ec")):
            assert enter(entry, tenant, token).status_code == 401
        private = jwt.algorithms.RSAAlgorithm.to_jwk(issuer.rsa, as_dict=True)
        issuer.keys = [{**private, "kid": "rsa"}, {"kty": "RSA", "n": 7, "e": [], "kid": "ec"}]
        clock.forward(minutes=11)
        for token in (issuer.token(), issuer.token(kid="ec")):
            assert enter(entry, tenant, token).status_code == 401
    finally:
        issuer.keys = kept


@pytest.mark.parametrize(
    "serve",
    [
        lambda request: answer(request, b"{}", status=302, Location="/jwks"),
        lambda request: answer(request, b"<html>"),
        lambda request: answer(request, b"[]"),
        lambda request: answer(request, b'{"keys": [' + b" " * 70_000 + b"]}"),
        lambda request: answer(request, b"no", status=500),
        drip,
    ],
    ids=["redirect", "html", "list", "too large", "failing", "dripping"],
)
def test_an_issuer_that_fails_is_waited_for_briefly(
    entry: TestClient, tenant: Tenant, issuer: Issuer, clock: Clock, serve: Any
) -> None:
    issuer.serve = serve
    began = time.monotonic()
    failed = enter(entry, tenant, issuer.token())
    assert time.monotonic() - began < 10
    assert (failed.status_code, failed.headers["retry-after"]) == (503, "60")
    asked = issuer.asked
    assert enter(entry, tenant, issuer.token()).status_code == 503
    assert issuer.asked == asked, "it is not asked again at once"
    issuer.serve = issuer.serve_keys
    clock.forward(seconds=61)
    assert enter(entry, tenant, issuer.token()).status_code == 200


def test_an_issuer_is_trusted_by_one_organisation_until_it_is_not(
    entry: TestClient, tenant: Tenant, issuer: Issuer, vendor: UUID
) -> None:
    elsewhere = entry.post("/auth/oidc", json={"id_token": issuer.token()})
    assert elsewhere.status_code == 401
    again = trust(entry, tenant, issuer.jwks_url)
    assert (again.status_code, pointers(again)) == (409, ["/issuer"])
    (listed,) = entry.get("/organization/issuers", headers=tenant.headers).json()["items"]
    place = f"/organization/issuers/{listed['id']}"
    assert entry.delete(place, headers=tenant.headers).status_code == 204
    assert entry.delete(place, headers=tenant.headers).status_code == 404
    assert enter(entry, tenant, issuer.token()).status_code == 401


def test_nobody_names_an_issuer_who_may_not_do_what_its_people_do(entry: TestClient, tenant: Tenant) -> None:
    made = {"name": "deputy", "scopes": ["access:manage", "sessions:read"]}
    key = entry.post("/organization/keys", json=made, headers=tenant.headers).json()["secret"]
    issuer = {"issuer": "https://id.example.org", "audience": AUDIENCE, "jwks_url": "https://id.example.org/jwks"}
    refused = entry.post("/organization/issuers", json=issuer, headers=bearer(key))
    assert (refused.status_code, refused.json()["type"]) == (403, "/problems/missing-scope")


def test_keys_come_from_servers_with_a_certificate_only(
    entry: TestClient, tenant: Tenant, clock: Clock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with running(certified_in=tmp_path) as issuer:
        assert trust(entry, tenant, issuer.jwks_url).status_code == 201
        assert enter(entry, tenant, issuer.token()).status_code == 503
        assert issuer.asked == 0
        monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / CERTIFICATE))
        clock.forward(seconds=61)
        assert enter(entry, tenant, issuer.token()).status_code == 200


@pytest.mark.parametrize(
    "url",
    [
        "http://keys.example.org/jwks", "ftp://example.org/jwks", "file:///etc/passwd", "https://", "https:///jwks",
        "https://user:secret@example.org/jwks", "https://example.org/jwks#here", "https://example.org/a b",
        "http://127.0.0.1.example.org/jwks", "https://ex\u00e4mple.org/jwks", "https://[::1", "//example.org/jwks",
    ],
)  # fmt: skip
def test_keys_are_fetched_from_safe_addresses_only(client: TestClient, tenant: Tenant, url: str) -> None:
    refused = trust(client, tenant, url)
    assert (refused.status_code, pointers(refused)) == (422, ["/jwks_url"])
