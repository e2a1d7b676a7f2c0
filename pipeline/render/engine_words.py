"""What a search engine was made ready with, and what it did not give, told in the reader's language.

The sentences are those of `pipeline.documents.setup`, `pipeline.documents.conflicts`, `pipeline.publish.native` and
`pipeline.publish.outbox`; what an engine answers stays as it is.
"""

from typing import Final

from pipeline.words.told import Inner, tell_again, told, told_many
from pipeline.words.words import Words

_STEPS: Final = (
    told("template {name} names the detector"),
    told("template {name}"),
    told("new fields of index {name}"),
    told("policy {name}"),
    told("role {name}"),
    told("index {name}"),
    told("detector {name}"),
    told("alias {name} of native results"),
    told("data view {name}"),
)
_NOTES: Final = (
    told("{engine} searches requests as texts only: 2.7 and newer search them by field"),
    told(
        "the detector for the viewer of anomalies is not made ({why}): it needs events in {names}; set up again once "
        "there are some, then `oddtrail alerts publish --again`"
    ),
    told(
        "no results of native jobs are there ({names}): set up again once there are, and the alias {alias} reads them "
        "beside our alerts"
    ),
    told("{things} are not ours to make: {path} answers {status}; make them by hand"),
    told("{things} are not made: this engine has no {path}"),
    told("index template '{name}' ({names}) no longer applies to {ours}"),
    told("legacy template '{name}' ({names}) no longer applies to our indices"),
    told("{file} holds the data view: import it under Saved Objects"),
    told("only the first {n} native results are compared: give a later --since"),
    told(
        "no native result is in {names} since then: no job ran, none found anything, or its index has another name, "
        "which --index takes"
    ),
    told_many("{n} native result of one millisecond is left out", "{n} native results of one millisecond are left out"),
    told("{where} does not let us read {names} ({why}): give the user the right to read these indices"),
    told_many(
        "{n} shard of {names} did not answer: results are missing",
        "{n} shards of {names} did not answer: results are missing",
    ),
    told_many("{n} alert is refused: run `oddtrail setup URL`", "{n} alerts are refused: run `oddtrail setup URL`"),
    told("no time was left"),
)
_THINGS: Final = (told("policies"), told("roles"), told("detectors"))


def tell_step(what: str, words: Words) -> str:
    """What was made ready, by its kind; its name stays.

    >>> from pipeline.words.catalogue import find_words
    >>> tell_step("policy cloudtrail", find_words("ko"))
    '정책 cloudtrail'
    """
    return tell_again(what, _STEPS, words)


def tell_engine_note(text: str, words: Words) -> str:
    """What was not made, not read or not taken, and what to do."""
    return tell_again(text, _NOTES, words, _INNER)


_INNER: Final[Inner] = {"things": lambda text, words: tell_again(text, _THINGS, words)}
