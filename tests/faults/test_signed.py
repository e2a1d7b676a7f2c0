"""Signatures of AWS: real requests pass a verifier, wrong ones are a fault of configuration, credentials are renewed.

Row 10.
"""

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from time import monotonic
from typing import Any

import pytest

from pipeline.delivery.door_sink import DoorSink, MisconfiguredError
from pipeline.delivery.handle import Door
from pipeline.documents.document import Naming, repair
from pipeline.documents.setup import require_template, set_up
from pipeline.errors import SettingsError
from pipeline.ingest.work import make_engine
from pipeline.search.bulk import BulkWriter, Document
from pipeline.search.deadline import Deadline
from pipeline.search.engine import Engine
from pipeline.search.url import parse_url
from tests.faults.prepared import indexed
from tests.pipeline.delivery.doors import ALLOWED, FOREVER, MemoryBox, MemoryLetters, Notes, logs_event, some_records
from tests.pipeline.delivery.target import a_target, index
from tests.pipeline.ingest.records import a_name, a_record, envelope, write
from tests.pipeline.search.scripted import never
from tests.servers.fixtures import ONE_PROCESS
from tests.servers.signed import OURS, Domain, Key, domain
from tests.servers.sts import Denied, Sts, sts

ROLE, EXTERNAL_ID = "arn:aws:iam::111122223333:role/oddtrail-writer", "c0ffee-2f9a"
ODD_IDS = ["a b", "a+b", "a:b/c", "100%", "%41", "é한", "a&b=c", "~.-_", "'\"\\", "\u2028", "x" * 512]


@pytest.fixture(params=["es", "aoss"])
def service(request) -> str:
    return request.param


@pytest.fixture
def before(engine, service, tmp_path, monkeypatch) -> Iterator[Domain]:
    """A domain before the sham engine."""
    with domain(engine.port, service, tmp_path, monkeypatch) as running:
        yield running


def some(count: int = 20, index_name: str = "cloudtrail-2026.03.01") -> list[Document]:
    body = '{"event":{"id":"x"},"text":"한 é \U0001f600 ' + "x" * 200 + '"}'
    return [Document(index_name, f"id-{n}", body.encode(), b"raw") for n in range(count)]


def send(url: str, made: list[Document] | None = None, seconds: float = 30, requests: int = 1):
    return BulkWriter(Engine(parse_url(url)), never, Deadline(seconds), requests).write(made or some())


# What is right gets through


@ONE_PROCESS
def test_the_whole_way_into_a_real_node_is_signed_as_aws_wants_it(opensearch, prefix, service, tmp_path, monkeypatch):
    """Set-up, template, questions by id, bulks packed and not, names and texts of every kind."""
    with domain(opensearch.port, service, tmp_path, monkeypatch) as signed:
        naming = Naming(prefix, timedelta(days=30_000))
        engine = Engine(parse_url(signed.url()))
        set_up(engine, naming)
        assert require_template(engine, naming) is False
        odd = [
            Document(f"{prefix}-2026.03.03", name, b'{"event":{"id":"%d"}}' % n, b"", elsewhere=f"{prefix}-quarantine")
            for n, name in enumerate(ODD_IDS)
        ]
        for group in (odd[:5], odd[5:]):
            sent = BulkWriter(engine, repair, Deadline(60)).write(group)
            assert (sent.indexed, sent.dead, sent.left) == (len(group), [], [])
        records = [a_record(userAgent="한 é \U0001f600", requestParameters={"name": "a b+c%/é"}) for _ in range(1_500)]
        records += [a_record(eventTime="2099-01-01T00:00:00Z")]
        write(tmp_path / "in" / a_name(), envelope(*records))
        target = a_target(tmp_path, signed.url(), naming)
        index(target, tmp_path / "in")
        assert (target.tally.indexed, target.tally.quarantined) == (1_500, 1)
    assert signed.refused == []
    assert {came.is_packed for came in signed.came if came.path.startswith("/_bulk")} == {True, False}
    assert {came.method for came in signed.came} == {"GET", "POST", "PUT"}
    found = indexed(opensearch, prefix)
    assert set(found) == {*ODD_IDS, *(record["eventID"] for record in records)}


def test_an_index_of_any_name_is_made_by_a_signed_request(before):
    """The path of a signature is quoted once more than that of the request."""
    for name in ("trail-2026.03.01", "a%b", "a b", "한", "a+b:c@d,e;f=g", "a~b"):
        answer = Engine(parse_url(before.url())).ask("PUT", "/" + quoted(name), {"settings": {}})
        assert answer.status == 404, answer  # the sham engine's, behind the domain
    assert before.refused == []


