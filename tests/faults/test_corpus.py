"""Hostile and odd documents on every engine: each record ends where it should, and the mapping stays what it was.

Rows 13 to 17, 21 to 27, 54 and 64.
"""

import json
import random
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from features.call.address import parse_address
from pipeline.delivery.dead_letter import FolderDeadLetters
from tests.faults.corpus import Case, cases
from tests.faults.prepared import indexed, prepare
from tests.pipeline.delivery.target import a_target, index
from tests.pipeline.ingest.records import a_name, a_record, envelope, subscription, write


def test_each_record_ends_where_it_should_and_no_field_is_added(server, prefix, tmp_path):
    naming = prepare(server, prefix)
    wanted = list(cases())
    random.Random(7).shuffle(wanted)
    for start in range(0, len(wanted), 40):
        records = [case.raw for case in wanted[start : start + 40]]
        write(tmp_path / "in" / a_name(mark=f"{start:016}"), envelope(a_record(), *records, a_record()))
    server.ask("PUT", f"/{prefix}-2026.03.02")
    before = mapping(server, prefix)
    target = a_target(tmp_path, server.url, naming)
    index(target, tmp_path / "in")
    found, letters = indexed(server, prefix), [letter for _, letter in FolderDeadLetters(tmp_path / "letters").read()]
    wrong = []
    for case in wanted:
        ended = [hit["_index"] for hit in found.values() if is_of(hit, case)]
        ended += ["dead"] * sum(letter.raw == case.raw for letter in letters)
        is_so = {
            "indexed": len(ended) == 1 and ended[0].startswith(f"{prefix}-2026.03.0"),
            "quarantined": ended == [f"{prefix}-quarantine"],
            "dead": ended == ["dead"],
            "other": ended == [],
        }[case.fate]
        if not is_so:
            wrong.append((case.name, case.fate, ended, [each.reason for each in letters if each.raw == case.raw]))
    assert wrong == []
    assert mapping(server, prefix) == before


def is_of(hit: dict, case: Case) -> bool:
    """Whether a document is of a record; an id that is none is replaced, the same each time."""
    return bool(case.id) and (hit["_id"] == case.id or hit["_source"]["@message"] == case.raw.decode(errors="replace"))


def mapping(server, prefix: str) -> dict:
    """What the fields of each index are."""
    return server.ask("GET", f"/{prefix}-2026.03.02/_mapping")[f"{prefix}-2026.03.02"]["mappings"]


def test_an_address_is_one_only_where_it_is(server, prefix, tmp_path):
    naming = prepare(server, prefix)
    texts = ["AWS Internal", "1.2.3.4, 5.6.7.8", "::ffff:203.0.113.9", "fe80::1%eth0", "203.0.113.9", "2001:db8::1"]
    records = [a_record(sourceIPAddress=text) for text in texts]
    write(tmp_path / "in" / a_name(), envelope(*records))
    index(a_target(tmp_path, server.url, naming), tmp_path / "in")
    found = indexed(server, prefix)
    for text, record in zip(texts, records, strict=True):
        source = found[record["eventID"]]["_source"]["source"]
        assert source["address"] == text
        assert source.get("ip", "") == parse_address(text).ip


def test_deliveries_again_by_another_way_and_in_another_order_are_one_event(server, prefix, tmp_path):
    """Five times, interleaved, through S3's files and CloudWatch's payloads; two twins of one call stay two."""
    naming = prepare(server, prefix)
    records = [a_record() for _ in range(60)]
    records += [a_record(sharedEventID="5" * 36), a_record(sharedEventID="5" * 36, recipientAccountId="999900001111")]
    chance = random.Random(7)
    for n in range(5):
        chance.shuffle(records)
        write(tmp_path / "in" / a_name(f"20260302T12{n:02}Z", mark=f"{n:016}"), envelope(*records))
        write(tmp_path / "in" / f"payload{n}.gz", subscription(*records[:30]))
    target = a_target(tmp_path, server.url, naming)
    report = index(target, tmp_path / "in")
    assert report.records == 5 * (62 + 30)
    assert (target.tally.indexed, target.tally.duplicates) == (62, report.records - 62)
    found = indexed(server, prefix)
    assert sorted(found) == sorted(record["eventID"] for record in records)
    shared = [hit for hit in found.values() if "5" * 36 in json.dumps(hit["_source"]["aws"])]
    assert len(shared) == 2


@pytest.mark.parametrize("pack", [True, False])
def test_a_mark_of_byte_order_is_passed_over(engine, tmp_path: Path, pack: bool):
    record = a_record()
    write(tmp_path / "in" / "a.json", b"\xef\xbb\xbf" + envelope(record), pack)
    index(a_target(tmp_path, engine.url), tmp_path / "in")
    assert engine.ids == [record["eventID"]]


def test_what_comes_late_is_in_the_index_of_its_own_day(engine, tmp_path: Path):
    """By 20 minutes, 26 hours and 29 days."""
    delivered = datetime(2026, 3, 19, 12, tzinfo=UTC)
    wanted = {}
    for n, late in enumerate([timedelta(minutes=20), timedelta(hours=26), timedelta(days=29)]):
        record = a_record(eventTime=f"{delivered - late:%Y-%m-%dT%H:%M:%SZ}")
        wanted[f"cloudtrail-{delivered - late:%Y.%m.%d}", record["eventID"]] = (record["eventTime"], delivered)
        write(tmp_path / "in" / a_name(f"{delivered:%Y%m%dT%H%MZ}", mark=f"{n:016}"), envelope(record))
    index(a_target(tmp_path, engine.url), tmp_path / "in")
    told = {
        where: (document["@timestamp"].replace(".000", ""), datetime.fromisoformat(document["event"]["created"]))
        for where, document in engine.held.items()
    }
    assert told == wanted
