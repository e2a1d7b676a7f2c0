"""A digest file is read as CloudTrail documents it, bounded, and believed of its own account only."""

import gzip
import hashlib
import json
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from pipeline.ingest.digest_file import DigestFile, name_of, read_digest, read_digest_name
from pipeline.ingest.inflate import LIMITS
from tests.digests import ACCOUNT, BEGIN, BUCKET, FINGERPRINT, HOUR, REGION, Trail, hash_of


@pytest.fixture
def trail(tmp_path: Path) -> Trail:
    return Trail(tmp_path).deliver(2)


def read(path: Path, **given: Any) -> DigestFile:
    return read_digest(path.name, "ab" * 32, path.read_bytes(), LIMITS, **given)


def test_it_lists_names_and_hashes_of_what_log_files_hold_once_inflated(trail):
    digest = read(trail.digests[1])
    assert digest.objects == {
        path.name.removesuffix(".gz"): hashlib.sha256(gzip.decompress(path.read_bytes())).digest()
        for path in trail.logs[3:]
    }
    assert (digest.start, digest.end) == (BEGIN + HOUR, BEGIN + 2 * HOUR)
    assert (digest.previous, digest.previous_content.hex()) == (
        trail.digests[0].name.removesuffix(".gz"), hash_of(trail.digests[0])
    )  # fmt: skip
    assert (digest.begins, digest.problem, digest.signed) == (False, "", "")
    assert digest.content.hex() == hash_of(trail.digests[1])


def test_the_first_names_none_before_it(trail):
    digest = read(trail.digests[0])
    assert (digest.previous, digest.begins) == ("", True)


def test_what_was_signed_is_put_together_as_aws_says(trail):
    digest = read(trail.digests[1], signature=trail.signatures[1])
    key = trail.digests[1].relative_to(trail.folder).as_posix()
    assert digest.signed.split("\n") == [
        "2026-03-02T12:00:31Z", f"{BUCKET}/{key}", hash_of(trail.digests[1]), trail.signatures[0]
    ]  # fmt: skip
    assert digest.fingerprint == FINGERPRINT
    assert read(trail.digests[0], signature="ab").signed.endswith("\nnull")


def test_nothing_of_before_since_is_listed_nor_named(trail):
    tomorrow = (BEGIN + timedelta(days=1)).date()
    assert read(trail.digests[1], since=BEGIN.date()).objects
    later = read(trail.digests[1], since=tomorrow)
    assert (later.objects, later.previous, later.begins) == ({}, "", False)


def test_a_trail_that_was_renamed_names_no_digest_of_its_chain(trail):
    other = trail.digests[0].name.replace("my_trail", "old")
    path = trail.put_digest(BEGIN + 3 * HOUR, [], previousDigestS3Object=f"AWSLogs/{ACCOUNT}/CloudTrail-Digest/{other}")
    digest = read(path)
    assert (digest.problem, digest.previous, digest.begins) == ("", "", False)


def test_a_backfill_is_in_no_chain(trail):
    digest = read(trail.put_digest(BEGIN + 3 * HOUR, [trail.entry(trail.logs[0])], "_backfill"))
    assert (digest.problem, digest.previous, digest.begins, len(digest.objects)) == ("", "", False, 1)


@pytest.mark.parametrize(
    ("packed", "problem"),
    [
        (None, "1 MiB"),
        (b"", "does not hold"),
        (gzip.compress(b"{}")[:9], "truncated"),
        (gzip.compress(b"0" * (8 << 20) + b"0"), "8 MiB"),
        (gzip.compress(b"{"), "does not hold"),
        (gzip.compress(json.dumps({"awsAccountId": 7}).encode()), "does not hold"),
    ],
    ids=["too large", "empty", "cut", "inflates", "no JSON", "no digest"],
)
def test_what_cannot_be_read_is_a_problem(packed, problem):
    name = f"{ACCOUNT}_CloudTrail-Digest_{REGION}_t_{REGION}_20260302T100031Z.json.gz"
    digest = read_digest(f"x/{name}", "ab" * 32, packed, LIMITS)
    assert problem in digest.problem
    assert (digest.objects, digest.previous, digest.name) == ({}, "", name_of(name))


def test_a_signature_is_bounded(trail):
    assert "signature" in read(trail.digests[0], signature="a" * 2049).problem
    path = trail.put_digest(BEGIN + 3 * HOUR, [], previousDigestSignature="a" * 2049)
    assert "signature" in read(path, signature="ab").problem


@pytest.mark.parametrize(
    "name",
    [
        "",
        "111122223333_CloudTrail_eu-west-1_20260302T1000Z_abc.json.gz",
        "111122223333_CloudTrail-Digest_eu-west-1_t_eu-west-1_20261302T100031Z.json.gz",
        "111122223333_CloudTrail-Digest_eu-west-1_t_eu-west-1_20260302T100031Z.json.gz.exe",
        "١١١١٢٢٢٢٣٣٣٣_CloudTrail-Digest_eu-west-1_t_eu-west-1_20260302T100031Z.json.gz",
        "111122223333_CloudTrail-Digest_eu-west-1_" + "t" * 129 + "_eu-west-1_20260302T100031Z.json.gz",
    ],
)
def test_other_names_are_none_of_digests(name):
    assert read_digest_name(name) is None
    assert "name" in read_digest(name, "ab" * 32, gzip.compress(b"{}"), LIMITS, since=date(2026, 3, 2)).problem
