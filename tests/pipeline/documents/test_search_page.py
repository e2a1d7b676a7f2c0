"""docs/search.md is true: its two commands, and its ten searches over trails of three accounts, on each engine.

One account's trail comes through the handler, one through `oddtrail index`, and one by both ways.
"""

import gc
import json
import re
import shlex
import signal
import subprocess
import sys
import urllib.request
from collections import Counter
from pathlib import Path
from uuid import NAMESPACE_DNS, uuid4, uuid5

import pytest

from lambda_ingest import handler as function
from pipeline.search.url import parse_url
from tests.pipeline.cli.commands import COMMANDS, answer, run
from tests.pipeline.delivery.doors import logs_event
from tests.pipeline.ingest.records import a_name, a_record, envelope, write
from tests.servers.engine import PASSWORD, free_port
from tests.servers.fixtures import ENGINES, ONE_PROCESS

ROOT = Path(__file__).parents[3]
PAGE = (ROOT / "docs/search.md").read_text(encoding="utf-8")
GEO = ROOT / "pipeline/data/demo_geo"
SEOUL, BERLIN = "21.16.0.7", "21.8.0.7"
"""Where the demo's databases have them."""
FIRST, SECOND, THIRD = ACCOUNTS = ("111122223333", "222233334444", "333344445555")
LOCAL = "opensearch+http://localhost:9200"


def somebody(kind: str, name: str, account: str) -> dict:
    if kind == "Root":
        return {"type": kind, "principalId": account, "arn": f"arn:aws:iam::{account}:root", "accountId": account}
    return {
        "type": "IAMUser", "principalId": f"AIDA{name.upper()}", "arn": f"arn:aws:iam::{account}:user/{name}",
        "accountId": account, "accessKeyId": "AKIAEXAMPLE000000001", "userName": name,
    }  # fmt: skip


def by(name: str, account: str, source: str, event: str, **fields) -> dict:
    identity = somebody("Root" if name == "root" else "IAMUser", name, account)
    fields = {"readOnly": False, "sourceIPAddress": BERLIN} | fields
    return a_record(
        userIdentity=identity, recipientAccountId=account, eventSource=f"{source}.amazonaws.com", eventName=event,
        **fields,
    )  # fmt: skip


EVERYBODY = {"ipPermissions": {"items": [{"ipProtocol": "tcp", "fromPort": 22, "ipRanges": {"items": [
    {"cidrIp": "0.0.0.0/0"}]}}]}}  # fmt: skip
