"""A day of a busy world (`benchmarks.busy_world`) as the gzip files that CloudTrail delivers, ten thousand and more.

What a world says of its principals, calls and places is what the normaliser makes of their records, so that days that
are written as activity and days that are ingested are of one deployment. Records are written by DuckDB, some 1,300
bytes each, and packed by account, region and five minutes of delivery.
"""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property
from itertools import pairwise
from pathlib import Path
from typing import Any, Final, NamedTuple

import numpy as np
import pyarrow as pa
from zlib_ng import zlib_ng

from benchmarks.busy_home import midnight
from benchmarks.busy_world import ACTIONS, PLACES, REGIONS, TYPES, World, uniform
from benchmarks.busy_world import _actions as all_actions
from features.call.action import ActionCatalogue
from features.normalise.normaliser import Normaliser
from pipeline.datafiles import read_attack_priors, read_iam_actions
from pipeline.enrich.place import NOWHERE, Place

SLOT: Final = timedelta(minutes=5)
"""CloudTrail delivers about so often."""
_AT_ONCE: Final = timedelta(hours=1)
"""Delivery that is made at a time: it is held in memory."""
_TRIED: Final = 3
"""Times as many actions as there are in a world are looked at: of one in three a record says something else."""
_LEVEL: Final = 1
"""Of gzip: it is made fast, and inflates as any other."""
_AGENTS: Final = {
    "aws-cli": "aws-cli/2.15.0 md/awscrt#0.19.19 ua/2.0 os/linux#6.1.0 md/arch#x86_64 lang/python#3.11.6",
    "boto3": "Boto3/1.34.11 md/Botocore#1.34.11 ua/2.0 os/linux#6.1.0 md/arch#x86_64 lang/python#3.11.6",
    "terraform": "APN/1.0 HashiCorp/1.0 Terraform/1.5.7 terraform-provider-aws/5.31.0 aws-sdk-go-v2/1.24.0",
    "aws-sdk-java": "aws-sdk-java/2.21.5 Linux/6.1.0 OpenJDK_64-Bit_Server_VM/17.0.9 Java/17.0.9 vendor/Amazon.com",
    "aws-sdk-go": "aws-sdk-go/1.44.298 (go1.20.6; linux; amd64)",
    "console": "console.amazonaws.com",
    "service:cloudformation": "cloudformation.amazonaws.com",
}  # fmt: skip
_ARNS: Final = {
    "bucket": "s3:::", "key": "kms:::key/", "instance": "ec2:::instance/", "secret": "secretsmanager:::secret:",
    "table": "dynamodb:::table/", "function": "lambda:::function:", "parameter": "ssm:::parameter/", "topic": "sns:::",
}  # fmt: skip
"""How an ARN begins whose token is the type and the name alone."""
_TYPES: Final = tuple("topic" if type_ == "role" else type_ for type_ in TYPES)
"""A role's token would be all of its ARN."""
_SAMPLE: Final = datetime(2026, 3, 2, tzinfo=UTC)


class WorldGeo:
    """Where the addresses of a busy world lie; it stands in the place of a database."""

    def place(self, address: str) -> Place:
        """Where an address lies."""
        first, *rest = address.split(".")
        place = int(rest[0]) * 256 + int(rest[1]) if first == "20" else PLACES
        if place >= PLACES:
            return NOWHERE
        country = ("DE", "KR", "US", "BR", "AU")[place % 5]
        return Place(country, "", place * 7 % 170 - 85.0, place * 11 % 350 - 175.0, 64_500 + place % 40)


@dataclass
class TrailWorld(World):
    """A busy world that is told in records: who is whom, and what a call is, is what the normaliser says."""

    def day(self, number: int) -> None:
        """Make a day's atoms; none of them states a fact or opens anything, which few requests do."""
        super().day(number)
        self.connection.execute("UPDATE atoms SET resource = '' WHERE regexp_matches(resource, '^(fact|exposure):')")

    @cached_property
    def _normaliser(self) -> Normaliser:
        return Normaliser(ActionCatalogue(read_iam_actions(), read_attack_priors()))

    def _told(self, records: list[str]) -> dict[str, list[Any]]:
        done = self._normaliser.normalise([record.encode() for record in records], delivered_at=None, now=_SAMPLE)
        if done.set_aside or done.others:
            raise ValueError(f"a record of the world is none of CloudTrail's: {(done.set_aside + done.others)[:1]}")
        return done.columns

    def _described(self) -> pa.Table:
        rows = zip(
            *(each.tolist() for each in (self._who, self._job, self._account, self._person, self._ci)), strict=True
        )
        whos = [_identity(*row) for row in rows]
        told = self._told([_sample(f"{said}ASIA{middle}2026-03-02T00:00:00Z{end}}}") for said, middle, end in whos])
        names = ("account", "principal", "principal_name", "kind", "identity", "identity_arn", "identity_name")
        columns: dict[str, Any] = {name: told[name] for name in (*names, "permission_set")}
        said = zip(("before_key", "before_start", "after_start"), map(list, zip(*whos, strict=True)), strict=True)
        return pa.table({"who": self._who.tolist(), **columns, **dict(said)})

    def _named(self) -> pa.Table:
        """Calls whose records say the same as the world does."""
        actions = all_actions()
        order = np.argsort(uniform(self.seed, 19, np.arange(len(actions))))[: _TRIED * ACTIONS]
        every = [actions[place] for place in order.tolist()]
        types = [_TYPES[int(at)] for at in uniform(self.seed, 20, np.arange(len(every))) * len(_TYPES)]
        calls = [(*action.split(":"), level in ("list", "read")) for action, level in every]
        who = _sample_identity()
        told = self._told([
            _sample(who, service, name, reads, _listed(type_))
            for (service, name, reads), type_ in zip(calls, types, strict=True)
        ])  # fmt: skip
        fit = [
            at
            for at, (action, _) in enumerate(every)
            if told["action"][at] == action
            and told["region"][at]
            and told["resources"][at] == (f"{types[at]}:7",)
            and not (told["facts"][at] or told["exposures"][at] or told["error"][at])
        ]
        chosen = fit[:ACTIONS]
        return pa.table({
            "what": range(len(chosen)),
            "action": [every[at][0] for at in chosen],
            "level": [told["level"][at] for at in chosen],
            "type": [types[at] for at in chosen],
        })  # fmt: skip


