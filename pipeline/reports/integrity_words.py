"""What was found by holding logs against CloudTrail's digests, told again (`pipeline.watch.finding`)."""

from collections.abc import Mapping
from typing import Any, Final

from pipeline.words.told import Inner, Told, tell_again, told, told_many
from pipeline.words.words import Words

_TEXTS: Final = (
    told(
        "Of what CloudTrail delivered of account {account}, {region}, between {since} and {until}, {why}. Somebody may "
        "have deleted or changed logs to hide what was done just before (T1070, T1562.008), or a file was not copied. "
        "Look for DeleteObject and PutObject on the trail's bucket, and run: {command} (for a trail of an organisation "
        "its own ARN, and --account-id {id}). The signature of the digest that shows it {sure}."
    ),
    told(
        "For account {account}, {region}, between {since} and {until}, {what}. Logs of then may have been deleted or "
        "changed, and nothing says which (T1070, T1562.008). Look for StopLogging and UpdateTrail, and for "
        "DeleteObject and PutObject on the trail's bucket, and run: {command} (for a trail of an organisation its own "
        "ARN, and --account-id {id}). The signature of the digest that shows it {sure}."
    ),
    told(
        "{files} that CloudTrail delivered of account {account} could not be read ({names}): {cause}. What is in them "
        "was not judged, and whether they were changed cannot be told. If nobody of yours did that, somebody may have "
        "archived, encrypted or deleted them to hide what was done (T1070, T1562.008): look for PutObject, CopyObject, "
        "DeleteObject and PutBucketLifecycle on the trail's bucket, and for changes of its key. They are read as soon "
        "as they can be, and it is told then; others that cannot be read for the same reason are not told one by one."
    ),
    told(
        "{findings} of logs that are not as CloudTrail delivered them for account {account} came today, and none of "
        "the digests that show them is known to be signed by CloudTrail: they are not told one by one. Somebody may "
        "write digests of their own where logs lie, so that what is missing is not seen among them (T1562.008). Look "
        "for PutObject on the trail's bucket or whoever may write to the copy{check}."
    ),
    told(
        "{findings} of logs that are not as CloudTrail delivered them came today, and none of the digests that show "
        "them is known to be signed by CloudTrail: they are not told one by one. Somebody may write digests of their "
        "own where logs lie, so that what is missing is not seen among them (T1562.008). Look for PutObject on the "
        "trail's bucket or whoever may write to the copy{check}."
    ),
    told(
        "A digest file of CloudTrail for account {account} cannot be believed, and what it lists was not looked at: "
        "{names} ({cause}). It was written or changed by somebody else, or was not copied whole. See who may write to "
        "the trail's bucket, fetch the file again, and look for PutObject on it (T1562.008). Others of today are not "
        "told one by one."
    ),
    told(
        "A digest file of CloudTrail cannot be believed, and what it lists was not looked at: {names} ({cause}). It "
        "was written or changed by somebody else, or was not copied whole. See who may write to the trail's bucket, "
        "fetch the file again, and look for PutObject on it (T1562.008). Others of today are not told one by one."
    ),
    told(
        "Digest files of CloudTrail for account {account} cannot be read, and nothing is held against them: {names} "
        "({cause})."
    ),
    told("Digest files of CloudTrail cannot be read, and nothing is held against them: {names} ({cause})."),
)
_FILES: Final = (
    told_many("{n} log file never came ({names})", "{n} log files never came ({names})"),
    told_many("{n} log file changed after delivery ({names})", "{n} log files changed after delivery ({names})"),
    told_many("{n} log file", "{n} log files"),
    told_many("{n} more finding", "{n} more findings"),
)
_BROKEN: Final = (
    told(
        "CloudTrail began a new chain of digests: logging or its validation was off in between, or somebody removed "
        "digests and put another there"
    ),
    told("a digest of CloudTrail is missing ({names})"),
    told(
        "no digest of CloudTrail came any more though log files did, the last is {names}: validation was switched off, "
        "digests are read here no more, or somebody removes them"
    ),
    told("CloudTrail's digest was changed after delivery ({names}), as the one after it shows"),
)
_SURE: Final = (told("is CloudTrail's"), told("was not verified here: hashes only"))
_TIME: Final = (told("an unknown time"),)
_CHECK: Final = (told(", and run for each trail what AWS checks itself: {command}"),)


def tell_integrity(text: str, words: Words) -> str:
    """A finding's text in a language; names and commands in it stay as they are."""
    return _again(text, _TEXTS, words)


def tell_integrity_head(event: Mapping[str, Any], words: Words) -> str:
    """A finding in one sentence, of the fields of its operations event."""
    what, count = str(event.get("what", "")), event.get("count")
    number = count if isinstance(count, int) and count > 0 else 1
    of = ", ".join(str(event[name])[:60] for name in ("account", "region") if event.get(name)) or "?"
    if what == "objects":
        return words.say_many(
            number,
            "{n} log file of {of} is missing or was changed",
            "{n} log files of {of} are missing or were changed",
            of=of,
        )
    if what == "unread":
        return words.say_many(
            number, "{n} log file of {of} could not be read", "{n} log files of {of} could not be read", of=of
        )
    if what == "more":
        return words.say("More of the logs of {of} are not as CloudTrail delivered them", of=of)
    if what == "digest_unbelieved":
        return words.say("A digest of the logs of {of} cannot be believed", of=of)
    if what == "chain_begins":
        return words.say("CloudTrail's digests of {of} began anew: logging was off, or some were removed", of=of)
    if what == "chain_ends":
        return words.say("CloudTrail's digests of {of} come no more", of=of)
    if what == "digest_changed":
        return words.say("A digest of the logs of {of} was changed", of=of)
    return words.say("A digest of the logs of {of} is missing", of=of)


def _again(text: str, messages: tuple[Told, ...], words: Words) -> str:
    return tell_again(text, messages, words, _INNER)


def _tell_files(text: str, words: Words) -> str:
    """What of log files, one or two parts."""
    never, _, changed = text.partition(") and ")
    if changed:
        return words.say("{one}, {other}", one=_again(f"{never})", _FILES, words), other=_again(changed, _FILES, words))
    return tell_again(text, _FILES, words)


_INNER: Final[Inner] = {
    "why": _tell_files,
    "files": _tell_files,
    "findings": _tell_files,
    "what": lambda text, words: _again(text, _BROKEN, words),
    "sure": lambda text, words: _again(text, _SURE, words),
    "since": lambda text, words: _again(text, _TIME, words),
    "until": lambda text, words: _again(text, _TIME, words),
    "check": lambda text, words: _again(text, _CHECK, words),
}
