"""Rows and activity are made again where what they are made with is another."""

from features.call.verified import NONE_VERIFIED, VerifiedNames
from pipeline.enrich.networks import NO_NETWORKS, Networks
from pipeline.spark.making import geo_files, name_counting, name_decoding


def test_each_of_what_rows_are_made_with_makes_another_name(tmp_path):
    (tmp_path / "asn.csv").write_text("192.0.2.0,192.0.2.255,64500,Example\n")
    names = [
        name_decoding(None, NO_NETWORKS, NONE_VERIFIED),
        name_decoding(tmp_path, NO_NETWORKS, NONE_VERIFIED),
        name_decoding(None, Networks.of([("10.0.0.0/8", "office")]), NONE_VERIFIED),
        name_decoding(None, NO_NETWORKS, VerifiedNames(("okta-*",))),
    ]
    (tmp_path / "asn.csv").write_text("192.0.2.0,192.0.2.255,64501,Other\n")
    names.append(name_decoding(tmp_path, NO_NETWORKS, NONE_VERIFIED))
    assert len(set(names)) == len(names)
    assert names[0] == name_decoding(None, Networks.of([]), VerifiedNames())


def test_the_deployments_day_makes_another_name():
    assert len({name_counting("UTC", 15), name_counting("UTC", 30), name_counting("Asia/Seoul", 15)}) == 3


def test_only_databases_travel(tmp_path):
    for name in ("a.mmdb", "b.csv", "notes.txt"):
        (tmp_path / name).write_bytes(b"")
    assert [path.name for path in geo_files(tmp_path)] == ["a.mmdb", "b.csv"]
    assert geo_files(tmp_path / "a.mmdb") == [tmp_path / "a.mmdb"]
