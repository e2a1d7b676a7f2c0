"""Settings: where a value comes from, and what an error about it says."""

import json
import traceback
from datetime import timedelta
from pathlib import Path

import pytest

from pipeline.errors import SettingsError
from pipeline.settings import GIVES, Settings, load_settings, load_with_origins

THREE = "\N{ARABIC-INDIC DIGIT THREE}"


@pytest.fixture(autouse=True)
def clean(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("HOME", str(tmp_path / "person"))
    for name in Settings.model_fields:
        monkeypatch.delenv(f"ODDTRAIL_{name.upper()}", raising=False)
    monkeypatch.delenv("ODDTRAIL_CONFIG", raising=False)


def test_the_defaults_are_a_deployment_that_works(tmp_path: Path) -> None:
    settings = load_settings()
    assert settings.timezone == "UTC"
    assert settings.lateness == timedelta(minutes=15)
    assert settings.budget == 5
    assert settings.threads >= 1
    assert settings.memory >= 2**28


def test_the_command_line_wins_over_the_environment_over_the_file_over_the_default(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "oddtrail.toml").write_text('timezone = "Asia/Seoul"\nthreads = 3\nbudget = 2\n')
    monkeypatch.setenv("ODDTRAIL_THREADS", "4")
    monkeypatch.setenv("ODDTRAIL_BUDGET", "7.5")
    settings, origins = load_with_origins({"home": tmp_path, "budget": 9, "memory": None})
    assert (settings.timezone, settings.threads, settings.budget) == ("Asia/Seoul", 4, 9)
    assert origins["budget"] == "--budget"
    assert origins["threads"] == "ODDTRAIL_THREADS"
    assert origins["timezone"] == f"timezone in {tmp_path / 'oddtrail.toml'}"
    assert origins["memory"] == "default"


@pytest.mark.parametrize(
    ("variable", "value", "says"),
    [
        ("ODDTRAIL_BUDGET", "high", "ODDTRAIL_BUDGET is 'high': give a number of alerts a day above 0, or off"),
        ("ODDTRAIL_BUDGET", "nan", "ODDTRAIL_BUDGET is 'nan': give a number of alerts a day above 0, or off"),
        ("ODDTRAIL_TIMEZONE", "KST", "ODDTRAIL_TIMEZONE is 'KST': give an IANA time zone such as Asia/Seoul"),
        ("ODDTRAIL_TIMEZONE", "../etc/x", "ODDTRAIL_TIMEZONE is '../etc/x': give an IANA time zone such as Asia/Seoul"),
        ("ODDTRAIL_MEMORY", "lots", "ODDTRAIL_MEMORY is 'lots': give a size from 256MiB such as 4GB"),
        ("ODDTRAIL_LATENESS", "-3", "ODDTRAIL_LATENESS is '-3': give a span such as 15m or 1h"),
        ("ODDTRAIL_THREADS", "0", "ODDTRAIL_THREADS is '0': give a whole number of cores from 1"),
        ("ODDTRAIL_TIMEZON", "UTC", "ODDTRAIL_TIMEZON is not a setting: did you mean ODDTRAIL_TIMEZONE?"),
    ],
)
def test_an_error_names_the_key_its_value_and_what_to_give(
    variable: str, value: str, says: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(variable, value)
    with pytest.raises(SettingsError) as caught:
        load_settings()
    assert str(caught.value) == says


PEM = "-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEIsecret\n-----END PRIVATE KEY-----\n"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        *(
            ("lateness", value)
            for value in ("99999999999d", "9" * 400, "9" * 400 + "d", "-1d", "\N{ARABIC-INDIC DIGIT THREE}h")
        ),
        *(("memory", value) for value in ("9" * 400, "99999999TB", "\N{ARABIC-INDIC DIGIT THREE}GB", 10**400)),
        ("lateness", 10**400),
    ],
)
def test_an_amount_beyond_all_bounds_is_refused_as_any_other(name: str, value: object) -> None:
    with pytest.raises(SettingsError) as caught:
        load_settings({name: value})
    assert str(caught.value) == f"--{name} is {value!r}: give {GIVES[name]}"


@pytest.mark.parametrize("name", ["signing_key", "trusted_keys"])
@pytest.mark.parametrize("key", [PEM, PEM * 40, PEM.replace(" PRIVATE", " RSA PRIVATE")])
def test_a_private_key_in_place_of_its_file_is_never_printed(name, key, tmp_path, monkeypatch):
    file = tmp_path / "oddtrail.toml"
    for written in (f"{name} = {json.dumps(key)}", f"{name} = [{json.dumps(key)}]"):
        file.write_text(written)
        with pytest.raises(SettingsError) as refused:
            load_settings({"home": tmp_path})
        told = "".join(traceback.format_exception(refused.value))
        assert f"{name} in {file} holds a key: give the file that holds it" in told
        assert "secret" not in told
    file.unlink()
    monkeypatch.setenv(f"ODDTRAIL_{name.upper()}", key)
    with pytest.raises(SettingsError, match=f"^ODDTRAIL_{name.upper()} holds a key: give the file that holds it$"):
        load_settings({"home": tmp_path})


def test_a_value_of_the_command_line_is_named_as_it_was_written() -> None:
    with pytest.raises(SettingsError, match="--memory is '3 potatoes': give a size"):
        load_settings({"memory": "3 potatoes"})


def test_a_misspelt_key_of_the_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "oddtrail.toml").write_text("buget = 2\n")
    with pytest.raises(SettingsError, match=r"buget in .*oddtrail.toml is not a setting: did you mean budget\?"):
        load_settings({"home": tmp_path})


def test_a_file_that_is_not_toml_says_so(tmp_path: Path) -> None:
    (tmp_path / "oddtrail.toml").write_text("budget = = 2\n")
    with pytest.raises(SettingsError, match="cannot be read as TOML"):
        load_settings({"home": tmp_path})


def test_a_named_file_must_exist(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ODDTRAIL_CONFIG", str(tmp_path / "nowhere.toml"))
    with pytest.raises(SettingsError, match="no such file"):
        load_settings()


def test_every_setting_says_what_it_means_and_what_to_give() -> None:
    assert set(GIVES) == set(Settings.model_fields)
    assert all(field.description for field in Settings.model_fields.values())


@pytest.mark.parametrize("written", ["okta-*,adfs-?", " okta-*  adfs-? "])
def test_patterns_of_roles_are_a_list_in_the_file_and_a_text_in_the_environment(
    written: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert load_settings().verified_session_names == ()
    (tmp_path / "oddtrail.toml").write_text('verified_session_names = ["okta-*", "adfs-?"]\n')
    settings = load_settings({"home": tmp_path})
    assert settings.verified_session_names == ("okta-*", "adfs-?")
    assert settings.model_dump(mode="json")["verified_session_names"] == "okta-*, adfs-?"
    monkeypatch.setenv("ODDTRAIL_VERIFIED_SESSION_NAMES", written)
    assert load_settings().verified_session_names == ("okta-*", "adfs-?")


@pytest.mark.parametrize("written", ['["okta admin"]', "[7]", "7", '[""]'])
def test_what_is_no_pattern_of_a_role_is_refused(written: str, tmp_path: Path) -> None:
    (tmp_path / "oddtrail.toml").write_text(f"verified_session_names = {written}\n")
    with pytest.raises(SettingsError, match="give names or ARNs of roles"):
        load_settings({"home": tmp_path})


def test_the_budget_can_be_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ODDTRAIL_BUDGET", "off")
    assert load_settings().budget is None
