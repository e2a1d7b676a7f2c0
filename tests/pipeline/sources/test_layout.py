"""Which objects of a bucket are found, and what that costs."""

from collections.abc import Collection, Iterator
from datetime import UTC, date, datetime, timedelta

import pytest

from pipeline.sources.layout import Found, Walk

TODAY = date(2026, 3, 10)
ORGANISATION = "AWSLogs/o-abc1234567"
ACCOUNTS = ("111122223333", "222233334444", "333344445555")
REGIONS = ("eu-west-1", "us-east-1")


class Bucket:
    """Keys in memory, and what was asked of them."""

    def __init__(self, keys: Collection[str], changed: datetime = datetime(2026, 3, 1, tzinfo=UTC)) -> None:
        self.keys = sorted(keys)
        self.changed = changed
        self.levels: list[str] = []
        self.listed: list[str] = []
        self.pages = 0
        """Requests, of which one brings a thousand."""

    def level(self, prefix: str) -> Iterator[Found | str]:
        self.levels.append(prefix)
        told: dict[str, None] = {}
        self.pages += 1
        for key in self.keys:
            if key.startswith(prefix):
                name, slash, _ = key.removeprefix(prefix).partition("/")
                told[prefix + name + slash] = None
        for item in told:
            yield item if item.endswith("/") and item != prefix else self._found(item)

    def all(self, prefix: str) -> Iterator[Found]:
        self.listed.append(prefix)
        found = [self._found(key) for key in self.keys if key.startswith(prefix)]
        self.pages += max(-(-len(found) // 1_000), 1)
        yield from found

    def _found(self, key: str) -> Found:
        return Found(key, 1, "etag", self.changed)


def a_key(day: date, account: str = ACCOUNTS[0], region: str = REGIONS[0], top: str = "AWSLogs", mark: int = 0) -> str:
    name = f"{account}_CloudTrail_{region}_{day:%Y%m%d}T0005Z_{mark:016}.json.gz"
    return f"{top}/{account}/CloudTrail/{region}/{day:%Y/%m/%d}/{name}"


def a_trail(days: int, top: str = "AWSLogs", each: int = 1) -> list[str]:
    return [
        a_key(TODAY - timedelta(days=back), account, region, top, mark)
        for back in range(days)
        for account in ACCOUNTS
        for region in REGIONS
        for mark in range(each)
    ]


def keys(bucket: Bucket, prefix: str = "", since: date | None = None, at_once: int = 1) -> list[str]:
    return [found.key for found in Walk(bucket, since, TODAY, at_once).below(prefix)]


@pytest.mark.parametrize("top", ["AWSLogs", ORGANISATION, "team/AWSLogs", f"a/b/c/{ORGANISATION}"])
@pytest.mark.parametrize("since", [None, TODAY - timedelta(days=2), TODAY - timedelta(days=60)])
def test_every_object_is_found_once_whatever_the_layout(top, since):
    bucket = Bucket(a_trail(80, top))
    expected = [key for key in bucket.keys if since is None or _day(key) >= since]
    assert sorted(keys(bucket, since=since)) == expected
    assert "" not in bucket.listed
    assert all(prefix.count("/") >= 5 for prefix in bucket.listed), "only days are listed"


def test_an_accounts_day_lies_together_whatever_its_regions():
    found = keys(Bucket(a_trail(40)))
    assert [(key.split("/")[1], _day(key)) for key in found] == sorted((key.split("/")[1], _day(key)) for key in found)


def _day(key: str) -> date:
    return datetime.strptime(key.rpartition("_")[0][-14:-6], "%Y%m%d").date()


@pytest.mark.parametrize("since", [None, TODAY - timedelta(days=2)])
def test_asked_for_at_once_the_order_is_the_same_and_so_is_the_cost(since):
    one, many = Bucket(a_trail(40)), Bucket(a_trail(40))
    assert keys(one, since=since) == keys(many, since=since, at_once=16)
    assert (sorted(one.listed), sorted(one.levels)) == (sorted(many.listed), sorted(many.levels))


def test_an_error_of_a_day_is_raised_in_its_turn():
    class Denied(Bucket):
        def all(self, prefix: str) -> Iterator[Found]:
            if "2026/03/08" in prefix:
                raise LookupError(prefix)
            yield from super().all(prefix)

    came = []
    walk = Walk(Denied(a_trail(10)), None, TODAY, 8).below("")
    with pytest.raises(LookupError, match="2026/03/08"):
        came.extend(iter(lambda: next(walk).key, None))
    assert len(came) == 7 * 2


def test_what_is_older_costs_no_request():
    bucket = Bucket(a_trail(400, each=2))
    assert len(keys(bucket, since=TODAY - timedelta(days=1))) == 2 * 2 * 6
    named = {f"{TODAY + timedelta(days=n):%Y/%m/%d}/" for n in (-1, 0, 1)}
    assert {prefix[-11:] for prefix in bucket.listed} == named
    assert (len(bucket.listed), len(bucket.levels)) == (3 * 6, 1 + 1 + 3 + 3)


def test_ten_thousand_keys_cost_what_their_days_hold():
    """A request a day and a thousand keys, and what finds the days: never the whole again for a day."""
    bucket = Bucket([a_key(TODAY - timedelta(days=back), mark=mark) for back in range(5) for mark in range(2_000)])
    assert len(keys(bucket)) == 10_000
    assert bucket.pages == 5 * 2 + 4 + 3, "the days, the levels down to CloudTrail, and the region, its year and month"
    bucket.pages = 0
    assert len(keys(bucket, since=TODAY)) == 2_000
    assert bucket.pages == 2 + 1 + 4


def test_days_are_looked_up_as_they_are_needed():
    bucket = Bucket(a_trail(400))
    walk = Walk(bucket, None, TODAY).below("")
    for _ in range(3):
        next(walk)
    assert len(bucket.levels) + len(bucket.listed) < 16


@pytest.mark.parametrize(
    ("prefix", "count"),
    [
        ("AWSLogs", 60),
        ("AWSLogs/", 60),
        ("AWSLogs/1", 20),
        (f"AWSLogs/{ACCOUNTS[1]}", 20),
        (f"AWSLogs/{ACCOUNTS[1]}/CloudTrail/", 20),
        (f"AWSLogs/{ACCOUNTS[1]}/CloudTrail/us-east-1", 10),
        (f"AWSLogs/{ACCOUNTS[1]}/CloudTrail/us-east-1/2026/", 10),
        (f"AWSLogs/{ACCOUNTS[1]}/CloudTrail/us-east-1/2026/0", 10),
        (f"AWSLogs/{ACCOUNTS[1]}/CloudTrail/us-east-1/2026/03/", 10),
        (f"AWSLogs/{ACCOUNTS[1]}/CloudTrail/us-east-1/2026/03/02", 1),
        (a_key(TODAY), 1),
        (a_key(TODAY)[:-12], 1),
        ("AWSLogs/9", 0),
    ],
)
def test_one_may_begin_anywhere(prefix, count):
    assert len(keys(Bucket(a_trail(10)), prefix)) == count


def test_what_is_none_of_cloudtrails_by_its_folder_is_not_listed():
    others = "CloudTrail-Digest", "Config", "WAFLogs"
    other = [f"AWSLogs/{ACCOUNTS[0]}/{name}/eu-west-1/2026/03/09/x.gz" for name in others]
    bucket = Bucket([*a_trail(1), *other, "AWSLogs/", f"AWSLogs/{ACCOUNTS[0]}/CloudTrail/eu-west-1/2026/03/10/.part"])
    assert sorted(keys(bucket)) == sorted(a_trail(1))
    assert not any("Digest" in prefix or "Config" in prefix for prefix in [*bucket.levels, *bucket.listed])


def test_digests_are_listed_by_day_where_they_are_asked_for():
    days = [TODAY - timedelta(days=back) for back in range(10)]
    digests = [f"AWSLogs/{ACCOUNTS[0]}/CloudTrail-Digest/eu-west-1/{day:%Y/%m/%d}/x.json.gz" for day in days]
    for since, count in ((None, 10), (TODAY - timedelta(days=2), 3)):
        bucket = Bucket([*a_trail(1), *digests], datetime(2026, 3, 10, tzinfo=UTC))
        found = [found.key for found in Walk(bucket, since, TODAY, digests=True).below(f"AWSLogs/{ACCOUNTS[0]}/")]
        assert ["Digest" in key for key in found] == [True] * count + [False] * 2, "digests come first"
        assert since is None or bucket.pages < 20


STRAY = [
    "AWSLogs/readme.json",
    f"AWSLogs/{ACCOUNTS[0]}/x.json",
    f"AWSLogs/{ACCOUNTS[0]}/Copied/x.json",
    f"AWSLogs/{ACCOUNTS[0]}/CloudTrail/x.json",
    f"AWSLogs/{ACCOUNTS[0]}/CloudTrail/old/x.json",
    f"AWSLogs/{ACCOUNTS[0]}/CloudTrail/eu-west-1/x.json",
    f"AWSLogs/{ACCOUNTS[0]}/CloudTrail/eu-west-1/more/x.json",
    f"AWSLogs/{ACCOUNTS[0]}/CloudTrail/eu-west-1/2026/x.json",
    f"AWSLogs/{ACCOUNTS[0]}/CloudTrail/eu-west-1/2026/3/x.json",
    f"AWSLogs/{ACCOUNTS[0]}/CloudTrail/eu-west-1/2026/02/31/x.json",
    f"AWSLogs/{ACCOUNTS[0]}/CloudTrail/eu-west-1/2026/03/02/in/x.json",
    "AWSLogs/somebody/x.json",
    "a/b/c/d/e/f/x.json",
    "a/b/AWSLogs/444455556666/CloudTrail/eu-west-1/2026/03/02/y.json",
    "x.json",
]


def test_what_lies_otherwise_is_found_all_the_same():
    assert sorted(keys(Bucket([*a_trail(3), *STRAY]))) == sorted([*a_trail(3), *STRAY])


def test_what_tells_no_day_is_as_old_as_it_lies_there():
    bucket = Bucket(["flat/a.json", f"flat/{a_key(TODAY).rpartition('/')[2]}", "flat/b.json"])
    assert keys(bucket, "flat/", TODAY) == [bucket.keys[0]]
    assert len(keys(bucket, "flat/", date(2026, 3, 1))) == 3


def test_a_bucket_of_many_folders_is_not_looked_into_for_ever():
    bucket = Bucket([f"d{n:04}/{m}/x.json" for n in range(1_000) for m in range(2)])
    assert len(keys(bucket)) == 2_000
    assert len(bucket.levels) < 400


REGION = f"AWSLogs/{ACCOUNTS[0]}/CloudTrail/{REGIONS[0]}/"


@pytest.mark.parametrize(
    ("prefix", "empty"),
    [
        ("nothing/", True),
        ("nothing", True),
        ("AWSLogs", False),
        (REGION, False),
        (f"{REGION}2026/03/", False),
        (f"{REGION}2026/03/10/", False),
        (f"{REGION}2026/02/", True),
        (REGION.replace("eu-west-1", "eu-west-9"), True),
        (f"AWSLogs/{ACCOUNTS[0]}/Copied/", False),
        (f"AWSLogs/{ACCOUNTS[0]}/Copied/9/", True),
    ],
)
@pytest.mark.parametrize("since", [None, TODAY + timedelta(days=9)], ids=["all", "later"])
def test_that_nothing_lies_there_is_told(prefix, empty, since):
    walk = Walk(Bucket([*a_trail(1), f"AWSLogs/{ACCOUNTS[0]}/Copied/x.json"]), since, TODAY)
    list(walk.below(prefix))
    assert walk.empty is empty
