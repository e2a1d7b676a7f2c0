"""Running the command line in a test, and every command there is."""

import json
from collections.abc import Iterator
from typing import Any

import typer
from typer.testing import CliRunner, Result

from pipeline.cli.app import app


def run(*arguments: object, **environment: str) -> Result:
    """What `oddtrail ARGUMENTS` did."""
    return CliRunner().invoke(app, [str(argument) for argument in arguments], env=environment, prog_name="oddtrail")


def answer(*arguments: object) -> dict[str, Any]:
    """The JSON object that a command printed, and nothing else."""
    result = run(*arguments, "--json")
    assert result.exit_code == 0, result.output
    document = json.loads(result.stdout)
    assert isinstance(document, dict)
    assert result.stdout.count("\n") == 1
    return document


def commands() -> Iterator[tuple[str, ...]]:
    """Names of every command, groups first."""
    tree = typer.main.get_command(app)

    def below(node: Any, names: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
        for name, child in getattr(node, "commands", {}).items():
            if getattr(child, "commands", None):
                yield from below(child, (*names, name))
            else:
                yield (*names, name)

    return below(tree, ())


COMMANDS = [names for names in commands() if names != ("help",)]
