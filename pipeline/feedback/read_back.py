"""Marks that other tools wrote into an index of alerts, read back: our `triage.` fields, and Kibana's of a workflow.

Whoever may write there may be anybody, so what is read is bounded and says no more than a verdict and a note; what is
expected is priced and asked for as any other is, and what is taken once is not taken again.
"""

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final, Protocol
from urllib.parse import quote

from pipeline.documents.alert_names import ALERTS
from pipeline.errors import OddtrailError
from pipeline.feedback.choose import Asked, Said
from pipeline.search.engine import Answer
from pipeline.stores.jsonl.marks import LONGEST_NOTE, Mark

PAGE: Final = 200
MOST_READ: Final = 2000
"""Alerts that are read in one run."""
_LONGEST: Final = 200
"""Characters of a name that are read."""
_SECONDS: Final = 30.0

VERDICTS: Final[dict[str, Said]] = {
    "expected": "expected",
    "benign": "expected",
    "benign_positive": "expected",
    "false": "expected",
    "false_alarm": "expected",
    "false_positive": "expected",
    "malicious": "malicious",
    "confirmed": "malicious",
    "true": "malicious",
    "true_alarm": "malicious",
    "true_positive": "malicious",
    "unsure": "unsure",
    "unknown": "unsure",
    "undetermined": "unsure",
    "further_investigation_required": "unsure",
}
"""What tools write, in lower case and with _ for what parts words."""
_SAID: Final = ("triage.verdict", "kibana.alert.workflow_reason", "kibana.alert.workflow_tags")
"""Fields of a verdict; the first that says one counts."""
_BY: Final = ("triage.owner", "kibana.alert.workflow_user")
_WHEN: Final = ("triage.updated_at", "kibana.alert.workflow_status_updated_at")
_FIELDS: Final = ("alert_id", *_SAID, *_BY, "triage.note", *_WHEN)


class ReadBackError(OddtrailError):
    """The index of alerts did not tell."""


class Engine(Protocol):
    """A search engine that can be asked."""

    def ask(
        self,
        method: str,
        path: str,
        body: Mapping[str, Any] | None = None,
        *,
        params: Mapping[str, str] | None = None,
        timeout: float = _SECONDS,
    ) -> Answer:
        """Send one request."""


@dataclass(frozen=True, slots=True)
class Found:
    """What an index says of one alert."""

    alert_id: str
    said: str
    """As it is written there."""
    verdict: Said | None
    """None where it says nothing that we know."""
    by: str
    note: str
    external: str
    """Names all of it: another time, tool or word has another name."""

    def as_asked(self) -> Asked:
        """As somebody's word."""
        assert self.verdict is not None
        return Asked(self.verdict, note=self.note, by=self.by, source="index", external=self.external)


def read_marks(engine: Engine, origin: str, index: str = ALERTS, *, deployment: str = "") -> Iterator[Found]:
    """What an index says of its alerts, the newest first, of `MOST_READ` at most.

    Parameters
    ----------
    origin
        The engine's address, which is part of what is taken once.
    deployment
        Whose alerts; all where it is empty.

    Raises
    ------
    ReadBackError
        It answers with an error, or with something else.
    """
    after: list[Any] = []
    read = 0
    while read < MOST_READ:
        hits = _ask(engine, origin, index, deployment, after)
        for hit in hits:
            source = hit.get("_source") if isinstance(hit, dict) else None
            found = _read(source, origin) if isinstance(source, dict) else None
            if found is not None:
                yield found
        read += len(hits)
        last = hits[-1].get("sort") if hits and isinstance(hits[-1], dict) else None
        if len(hits) < PAGE or not isinstance(last, list) or len(last) != 2 or last == after:
            return  # it is at its end, or does not go on
        after = last