def quoted(name: str) -> str:
    from urllib.parse import quote

    return quote(name, safe="")


# What is wrong is a fault of configuration: nothing is given up, nothing is sent twice


def assert_kept(sent: Any, words: str, signed: Domain) -> None:
    assert (sent.misconfigured, sent.dead, len(sent.left)) == (True, [], 20)
    assert words in sent.problem
    assert (signed.came, len(signed.refused)) == ([], 1)


def test_a_wrong_secret(before, monkeypatch):
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "another")
    assert_kept(send(before.url()), "The request signature we calculated does not match", before)


def test_a_key_that_is_nobodys(before, monkeypatch):
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIANOBODY")
    assert_kept(send(before.url()), "The security token included in the request is invalid", before)


def test_a_session_that_has_expired(before, monkeypatch):
    before.keys["ASIAOLD"] = Key("ASIAOLD", "secret", "token", datetime.now(UTC) - timedelta(seconds=1))
    for name, value in {**before.keys["ASIAOLD"].variables, "AWS_SESSION_TOKEN": "token"}.items():
        monkeypatch.setenv(name, value)
    assert_kept(send(before.url()), "The security token included in the request is expired", before)


@pytest.mark.parametrize(("minutes", "words"), [(-6, "Signature expired"), (6, "Signature not yet current")])
def test_a_clock_that_is_wrong(before, monkeypatch, minutes, words):
    skewed = datetime.now(UTC) + timedelta(minutes=minutes)
    monkeypatch.setattr("botocore.auth.get_current_datetime", lambda *given, **named: skewed)
    assert_kept(send(before.url()), words, before)


@pytest.mark.parametrize("wrong", [{"region": "us-east-1"}, {"service": "other"}])
def test_a_signature_for_somewhere_else(before, wrong):
    other = "aoss" if before.service == "es" else "es"
    url = f"opensearch+sigv4://{before.host}?region={wrong.get('region', 'eu-west-1')}"
    url += f"&service={other if 'service' in wrong else before.service}"
    assert_kept(send(url), "should be scoped", before)


def test_what_is_changed_on_the_way(before):
    before.tampers = True
    assert_kept(send(before.url()), "does not match", before)


def test_no_signature_at_all(before, tmp_path):
    url = f"opensearch+https://{before.host}:443?ca={tmp_path}/domain.pem"
    assert_kept(send(url), "User: anonymous is not authorized to perform: es:ESHttpPost", before)


def test_no_credentials_at_all(before, monkeypatch):
    for name in OURS.variables:
        monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    with pytest.raises(SettingsError, match="set a profile, or give the function a role"):
        send(before.url())
    monkeypatch.setenv("AWS_PROFILE", "nowhere")
    with pytest.raises(SettingsError, match=r"nowhere.*check the profile"):
        send(before.url())


# A role in another account


@pytest.fixture
def of_role(before) -> str:
    return before.url(role=ROLE, external_id=EXTERNAL_ID)


def hand_out(*spans: timedelta | Denied):
    """Plans for one question after another; the last stays."""
    left = list(spans)
    return lambda asked: left.pop(0) if len(left) > 1 else left[0]


def let_in(running: Sts, signed: Domain) -> None:
    signed.keys = running.keys


def test_the_role_is_assumed_with_its_external_id(before, of_role, monkeypatch):
    with sts(hand_out(timedelta(hours=1)), monkeypatch) as running:
        let_in(running, before)
        assert send(of_role, requests=4).indexed == 20
        [asked] = running.asked
        assert (asked["Action"], asked["RoleArn"]) == ("AssumeRole", ROLE)
        assert (asked["ExternalId"], asked["RoleSessionName"]) == (EXTERNAL_ID, "oddtrail")
        send(before.url(role=ROLE))
        assert "ExternalId" not in running.asked[1]


def test_a_role_that_does_not_trust_us_is_a_fault_of_configuration(before, of_role, monkeypatch):
    """As AWS answers where the external id is another."""
    denied = Denied("AccessDenied", f"User is not authorized to perform: sts:AssumeRole on resource: {ROLE}")

    def plan(asked: dict[str, str]) -> timedelta | Denied:
        return timedelta(hours=1) if asked.get("ExternalId") == "another" else denied

    with sts(plan, monkeypatch):
        sent = send(of_role)
    assert (sent.misconfigured, sent.dead, len(sent.left), before.came) == (True, [], 20, [])
    assert "AccessDenied" in sent.problem
    assert "check the role, whom it trusts and its external id" in sent.problem


