"""Addresses of search engines: what is unsafe or unknown is refused with what to write instead."""

import pytest

from pipeline.errors import SettingsError
from pipeline.search.url import is_engine_url, parse_url


def test_a_url_says_where_and_how_and_holds_no_secret():
    url = parse_url("opensearch+https://ana@search.example:9201?password=env:WORD&ca=/etc/ca.pem")
    assert (url.product, url.way, url.host, url.port, url.user) == (
        "opensearch",
        "https",
        "search.example",
        9201,
        "ana",
    )
    assert url.given == {"password": "env:WORD", "ca": "/etc/ca.pem"}
    assert url.origin == "https://search.example:9201"
    assert parse_url("opensearch+http://[::1]").origin == "http://[::1]:9200"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("https://host", "write it as in opensearch"),
        ("solr+https://host", "write it as in opensearch"),
        ("opensearch+ftp://host", "write it as in opensearch"),
        ("opensearch+https://ana:hunter2@host", "a password in the URL is seen"),
        ("opensearch+https://", "names no host"),
        ("opensearch+https://host:99999", "the port"),
        ("opensearch+https://host/cloudtrail-*", "has a path"),
        ("opensearch+https://host?pasword=env:X", "'pasword' after the ?"),
        ("opensearch+http://search.example", r"write opensearch\+https"),
        ("opensearch+http://10.0.0.1", r"write opensearch\+https"),
        ("opensearch+sigv4://host", "names no region"),
        ("opensearch+sigv4://host?region=eu-west-1&service=s3", "es .* or aoss"),
        ("elasticsearch+sigv4://host?region=eu-west-1", "knows no SigV4"),
    ],
)
def test_what_cannot_be_used_says_what_to_write(text, said):
    with pytest.raises(SettingsError, match=said) as caught:
        parse_url(text)
    assert "hunter2" not in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_path_is_no_url():
    assert is_engine_url("opensearch+sigv4://host?region=x")
    for path in ("trail/", "s3://bucket/a", "opensearch", "C:/x", "a+b://c"):
        assert not is_engine_url(path)
