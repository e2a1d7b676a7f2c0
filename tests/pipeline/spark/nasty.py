"""Files in which everything happens that is rare: what one machine does with it, many must do alike."""

import json
import shutil
from pathlib import Path
from typing import Any

from tests.pipeline.ingest.records import ACCOUNT, a_name, a_record, envelope, subscription, write
from tests.records import a_root, a_service, an_assumed_role, an_sso_person

OTHER = "444455556666"
_NETWORKS = {"sourceIPAddress": "10.1.2.3", "vpcEndpointId": "vpce-0a"}


def _ids(number: int) -> str:
    return f"00000000-0000-4000-8000-{number:012x}"


def _at(time: str, number: int, **given: Any) -> dict[str, Any]:
    return a_record(eventTime=f"2026-03-{time}", eventID=_ids(number), requestID="r", **given)


def write_nasty(folder: Path) -> Path:
    """Write them below a folder."""
    write_repeated(folder)
    write_twins(folder)
    write_corrections(folder)
    write_oddities(folder)
    return folder


def write_repeated(folder: Path) -> None:
    """Deliveries of one event, in other words and with other contents, and copies of files."""
    first = [
        _at(f"02T12:00:{n:02}Z", n, eventName=name) for n, name in enumerate(("ListUsers", "GetUser", "ListRoles"))
    ]
    clash = {**first[2], "eventName": "CreateUser", "readOnly": False}
    again = json.dumps(first[1], indent=1, sort_keys=True).encode()
    write(folder / a_name("20260302T1205Z", mark="A" * 16), envelope(*first))
    write(folder / a_name("20260302T1210Z", mark="B" * 16), envelope(first[0], again, clash, clash))
    write(folder / a_name("20260303T0100Z", mark="C" * 16), envelope(clash, first[0], {**clash, "eventName": "Third"}))
    # an earlier delivery of what a later file says, in a copy of a file that is read first elsewhere
    late = _at("04T10:00:00Z", 10, eventName="DeleteUser", readOnly=False)
    write(folder / a_name("20260304T1300Z", mark="D" * 16), envelope(late, _at("04T10:01:00Z", 11)))
    write(folder / a_name("20260304T1100Z", mark="E" * 16), envelope({**late, "userAgent": "other"}))
    copy = folder / "z" / a_name("20260304T1001Z", mark="F" * 16)
    copy.parent.mkdir(parents=True)
    shutil.copyfile(folder / a_name("20260304T1300Z", mark="D" * 16), copy)
    # one id on two days is two events, and in two accounts as well
    write(folder / a_name("20260305T0005Z", mark="G" * 16), envelope(_at("04T23:59:59Z", 20), _at("05T00:00:01Z", 20)))
    write(folder / a_name("20260305T0010Z", OTHER), envelope(_at("05T00:00:01Z", 20, recipientAccountId=OTHER)))


def write_twins(folder: Path) -> None:
    """The two records of a call from one account into another, also of one principal in one account-day."""
    shared = {"sharedEventID": "5" * 36, "userIdentity": an_assumed_role("app")}
    one = [_at(f"02T13:00:0{n}Z", 30 + n, **shared) for n in range(3)]
    two = [_at("02T13:00:00Z", 40, recipientAccountId=OTHER, **shared), _at("02T13:00:09Z", 41, sharedEventID="6" * 36)]
    write(folder / a_name("20260302T1305Z", mark="H" * 16), envelope(*one, _at("02T13:10:00Z", 33)))
    write(folder / a_name("20260302T1305Z", OTHER, mark="H" * 16), envelope(*two))


def write_corrections(folder: Path) -> None:
    """Corrections: of a call of the day, of an earlier day and another account, of none, and two of one call."""

    def correct(number: int, original: int | None, time: str, **given: Any) -> dict[str, Any]:
        told = {"reason": "UPDATED_DATA", "originalEventID": "gone" if original is None else _ids(original)}
        return _at(time, number, addendum=told, **given)

    originals = [_at(f"06T08:00:0{n}Z", 50 + n, eventName="GetRole") for n in range(4)]
    write(folder / a_name("20260306T0805Z", mark="J" * 16), envelope(*originals))
    write(
        folder / a_name("20260306T0900Z", mark="K" * 16),
        envelope(
            correct(60, 50, "06T08:00:00Z", errorCode="AccessDenied"),
            correct(61, 51, "06T08:00:01Z", eventName="GetPolicy"),
            correct(61, 51, "06T08:00:01Z", eventName="GetPolicy"),
        ),
    )
    write(
        folder / a_name("20260307T0900Z", mark="L" * 16),
        envelope(
            correct(62, 51, "06T08:00:01Z", eventName="ListPolicies"),
            correct(63, 33, "07T08:00:01Z", eventName="ListGroups"),
            correct(64, None, "07T08:30:00Z", eventName="ListSAMLProviders"),
        ),
    )
    write(
        folder / a_name("20260307T0910Z", OTHER, mark="L" * 16),
        envelope(correct(65, 53, "07T09:00:00Z", eventName="ListMFADevices", recipientAccountId=OTHER)),
    )


