"""`oddtrail notify` and a watch that notifies."""

import json
import time
from datetime import UTC, datetime, timedelta

import pytest

from pipeline.notify.config import read_notifiers
from pipeline.notify.outbox import SECONDS
from pipeline.settings import Settings
from pipeline.stores.home import open_store
from pipeline.watch.plan import Plan
from pipeline.watch.watch import Watch
from tests.builders import an_alert
from tests.pipeline.alerts.korean import find_english
from tests.pipeline.cli.commands import answer, run
from tests.pipeline.notify.receiver import hang, receiving, status

NOW = datetime.now(UTC).replace(microsecond=0)


def recent(name="a1", **named):
    return an_alert(name, detected_at=(NOW - timedelta(hours=1)).isoformat(), **named)


@pytest.fixture
def home(tmp_path):
    with open_store(tmp_path / "home") as store:
        store.alerts.append([recent(), recent("a2", severity="low")])
    return tmp_path / "home"


def configure(home, receiver, more=""):
    text = f'[oncall]\nkind = "slack"\nurl = "{receiver.url}"\nallow = "127.0.0.1"\nallow_http = true\n{more}'
    (home / "notify.toml").write_text(text)


def test_send_tells_once_and_list_says_what_was_told(home):
    with receiving() as receiver:
        configure(home, receiver)
        assert answer("notify", "send", "--home", home)["notifiers"] == [
            {"name": "oncall", "sent": 2, "waiting": 0, "problem": ""}
        ]
        assert answer("notify", "send", "--home", home)["notifiers"][0]["sent"] == 0
    assert len(receiver.requests) == 2
    result = run("notify", "list", "--home", home)
    assert "oncall (slack): 0 waiting, 2 messages sent in 30 days" in result.output
    assert "SECRET" not in result.output
    [listed] = answer("notify", "list", "--home", home)["notifiers"]
    assert listed["url"] == f"http://127.0.0.1:{receiver.port}/***"
    assert {message["state"] for message in listed["messages"]} == {"sent"}


def test_test_says_what_came_of_it(home):
    with receiving(status(200), status(404, b"no_service")) as receiver:
        configure(home, receiver)
        assert run("notify", "test", "--home", home).output == "oncall: sent\n"
        result = run("notify", "test", "oncall", "--home", home)
    assert result.exit_code == 1
    assert result.output == f"oncall: not sent: http://127.0.0.1:{receiver.port} answers 404: no_service\n"
    assert "This is a test of the notifier oncall" in receiver.requests[0].json["text"]


def test_all_of_it_is_told_in_korean(home):
    with receiving(status(200), status(404, b"no_service"), *[status(503)] * 9) as receiver:
        configure(home, receiver)
        assert run("notify", "test", "--home", home, "--lang", "ko").stdout == "oncall: 보냄\n"
        refused = run("notify", "test", "oncall", "--home", home, "--lang", "ko").stdout
        assert refused == f"oncall: 보내지 못함: http://127.0.0.1:{receiver.port}의 응답: 404, no_service\n"
        sent = run("notify", "send", "--home", home, "--patience", "0s", ODDTRAIL_LANGUAGE="ko").stdout
        assert sent.startswith("oncall: 알림 0건 보냄, 대기 2건: ")
    listed = run("notify", "list", "--home", home, "--lang", "ko").stdout
    assert "oncall (slack): 대기 2건, 최근 30일간 0건 보냄; " in listed
    assert all(word in listed for word in ("등록 시각", "심각도", "대기 중", "발령", "낮음"))
    assert find_english(listed, ["oncall", "slack", "http", "deploy"]) == []


def test_a_receiver_that_is_down_is_a_failure_that_says_so(home):
    with receiving(*[status(503)] * 9) as receiver:
        configure(home, receiver)
        result = run("notify", "send", "--home", home, "--patience", "0s")
    assert result.exit_code == 1
    assert "oncall: 0 messages sent, 2 waiting: " in result.output


def test_since_tells_of_what_came_before_it_began_and_nothing_twice(home):
    with open_store(home) as store:
        store.alerts.append([an_alert("old", detected_at=(NOW - timedelta(days=5)).isoformat())])
    with receiving() as receiver:
        configure(home, receiver)
        assert answer("notify", "send", "--home", home)["notifiers"][0]["sent"] == 2
        assert answer("notify", "send", "--home", home, "--since", "7d")["notifiers"][0]["sent"] == 1
        assert answer("notify", "send", "--home", home, "--since", "7d")["notifiers"][0]["sent"] == 0


def test_nobody_to_tell_and_nobody_of_that_name_are_errors_that_say_what_to_do(home):
    result = run("notify", "send", "--home", home)
    assert result.exit_code == 1
    assert "docs/notify.md" in result.stderr
    (home / "notify.toml").write_text('[a]\nkind = "stdout"\n')
    result = run("notify", "test", "b", "--home", home)
    assert "there is no notifier 'b'" in result.stderr
    (home / "notify.toml").write_text('[a]\nkind = "slack"\nurl = "env:NOT_THERE"\n')
    result = run("watch", home, "--once", "--home", home)
    assert (result.exit_code, "[a] in" in result.stderr, "set the variable NOT_THERE" in result.stderr) == (
        1,
        True,
        True,
    )


def test_with_json_standard_output_holds_one_object_though_a_notifier_prints(home):
    (home / "notify.toml").write_text('[a]\nkind = "stdout"\n')
    result = run("notify", "send", "--home", home, "--json")
    assert json.loads(result.stdout)["notifiers"][0]["sent"] == 2
    assert "CRITICAL: deploy called" in result.stderr


def a_watch(store, home, trail):
    settings = Settings(home=home, threads=1)
    return Watch(store, settings, Plan((str(trail),), trains=False, notifiers=read_notifiers(settings)))


def test_a_watch_tells_people_and_is_not_held_up_by_one_who_does_not_answer(home, tmp_path):
    (tmp_path / "trail").mkdir()
    with receiving(hang) as receiver, open_store(home) as store:
        configure(home, receiver, '[other]\nkind = "stdout"\nleast = "critical"\n')
        watch = a_watch(store, home, tmp_path / "trail")
        began = time.monotonic()
        ticked = watch.tick(NOW)
        assert time.monotonic() - began < SECONDS + 8
        assert ticked.notified["other"] == {"sent": 1, "left": 0, "problem": ""}
        assert ticked.notified["oncall"]["left"] == 2
        assert "notify oncall: no answer in time" in ticked.problems
        assert ticked.report(NOW).outbox == {"notify oncall": 2, "notify other": 0}
        ticked = watch.tick(NOW + timedelta(hours=2))
        assert ticked.notified["oncall"] == {"sent": 2, "left": 0, "problem": ""}
        assert watch.tick(NOW + timedelta(hours=3)).notified["oncall"]["sent"] == 0
        watch.close()
    assert json.dumps(ticked.as_dict())


def test_a_watch_whose_messages_wait_for_the_morning_has_no_problem(home, tmp_path):
    (tmp_path / "trail").mkdir()
    with receiving() as receiver, open_store(home) as store:
        configure(home, receiver, 'quiet_days = "mon tue wed thu fri sat sun"\npasses = "none"\n')
        watch = a_watch(store, home, tmp_path / "trail")
        ticked = watch.tick(NOW)
        watch.close()
    assert ticked.notified["oncall"] == {"sent": 0, "left": 2, "problem": ""}
    assert ticked.report(NOW).outbox == {"notify oncall": 0}
    assert receiver.requests == []
