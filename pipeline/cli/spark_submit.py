"""Entry point for `spark-submit`: the arguments of `oddtrail spark-backfill`, the session of whoever submitted it."""

import os
import sys
from collections.abc import Sequence
from itertools import pairwise
from typing import Final

_TAKEN: Final = ("--out", "--since", "--geoip", "--networks", "--rows", "--conf")
"""Options that Glue may give; its own are left out."""
_SOURCE, _SETTING, _JOB = "--source", "--setting", "--JOB_NAME"


def main() -> None:
    """Run `oddtrail spark-backfill` with the arguments of this process."""
    from pipeline.cli.app import app

    os.environ.update(read_settings(sys.argv[1:]))
    try:
        app(["spark-backfill", *read_arguments(sys.argv[1:])], prog_name="oddtrail")
    except SystemExit as end:
        if end.code:  # Glue takes any end by an exit for a failure
            raise


def read_arguments(given: Sequence[str]) -> list[str]:
    """The command's arguments; of those that Glue gives, in pairs and with its own among them, the ones that are ours.

    >>> read_arguments(["s3://trail/", "--out", "s3://shared/"])
    ['s3://trail/', '--out', 's3://shared/']
    >>> read_arguments(["--JOB_NAME", "j", "--source", "s3://a/,s3://b/", "--out", "s3://shared/", "--TempDir", "x"])
    ['s3://a/', 's3://b/', '--out', 's3://shared/', '--json']
    """
    if _JOB not in given and _SOURCE not in given:
        return list(given)
    found: list[str] = []
    sources: list[str] = []
    for name, value in pairwise(given):
        if name == _SOURCE:
            sources += value.split(",")
        elif name in _TAKEN:
            found += [name, value]
    return [*sources, *found, "--json"]


def read_settings(given: Sequence[str]) -> dict[str, str]:
    """Settings that Glue gives, which has no other way for them, by the names that the environment has them.

    >>> read_settings(["--JOB_NAME", "j", "--setting", "timezone=Asia/Seoul,lateness=20m"])
    {'ODDTRAIL_TIMEZONE': 'Asia/Seoul', 'ODDTRAIL_LATENESS': '20m'}
    """
    told = [each for name, value in pairwise(given) if name == _SETTING for each in value.split(",")]
    return {f"ODDTRAIL_{name.strip().upper()}": value for name, _, value in (each.partition("=") for each in told)}


if __name__ == "__main__":
    main()