def write_oddities(folder: Path) -> None:
    """Impossible times, what is made and exposed, what is no call, faults, and files that cannot be read."""
    made = {"instancesSet": {"items": [{"instanceId": "i-0123456789abcdef0"}]}}
    ec2 = {"eventSource": "ec2.amazonaws.com", "readOnly": False}
    opened = {"groupId": "sg-1", "cidrIp": "0.0.0.0/0", "fromPort": 22, "toPort": 22}
    key = {"accessKey": {"accessKeyId": "AKIAEXAMPLE000000002", "userName": "bob"}}
    records = [
        _at("08T09:00:00Z", 70, eventName="RunInstances", responseElements=made, **ec2),
        _at("08T09:01:00Z", 71, eventName="StopInstances", requestParameters=made, **ec2),
        _at("08T09:02:00Z", 72, eventName="AuthorizeSecurityGroupIngress", requestParameters=opened, **ec2),
        _at("08T09:03:00Z", 73, userIdentity=a_root(), sourceIPAddress="198.51.100.7", eventName="ConsoleLogin"),
        _at("08T09:04:00Z", 74, userIdentity=an_sso_person(), errorCode="AccessDenied", errorMessage="no"),
        _at("08T09:05:00Z", 75, userIdentity=a_service(), sourceIPAddress="ec2.amazonaws.com"),
        _at("08T09:06:00Z", 76, eventName="CreateAccessKey", readOnly=False, responseElements=key),
        _at("08T09:07:00Z", 77, userIdentity=an_assumed_role("app"), **_NETWORKS),
        _at("08T09:07:30Z", 78, userIdentity=an_assumed_role("app"), sourceIPAddress="2001:db8::7"),
        _at("08T23:59:59Z", 79, userIdentity=an_assumed_role("app", "other"), userAgent="caf\xe9 \u2028 \U0001f600"),
        a_record(eventTime="2099-01-01T00:00:00Z", eventID=_ids(80)),
        a_record(eventTime="1999-01-01T00:00:00Z", eventID=_ids(81)),
        a_record(eventTime="1970-01-01T00:00:00Z", eventID=_ids(82)),
        _at("08T09:08:00Z", 83, recipientAccountId="no account"),
        _at("08T09:09:00Z", 84, recipientAccountId=None, userIdentity={"type": "Unknown"}),
        a_record(eventTime="yesterday", eventID=_ids(85)),
        _at("08T09:10:00Z", 86, eventCategory="NetworkActivity", eventType="AwsVpceEvent", errorCode="AccessDenied"),
        _at("08T09:11:00Z", 87, eventCategory="Data", eventSource="s3.amazonaws.com", eventName="GetObject",
            requestParameters={"bucketName": "logs", "key": "a"}),
        a_record(eventType="AwsCloudTrailInsight", eventCategory="Insight", insightDetails={}, eventName=None),
    ]  # fmt: skip
    write(folder / a_name("20260308T0915Z", mark="M" * 16), envelope(*records, json.dumps(records[0])[:-2].encode()))
    write(folder / a_name("20260310T0000Z", mark="N" * 16), envelope(_at("08T09:12:00Z", 88), _at("09T23:50:00Z", 89)))
    write(folder / "undated.json", "\n".join(map(json.dumps, [*records[2:5], _at("08T10:00:00Z", 90)])).encode())
    write(folder / "payload.gz", subscription(records[0], _at("08T11:00:00Z", 91, eventName="Other")))
    write(folder / "empty.json", b"")
    write(folder / "notes.txt", b"no log at all")
    cut = write(folder / "cut.json.gz", envelope(*[_at("08T12:00:00Z", 92 + n) for n in range(30)]))
    cut.write_bytes(cut.read_bytes()[:-60])
    write(folder / f"AWSLogs/{ACCOUNT}/Config/us-east-1/2026/3/8/ConfigHistory/{ACCOUNT}_Config_x.json.gz", b"{}")
