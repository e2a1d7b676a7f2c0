"""Which senders and which objects a function may be told of: a notification is only JSON, and anybody may write one."""

import re
from collections.abc import Sequence
from typing import Final, NamedTuple

_BUCKET: Final = re.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]", re.ASCII)
_REGION: Final = re.compile(r"[a-z]{2}(?:-[a-z]+)+-\d", re.ASCII)
_ACCOUNT: Final = re.compile(r"[0-9]{12}", re.ASCII)
_EXAMPLE: Final = "my-trail/AWSLogs/@eu-west-1"


class Place(NamedTuple):
    """Objects that may be read."""

    bucket: str
    prefix: str = ""
    region: str = ""
    """Where the bucket is; empty for anywhere."""


class Allowed(NamedTuple):
    """What may be read, and who may send."""

    places: Sequence[Place] = ()
    accounts: frozenset[str] = frozenset()
    """Accounts of log groups, queues, streams, topics and buses; empty for any."""

    def refuse_object(self, bucket: str, key: str, region: str = "") -> str:
        """Why an object may not be read; "" where it may.

        Parameters
        ----------
        region
            Where the notification says that the bucket is; "" where it does not say.
        """
        of_bucket = [place for place in self.places if place.bucket == bucket]
        if not of_bucket:
            return "its bucket is not one of ODDTRAIL_BUCKETS"
        of_prefix = [place for place in of_bucket if key.startswith(place.prefix)]
        if not of_prefix:
            return "its key has no prefix of ODDTRAIL_BUCKETS"
        if region and not any(place.region in ("", region) for place in of_prefix):
            return "its region is another than ODDTRAIL_BUCKETS says"
        return ""

    def refuse_account(self, account: str) -> str:
        """Why what an account sends may not be taken; "" where it may.

        >>> Allowed(accounts=frozenset({"111122223333"})).refuse_account("444455556666")
        'its account is not one of ODDTRAIL_ACCOUNTS'
        """
        return "" if not self.accounts or account in self.accounts else "its account is not one of ODDTRAIL_ACCOUNTS"

    def refuse_arn(self, arn: str) -> str:
        """Why what a queue, stream or topic brings may not be taken; "" where it may.

        >>> Allowed(accounts=frozenset({"111122223333"})).refuse_arn("arn:aws:sqs:eu-west-1:111122223333:q")
        ''
        """
        parts = arn.split(":", 5)
        return self.refuse_account(parts[4] if len(parts) == 6 and parts[0] == "arn" else "")


def read_places(text: str) -> list[Place]:
    """Buckets with their prefixes and regions, separated by blanks or commas.

    Raises
    ------
    ValueError
        Says what is none.

    Examples
    --------
    >>> read_places("my-trail/AWSLogs/@eu-west-1, other")
    [Place(bucket='my-trail', prefix='AWSLogs/', region='eu-west-1'), Place(bucket='other', prefix='', region='')]
    """
    return [_read_place(word) for word in re.split(r"[\s,]+", text) if word]


def _read_place(word: str) -> Place:
    where, _, region = word.rpartition("@") if "@" in word else (word, "", "")
    bucket, _, prefix = where.partition("/")
    if not _BUCKET.fullmatch(bucket) or (region and not _REGION.fullmatch(region)) or word.endswith("@"):
        raise ValueError(f"'{word[:100]}' is no bucket; write it as in {_EXAMPLE}")
    return Place(bucket, prefix, region)


def read_accounts(text: str) -> frozenset[str]:
    """Accounts, separated by blanks or commas; ValueError names what is none.

    >>> sorted(read_accounts("111122223333 444455556666"))
    ['111122223333', '444455556666']
    """
    accounts = [word for word in re.split(r"[\s,]+", text) if word]
    for account in accounts:
        if not _ACCOUNT.fullmatch(account):
            raise ValueError(f"'{account[:100]}' is no account of 12 digits")
    return frozenset(accounts)
