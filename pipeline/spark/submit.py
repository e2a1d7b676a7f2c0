"""Entry point for `spark-submit`: the arguments of `oddtrail spark-backfill`, the session of whoever submitted it."""

import sys


def main() -> None:
    """Run `oddtrail spark-backfill` with the arguments of this process."""
    from pipeline.cli.app import app

    app(["spark-backfill", *sys.argv[1:]], prog_name="oddtrail")


if __name__ == "__main__":
    main()
