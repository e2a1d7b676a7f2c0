"""Which indices a pattern names, and of which kind the documents of each are, by looking at some of them."""

from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple
from urllib.parse import quote

from features.record.split import may_be_record
from pipeline.ingest.listing import SourceError
from pipeline.sources.index.ask import Asker, Found
from pipeline.sources.index.kind import Kind, Taken, find_kind, is_dropped, tell_fields
from pipeline.sources.index.snapshot import EVERY
from pipeline.text.inert import inert

_LOOKED_AT: Final = 5
"""Of an index's documents, so many of the oldest and so many of the newest."""
_OF_CLOUDTRAIL: Final = (
    {"term": {"event.dataset": "aws.cloudtrail"}},
    {"exists": {"field": "eventSource"}},
)
"""How CloudTrail's are asked for among others: as Elastic names them, and as the stock function writes them."""


class Index(NamedTuple):
    """A concrete index."""

    name: str
    uuid: str
    """Another one whenever it is made, also under the same name."""
    shards: int


class Known(NamedTuple):
    """How an index is read."""

    kinds: Sequence[Kind]
    query: Mapping[str, Any]
    """Which documents; the others are none of CloudTrail's."""
    log_groups: frozenset[str]
    """Through which records have been seen to come."""
    note: str = ""
    """What is not read, in words; "" where all is."""

    @property
    def fields(self) -> Sequence[str] | None:
        """What is fetched of each document; None for all of it."""
        each = [kind.fields for kind in self.kinds]
        return None if None in each else list(dict.fromkeys(name for fields in each for name in fields or ()))

    def take(self, source: Mapping[str, Any], index: str) -> Taken | None:
        """What a document holds; None where it holds no record."""
        return next((taken for kind in self.kinds if (taken := kind.take(source, index))), None)


class Unknown(NamedTuple):
    """An index that cannot be read."""

    reason: str
    """What was found and what to do."""


def list_indices(asker: Asker, pattern: str) -> tuple[list[Index], list[str]]:
    """The open indices that a pattern names, by name; and the names of closed ones.

    Raises
    ------
    SourceError
        There are none.
    OddtrailError
        See `Asker.ask`.
    """
    wanted = "*.settings.index.uuid,*.settings.index.number_of_shards"
    found = asker.ask("GET", f"/{quote(pattern, safe='*,')}", expand_wildcards="open", filter_path=wanted).body
    indices = []
    for name, told in found.items() if isinstance(found, dict) else ():
        settings = told["settings"]["index"]
        indices.append(Index(name, settings["uuid"], int(settings["number_of_shards"])))
    closed = asker.ask("GET", f"/{quote(pattern, safe='*,')}", expand_wildcards="closed", filter_path=wanted).body
    names = sorted(closed.keys() - {index.name for index in indices}) if isinstance(closed, dict) else []
    if not indices:
        also = f", and those that are closed ({', '.join(names[:5])}) cannot be read" if names else ""
        raise SourceError(f"{asker.origin} has no open index '{pattern}'{also}: check the name and the pattern")
    return sorted(indices), names


def recognise(asker: Asker, index: Index) -> Known | Unknown | None:
    """How an index is read; None where it holds no documents."""
    sample = _look_at(asker, index, EVERY)
    if not sample:
        return None
    kinds = _kinds(sample)
    if kinds and _holds_records(kinds, sample, index) and all(map(find_kind, sample)):
        return _known(kinds, EVERY, sample, index)
    for query in _OF_CLOUDTRAIL:
        some = _look_at(asker, index, query)
        among = _kinds(some)
        if among and _holds_records(among, some, index):
            logs = any(kind.name.endswith("(@message)") for kind in among)
            # who writes log events keeps those that cannot be read beside the others, where only their group tells them
            if logs:
                return _known(among, EVERY, some, index)
            note = f"of {inert(index.name)} only the documents of CloudTrail are read, others are in it"
            return _known(among, query, some, index)._replace(note=note)
        sample += some
    if kinds and _holds_records(kinds, sample, index):
        return _known(kinds, EVERY, sample, index)
    return Unknown(_explain(index, sample))


def _known(kinds: Sequence[Kind], query: Mapping[str, Any], sample: Sequence[Mapping[str, Any]], index: Index) -> Known:
    known = Known(kinds, query, frozenset())
    taken = [one for source in sample if (one := known.take(source, index.name))]
    return known._replace(log_groups=frozenset(one.log_group for one in taken if any(map(may_be_record, one.texts))))


def _kinds(sample: Sequence[Mapping[str, Any]]) -> list[Kind]:
    return list(dict.fromkeys(kind for source in sample if (kind := find_kind(source))))


def _holds_records(kinds: Sequence[Kind], sample: Sequence[Mapping[str, Any]], index: Index) -> bool:
    """Whether a record is in one of the documents at least; whatever holds a text could be anything."""
    known = Known(kinds, EVERY, frozenset())
    taken = [known.take(source, index.name) for source in sample]
    return any(may_be_record(text) for one in taken if one for text in one.texts)


def _look_at(asker: Asker, index: Index, query: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Some documents, the oldest and the newest."""
    found: dict[str, Mapping[str, Any]] = {}
    for order in ("asc", "desc"):
        body = {
            "size": _LOOKED_AT, "query": query, "sort": [{"_seq_no": order}], "seq_no_primary_term": True,
            "track_total_hits": False,
        }  # fmt: skip
        answer: Found = asker.search(f"/{quote(index.name)}/_search", body)
        found |= {hit.id: hit.source for hit in answer.hits}
        if len(answer.hits) < _LOOKED_AT:
            break
    return list(found.values())


def _explain(index: Index, sample: Sequence[Mapping[str, Any]]) -> str:
    name = inert(index.name)
    if any(map(is_dropped, sample)):
        return (
            f"{name} holds what Elastic's pipeline made of CloudTrail records, and not the records: event.original was "
            "dropped. Switch on 'Preserve original event' in the integration (the tag preserve_original_event) for "
            "what comes; what is there already has to be read from the trail's bucket"
        )
    return (
        f"{name} holds no CloudTrail records that are known: neither @message nor event.original has one, nor is a "
        f"document one. Its documents have the fields {tell_fields(sample)}. Name the right indices, or leave this one "
        f"out with ,-{name}"
    )
