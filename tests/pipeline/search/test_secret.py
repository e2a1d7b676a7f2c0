"""Secrets are read from where they are said to be, and shown to nobody."""

import traceback

import boto3
import pytest
from moto import mock_aws

from pipeline.errors import SettingsError
from pipeline.search.secret import Secret, read_secret

WORD = "hunter2-very-secret"


def test_a_secret_is_read_from_a_variable_or_a_file(tmp_path, monkeypatch):
    monkeypatch.setenv("A_WORD", WORD)
    (tmp_path / "word").write_text(WORD + "\n")
    assert read_secret("env:A_WORD") == WORD
    assert read_secret(f"file:{tmp_path}/word") == WORD


@mock_aws
def test_a_secret_is_read_from_aws(monkeypatch):
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-west-1")
    boto3.client("ssm").put_parameter(Name="/odd/word", Value=WORD, Type="SecureString")
    boto3.client("secretsmanager").create_secret(Name="odd-word", SecretString=WORD)
    assert read_secret("ssm:/odd/word") == WORD
    assert read_secret("secretsmanager:odd-word") == WORD
    for name in ("ssm:/nothing", "secretsmanager:nothing"):
        with pytest.raises(SettingsError, match=r"cannot be read \(\w*NotFound\w*\)"):
            read_secret(name)


def test_a_secret_that_is_not_there_says_where_it_was_looked_for(tmp_path, monkeypatch):
    monkeypatch.delenv("NO_WORD", raising=False)
    (tmp_path / "empty").write_text("\n")
    for where, said in (
        ("env:NO_WORD", "set the variable NO_WORD"),
        (f"file:{tmp_path}/none", "No such file"),
        (f"file:{tmp_path}/empty", "is empty"),
        (WORD, "none of these"),
    ):
        with pytest.raises(SettingsError, match=said) as caught:
            read_secret(where)
        assert WORD not in "".join(traceback.format_exception(caught.value))


def test_a_secret_shows_itself_to_nobody():
    assert WORD not in repr(Secret(WORD))
    assert WORD not in f"{[Secret(WORD)]}"
