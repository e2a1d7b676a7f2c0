"""Who is told is read from a file: each mistake is named with its key, and no secret is ever shown."""

import traceback

import pytest

from pipeline.errors import SettingsError
from pipeline.notify.config import KINDS, read_notifiers
from pipeline.notify.outbox import describe
from pipeline.settings import Settings

WORD = "hunter2-very-secret"
SLACK = 'kind = "slack"\nurl = "https://hooks.slack.com/services/T0/hunter2-very-secret"\n'
GOOD = {
    "slack": SLACK,
    "teams": 'kind = "teams"\nurl = "env:TEAMS_URL"\n',
    "pagerduty": 'kind = "pagerduty"\nkey = "file:/run/secrets/pd"\n',
    "webhook": 'kind = "webhook"\nurl = "https://x.example/y"\nsecret = "env:A, env:B"\n',
    "sns": 'kind = "sns"\ntopic = "arn:aws:sns:eu-west-1:111122223333:odd.fifo"\n',
    "ses": 'kind = "ses"\nsender = "odd@example.com"\nto = "soc@example.com, b@example.com"\nregion = "eu-west-1"\n',
    "stdout": 'kind = "stdout"\nshape = "json"\n',
}


def read(tmp_path, text, **named):
    (tmp_path / "notify.toml").write_text(text)
    return read_notifiers(Settings(home=tmp_path, **named))


def test_without_a_file_nobody_is_told(tmp_path):
    assert read_notifiers(Settings(home=tmp_path)) == {}


def test_a_file_that_is_named_has_to_be_there(tmp_path):
    with pytest.raises(SettingsError, match="no such file"):
        read_notifiers(Settings(home=tmp_path, notify=tmp_path / "other.toml"))


def test_each_kind_is_read(tmp_path):
    assert set(GOOD) == set(KINDS)
    found = read(tmp_path, "".join(f"[{name}]\n{text}" for name, text in GOOD.items()), timezone="Asia/Seoul")
    assert {name: type(one) for name, one in found.items()} == KINDS
    assert {one.timezone for one in found.values()} == {"Asia/Seoul"}
    assert found["webhook"].secret == ("env:A", "env:B")


def test_what_stands_before_the_tables_is_for_all_that_do_not_say_otherwise(tmp_path):
    text = f'language = "ko"\nleast = "high"\n[a]\n{SLACK}[b]\n{SLACK}language = "en"\n'
    found = read(tmp_path, text)
    assert [(one.language, one.least) for one in found.values()] == [("ko", "high"), ("en", "high")]
    with pytest.raises(SettingsError, match="cannot be used: give en or ko"):
        read(tmp_path, f'language = "fr"\n[a]\n{SLACK}')


def test_when_it_may_speak_is_read(tmp_path):
    text = f'[a]\n{SLACK}quiet = "22:00-07:00"\nquiet_days = ["Sat", "Sun"]\ndigest = "08:30, 17:00"\nmost = 7\n'
    schedule = read(tmp_path, text + 'timezone = "Europe/Berlin"\n')["a"].schedule
    assert (schedule.zone.key, schedule.most, sorted(schedule.quiet_days)) == ("Europe/Berlin", 7, [5, 6])
    assert [str(at) for at in (*schedule.quiet, *schedule.digests)] == ["22:00:00", "07:00:00", "08:30:00", "17:00:00"]


BAD = {
    "[a]\nkind = 'carrier pigeon'": "kind of [a]",
    "[a]\nurl = 'https://x/y'": "kind of [a]",
    "[a]\nkind = 'slack'": "url of [a]",
    f"[a]\n{SLACK}leest = 'high'": "did you mean least?",
    f"[a]\n{SLACK}least = 'grave'": "give low, medium, high or critical",
    f"[a]\n{SLACK}most = 0": "from 1 to 1000",
    f"[a]\n{SLACK}most = '5'": "from 1 to 1000",
    f"[a]\n{SLACK}quiet = '10pm'": "hours such as 22:00-07:00",
    f"[a]\n{SLACK}quiet_days = 'Caturday'": "days such as",
    f"[a]\n{SLACK}digest = '8'": "times such as",
    f"[a]\n{SLACK}timezone = 'KST'": "IANA",
    f"[a]\n{SLACK}allow = 'everything'": "networks such as",
    f"[a]\n{SLACK}allow_http = 'yes'": "true or false",
    f"[a]\nkind = 'pagerduty'\nkey = '{WORD}'": "never the key itself",
    f"[a]\nkind = 'webhook'\nurl = 'https://x/y'\nsecret = 'whsec_{WORD}'": "never the secrets themselves",
    "[a]\nkind = 'webhook'\nurl = 'https://x/y'": "secret of [a]",
    "[a]\nkind = 'sns'\ntopic = 'arn:aws:sqs:eu-west-1:1:x'": "the topic's ARN",
    "[a]\nkind = 'ses'\nsender = 'odd'\nto = 'a@b.example'": "sender of [a]",
    "[a]\nkind = 'ses'\nsender = 'o@b.example'\nto = 'a@b.example\\r\\nBcc: x@y.example'": "to of [a]",
    '[a]\nkind = "ses"\nsender = "o@b.example\\r\\nBcc: x@y.example"\nto = "a@b.example"': "sender of [a]",
    "['a b']\nkind = 'stdout'": "no notifier",
    "kind = 'stdout'": "no notifier",
    f"[a]\nurl = '{WORD}": "cannot be read as TOML",
    f"[a]\n{WORD}": "cannot be read as TOML",
    "".join(f"[n{number}]\nkind = 'stdout'\n" for number in range(21)): "at most 20",
}


@pytest.mark.parametrize("text", BAD, ids=range(len(BAD)))
def test_a_mistake_is_named_and_no_secret_is_shown(tmp_path, text):
    with pytest.raises(SettingsError) as caught:
        read(tmp_path, text)
    assert BAD[text] in str(caught.value)
    assert str(tmp_path) in str(caught.value)
    assert WORD not in "".join(traceback.format_exception(caught.value))


def test_a_notifier_that_is_shown_or_printed_shows_no_secret(tmp_path):
    [one] = read(tmp_path, f"[a]\n{SLACK}").values()
    assert describe(one)["url"] == "https://hooks.slack.com/***"
    assert WORD not in f"{one!r} {one}"
