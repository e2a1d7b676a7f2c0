"""Each kind of notifier is carried by its own, with secrets from where they are, and what is wrong is found before."""

import io
import json

import pytest

from pipeline.errors import SettingsError
from pipeline.notify.change import Change
from pipeline.notify.config import KINDS, read_notifiers
from pipeline.notify.notice import Maker
from pipeline.notify.sinks import check_sink, make_sink
from pipeline.settings import Settings
from tests.builders import an_alert
from tests.pipeline.notify.receiver import receiving
from tests.pipeline.notify.test_config import GOOD

NOTICE = Maker("n").tell(an_alert(principal_name="Zoë"), Change("raised"))


def read(tmp_path, text):
    (tmp_path / "notify.toml").write_text(f"[n]\n{text}")
    return read_notifiers(Settings(home=tmp_path))["n"]


@pytest.fixture
def secrets(monkeypatch, tmp_path):
    monkeypatch.setenv("A", "whsec_" + "A" * 44)
    monkeypatch.setenv("B", "whsec_" + "B" * 44)
    monkeypatch.setenv("TEAMS_URL", "https://example.logic.azure.com/workflows/hunter2")
    (tmp_path / "pd").write_text("hunter2-key\n")
    return tmp_path


@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_has_its_own_and_shows_no_secret(secrets, kind):
    sink = make_sink(read(secrets, GOOD[kind].replace("/run/secrets/pd", f"{secrets}/pd")))
    assert type(sink).__name__.lower() == kind
    assert sink.where
    assert "hunter2" not in sink.where + repr(sink)


@pytest.mark.parametrize("kind", ["slack", "teams", "pagerduty", "webhook"])
def test_each_that_posts_reaches_its_place_and_no_private_one_unless_allowed(secrets, kind):
    extra = {"pagerduty": f'key = "file:{secrets}/pd"\n', "webhook": 'secret = "env:A"\n'}.get(kind, "")
    with receiving() as receiver:
        text = f'kind = "{kind}"\nurl = "{receiver.url}"\nallow_http = true\n{extra}'
        refused = make_sink(read(secrets, text)).send(NOTICE, 5)
        assert (refused.result, receiver.requests) == ("later", [])
        assert "allow" in refused.problem
        assert make_sink(read(secrets, f'{text}allow = "127.0.0.1"\n')).send(NOTICE, 5).result == "sent"
    assert "iam:CreateAccessKey" in receiver.requests[0].body.decode()


@pytest.mark.parametrize(
    ("text", "says"),
    [('kind = "slack"\nurl = "env:NOT_THERE"', "set the variable NOT_THERE"),
     ('kind = "slack"\nurl = "http://hooks.slack.com/x"', "allow_http"),
     ('kind = "slack"\nurl = "https://u:hunter2@hooks.slack.com/x"', "names a user"),
     ('kind = "webhook"\nurl = "https://x.example/"\nsecret = "env:TEAMS_URL"', "openssl rand")],
)  # fmt: skip
def test_what_is_wrong_is_found_before_anything_is_sent(secrets, text, says):
    with pytest.raises(SettingsError, match=says) as caught:
        check_sink(read(secrets, text))
    assert "hunter2" not in str(caught.value)


def test_what_is_kept_elsewhere_is_not_asked_for_before(tmp_path):
    check_sink(read(tmp_path, 'kind = "slack"\nurl = "ssm:/not/there"'))


def test_standard_output_gets_text_or_a_line_of_json(tmp_path):
    out = io.StringIO()
    assert make_sink(read(tmp_path, 'kind = "stdout"'), out).send(NOTICE, 5).result == "sent"
    assert out.getvalue().startswith("CRITICAL: deploy called iam:CreateAccessKey.\n")
    out = io.StringIO()
    make_sink(read(tmp_path, 'kind = "stdout"\nshape = "json"'), out).send(NOTICE, 5)
    assert out.getvalue().count("\n") == 1
    assert json.loads(out.getvalue())["type"] == "alert.raised"


def test_standard_output_that_knows_few_letters_or_is_gone_is_no_bug(tmp_path):
    narrow = io.TextIOWrapper(io.BytesIO(), encoding="ascii")
    assert make_sink(read(tmp_path, 'kind = "stdout"'), narrow).send(NOTICE, 5).result == "sent"
    narrow.close()
    assert make_sink(read(tmp_path, 'kind = "stdout"'), narrow).send(NOTICE, 5).result == "later"
