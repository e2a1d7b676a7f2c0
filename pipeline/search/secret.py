"""Secrets by where they are, `env:NAME`, `file:/path`, `ssm:/name`, `secretsmanager:name`; they are never printed."""

import os
from pathlib import Path
from typing import Any, Final

from pipeline.errors import SettingsError

_LONGEST: Final = 65_536
_KINDS: Final = "env:NAME, file:/path, ssm:/name or secretsmanager:name"


class Secret(str):
    """A text that shows itself to nobody who prints it by mistake.

    >>> secret = Secret("hunter2")
    >>> f"{secret!r} {[secret]}", secret == "hunter2"
    ('Secret(…) [Secret(…)]', True)
    """

    __slots__ = ()

    def __repr__(self) -> str:
        return "Secret(…)"


def read_secret(where: str) -> Secret:
    """Read a secret.

    Raises
    ------
    SettingsError
        It is not there, is empty, or may not be read; says which, and never what it holds.

    Examples
    --------
    >>> os.environ["EXAMPLE_SECRET"] = "hunter2"
    >>> read_secret("env:EXAMPLE_SECRET")
    Secret(…)
    """
    kind, _, name = where.partition(":")
    readers = {"env": _read_variable, "file": _read_file, "ssm": _read_parameter, "secretsmanager": _read_secret}
    if kind not in readers or not name:
        raise SettingsError(f"a secret is named by where it is, as {_KINDS}; what is given is none of these")
    text = readers[kind](name).rstrip("\r\n")
    if not text:
        raise SettingsError(f"the secret {kind}:{name} is empty")
    return Secret(text)


def _read_variable(name: str) -> str:
    if name not in os.environ:
        raise SettingsError(f"the secret env:{name} is not there: set the variable {name}")
    return os.environ[name]


def _read_file(name: str) -> str:
    try:
        with Path(name).expanduser().open("rb") as file:
            return file.read(_LONGEST).decode()
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is no UTF-8 text"
        raise SettingsError(
            f"the secret file:{name} cannot be read ({reason}): check the path and who may read it"
        ) from None


def _read_parameter(name: str) -> str:
    answer = _ask("ssm", name, lambda client: client.get_parameter(Name=name, WithDecryption=True))
    return str(answer["Parameter"]["Value"])


def _read_secret(name: str) -> str:
    answer = _ask("secretsmanager", name, lambda client: client.get_secret_value(SecretId=name))
    if "SecretString" not in answer:
        raise SettingsError(f"the secret secretsmanager:{name} is binary: store it as text")
    return str(answer["SecretString"])


def _ask(service: str, name: str, ask: Any) -> Any:
    """An answer of AWS; its error names the secret and the reason only."""
    import boto3
    from botocore.exceptions import BotoCoreError, ClientError

    try:
        return ask(boto3.client(service))
    except ClientError as error:
        reason = error.response.get("Error", {}).get("Code", "refused")
    except BotoCoreError as error:
        reason = type(error).__name__
    raise SettingsError(
        f"the secret {service}:{name} cannot be read ({reason}): check its name and the role's permissions"
    )
