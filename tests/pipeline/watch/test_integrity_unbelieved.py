"""A digest that cannot be CloudTrail's is told, lists nothing, and hides no other finding."""

import gzip
import os
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from pipeline.watch.integrity import hold_to_digests
from tests.digests import ACCOUNT, BEGIN, HOUR, NAME, REGION, Keys, Trail
from tests.pipeline.watch.held import NOW, kinds, take

HOSTILE: dict[str, Callable[[Trail], dict[str, Any]]] = {
    "another account": lambda trail: {
        "logFiles": [trail.entry(trail.logs[0], s3Object=trail.key("CloudTrail", BEGIN, "_a").replace("1111", "9999"))]
    },
    "a way up": lambda trail: {
        "logFiles": [trail.entry(trail.logs[0], s3Object=f"AWSLogs/{ACCOUNT}/CloudTrail/../../x/{trail.logs[0].name}")]
    },
    "a control character": lambda trail: {
        "logFiles": [trail.entry(trail.logs[0], s3Object=f"AWSLogs/{ACCOUNT}/\x1b[2J/{trail.logs[0].name}")]
    },
    "no hash": lambda trail: {"logFiles": [trail.entry(trail.logs[0], hashValue="zz")]},
    "another hash function": lambda trail: {"logFiles": [trail.entry(trail.logs[0], hashAlgorithm="MD5")]},
    "two hashes": lambda trail: {
        "logFiles": [trail.entry(trail.logs[0]), trail.entry(trail.logs[0], hashValue="0" * 64)]
    },
    "too many": lambda trail: {"logFiles": [trail.entry(trail.logs[0])] * 20_001},
    "no list": lambda trail: {"logFiles": {"a": 1}},
    "numbers": lambda trail: {"logFiles": [1, 2, 3]},
    "another key": lambda trail: {"digestS3Object": "AWSLogs/x/y.json.gz"},
    "another end": lambda trail: {"digestEndTime": "2026-03-02T10:00:00Z"},
    "no time": lambda trail: {"digestEndTime": "yesterday"},
    "backwards": lambda trail: {"digestStartTime": "2027-01-01T00:00:00Z"},
    "a digest before that is after": lambda trail: {
        "previousDigestS3Object": trail.key("CloudTrail-Digest", BEGIN + 90 * HOUR, "")
    },
    "a digest before that is none": lambda trail: {"previousDigestS3Object": "../../etc/passwd"},
}  # fmt: skip


@pytest.mark.parametrize("what", HOSTILE)
def test_a_digest_that_cannot_be_cloudtrails_is_one_finding_and_lists_nothing(store, trail, what):
    changed = HOSTILE[what](trail)
    trail.put_digest(BEGIN + 5 * HOUR, **{"entries": [], **changed})
    trail.digests.pop()
    trail.signatures.pop()
    trail.put_digest(BEGIN + 6 * HOUR, [trail.entry(trail.logs[0])])
    trail.logs[5].unlink()
    found = take(store, trail)
    assert sorted(kinds(found)) == ["digest_unbelieved", "objects"], "and no other is hidden"


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\x1f\x8b",
        gzip.compress(b"[" * 100_000),
        gzip.compress(b"\xff\xfe\x00{"),
        gzip.compress(b" " * (9 << 20)),
        gzip.compress(os.urandom(2 << 20), 0),
        gzip.compress(b"{}"),
        gzip.compress(b"null"),
    ],
    ids=["empty", "cut", "deep", "no text", "inflates", "huge", "bare", "null"],
)
def test_files_that_are_no_digests_are_one_finding_a_day(store, trail, content):
    folder = trail.digests[0].parent
    for number in range(30):
        end = BEGIN + timedelta(minutes=number)
        (folder / f"{ACCOUNT}_CloudTrail-Digest_{REGION}_{NAME}_{REGION}_{end:%Y%m%dT%H%M%S}Z.json.gz").write_bytes(
            content
        )
        (folder / f"{ACCOUNT}_CloudTrail-Digest_{number}.json.gz").write_bytes(content)
    found = take(store, trail)
    assert kinds(found) in (["digest_unbelieved"] * 2, ["digest_unbelieved"])
    assert len(found.found[-1].text) < 2000
    assert take(store, trail).found == []


def test_many_objects_are_one_finding_whose_text_is_short(store, trail):
    entries = [
        trail.entry(
            trail.logs[0], s3Object=trail.key("CloudTrail", BEGIN + HOUR, f"_{at}{'x' * 700}"), hashValue="0" * 64
        )
        for at in range(2000)
    ]
    trail.put_digest(BEGIN + 5 * HOUR, entries)
    [finding] = take(store, trail).found
    assert (len(finding.objects), finding.as_dict()["count"], len(finding.as_dict()["objects"])) == (2000, 2000, 6)
    assert len(finding.text) < 2000
    assert "validate-logs" in finding.text


@pytest.mark.parametrize("end", ["00010101T000000Z", "99991231T235959Z"])
def test_a_digest_of_an_impossible_time_is_one_finding_and_ends_nothing(store, trail, end):
    end_of = trail.digests[1].name[-len("20260302T150131Z.json.gz") :]
    odd = trail.digests[1].with_name(trail.digests[1].name.replace(end_of, f"{end}.json.gz"))
    odd.write_bytes(gzip.compress(b"{}"))
    trail.put_digest(BEGIN + 5 * HOUR, [], previousDigestS3Object=f"AWSLogs/{ACCOUNT}/CloudTrail-Digest/{odd.name}")
    trail.logs[4].unlink()
    found = take(store, trail)
    assert {"digest_unbelieved", "objects"} <= set(kinds(found))
    assert hold_to_digests(store, NOW + HOUR, Keys()).found == []
