"""The `oddtrail` command."""

from __future__ import annotations

import sys
import traceback
from typing import Annotated

import typer

from pipeline.cli import (
    alerts,
    backtest,
    compare_native,
    config,
    dead_letters,
    demo,
    doctor,
    drill,
    features,
    geoip,
    index,
    ingest,
    lambda_package,
    models,
    notify,
    report,
    scores,
    scoring,
    search,
    serve,
    setup,
    shards,
    spark_backfill,
    spark_package,
    store,
    watch,
)
from pipeline.cli.command import Home, Json, Language, Memory, Quiet, Threads, group
from pipeline.cli.session import BUG, EXIT_CODES

HELP = """Find the AWS principals that behave unlike themselves and unlike their peers, and say why.

Reads CloudTrail from a folder, learns what is normal, and raises a handful of explained alerts a day.

\b
First steps:
  oddtrail demo                      see planted attacks found and explained
  oddtrail ingest trail/             read your own CloudTrail
  oddtrail train                     learn what is normal, at first from all but the last week
  oddtrail score                     look at that week
  oddtrail alerts list               and at what was odd in it

\b
Exit codes:
"""

app = group(HELP + "\n".join(f"  {code:<4} {meaning}" for code, meaning in EXIT_CODES.items()), completion=True)


def _version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version

        print(f"oddtrail {version('oddtrail')}")
        raise typer.Exit


@app.callback()
def shared(
    ctx: typer.Context,
    home: Home = None,
    threads: Threads = None,
    memory: Memory = None,
    language: Language = None,
    json: Json = False,
    quiet: Quiet = False,
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version and exit.")
    ] = False,
) -> None:
    ctx.obj = {
        "home": home, "threads": threads, "memory": memory, "language": language, "json": json, "quiet": quiet,
    }  # fmt: skip


for module in (
    demo,
    ingest,
    scoring,
    watch,
    shards,
    drill,
    alerts,
    notify,
    serve,
    report,
    scores,
    search,
    backtest,
    features,
    models,
    geoip,
    store,
    index,
    dead_letters,
    setup,
    spark_backfill,
    spark_package,
    compare_native,
    lambda_package,
    doctor,
    config,
):
    module.register(app)


@app.command("help", short_help="Print the help of a command.", add_help_option=False)
def print_help(
    ctx: typer.Context,
    names: Annotated[list[str] | None, typer.Argument(metavar="COMMAND", help="As in: alerts list.")] = None,
) -> None:
    """Print the help of a command, as `--help` does."""
    app([*(names or ()), "--help"], prog_name="oddtrail")


def main() -> None:
    """Run the command line. A bug keeps its traceback and has an exit code of its own."""
    try:
        app(prog_name="oddtrail")
    except Exception:
        traceback.print_exc()
        sys.exit(BUG)