def _identity(who: int, job: int, account: int, person: bool, ci: bool) -> tuple[str, str, str]:
    """A userIdentity but for its last bracket: before the credential's key, until its start, and after that."""
    number, identity = f"{111111111111 * (account + 1)}", f"AROA{who:017d}"
    role = f"product{who % 60}-prod-job{job}-{who}" if not person else f"AWSReservedSSO_Set{job % 6}_{who:016x}"
    path = "aws-reserved/sso.amazonaws.com/" if person else ""
    session = f"person{who}" if person else "GitHubActions" if ci else f"i-{who:017x}"
    by_token = (
        '"webIdFederationData":{"federatedProvider":"arn:aws:iam::'
        f'{number}:oidc-provider/token.actions.githubusercontent.com","attributes":'
        f'{{"token.actions.githubusercontent.com:sub":"repo:acme/shop{who}:ref:refs/heads/main"}}}},'
        if ci
        else ""
    )
    return (
        f'{{"type":"AssumedRole","principalId":"{identity}:{session}",'
        f'"arn":"arn:aws:sts::{number}:assumed-role/{role}/{session}","accountId":"{number}","accessKeyId":"',
        f'","sessionContext":{{"sessionIssuer":{{"type":"Role","principalId":"{identity}",'
        f'"arn":"arn:aws:iam::{number}:role/{path}{role}","accountId":"{number}","userName":"{role}"}},'
        f'{by_token}"attributes":{{"mfaAuthenticated":"false","creationDate":"',
        '"}}',
    )


def _sample_identity() -> str:
    said, middle, end = _identity(0, 0, 0, False, False)
    return f"{said}ASIA{middle}2026-03-02T00:00:00Z{end}}}"


def _listed(type_: str) -> str:
    return f'[{{"accountId":"111111111111","type":"AWS::Thing","ARN":"arn:aws:{_ARNS[type_]}7"}}]'


def _sample(identity: str, service: str = "s3", name: str = "GetObject", reads: bool = True, listed: str = "[]") -> str:
    """A record that says as much as the world has to know."""
    account = identity.partition('"accountId":"')[2][:12]
    return (
        f'{{"eventVersion":"1.11","userIdentity":{identity},"eventTime":"2026-03-02T00:00:00Z",'
        f'"eventSource":"{service}.amazonaws.com","eventName":"{name}","awsRegion":"us-east-1",'
        f'"requestParameters":{_REQUEST},"responseElements":null,"readOnly":{str(reads).lower()},'
        f'"resources":{listed},"eventType":"AwsApiCall","recipientAccountId":"{account}","eventCategory":"Management"}}'
    )


_REQUEST: Final = '{"maxResults":50,"marker":"0123456789abcdef0123456789abcdef","verbose":false}'


def _case(column: str, values: dict[str, str]) -> str:
    return f"CASE {column} " + " ".join(f"WHEN '{name}' THEN '{value}'" for name, value in values.items()) + " END"


def _uuid(text: str) -> str:
    cuts = pairwise((1, 9, 13, 17, 21, 33))
    return " || '-' || ".join(f"substr(md5({text}), {start}, {stop - start})" for start, stop in cuts)


