"""What a command prints in Korean, and what is left of our English in it."""

import re
from typing import Final

from typer.testing import Result

from tests.pipeline.alerts.korean import find_english
from tests.pipeline.cli.commands import run

_COMMAND: Final = re.compile(
    r"`[^`]*`|--[a-z-]+|https?://\S+|(?:~?/[\w.@*-]+)+/?|[\w-]+=[\w/]+|[\w-]+\.[\w.-]+"
    r"|(?:oddtrail|opensearch|opendistro)(?:-[a-z]+)+"
)
"""What is told in no language: commands, options, addresses, paths, settings, files, indices."""
_NAMES: Final = ["CloudTrail", "AWSLogs", "oddtrail", "MB", "GB", "OpenSearch", "Elasticsearch"]


def list_english(text: str, *names: str) -> list[str]:
    """English words of an answer, but for commands, paths and names."""
    return find_english(_COMMAND.sub(" ", text), [*_NAMES, *names])


def tell(*arguments: object, names: tuple[str, ...] = (), code: int = 0) -> Result:
    """What `oddtrail ARGUMENTS --lang ko` prints; nothing of it is English but for names."""
    result = run(*arguments, "--lang", "ko")
    assert result.exit_code == code, result.output
    assert (left := list_english(result.output, *names)) == [], f"{left} in {result.output}"
    assert re.search("[가-힣]", result.output)
    return result
