"""A page elsewhere that brings a name of its own to this address is refused."""

import pytest
from starlette.responses import PlainTextResponse

from pipeline.page.host import LOOPBACK_NAMES, HostCheck
from tests.pipeline.page.asking import ask


@pytest.mark.parametrize(
    ("hosts", "status"),
    [
        (["localhost"], 200),
        (["localhost:8477"], 200),
        (["LOCALHOST:8477"], 200),
        (["127.0.0.1:1"], 200),
        (["[::1]:8477"], 200),
        (["page.example.com"], 200),
        ([], 421),
        (["localhost", "localhost"], 421),
        (["evil.example"], 421),
        (["localhost.evil.example"], 421),
        (["localhost:8477.evil.example"], 421),
        (["evil.example:8477"], 421),
        (["localhost@evil.example"], 421),
        (["localhost:"], 421),
        (["localhost."], 421),
        (["127.0.0.1.nip.io"], 421),
        (["0.0.0.0"], 421),
        (["127.1"], 421),
        (["::1"], 421),
        (["<script>"], 421),
        ([""], 421),
    ],
)
def test_only_its_own_names_are_answered(hosts: list[str], status: int) -> None:
    app = HostCheck(PlainTextResponse("hidden"), LOOPBACK_NAMES | {"page.example.com"})
    found = ask(app, hosts=hosts)
    assert found.status == status
    assert "<script>" not in found.text