@pytest.mark.parametrize("answer", [Denied("Throttling", "Rate exceeded", 400), Denied("InternalFailure", "?", 500)])
def test_a_service_of_tokens_that_is_busy_is_asked_again(before, of_role, monkeypatch, answer):
    with sts(hand_out(answer, answer, timedelta(hours=1)), monkeypatch) as running:
        let_in(running, before)
        assert send(of_role).indexed == 20
        assert len(running.asked) == 3


@pytest.mark.parametrize("minutes", [15, 5], ids=["soon", "at once"])
def test_credentials_are_renewed_once_and_before_they_run_out(before, of_role, monkeypatch, minutes):
    """Fifteen minutes before their end they are renewed beside the work, from ten minutes on it waits for that."""
    with sts(hand_out(timedelta(minutes=minutes, seconds=-1), timedelta(hours=1)), monkeypatch) as running:
        let_in(running, before)
        engine = Engine(parse_url(of_role), connections=8)

        def work(number: int) -> int:
            made = [each._replace(id=f"{number}-{each.id}") for each in some(5)]
            return BulkWriter(engine, never, Deadline(30), 1).write(made).indexed

        with ThreadPoolExecutor(8) as pool:
            assert sum(pool.map(work, range(40))) == 200
        until = monotonic() + 20  # on a busy machine the work can end before what is done beside it
        while before.came[-1].key != "ASIA0002" and monotonic() < until:
            assert work(len(before.came)) == 5
        assert len(running.asked) == 2
    used = [came.key for came in before.came]
    assert before.refused == []
    assert used[-1] == "ASIA0002"
    if minutes == 5:
        assert used.count("ASIA0001") <= 8, "those that had it already"


def test_credentials_that_cannot_be_renewed_yet_are_used_until_they_can(before, of_role, monkeypatch):
    busy = Denied("InternalFailure", "?", 500)
    with sts(hand_out(timedelta(minutes=14), busy, busy, timedelta(hours=1)), monkeypatch) as running:
        let_in(running, before)
        engine = Engine(parse_url(of_role))
        for number in range(5):
            made = [each._replace(id=f"{number}-{each.id}") for each in some(5)]
            assert BulkWriter(engine, never, Deadline(30), 1).write(made).indexed == 5
        assert [came.key for came in before.came if came.path.startswith("/_bulk")][-1] == "ASIA0004"


# The function


def a_signed_door(url: str) -> Door:
    sink = DoorSink(parse_url(url), FOREVER, MemoryLetters(), MemoryBox(), requests=1)
    return Door(make_engine(sink), sink, ALLOWED, Notes())


def test_a_function_whose_credentials_were_taken_away_asks_for_others_once_and_goes_on(before, of_role, monkeypatch):
    with sts(hand_out(timedelta(hours=1)), monkeypatch) as running:
        let_in(running, before)
        door = a_signed_door(of_role)
        assert door.handle(logs_event(some_records("a")), 60)["indexed"] == 1
        before.revoked.add("ASIA0001")
        assert door.handle(logs_event(some_records("b")), 60)["indexed"] == 1
        assert (len(running.asked), len(before.refused)) == (2, 1)
        before.revoked.add("ASIA0002")
        before.revoked.add("ASIA0003")
        with pytest.raises(MisconfiguredError, match="security token included in the request is expired"):
            door.handle(logs_event(some_records("c")), 60)
        assert (len(running.asked), len(before.refused)) == (3, 3)
        assert (door.sink.letters.letters, door.sink.spill.bodies) == ([], [])
        assert door.handle(logs_event(some_records("c")), 60)["indexed"] == 1


def test_the_functions_documents_are_as_they_were_made(before):
    door = a_signed_door(before.url())
    records = some_records("a", "b", userAgent="한 é \U0001f600")
    assert door.handle(logs_event(records), 60)["indexed"] == 2
    [bulk] = [came for came in before.came if came.path.startswith("/_bulk")]
    found = [json.loads(line) for line in bulk.body.splitlines()[1::2]]
    assert [each["user_agent"]["original"] for each in found] == ["한 é \U0001f600"] * 2


def test_a_function_that_was_not_let_in_to_ask_for_its_template_asks_with_other_credentials(
    before, of_role, monkeypatch
):
    with sts(hand_out(timedelta(hours=1)), monkeypatch) as running:
        let_in(running, before)
        door = a_signed_door(of_role)
        before.revoked.add("ASIA0001")
        with pytest.raises(MisconfiguredError, match="security token included in the request is expired"):
            door.handle(logs_event(some_records("a")), 60)
        assert door.handle(logs_event(some_records("a")), 60)["indexed"] == 1
        assert len(running.asked) == 2
