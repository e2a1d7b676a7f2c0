"""`oddtrail spark-package`: what a cluster needs to run a backfill."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from pipeline.cli.command import command
from pipeline.cli.session import Answer, Session

if TYPE_CHECKING:
    from rich.console import Console

EXAMPLES = [
    "oddtrail spark-package --out oddtrail.tar.gz --geoip ~/.oddtrail/geoip",
    "oddtrail spark-package --out oddtrail.zip --for glue",
]


def register(app: typer.Typer) -> None:
    """Add the command to the application."""
    command(app, "spark-package", short="Make what EMR or Glue needs to backfill.", examples=EXAMPLES)(spark_package)


def spark_package(
    session: Session,
    out: Annotated[Path, typer.Option(metavar="FILE", help="The archive to write; the script stands beside it.")],
    kind: Annotated[str, typer.Option("--for", metavar="KIND", help="emr, or any Spark; or glue.")] = "emr",
    arch: Annotated[str, typer.Option(metavar="ARCH", help="x86_64 or arm64, as the machines'.")] = "x86_64",
    geoip: Annotated[Path | None, typer.Option(metavar="DIR", help="Geo databases to put in; none without.")] = None,
) -> Answer:
    """Make the archive of our code and its libraries, and backfill.py, the script to submit; docs/spark.md says how.

    What it needs is fetched through your own pip, by locked versions with their hashes, for Python 3.11.
    """
    from pipeline.render.console import print_whole
    from pipeline.spark.package import make_package

    words = session.words
    made = make_package(out, kind, arch, geoip)

    def show(console: Console) -> None:
        said = words.say(
            "{file} is written: {size} MB. Submit {entry} with it.",
            file=made.archive,
            size=f"{made.size / 1e6:.0f}",
            entry=made.entry,
        )
        print_whole(console, said)

    document = {"archive": made.archive, "entry": made.entry, "bytes": made.size, "for": kind, "arch": arch}
    return Answer(document, show)
