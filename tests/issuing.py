"""An OpenID Connect issuer of our own on this machine: real keys, real signatures, and a JWKS that can misbehave."""

import json
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import jwt
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.x509.oid import NameOID

AUDIENCE = "stretching-app"
NAME = "https://issuer.example.org"
CERTIFICATE = "certificate.pem"


class Issuer:
    """Signs tokens and serves its public keys; `serve` may be replaced by what an issuer should never do."""

    def __init__(self) -> None:
        self.rsa = rsa.generate_private_key(65537, 2048)
        self.ec = ec.generate_private_key(ec.SECP256R1())
        self.ed = ed25519.Ed25519PrivateKey.generate()
        self.keys = [
            {**public(jwt.algorithms.RSAAlgorithm, self.rsa), "kid": "rsa", "use": "sig", "alg": "RS256"},
            {**public(jwt.algorithms.ECAlgorithm, self.ec), "kid": "ec"},
            {**public(jwt.algorithms.OKPAlgorithm, self.ed), "kid": "ed"},
        ]
        self.asked = 0
        self.port = 0
        self.scheme = "http"
        self.serve: Callable[[BaseHTTPRequestHandler], None] = self.serve_keys

    @property
    def jwks_url(self) -> str:
        return f"{self.scheme}://127.0.0.1:{self.port}/jwks"

    def token(self, key: Any = None, algorithm: str = "RS256", kid: str | None = "rsa", **changes: Any) -> str:
        headers: dict[str, Any] = {**({} if kid is None else {"kid": kid}), **changes.pop("headers", {})}
        now = datetime.now(UTC)
        claims = {
            "iss": NAME, "aud": AUDIENCE, "sub": "subject-1", "iat": now, "exp": now + timedelta(minutes=5), **changes,
        }  # fmt: skip
        kept = {name: value for name, value in claims.items() if value is not None}
        return jwt.encode(kept, key or self.rsa, algorithm=algorithm, headers=headers)

    def serve_keys(self, request: BaseHTTPRequestHandler) -> None:
        answer(request, json.dumps({"keys": self.keys}).encode())


def public(kind: Any, key: Any) -> dict[str, Any]:
    made: dict[str, Any] = kind.to_jwk(key.public_key(), as_dict=True)
    return made


def answer(request: BaseHTTPRequestHandler, content: bytes, status: int = 200, **headers: str) -> None:
    request.send_response(status)
    for name, value in {"Content-Length": str(len(content)), **headers}.items():
        request.send_header(name, value)
    request.end_headers()
    request.wfile.write(content)


def drip(request: BaseHTTPRequestHandler) -> None:
    """Send a byte now and then, so that no timeout of a single read ever fires."""
    request.send_response(200)
    request.send_header("Content-Length", "60000")
    request.end_headers()
    for _ in range(100):
        request.wfile.write(b" ")
        request.wfile.flush()
        time.sleep(0.2)


def certified(issuer: Issuer, folder: Path) -> ssl.SSLContext:
    """Return what a server needs to show a certificate that vouches for itself; it is put into the folder."""
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(issuer.ec.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(issuer.ec, hashes.SHA256())
    )
    certificate, key = folder / CERTIFICATE, folder / "key.pem"
    certificate.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    key.write_bytes(
        issuer.ec.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    return context


@contextmanager
def running(certified_in: Path | None = None) -> Iterator[Issuer]:
    """Yield an issuer that answers on this machine; with a folder over TLS, its certificate being put there."""
    issuer = Issuer()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            issuer.asked += 1
            try:
                issuer.serve(self)
            except OSError:
                self.close_connection = True

        def log_message(self, format: str, *arguments: Any) -> None:  # noqa: A002 - the name is the library's
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    if certified_in is not None:
        issuer.scheme = "https"
        server.socket = certified(issuer, certified_in).wrap_socket(server.socket, server_side=True)
    issuer.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield issuer
    server.shutdown()
    server.server_close()
    thread.join()
