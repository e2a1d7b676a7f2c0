"""What the data cannot show is said, with what to do about it."""

import json
from pathlib import Path

from pipeline.reports.doctor import diagnose
from pipeline.settings import load_settings
from pipeline.stores.fetched import Fetched, put_fetched
from pipeline.stores.home import open_store
from tests.pipeline.cli.commands import run
from tests.pipeline.cli.homes import a_home, a_record, write_trail
from tests.pipeline.reports.checks.hours import NOW


def test_an_empty_store_is_the_first_thing_to_say(tmp_path: Path) -> None:
    with open_store(tmp_path) as store:
        told = diagnose(store, load_settings({"home": tmp_path}), NOW)
    assert [finding.found for finding in told] == ["The store holds no event."]


def test_a_home_that_fetches_all_that_it_learns_needs_no_event(tmp_path: Path) -> None:
    with open_store(tmp_path) as store:
        put_fetched(store.state, "1", NOW.date(), Fetched({}, "/mnt/shared", {}, stands=True))
        told = diagnose(store, load_settings({"home": tmp_path}), NOW)
    assert [(finding.check, finding.level) for finding in told] == [("events", "note"), ("fetched activity", "ok")]


def test_a_store_without_events_still_says_what_was_set_aside(tmp_path: Path) -> None:
    write_trail(tmp_path / "trail", [{"eventName": 7}])
    home = tmp_path / "home"
    run("ingest", tmp_path / "trail", "--home", home)
    with open_store(home) as store:
        told = {finding.check: finding.found for finding in diagnose(store, load_settings({"home": home}), NOW)}
    assert list(told) == ["events", "set aside"]
    assert told["set aside"].startswith("1 record of nobody named")


def test_malformed_records_are_counted_by_account_and_principal(tmp_path: Path) -> None:
    path = write_trail(tmp_path / "trail", [a_record(), a_record(name="GetCallerIdentity", source="sts")])
    broken = path.with_name(path.name.replace("abcdefgh", "broken00"))
    claims = {"recipientAccountId": "999988887777", "arn": "arn:aws:iam::9:user/eve", "eventTime": 7}
    broken.write_text(json.dumps({"Records": [claims]}))
    surrogate = json.dumps(a_record(name="ListUsers", source="iam")).replace("aws-cli/2.17.0", "\\ud800")
    path.with_name(path.name.replace("abcdefgh", "surrogat")).write_text('{"Records": [' + surrogate + "]}")
    home = a_home(tmp_path, [])
    settings = load_settings({"home": home})
    with open_store(home) as store:
        told = {finding.check: finding.found for finding in diagnose(store, settings, NOW)}
    assert told["repaired"].startswith("1 malformed record of deploy in 111122223333")
    assert told["set aside"].startswith("1 record of arn:aws:iam::9:user/eve in 999988887777")


def test_warnings_come_first_and_each_says_what_to_do(tmp_path: Path) -> None:
    home = a_home(tmp_path, [a_record()])
    with open_store(home) as store:
        findings = diagnose(store, load_settings({"home": home}), NOW)
    levels = [finding.level for finding in findings]
    assert levels == sorted(levels, key=("warning", "note", "ok").index)
    assert {"warning", "note", "ok"} == set(levels)
    assert all(finding.do for finding in findings if finding.level != "ok")
