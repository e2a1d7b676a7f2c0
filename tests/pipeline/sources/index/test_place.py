"""Addresses of indices."""

import pytest

from pipeline.errors import SettingsError
from pipeline.sources.index.place import parse_place


def test_indices_stand_where_a_web_address_has_its_path():
    place = parse_place("opensearch+https://ana@search:9200/cloudtrail-*,-cloudtrail-test?password=env:WORD&ca=/ca.pem")
    assert place.pattern == "cloudtrail-*,-cloudtrail-test"
    assert (place.url.user, place.url.given["password"]) == ("ana", "env:WORD")
    assert place.text == "opensearch+https://search:9200/cloudtrail-*,-cloudtrail-test"


@pytest.mark.parametrize(
    "pattern", ["cloudtrail-2026.03.01", ".ds-logs-aws.cloudtrail-default-2026.03.01-000001", "a,b*"]
)
def test_names_as_engines_have_them(pattern):
    assert parse_place(f"elasticsearch+http://localhost/{pattern}").pattern == pattern


def test_sigv4_reads_too():
    assert parse_place("opensearch+sigv4://vpc-x.eu-west-1.es.amazonaws.com/cwl-*?region=eu-west-1").url.way == "sigv4"


@pytest.mark.parametrize(
    ("path", "says"),
    [
        ("", "names no index"),
        ("/", "names no index"),
        ("/a#b", "names no index"),
        ("/*", "does not say which"),
        ("/_all", "no name of an index"),
        ("/_search", "no name of an index"),
        ("/a/_delete_by_query", "no name of an index"),
        ("/a%2F..%2F_search", "no name of an index"),
        ("/UPPER", "no name of an index"),
        ("/remote:cloudtrail-*", "own address"),
        ("/%3Ccloudtrail-%7Bnow%7D%3E", "no name of an index"),
        ("/-a", "does not say which"),
        ("/a,,b", "no name of an index"),
        ("/..", "no name of an index"),
    ],
)
def test_what_is_no_index_is_refused(path, says):
    with pytest.raises(SettingsError, match=says):
        parse_place(f"opensearch+http://localhost{path}")


def test_a_host_that_is_none_is_refused():
    with pytest.raises(SettingsError, match="host"):
        parse_place("opensearch+http://[::1/cloudtrail-*")
    assert parse_place("opensearch+http://[::1]:9200/cloudtrail-*").url.origin == "http://[::1]:9200"


def test_secrets_and_plain_ways_are_refused_as_everywhere():
    with pytest.raises(SettingsError, match="password"):
        parse_place("opensearch+https://ana:secret@search/cloudtrail-*")
    with pytest.raises(SettingsError, match="in the clear"):
        parse_place("opensearch+http://search/cloudtrail-*")
