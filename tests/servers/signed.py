"""A domain of AWS's before a node: TLS, and a signature that botocore's own signer makes again of the bytes that came.

Whoever is not let in is told so in the words of Amazon OpenSearch Service, or of OpenSearch Serverless. A name like a
domain's own, on port 443, leads here as long as `domain` runs.
"""

import gzip
import hashlib
import http.client
import json
import re
import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import urllib3.util.connection
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tests.servers.loopback import Handler, serving

REGION = "eu-west-1"
_SKEW = timedelta(minutes=5)
_STAMP = "%Y%m%dT%H%M%SZ"
_AUTHORIZATION = re.compile(
    r"AWS4-HMAC-SHA256 Credential=(?P<key>[^/]+)/(?P<day>\d{8})/(?P<region>[^/]+)/(?P<service>[^/]+)/aws4_request, "
    r"SignedHeaders=(?P<headers>[a-z0-9;-]+), Signature=(?P<signature>[0-9a-f]{64})"
)


class Key(NamedTuple):
    """Credentials that are let in."""

    id: str
    secret: str
    token: str = ""
    expires: datetime | None = None

    @property
    def variables(self) -> dict[str, str]:
        """What makes a process use them."""
        return {"AWS_ACCESS_KEY_ID": self.id, "AWS_SECRET_ACCESS_KEY": self.secret}