def find_new(found: Iterable[Found], marks: Iterable[Mark]) -> list[tuple[Found, Mark | None]]:
    """What was not taken before, each with the mark whose place it takes.

    What somebody said otherwise, by the command or on the page, stays beside it; what he said alike is not said again.
    """
    every = list(marks)
    undone = {mark.undoes for mark in every if mark.verdict == "undone"}
    taken = {mark.external for mark in every if mark.external}
    standing = [mark for mark in every if mark.verdict != "undone" and mark.id not in undone]
    new = []
    for one in found:
        of_alert = [mark for mark in standing if mark.alert_id == one.alert_id]
        if one.verdict is None or one.external in taken or any(mark.verdict == one.verdict for mark in of_alert):
            continue
        before = [mark for mark in of_alert if mark.source == "index"]
        new.append((one, before[-1] if before else None))
        taken.add(one.external)
    return new


def read_verdict(text: str) -> Said | None:
    """What a word of a tool says; None where that is not known.

    >>> read_verdict("False Positive"), read_verdict("true-positive"), read_verdict("closed")
    ('expected', 'malicious', None)
    """
    return VERDICTS.get("_".join(text.casefold().replace("-", " ").replace("_", " ").split()))


def pick(source: Mapping[str, Any], path: str) -> Any:
    """A field of a document whose names may be nested, or hold dots; None where it is not there.

    >>> pick({"kibana.alert.rule": {"name": "a"}}, "kibana.alert.rule.name"), pick({"a": 1}, "a.b")
    ('a', None)
    """
    if path in source:
        return source[path]
    parts = path.split(".")
    for count in range(len(parts) - 1, 0, -1):
        inner = source.get(".".join(parts[:count]))
        if isinstance(inner, Mapping):
            found = pick(inner, ".".join(parts[count:]))
            if found is not None:
                return found
    return None


def _ask(engine: Engine, origin: str, index: str, deployment: str, after: list[Any]) -> list[Any]:
    said = [{"exists": {"field": field}} for field in _SAID]
    whose = [{"term": {"oddtrail.deployment": deployment}}] if deployment else []
    query: dict[str, Any] = {
        "size": PAGE,
        "track_total_hits": False,
        "_source": list(_FIELDS),
        "query": {"bool": {"minimum_should_match": 1, "should": said, "filter": whose}},
        "sort": [
            {"detected_at": {"order": "desc", "unmapped_type": "date"}},
            {"alert_id": {"order": "asc", "unmapped_type": "keyword"}},
        ],
    }
    if after:
        query["search_after"] = after
    path = f"/{quote(index, safe=',*-.')}/_search"
    answer = engine.ask("POST", path, query, params={"ignore_unavailable": "true"}, timeout=_SECONDS)
    if answer.status == 404:  # nothing was published yet, so nothing was marked
        return []
    outer = answer.body.get("hits") if isinstance(answer.body, dict) else None
    hits = outer.get("hits") if isinstance(outer, dict) else None
    if answer.status != 200 or not isinstance(hits, list):
        kind, reason = answer.error
        raise ReadBackError(
            f"{origin} does not tell what was marked in {index[:200]} ({answer.status} {kind} {reason}): check the "
            "index, and that the user may read it"
        )
    return hits[:PAGE]


def _read(source: Mapping[str, Any], origin: str) -> Found | None:
    alert_id = _text(source.get("alert_id"))
    words = [_text(word) for field in _SAID for word in _each(pick(source, field))]
    words = [word for word in words if word]
    if not alert_id or not words:
        return None
    said = next((word for word in words if read_verdict(word)), words[0])
    by = next((text for field in _BY if (text := _text(pick(source, field)))), "") or "somebody"
    note = _text(pick(source, "triage.note"), LONGEST_NOTE)
    when = next((text for field in _WHEN if (text := _text(pick(source, field)))), "")
    name = hashlib.sha256("\n".join((origin, alert_id, said, by, note, when)).encode()).hexdigest()[:32]
    return Found(alert_id, said, read_verdict(said), by, note, name)


def _each(value: Any) -> list[Any]:
    return value[:50] if isinstance(value, list) else [value]


def _text(value: Any, longest: int = _LONGEST) -> str:
    """A value as bounded text; empty for what is none."""
    if isinstance(value, bool):
        return str(value).lower()
    if not isinstance(value, str):
        return ""
    return value.encode("utf-8", "replace").decode()[:longest].strip()
