"""The function's variables: what is wrong is named, what is unknown is refused, and no secret is ever shown."""

from datetime import timedelta
from pathlib import Path

import pytest

from pipeline.delivery.allowed import Place
from pipeline.delivery.box import BoxPlace
from pipeline.delivery.lambda_settings import VARIABLES, read_settings, variable_of
from pipeline.errors import SettingsError

NEEDED = {"ODDTRAIL_URL": "opensearch+http://localhost", "ODDTRAIL_DEAD_LETTERS": "s3://kept/dead/"}


def test_what_is_needed_is_enough():
    settings = read_settings(NEEDED | {"PATH": "/bin", "AWS_REGION": "eu-west-1"})
    assert (settings.url.host, settings.dead_letters) == ("localhost", BoxPlace("", "kept", "dead/"))
    assert (settings.spill, settings.intel, settings.allowed.places, settings.texts) == (None, "off", (), "auto")


def test_every_variable_is_read(tmp_path):
    given = NEEDED | {
        "ODDTRAIL_SPILL": "https://sqs.eu-west-1.amazonaws.com/111122223333/spill s3://kept/late/",
        "ODDTRAIL_BUCKETS": "trail/AWSLogs/@eu-west-1", "ODDTRAIL_ACCOUNTS": "111122223333", "ODDTRAIL_PREFIX": "logs",
        "ODDTRAIL_RETENTION": "30d", "ODDTRAIL_REQUESTS": "8", "ODDTRAIL_GEOIP": str(tmp_path),
        "ODDTRAIL_NETWORKS": str(tmp_path), "ODDTRAIL_INTEL": "shodan", "ODDTRAIL_INTEL_KEY": "ssm:/key",
        "ODDTRAIL_INTEL_BUDGET": "10", "ODDTRAIL_TEXTS": "on",
    }  # fmt: skip
    assert set(given) == {variable_of(name) for name in VARIABLES}
    settings = read_settings(given)
    assert settings.retention == timedelta(days=30)
    assert settings.networks == Path(tmp_path)
    assert settings.allowed.places == (Place("trail", "AWSLogs/", "eu-west-1"), Place("kept", "late/"))
    assert settings.boxes == (BoxPlace("", "kept", "dead/"), settings.spill)


@pytest.mark.parametrize(
    ("variable", "value"),
    [("ODDTRAIL_URL", "https://x"), ("ODDTRAIL_DEAD_LETTERS", "here"), ("ODDTRAIL_SPILL", "s3://"),
     ("ODDTRAIL_BUCKETS", "s3://x"), ("ODDTRAIL_ACCOUNTS", "12"), ("ODDTRAIL_PREFIX", "Cloud*"),
     ("ODDTRAIL_RETENTION", "0"), ("ODDTRAIL_RETENTION", "soon"), ("ODDTRAIL_REQUESTS", "99"),
     ("ODDTRAIL_NETWORKS", "/nowhere"), ("ODDTRAIL_INTEL", "on"),
     ("ODDTRAIL_INTEL_KEY", "hunter2"), ("ODDTRAIL_INTEL_BUDGET", "-1"), ("ODDTRAIL_TEXTS", "yes")],
)  # fmt: skip
def test_what_cannot_be_used_is_named(variable, value):
    with pytest.raises(SettingsError, match=variable) as caught:
        read_settings(NEEDED | {variable: value})
    assert "hunter2" not in str(caught.value)


@pytest.mark.parametrize("variable", sorted(NEEDED))
def test_what_is_missing_is_named(variable):
    with pytest.raises(SettingsError, match=f"{variable} is not set: give "):
        read_settings({name: value for name, value in NEEDED.items() if name != variable} | {variable: " "})


def test_what_is_misspelt_is_named_with_what_may_be_meant():
    with pytest.raises(SettingsError, match=r"ODDTRAIL_BUCKET is not a setting .*did you mean ODDTRAIL_BUCKETS"):
        read_settings(NEEDED | {"ODDTRAIL_BUCKET": "x"})
    with pytest.raises(SettingsError, match="ODDTRAIL_url is not a setting"):
        read_settings(NEEDED | {"ODDTRAIL_url": "x"})


def test_a_variable_that_holds_a_secret_which_another_names_is_known():
    url = "opensearch+https://user@host?password=env:ODDTRAIL_PASSWORD"
    settings = read_settings(NEEDED | {"ODDTRAIL_URL": url, "ODDTRAIL_PASSWORD": "hunter2"})
    assert "hunter2" not in repr(settings)


def test_a_password_in_the_url_is_refused_and_not_shown():
    with pytest.raises(SettingsError, match="ODDTRAIL_URL: a password in the URL is seen") as caught:
        read_settings(NEEDED | {"ODDTRAIL_URL": "opensearch+https://user:hunter2@host"})
    assert "hunter2" not in str(caught.value)


def test_who_asks_for_intelligence_gives_a_key():
    with pytest.raises(SettingsError, match="ODDTRAIL_INTEL_KEY is not set"):
        read_settings(NEEDED | {"ODDTRAIL_INTEL": "shodan"})
