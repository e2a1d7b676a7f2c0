"""Notes of what was not read, not known or not made, told in the reader's language; what a source said stays.

The sentences are those of `pipeline.enrich.geo`, `pipeline.sources.index`, `pipeline.sources.public_keys`,
`pipeline.detect.shards.elsewhere`, `pipeline.enrich.install` and the commands that note them.
"""

from typing import Final

from pipeline.words.told import tell_again, told, told_many
from pipeline.words.words import Words

_NOTES: Final = (
    told(
        "no geo database: countries and network operators stay unknown, and places are judged by address only; "
        "`oddtrail geoip install` fetches free ones"
    ),
    told("{file} is of {day}: `oddtrail geoip install` fetches a newer one"),
    told("no geo database tells countries: places are known by their network only"),
    told("no geo database tells autonomous systems: network operators stay unknown"),
    told_many("{n} closed index, which cannot be read: {names}", "{n} closed indices, which cannot be read: {names}"),
    told("{name} is closed, or was deleted meanwhile: it is not read"),
    told("of {name} only the documents of CloudTrail are read, others are in it"),
    told_many(
        "{n} document of {name} without a record (event.original dropped by a pipeline, most likely): what was in "
        "them is not here",
        "{n} documents of {name} without a record (event.original dropped by a pipeline, most likely): what was in "
        "them is not here",
    ),
    told("more waits in {names} than one run takes"),
    told("CloudTrail does not answer: its keys are asked for later"),
    told("CloudTrail's keys were asked for {seconds} s: others are asked for later"),
    told("waits for a watch of {home} that {name} counts for"),
    told_many("counts {of} of {n} shard for run {run}", "counts {of} of {n} shards for run {run}"),
    told("run {run} is over"),
    told("{name} could not be had: {why}"),
    told("cities ({name}): {why}"),
    told("countries ({name}): {why}"),
    told("autonomous systems ({name}): {why}"),
    told("not read: {why}"),
    told_many(
        "{n} account-day would have lost calls and stayed as they were ({names}): give all files that they are of, or "
        "--replace",
        "{n} account-days would have lost calls and stayed as they were ({names}): give all files that they are of, or "
        "--replace",
    ),
)


def tell_note(text: str, words: Words) -> str:
    """A note, told again.

    >>> from pipeline.words.catalogue import find_words
    >>> tell_note("logs-1 is closed, or was deleted meanwhile: it is not read", find_words("ko"))
    'logs-1은(는) 닫혔거나 그사이 삭제되어 읽지 않습니다'
    >>> tell_note("AccessDenied", find_words("ko"))
    'AccessDenied'
    """
    return tell_again(text, _NOTES, words)
