"""In which shards something is new, asked of all at once: most indices are of days that are over."""

import json
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Any, Final

from pipeline.sources.index.ask import Asker, ReadError, find_part_missing
from pipeline.sources.index.indices import Index
from pipeline.sources.index.progress import Mark, Progress
from pipeline.sources.index.snapshot import BEFORE_ALL, EVERY

_AT_ONCE: Final = 100
"""Shards that are asked about in one request."""


def find_news(asker: Asker, indices: Sequence[Index], progress: Progress) -> Iterator[tuple[Index, list[int]]]:
    """Each index in which something is new, by its shards; asked some at a time, just before they are read."""
    waiting = iter(indices)
    while some := list(islice(waiting, _AT_ONCE)):
        known = [
            (index, shard, mark)
            for index in some
            for shard in range(index.shards)
            if (mark := progress.standing(index, shard)).seq > BEFORE_ALL
        ]
        quiet = set[tuple[str, int]]()
        for start in range(0, len(known), _AT_ONCE):
            quiet |= _find_quiet(asker, known[start : start + _AT_ONCE])
        for index in some:
            shards = [shard for shard in range(index.shards) if (index.uuid, shard) not in quiet]
            if shards:
                yield index, shards


def _find_quiet(asker: Asker, known: Sequence[tuple[Index, int, Mark]]) -> set[tuple[str, int]]:
    """Those of some shards in which are as many documents as when we were there, and none is newer."""
    lines = b""
    for index, shard, mark in known:
        newer = {"range": {"_seq_no": {"gt": mark.seq}}}
        for query in (EVERY, newer):
            head = {"index": index.name, "preference": f"_shards:{shard}"}
            body = {"size": 0, "track_total_hits": True, "query": query}
            lines += json.dumps(head).encode() + b"\n" + json.dumps(body).encode() + b"\n"
    told: Any = asker.ask("POST", "/_msearch", lines).body if lines else {"responses": []}
    answers = told.get("responses") if isinstance(told, dict) else None
    if not isinstance(answers, list) or len(answers) != 2 * len(known):
        raise ReadError(f"{asker.origin} does not answer every question that was asked together")
    counts = [_count(answer) for answer in answers]
    return {
        (index.uuid, shard)
        for (index, shard, mark), there, newer in zip(known, counts[::2], counts[1::2], strict=True)
        if there == mark.documents and newer == 0
    }


def _count(answer: Any) -> int:
    """What was counted; -1 where that is not sure, so that the shard is looked into."""
    if find_part_missing(answer) or answer["_shards"]["total"] != 1:
        return -1
    total = answer["hits"].get("total")
    return int(total["value"]) if isinstance(total, dict) and total.get("relation") == "eq" else -1
