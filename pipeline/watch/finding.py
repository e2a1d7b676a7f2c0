"""What is found by holding logs against digests, in words for whoever is woken by it."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final, Literal, NamedTuple, TypeAlias

from pipeline.ingest.digest_file import DigestFile, DigestName
from pipeline.text.inert import inert
from pipeline.text.plural import plural
from pipeline.watch.signature import Standing

_LONGEST_NAME: Final = 120
"""Characters of a file's name that are told."""
_NAMED: Final = 3

What: TypeAlias = Literal[
    "objects", "unread", "digest_missing", "digest_changed", "chain_begins", "chain_ends", "digest_unbelieved", "more"
]


class Finding(NamedTuple):
    """Something that is not as CloudTrail delivered it."""

    what: What
    key: str
    account: str
    region: str
    since: datetime | None
    until: datetime | None
    objects: Sequence[str]
    """Names of log files, or of the digest."""
    text: str
    standing: Standing
    """Of the digest that shows it."""
    command: str = ""
    """AWS's own check of the same hours."""
    more: int = 0
    """Of how many others it tells beside the objects."""
    marks: Sequence[str] = ()
    """By which it is known again, where the names of its objects do not say what is wrong with each."""

    def as_dict(self) -> dict[str, Any]:
        """As JSON can hold it; of many objects the first."""
        times = {"since": self.since, "until": self.until}
        told = {name: None if time is None else time.isoformat() for name, time in times.items()}
        objects = [inert(name, _LONGEST_NAME) for name in self.objects[: 2 * _NAMED]]
        return {
            "what": self.what, "account": self.account, "region": self.region, **told, "objects": objects,
            "count": len(self.objects) + self.more, "signature": self.standing, "command": self.command,
            "text": self.text,
        }  # fmt: skip


def tell_objects(digest: DigestFile, told: DigestName, missing: Sequence[str], changed: Sequence[str]) -> str:
    """Of log files that a digest lists and that are not as it says."""
    parts = []
    if missing:
        parts.append(f"{plural(len(missing), 'log file')} never came ({_some(missing)})")
    if changed:
        parts.append(f"{plural(len(changed), 'log file')} changed after delivery ({_some(changed)})")
    return (
        f"Of what CloudTrail delivered of account {told.account}, {told.region}, {_between(digest.start, told.end)}, "
        f"{' and '.join(parts)}. Somebody may have deleted or changed logs to hide what was done just before (T1070, "
        "T1562.008), or a file was not copied. Look for DeleteObject and PutObject on the trail's bucket"
    )


def tell_unread(account: str, names: Sequence[str], reason: str) -> str:
    """Of log files that CloudTrail delivered and that are not let read."""
    return (
        f"{plural(len(names), 'log file')} that CloudTrail delivered of account {account} could not be read "
        f"({_some(names)}): {inert(reason)}. What is in them was not judged, and whether they were changed cannot be "
        "told. If nobody of yours did that, somebody may have archived, encrypted or deleted them to hide what was "
        "done (T1070, T1562.008): look for PutObject, CopyObject, DeleteObject and PutBucketLifecycle on the trail's "
        "bucket, and for changes of its key. They are read as soon as they can be, and it is told then; others that "
        "cannot be read for the same reason are not told one by one."
    )


def tell_more(account: str, count: int, command: str) -> str:
    """Of findings that are too many to be told one by one."""
    check = f", and run for each trail what AWS checks itself: {command}" if command else ""
    return (
        f"{plural(count, 'more finding')} of logs that are not as CloudTrail delivered them{_of(account)} came today, "
        "and none of the digests that show them is known to be signed by CloudTrail: they are not told one by one. "
        "Somebody may write digests of their own where logs lie, so that what is missing is not seen among them "
        f"(T1562.008). Look for PutObject on the trail's bucket or whoever may write to the copy{check}."
    )


def tell_broken(what: What, told: DigestName, since: datetime | None, until: datetime | None, name: str) -> str:
    """Of a chain of digests that is broken."""
    shown = inert(name, _LONGEST_NAME)
    found = {
        "chain_begins": "CloudTrail began a new chain of digests: logging or its validation was off in between, or "
        "somebody removed digests and put another there",
        "digest_missing": f"a digest of CloudTrail is missing ({shown})",
        "chain_ends": f"no digest of CloudTrail came any more though log files did, the last is {shown}: validation "
        "was switched off, digests are read here no more, or somebody removes them",
        "digest_changed": f"CloudTrail's digest was changed after delivery ({shown}), as the one after it shows",
    }[what]
    return (
        f"For account {told.account}, {told.region}, {_between(since, until)}, {found}. Logs of then may have been "
        "deleted or changed, and nothing says which (T1070, T1562.008). Look for StopLogging and UpdateTrail, and for "
        "DeleteObject and PutObject on the trail's bucket"
    )


def tell_unbelieved(account: str, name: str, problem: str) -> str:
    """Of a digest that says what none of CloudTrail's would."""
    return (
        f"A digest file of CloudTrail{_of(account)} cannot be believed, and what it lists was not looked at: "
        f"{inert(name, _LONGEST_NAME)} ({problem}). It was written or changed by somebody else, or was not copied "
        "whole. See who may write to the trail's bucket, fetch the file again, and look for PutObject on it "
        "(T1562.008). Others of today are not told one by one."
    )


def tell_unreadable(account: str, name: str, problem: str) -> str:
    """Of digests that are not let read."""
    return (
        f"Digest files of CloudTrail{_of(account)} cannot be read, and nothing is held against them: "
        f"{inert(name, _LONGEST_NAME)} ({inert(problem)})."
    )


def ask_next(command: str, told: DigestName, standing: Standing) -> str:
    """What to do next, and how sure it is."""
    sure = "is CloudTrail's" if standing == "verified" else "was not verified here: hashes only"
    return (
        f", and run: {command} (for a trail of an organisation its own ARN, and --account-id {told.account}). The "
        f"signature of the digest that shows it {sure}."
    )


def write_command(told: DigestName, since: datetime | None, until: datetime | None) -> str:
    """AWS's own check of the same hours."""
    partition = "aws-cn" if told.home.startswith("cn-") else "aws-us-gov" if told.home.startswith("us-gov-") else "aws"
    times = "".join(
        f" {name} {time:%Y-%m-%dT%H:%M:%SZ}"
        for name, time in (("--start-time", since), ("--end-time", until))
        if time is not None
    )
    arn = f"arn:{partition}:cloudtrail:{told.home}:{told.account}:trail/{told.trail}"
    return f"aws cloudtrail validate-logs --trail-arn {arn} --region {told.region}{times}"


def _between(since: datetime | None, until: datetime | None) -> str:
    return f"between {_at(since)} and {_at(until)}"


def _at(time: datetime | None) -> str:
    return "an unknown time" if time is None else f"{time:%Y-%m-%d %H:%M} UTC"


def _of(account: str) -> str:
    return f" for account {account}" if account else ""


def _some(names: Sequence[str]) -> str:
    shown = ", ".join(inert(name, _LONGEST_NAME) for name in names[:_NAMED])
    return shown + (f" and {len(names) - _NAMED:,} more" if len(names) > _NAMED else "")
