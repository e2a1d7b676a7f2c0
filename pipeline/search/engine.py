"""A search engine to talk to: one client for OpenSearch and Elasticsearch, that tries nothing twice by itself.

Whether something may be sent again is decided by what was sent (`pipeline.search.bulk`); a client that repeats on its
own has been seen to apply one bulk three times.
"""

import json
import ssl
from collections.abc import Mapping
from typing import Any, Final, NamedTuple

from opensearchpy import OpenSearch, Urllib3AWSV4SignerAuth
from opensearchpy.exceptions import ConnectionError as NoConnection
from opensearchpy.exceptions import ConnectionTimeout, SerializationError, SSLError, TransportError
from zlib_ng import zlib_ng

from pipeline.errors import OddtrailError, SettingsError
from pipeline.search.aws import explain_refusal, find_credentials
from pipeline.search.connection import TimedConnection
from pipeline.search.outcome import bound
from pipeline.search.secret import read_secret
from pipeline.search.url import EngineUrl

_READ_TIMEOUT: Final = 30.0
_GZIP: Final = 31
"""zlib's window bits for a gzip wrapping."""


class UnreachableError(OddtrailError):
    """No answer came, so nobody knows what became of what was sent."""


class Answer(NamedTuple):
    """What an engine answered."""

    status: int
    body: Any
    """Decoded JSON; None where it was none."""

    @property
    def error(self) -> tuple[str, str]:
        """Type and reason of an error, bounded; empty texts where the answer names none.

        What stands before an engine, as AWS does, says its reason as a message.

        >>> Answer(403, {"message": "The security token included in the request is expired"}).error
        ('', 'The security token included in the request is expired')
        """
        if not isinstance(self.body, dict):
            return read_error(None)
        return read_error(self.body.get("error") or self.body.get("message") or self.body.get("Message"))


class Engine:
    """A search engine.

    Parameters
    ----------
    url
        Where it is, and where its secrets are.
    connections
        Requests that may be under way at once.
    """

    def __init__(self, url: EngineUrl, *, connections: int = 4) -> None:
        self.url = url
        self._compresses = url.way != "http"
        """To this machine, compressing costs more than it saves."""
        self._client = OpenSearch(
            hosts=[url.origin],
            connection_class=TimedConnection,
            pool_maxsize=connections,
            retry_on_timeout=False,
            max_retries=0,
            retry_on_status=(),
            http_compress=False,
            **_authentication(url),
        )

    def ask(
        self,
        method: str,
        path: str,
        body: Mapping[str, Any] | bytes | None = None,
        *,
        params: Mapping[str, str] | None = None,
        timeout: float = _READ_TIMEOUT,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        """Send one request, once.

        Parameters
        ----------
        path
            Below the host, as in `/_bulk`; names in it are quoted by whoever makes it.
        body
            A JSON object, or bytes that are lines of JSON.
        timeout
            Seconds until no answer means that the outcome is unknown.
        headers
            Besides those that say what the body is.

        Raises
        ------
        UnreachableError
            No answer came.
        """
        data, told = self._encode(body)
        told |= headers or {}
        try:
            found = self._client.transport.perform_request(
                method,
                path,
                params={**(params or {}), "request_timeout": timeout},
                body=data,
                headers=told,
            )
        except SSLError as error:
            if "CERTIFICATE_VERIFY_FAILED" not in str(error.error):  # cut off while shaking hands
                raise UnreachableError(f"{self.url.origin} does not answer ({bound(error.error)})") from error
            raise SettingsError(
                f"{self.url.origin} shows a certificate that is not trusted: name its ca= ({bound(error.error)})"
            ) from error
        except (ConnectionTimeout, NoConnection) as error:
            if self.url.way == "sigv4" and (reason := explain_refusal(error.info)):
                return Answer(403, {"error": {"type": "credentials", "reason": reason}})
            raise UnreachableError(f"{self.url.origin} does not answer ({bound(error.error)})") from error
        except SerializationError:
            return Answer(200, None)
        except TransportError as error:
            if not isinstance(error.status_code, int):
                raise UnreachableError(f"{self.url.origin} does not answer ({bound(error.error)})") from error
            return Answer(error.status_code, error.info)
        return Answer(200, found)

    def _encode(self, body: Mapping[str, Any] | bytes | None) -> tuple[bytes | None, dict[str, str]]:
        if body is None:
            return None, {}
        lines = isinstance(body, bytes)
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        headers = {"content-type": "application/x-ndjson" if lines else "application/json"}
        if self._compresses and len(data) > 1_000:
            compressor = zlib_ng.compressobj(1, zlib_ng.DEFLATED, _GZIP)
            data = compressor.compress(data) + compressor.flush()
            headers["content-encoding"] = "gzip"
        return data, headers

    def close(self) -> None:
        """Let go of the connections."""
        self._client.close()


def read_error(error: Any) -> tuple[str, str]:
    """Type and reason of an engine's error, with that of its cause.

    >>> read_error({"type": "mapper_parsing_exception", "reason": "failed", "caused_by": {"reason": "immense term"}})
    ('mapper_parsing_exception', 'failed: immense term')
    """
    if not isinstance(error, dict):
        return "", bound(error)
    reasons = [str(error.get("reason") or "")]
    cause = error.get("caused_by")
    while isinstance(cause, dict) and len(reasons) < 4:
        reasons.append(str(cause.get("reason") or ""))
        cause = cause.get("caused_by")
    return bound(error.get("type")), bound(": ".join(filter(None, reasons)))


def _authentication(url: EngineUrl) -> dict[str, Any]:
    """What the client needs to be let in."""
    given = url.given
    if url.way == "sigv4":
        credentials = find_credentials(given.get("role", ""), given.get("external_id", ""), given["region"])
        signer = Urllib3AWSV4SignerAuth(credentials, given["region"], given.get("service", "es"))
        return {"http_auth": signer, "use_ssl": True, "verify_certs": True}
    options: dict[str, Any] = {}
    if url.user:
        options["http_auth"] = (url.user, str(read_secret(given["password"]))) if "password" in given else None
        if options["http_auth"] is None:
            raise SettingsError(f"the URL names the user {url.user} and no password: add ?password=env:NAME")
    if "api_key" in given:
        options["headers"] = {"authorization": f"ApiKey {read_secret(given['api_key'])!s}"}
    if url.way == "https":
        options |= {"use_ssl": True, "ssl_context": _trust(given)}
    return options


def _trust(given: Mapping[str, str]) -> ssl.SSLContext:
    """Whom to trust, and who we are where a certificate says so."""
    try:
        context = ssl.create_default_context(cafile=given.get("ca"))
        if "cert" in given:
            context.load_cert_chain(given["cert"], given.get("key"))
    except (OSError, ssl.SSLError) as error:
        raise SettingsError(
            f"the certificates that the URL names cannot be read ({error}): check ca=, cert= and key="
        ) from error
    return context