_KEY: Final = "concat($number, '-', atom, '-', nth)"
_RECORDS: Final = f"""
WITH calls AS (
    SELECT * EXCLUDE (first), nth, first + to_seconds(span * nth // greatest(calls - 1, 1)) AS event_time
    FROM (
        SELECT *, unnest(range(calls)) AS nth FROM atoms
        WHERE account = $account AND first + wait < $until AND last + wait >= $since
    )
)
SELECT CAST(epoch(event_time + wait) AS BIGINT) // $slot AS slot, region,
    concat('{{"eventVersion":"1.11","userIdentity":', before_key, split_part(session, '/', 1), before_start,
        split_part(session, '/', 2), after_start,
        CASE agent WHEN 'service:cloudformation' THEN ',"invokedBy":"cloudformation.amazonaws.com"' END,
        '}},"eventTime":"', strftime(event_time, '%Y-%m-%dT%H:%M:%SZ'),
        '","eventSource":"', split_part(action, ':', 1), '.amazonaws.com","eventName":"', split_part(action, ':', 2),
        '","awsRegion":"', region, '","sourceIPAddress":"', replace(prefix, '.0/24', '.' || 1 + who % 250),
        '","userAgent":"', {_case("agent", _AGENTS)}, '",',
        CASE error WHEN 'denied' THEN '"errorCode":"AccessDenied","errorMessage":"You are not authorized to do this.",'
            WHEN 'validation' THEN '"errorCode":"ValidationException","errorMessage":"A value is not valid.",' END,
        '"requestParameters":{_REQUEST},"responseElements":null,"requestID":"', {_uuid("'r' || " + _KEY)},
        '","eventID":"', {_uuid(_KEY)}, '","readOnly":', NOT write,
        CASE WHEN resource <> '' THEN ',"resources":[{{"accountId":"' || account || '","type":"AWS::Thing","ARN":'
            || '"arn:aws:' || {_case("split_part(resource, ':', 1)", _ARNS)} || split_part(resource, ':', 2)
            || '"}}]' END,
        ',"eventType":"AwsApiCall","managementEvent":true,"recipientAccountId":"', account,
        '","eventCategory":"Management","tlsDetails":{{"tlsVersion":"TLSv1.3","cipherSuite":"TLS_AES_128_GCM_SHA256",',
        '"clientProvidedHostHeader":"', split_part(action, ':', 1), '.', region, '.amazonaws.com"}}}},') AS record
FROM calls JOIN whos USING (who, principal, account)
WHERE event_time + wait >= $since AND event_time + wait < $until
ORDER BY region, slot
"""


class Made(NamedTuple):
    """A trail that was made."""

    events: int
    files: int
    bytes: int
    """Of gzip."""
    inflated: int


def write_trail(
    world: TrailWorld, folder: Path, number: int, since: datetime, until: datetime, slot: timedelta = SLOT
) -> Made:
    """Make a day, and write its calls that were delivered in [since, until) as a bucket's files below `folder`.

    Parameters
    ----------
    slot
        What is delivered in it makes a file an account and region.
    """
    world.day(number)
    accounts = world.connection.execute("SELECT DISTINCT account FROM atoms ORDER BY 1").fetchall()
    at_once = max(slot, _AT_ONCE)
    hours = int((until - midnight(world, number)) / at_once) + 1
    edges = [midnight(world, number) + at * at_once for at in range(hours + 1)]
    cuts = sorted({since, until, *(edge for edge in edges if since < edge < until)})
    counts = [0, 0, 0, 0]
    with ThreadPoolExecutor(2) as pool:
        for start, stop in pairwise(cuts):
            for (account,) in accounts:
                asked = {"account": account, "since": start, "until": stop, "number": number}
                records = world.connection.sql(_RECORDS, params=asked | {"slot": int(slot.total_seconds())})
                for sizes in pool.map(_pack, _files(records.to_arrow_table(), folder, account, stop, slot)):
                    counts = [count + more for count, more in zip(counts, sizes, strict=True)]
    return Made(*counts)


class _File(NamedTuple):
    """A file that is to be written."""

    path: Path
    records: memoryview
    """A comma between two."""
    events: int


def _files(made: pa.Table, folder: Path, account: str, until: datetime, slot: timedelta) -> Iterator[_File]:
    if not made.num_rows:
        return
    records: Any = pa.concat_arrays(made.column("record").chunks)
    _, offsets, data = records.buffers()
    starts = np.frombuffer(offsets, np.int32)[: made.num_rows + 1]
    slots = made.column("slot").to_numpy()
    regions = np.array([REGIONS.index(region) for region in made.column("region").to_pylist()])
    whole = memoryview(data)
    bounds = np.flatnonzero(np.diff(regions * (1 << 40) + slots, prepend=-1, append=-1)).tolist()
    for first, last in pairwise(bounds):
        region = REGIONS[regions[first]]
        at = datetime.fromtimestamp((int(slots[first]) + 1) * slot.total_seconds(), UTC)
        name = f"{account}_CloudTrail_{region}_{at:%Y%m%dT%H%M}Z_{int(until.timestamp()):016x}.json.gz"
        target = folder / f"AWSLogs/{account}/CloudTrail/{region}/{at:%Y/%m/%d}" / name
        yield _File(target, whole[int(starts[first]) : int(starts[last]) - 1], last - first)


def _pack(file: _File) -> tuple[int, int, int, int]:
    file.path.parent.mkdir(parents=True, exist_ok=True)
    packer = zlib_ng.compressobj(_LEVEL, wbits=31)
    parts = (b'{"Records":[', file.records, b"]}")
    packed = b"".join([*map(packer.compress, parts), packer.flush()])
    file.path.write_bytes(packed)
    return file.events, 1, len(packed), sum(map(len, parts))
