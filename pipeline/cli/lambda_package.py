"""`oddtrail lambda`: the function that carries CloudTrail into a search engine."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from pipeline.cli.command import command, group
from pipeline.cli.session import Answer, Session

if TYPE_CHECKING:
    from rich.console import Console

EXAMPLES = [
    "oddtrail lambda package --out ingest.zip",
    "oddtrail lambda package --out ingest.zip --arch x86_64 --geoip ~/.oddtrail/geoip",
]


def register(app: typer.Typer) -> None:
    """Add the commands to the application."""
    function = group("The function that carries CloudTrail into OpenSearch or Elasticsearch.")
    command(function, "package", short="Make the function's zip.", examples=EXAMPLES)(package)
    app.add_typer(function, name="lambda")


def package(
    session: Session,
    out: Annotated[Path, typer.Option(metavar="FILE", help="The zip to write.")],
    arch: Annotated[str, typer.Option(metavar="ARCH", help="arm64 or x86_64, as the function's.")] = "arm64",
    python: Annotated[str, typer.Option(metavar="VERSION", help="Python of the function.")] = "3.13",
    geoip: Annotated[Path | None, typer.Option(metavar="DIR", help="Geo databases to put in; none without.")] = None,
) -> Answer:
    """Make the zip of the function, the same bytes each time: our modules, what they need by pip, geo databases.

    What it needs is fetched through your own pip, by locked versions with their hashes. Upload it as it is; the
    handler is lambda_ingest.handler.handler.
    """
    from pipeline.delivery.package import ARCHITECTURES, HANDLER, PYTHONS, make_package
    from pipeline.errors import SettingsError
    from pipeline.render.console import print_whole

    if arch not in ARCHITECTURES:
        raise SettingsError(f"--arch is '{arch}': give {' or '.join(ARCHITECTURES)}")
    if python not in PYTHONS:
        raise SettingsError(f"--python is '{python}': give one of {', '.join(PYTHONS)}")
    words = session.words
    made = make_package(out, arch, python, geoip)

    def text(console: Console) -> None:
        written = words.say(
            "{file} is written: {size} MB, {unzipped} MB unzipped.",
            file=made.path,
            size=f"{made.size / 1e6:.1f}",
            unzipped=f"{made.unzipped / 1e6:.1f}",
        )
        print_whole(console, written)
        runtime = words.say(
            "Runtime {python}, architecture {arch}, handler {handler}.",
            python=f"python{python}",
            arch=arch,
            handler=HANDLER,
        )
        print_whole(console, runtime)
        if not made.databases:
            none = words.say("No geo database is in it, so places stay unknown: add one with --geoip.")
            console.print(none, style="dim")

    document = {
        "path": made.path, "arch": arch, "python": python, "handler": HANDLER, "files": made.files, "bytes": made.size,
        "unzipped_bytes": made.unzipped, "databases": made.databases,
    }  # fmt: skip
    return Answer(document, text)
