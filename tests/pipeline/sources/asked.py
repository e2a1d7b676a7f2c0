"""A client of AWS that counts what it is asked, and answers some of it as a test says."""

import io
from collections import Counter
from collections.abc import Iterator
from typing import Any

from botocore.awsrequest import AWSResponse

from pipeline.sources.address import OWN
from pipeline.sources.aws import make_client
from pipeline.sources.bucket import Objects


class Asked:
    """Requests of a client by their action; an error that stands in `errors` is answered instead, the first first."""

    def __init__(self, service: str = "s3") -> None:
        self.client = make_client(service, OWN)
        self.counts: Counter[str] = Counter()
        self.prefixes: list[str] = []
        self.keys: list[str] = []
        self.errors: dict[str, list[tuple[int, str, str]]] = {}
        """By action: status, code, message."""
        events = self.client.meta.events
        events.register(f"provide-client-params.{service}", self._note)
        events.register(f"before-send.{service}", self._answer)

    def objects(self, bucket: str) -> Objects:
        return Objects(bucket, OWN, self.client)

    def _note(self, params: Any, model: Any, **_: Any) -> None:
        self.counts[model.name] += 1
        if "Prefix" in params:
            self.prefixes.append(params["Prefix"])
        if model.name == "GetObject":
            self.keys.append(params["Key"])

    def _answer(self, request: Any, event_name: str, **_: Any) -> AWSResponse | None:
        waiting = self.errors.get(event_name.rpartition(".")[2])
        if not waiting:
            return None
        status, code, message = waiting.pop(0)
        body = f"<Error><Code>{code}</Code><Message>{message}</Message></Error>".encode()
        return AWSResponse(request.url, status, {}, _Raw(body))


class _Raw(io.BytesIO):
    def stream(self, **_: Any) -> Iterator[bytes]:
        yield self.read()