POLICY = json.dumps({"Statement": [{"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "*"}]})
DENIED = {"errorCode": "AccessDenied", "errorMessage": "is not authorized"}
TRAILS = {
    FIRST: {
        "alice lists": by("alice", FIRST, "iam", "ListUsers", readOnly=True),
        "alice from Seoul": by("alice", FIRST, "ec2", "DescribeInstances", readOnly=True, sourceIPAddress=SEOUL),
        "alice reads": by(
            "alice", FIRST, "s3", "GetObject", readOnly=True, eventCategory="Data",
            requestParameters={"bucketName": "ledger", "key": "a"},
        ),
        "alice is denied": by("alice", FIRST, "iam", "CreateAccessKey", **DENIED),
        "root signs in": by("root", FIRST, "signin", "ConsoleLogin", responseElements={"ConsoleLogin": "Success"}),
    },
    SECOND: {
        "bob is denied": by("bob", SECOND, "s3", "ListBuckets", readOnly=True, **DENIED),
        "bob is denied again": by("bob", SECOND, "iam", "AttachUserPolicy", **DENIED),
        "bob gives": by(
            "bob", SECOND, "iam", "AttachUserPolicy",
            requestParameters={"userName": "eve", "policyArn": "arn:aws:iam::aws:policy/AdministratorAccess"},
        ),
        "bob from the office": by("bob", SECOND, "ec2", "DescribeVpcs", readOnly=True, sourceIPAddress="203.0.113.9"),
        "bob opens a door": by(
            "bob", SECOND, "ec2", "AuthorizeSecurityGroupIngress",
            requestParameters={"groupId": "sg-0123456789abcdef0", **EVERYBODY},
        ),
    },
    THIRD: {
        "carol writes": by(
            "carol", THIRD, "s3", "PutObject", eventCategory="Data",
            requestParameters={"bucketName": "ledger", "key": "b"},
        ),
        "carol writes elsewhere": by(
            "carol", THIRD, "s3", "PutObject", eventCategory="Data", sourceIPAddress="203.0.112.9",
            requestParameters={"bucketName": "ledger-old", "key": "b"},
        ),
        "carol opens a bucket": by(
            "carol", THIRD, "s3", "PutBucketPolicy", requestParameters={"bucketName": "photos", "bucketPolicy": POLICY}
        ),
        "carol starts": by(
            "carol", THIRD, "ec2", "RunInstances", requestParameters={"instanceType": "p4d.24xlarge"},
            sourceIPAddress=SEOUL,
        ),
        "root makes a bucket": by("root", THIRD, "s3", "CreateBucket"),
    },
}  # fmt: skip
"""What happened in each account."""
IDS = {name: str(uuid5(NAMESPACE_DNS, name)) for trail in TRAILS.values() for name in trail}
ALICE = {"alice lists", "alice from Seoul", "alice reads", "alice is denied"}
ANSWERS = {
    "Everything that somebody did, in whatever sessions and roles": ALICE,
    "From which countries somebody called": {"DE": 3, "KR": 1},
    "Everything from a country": {"alice from Seoul", "carol starts"},
    "Everything from a network": {"bob from the office"},
    "Who was denied, and how often": {"alice": 1, "bob": 2},
    "Who touched a bucket": {"alice reads", "carol writes"},
    "What was opened to everybody": {"bob opens a door", "carol opens a bucket"},
    "What the root user did": {"root signs in", "root makes a bucket"},
    "Changes to permissions that succeeded": {"bob gives", "carol opens a bucket"},
    "A value of a request": {"carol starts"},
}
"""The events, or how many of which, that answer each of the page's searches."""
SEARCHES = {
    title: json.loads(body)
    for title, body in re.findall(
        r"^([^\n]+):\n\n```json\n(.*?)```", PAGE.partition("## Ten searches")[2], re.MULTILINE | re.DOTALL
    )
}


def in_shell(language: str = "sh") -> list[str]:
    """Commands of the page, a line each."""
    blocks = re.findall(rf"```{language}\n(.*?)```", PAGE, re.DOTALL)
    return [line for block in blocks for line in block.replace("\\\n", " ").splitlines()]


def records(account: str) -> list[dict]:
    return [record | {"eventID": IDS[name]} for name, record in TRAILS[account].items()]


class Context:
    """Of an invocation."""

    def get_remaining_time_in_millis(self) -> int:
        return 60_000


@pytest.fixture(scope="module", params=[pytest.param(name, marks=ONE_PROCESS) for name in ENGINES])
def indexed(request, tmp_path_factory):
    """A server that holds the three trails, and their indices; filled once, in whatever order the tests come."""
    server = request.getfixturevalue(request.param)
    if request.param not in FILLED:
        FILLED[request.param] = fill(server, tmp_path_factory.mktemp("page"))
    return server, FILLED[request.param]


FILLED: dict[str, str] = {}


def fill(server, folder):
    """Index the three trails, as the page says; where they are then."""
    prefix = f"page{uuid4().hex[:12]}"
    for account in (SECOND, THIRD):
        write(folder / "trail" / a_name(account=account), envelope(*records(account)))
    more = ("--prefix", prefix, "--retention", "30000d", "--home", folder / "home")
    answer("setup", server.url, *more)
    with pytest.MonkeyPatch.context() as patch:
        for name, value in {
            "URL": server.url, "PREFIX": prefix, "RETENTION": "30000", "DEAD_LETTERS": "s3://nowhere/dead/",
            "GEOIP": str(GEO),
        }.items():  # fmt: skip
            patch.setenv(f"ODDTRAIL_{name}", value)
        function._door.cache_clear()
        told = [function.handler(logs_event(records(account), owner=account), Context()) for account in (FIRST, SECOND)]
        function._door.cache_clear()
        gc.enable()
    assert [each["indexed"] for each in told] == [5, 5]
    told = answer("index", folder / "trail", "--to", server.url, "--geoip", GEO, *more)
    assert (told["indexed"], told["duplicates"], told["dead_letters"]) == (5, 5, 0)
    server.ask("POST", f"/{prefix}-*/_refresh")
    return f"/{prefix}-*"


def test_every_event_of_three_accounts_is_there_once(indexed):
    server, indices = indexed
    found = server.documents(indices.strip("/"))
    assert Counter(hit["_id"] for hit in found) == Counter(IDS.values())
    accounts = Counter(hit["_source"]["cloud"]["account"]["id"] for hit in found)
    assert accounts == dict.fromkeys(ACCOUNTS, 5)


def test_there_are_ten_searches_and_each_has_its_answer():
    assert list(SEARCHES) == list(ANSWERS)
    assert len(SEARCHES) == 10


@pytest.mark.parametrize("title", ANSWERS)
def test_a_search_of_the_page_returns_the_right_events(indexed, title):
    server, indices = indexed
    told, wanted = server.ask("POST", f"{indices}/_search", SEARCHES[title]), ANSWERS[title]
    if isinstance(wanted, dict):
        [found] = told["aggregations"].values()
        assert {each["key"]: each["doc_count"] for each in found["buckets"]} == wanted
        return
    names = {identity: name for name, identity in IDS.items()}
    assert {names[hit["_id"]] for hit in told["hits"]["hits"]} == wanted


@ONE_PROCESS
def test_two_commands_lead_from_nothing_to_documents_in_a_server_that_a_third_starts(tmp_path):
    """The page's own lines, but for the port, the kind that starts soonest, and the home."""
    port = str(free_port())
    [start] = [line for line in in_shell() if "tests.servers" in line]
    words = shlex.split(start.replace("opensearch 9200", f"opensearch-2 {port}"))[1:]
    with subprocess.Popen([sys.executable, *words], cwd=ROOT, stdout=subprocess.PIPE, text=True) as server:
        try:
            said = [server.stdout.readline(), server.stdout.readline()]
            assert f"127.0.0.1:{port} is ready" in said[1], said
            setup, index = (line for line in in_shell() if "oddtrail " in line)
            for line in (setup, index.replace("trail/", str(ROOT / "benchmarks/data/recordings"))):
                words = shlex.split(line.replace("9200", port))[1:]
                done = run(*words, "--retention", "5000d", "--home", tmp_path)
                assert done.exit_code == 0, done.output
            url = f"http://localhost:{port}/cloudtrail"
            urllib.request.urlopen(urllib.request.Request(f"{url}-*/_refresh", method="POST")).close()
            with urllib.request.urlopen(f"{url}/_count") as found:
                count = json.load(found)["count"]
            assert f"{count:>12,}  indexed in" in done.stdout
            assert count > 100
        finally:
            server.send_signal(signal.SIGINT)
            server.wait(30)
    assert server.returncode == 0


# What is said elsewhere on the page


def test_each_kind_of_server_has_a_url_that_is_one_and_shows_no_secret():
    [table] = re.findall(r"^\| to \| write \|\n\|---\|---\|\n((?:\|.*\n)+)", PAGE, re.MULTILINE)
    urls = re.findall(r"`([a-z]+\+[a-z0-9]+://[^`]+)`", table)
    assert len(urls) >= 7
    for url in urls:
        parse_url(url)
        assert PASSWORD not in url


def test_every_command_and_option_exists():
    shown = [line for line in in_shell() if "oddtrail " in line]
    shown += re.findall(r"`(?:\.venv/bin/)?(oddtrail [^`]+)`", PAGE)
    assert len(shown) >= 5
    told = ""
    for line in shown:
        words = shlex.split(line.partition("oddtrail ")[2])
        command = next(words[:length] for length in (2, 1) if tuple(words[:length]) in COMMANDS)
        told += run(*command, "--help").output
    assert set(re.findall(r"`(--[a-z-]+)", PAGE)) <= set(re.findall(r"--[a-z-]+", told))


def test_the_equation_is_the_one_that_a_run_prints(tmp_path, monkeypatch):
    [equation] = re.findall(r"^    (records = .+)$", PAGE, re.MULTILINE)
    assert equation in (ROOT / "pipeline/cli/index.py").read_text(encoding="utf-8")
    for part in equation.partition(" = ")[2].split(" + "):
        assert f"- **{part.replace('_', ' ').removeprefix('the sum of ')}**" in PAGE


def test_every_path_exists_and_the_readme_links_the_page():
    named = re.findall(r"`((?:docs|tests|benchmarks)/[\w./-]+)`", PAGE)
    assert {path for path in named if not (ROOT / path).exists()} == set()
    assert "docs/deploy.md" in named
    assert "`docs/search.md`" in (ROOT / "README.md").read_text(encoding="utf-8")
