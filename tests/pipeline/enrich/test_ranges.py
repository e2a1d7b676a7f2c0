"""Ranges of addresses in CSV: their forms, their edges, and the same answer as a scan."""

import ipaddress
import random

import pytest

from pipeline.enrich.place import NOWHERE
from pipeline.enrich.ranges import Ranges, RangesError


@pytest.mark.parametrize(
    ("rows", "address"),
    [
        ([["203.0.113.0", "203.0.113.255", "64500", "Net"]], "203.0.113.7"),
        ([["3405803776", "3405804031", "64500", "Net"]], "203.0.113.7"),
        ([["203.0.113.0/24", "64500", "Net"]], "203.0.113.7"),
        ([["network", "autonomous_system_number", "organisation"], ["203.0.113.0/24", "64500", "Net"]], "203.0.113.7"),
        ([["start", "end", "asn", "org"], ["203.0.113.0", "203.0.113.255", "AS64500", "Net"]], "203.0.113.7"),
        ([["2001:db8::", "2001:db8::ffff", "64500", "Net"]], "2001:db8::7"),
        (
            [["42540766411282592856903984951653826560", "42540766411282592856903984951653892095", "64500", "Net"]],
            "2001:db8::7",
        ),
        ([["2001:db8::/32", "64500", "Net"]], "2001:db8::7"),
    ],
)
def test_every_form_of_a_range_is_read(rows, address):
    place = Ranges.of(rows).place(address)
    assert (place.asn, place.organisation) == (64500, "Net")


def test_countries_come_as_ranges_too():
    assert Ranges.of([["203.0.113.0", "203.0.113.255", "kr"]]).place("203.0.113.7").country == "KR"


def test_edges_belong_to_a_range_and_gaps_to_none():
    ranges = Ranges.of([["10.0.0.5", "10.0.0.9", "1", "a"], ["10.0.0.20", "10.0.0.20", "2", "b"]])
    asn = [ranges.place(f"10.0.0.{n}").asn for n in (4, 5, 9, 10, 19, 20, 21)]
    assert asn == [0, 1, 1, 0, 0, 2, 0]


def test_bisection_answers_as_a_scan_does():
    chance = random.Random(5)
    cuts = sorted(chance.sample(range(1 << 32), 400))
    spans = [(start, end, number) for number, (start, end) in enumerate(zip(cuts[::2], cuts[1::2], strict=True), 1)]
    rows = [[str(ipaddress.ip_address(a)), str(ipaddress.ip_address(b)), str(n), ""] for a, b, n in spans]
    chance.shuffle(rows)
    ranges = Ranges.of(rows)
    for probe in [edge + step for a, b, _ in spans for edge in (a, b) for step in (-1, 0, 1)]:
        expected = next((n for a, b, n in spans if a <= probe <= b), 0)
        assert ranges.place(str(ipaddress.ip_address(probe))).asn == expected


def test_ipv4_ranges_say_nothing_of_ipv6():
    assert Ranges.of([["0.0.0.0", "255.255.255.255", "1", "a"]]).place("::1") == NOWHERE


def test_a_file_is_read_when_the_first_question_comes(tmp_path):
    path = tmp_path / "asn.csv"
    path.write_text('1.0.0.0,1.0.0.255,13335,"Cloudflare, Inc."\nbroken\n1.1.1.9,1.1.1.1,5,backwards\n2.0.0.0,x,1,y\n')
    ranges = Ranges(path)
    ranges.check()
    assert ranges.place("1.0.0.1").organisation == "Cloudflare, Inc."
    assert ranges.place("1.1.1.5") == NOWHERE


def test_a_file_without_ranges_is_refused(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("a,b,c\nd,e,f\n")
    with pytest.raises(RangesError):
        Ranges(path).check()