OURS = Key("AKIAOURS", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY")


class RefusedError(Exception):
    """Why a request is not let in, in the service's words."""


class Came(NamedTuple):
    """A request that was let in."""

    key: str
    method: str
    path: str
    body: bytes
    """Unpacked."""
    is_packed: bool


@dataclass
class Domain:
    """What lets requests in."""

    upstream: int
    service: str
    keys: dict[str, Key] = field(default_factory=lambda: {OURS.id: OURS})
    revoked: set[str] = field(default_factory=set)
    """Keys that it takes for expired."""
    came: list[Came] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    tampers: bool = False
    """Something on the way changes a byte."""

    @property
    def host(self) -> str:
        return f"trail.{REGION}.{'es' if self.service == 'es' else 'aoss'}.amazonaws.com"

    def url(self, **given: str) -> str:
        """As oddtrail is given it."""
        more = "".join(f"&{name}={value}" for name, value in given.items())
        return f"opensearch+sigv4://{self.host}?region={REGION}&service={self.service}{more}"

    def verify(self, method: str, path: str, headers: Any, body: bytes) -> Key:
        """Whose a request is, or `RefusedError`."""
        found = _AUTHORIZATION.fullmatch(headers.get("Authorization") or "")
        if found is None:
            action = f"es:ESHttp{method.capitalize()}"
            raise RefusedError(
                f"User: anonymous is not authorized to perform: {action} because no resource-based policy allows the "
                f"{action} action"
            )
        stamp = headers.get("X-Amz-Date") or ""
        self._check_time(stamp)
        key = self.keys.get(found["key"])
        if key is None or key.token != (headers.get("X-Amz-Security-Token") or ""):
            raise RefusedError("The security token included in the request is invalid.")
        if key.id in self.revoked or (key.expires is not None and key.expires <= datetime.now(UTC)):
            raise RefusedError("The security token included in the request is expired")
        if (found["region"], found["service"], found["day"]) != (REGION, self.service, stamp[:8]):
            raise RefusedError(f"Credential should be scoped to correct service: '{self.service}'.")
        names = found["headers"].split(";")
        digest = headers.get("X-Amz-Content-SHA256")
        is_covered = {"host", "x-amz-date"} <= {*names} and {
            name.lower() for name in headers if name.lower().startswith("x-amz-")
        } <= {*names}
        if not is_covered or (self.service == "aoss" and not digest):
            raise RefusedError("The request signature does not cover what it has to.")
        request = AWSRequest(
            method, f"https://{self.host}{path}", {name: headers[name] for name in names}, body or None
        )
        request.context["timestamp"] = stamp
        signer = SigV4Auth(Credentials(key.id, key.secret, key.token or None), self.service, REGION)
        expected = signer.signature(signer.string_to_sign(request, signer.canonical_request(request)), request)
        if expected != found["signature"] or digest not in (None, hashlib.sha256(body).hexdigest()):
            raise RefusedError(
                "The request signature we calculated does not match the signature you provided. Check your AWS Secret "
                "Access Key and signing method. Consult the service documentation for details."
            )
        return key

    def refuse(self, error: RefusedError) -> dict[str, Any]:
        """How it says so."""
        self.refused.append(str(error))
        if self.service == "aoss":
            return {"status": 403, "request-id": "1", "error": {"reason": str(error), "type": "Forbidden"}}
        return {"Message" if "anonymous" in str(error) else "message": str(error)}

    @staticmethod
    def _check_time(stamp: str) -> None:
        try:
            at, now = datetime.strptime(stamp, _STAMP).replace(tzinfo=UTC), datetime.now(UTC)
        except ValueError as error:
            words = "Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header."
            raise RefusedError(words) from error
        if at < now - _SKEW:
            early = f"{now - _SKEW:{_STAMP}} ({now:{_STAMP}} - 5 min.)"
            raise RefusedError(f"Signature expired: {stamp} is now earlier than {early}")
        if at > now + _SKEW:
            late = f"{now + _SKEW:{_STAMP}} ({now:{_STAMP}} + 5 min.)"
            raise RefusedError(f"Signature not yet current: {stamp} is still later than {late}")


@contextmanager
def domain(upstream: int, service: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Domain]:
    """Run one before a node that listens on a port, and be its caller with `OURS`."""
    running = Domain(upstream, service)
    for name, value in OURS.variables.items():
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("AWS_SESSION_TOKEN", raising=False)
    certificate = certify(running.host, folder)
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    connect = urllib3.util.connection.create_connection
    with serving(_handler(running), context=context) as port:

        def lead_here(address: tuple[str, int], *given: Any, **named: Any) -> socket.socket:
            return connect(("127.0.0.1", port) if address == (running.host, 443) else address, *given, **named)

        monkeypatch.setattr(urllib3.util.connection, "create_connection", lead_here)
        yield running


def _handler(running: Domain) -> type[Handler]:
    class Answers(Handler):
        def _serve(self) -> None:
            body = self.body()
            if running.tampers:
                body = body[:-1] + bytes([body[-1] ^ 1])
            try:
                key = running.verify(self.command, self.path, self.headers, body)
            except RefusedError as error:
                self.answer(403, json.dumps(running.refuse(error)).encode())
                return
            packed = self.headers.get("content-encoding") == "gzip"
            plain = gzip.decompress(body) if packed else body
            running.came.append(Came(key.id, self.command, self.path, plain, packed))
            self.answer(*self._pass_on(body))

        def _pass_on(self, body: bytes) -> tuple[int, bytes]:
            node = http.client.HTTPConnection("127.0.0.1", running.upstream, timeout=60)
            named = ("content-type", "content-encoding")
            headers = {name: value for name in named if (value := self.headers.get(name))}
            node.request(self.command, self.path, body, headers)
            answer = node.getresponse()
            found = answer.status, answer.read()
            node.close()
            return found

        do_GET = do_POST = do_PUT = do_DELETE = _serve  # noqa: N815

    return Answers


def certify(host: str, folder: Path) -> Path:
    """A key and a certificate of a host, which vouches for itself."""
    key, name = ec.generate_private_key(ec.SECP256R1()), x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, host)])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name).issuer_name(name).public_key(key.public_key()).serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1)).not_valid_after(now + timedelta(hours=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(host)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )  # fmt: skip
    path = folder / "domain.pem"
    path.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        + made.public_bytes(serialization.Encoding.PEM)
    )
    return path
