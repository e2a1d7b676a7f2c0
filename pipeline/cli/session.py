"""What a command is given, and what it hands back: a session with settings, store and console; an answer.

Every command returns an `Answer`, so that `--json` means the same everywhere: one JSON object on standard output and
nothing else.
"""

from __future__ import annotations

import shlex
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:  # loaded when a command needs them: `oddtrail --help` does not
    from rich.console import Console

    from pipeline.settings import Settings
    from pipeline.stores.home import Store
    from pipeline.stores.parquet.segment import Segment
    from pipeline.stores.protocols import AlertStore
    from pipeline.words.words import Words

OK = 0
FAILED = 1
USAGE = 2
RAISED = 3
MISSED = 4
BUG = 70  # EX_SOFTWARE of sysexits.h
INTERRUPTED = 130  # 128 + SIGINT, as shells say it

BAD_LINES_TOLD = 3
"""Lines of the alerts' file that are told one by one when they cannot be read."""

EXIT_CODES = {
    OK: "done; nothing raised is a success as well",
    FAILED: "could not do it; one line on standard error says why and what to do",
    USAGE: "the command was not understood",
    RAISED: "only with --exit-code: an alert was raised, or doctor warns",
    MISSED: "an attack that `oddtrail drill` made up was not raised in time",
    BUG: "a bug in oddtrail; its traceback is on standard error",
    INTERRUPTED: "interrupted",
}


@dataclass(frozen=True)
class Answer:
    """What a command found out."""

    document: Mapping[str, Any]
    """The whole of it, as `--json` prints it."""
    show: Callable[[Console], None]
    """Prints it for a person."""
    code: int = OK
    tells_damage: bool = False
    """Whether it says by itself what of the store is damaged."""


@dataclass
class Session:
    """One run of one command."""

    given: dict[str, Any] = field(default_factory=dict)
    """Settings named on the command line."""
    json: bool = False
    quiet: bool = False
    """Print nothing but errors, and JSON where it is asked for."""

    @cached_property
    def settings(self) -> Settings:
        from pipeline.settings import load_settings

        return load_settings(self.given)

    @property
    def words(self) -> Words:
        """The words of the language that is asked for; English needs no catalogue to be read."""
        from pipeline.words.catalogue import speak

        return speak(self.settings.language)

    @cached_property
    def store(self) -> Store:
        """The store that is there; only `ingest` and `demo` make one."""
        from datetime import UTC, datetime

        from pipeline.stores.home import open_store

        return open_store(self.settings.home, create=False, clock=lambda: datetime.now(UTC))

    @cached_property
    def alerts(self) -> AlertStore:
        """The alerts of the home; those of a backtest's folder are found without a store."""
        from pipeline.stores.home import ALERTS_FILE
        from pipeline.stores.jsonl.alerts import AlertsJsonl

        return AlertsJsonl(self.settings.home / ALERTS_FILE)

    @cached_property
    def console(self) -> Console:
        """Standard output."""
        from pipeline.render.console import console

        return console(sys.stdout)

    @cached_property
    def notes(self) -> Console:
        """Standard error: progress and remarks, never a result."""
        from pipeline.render.console import console

        return console(sys.stderr)

    def remark(self, line: str) -> None:
        """Say something on standard error that is not the answer; not in JSON, where it stands in the document."""
        if not self.json and not self.quiet:
            from pipeline.render.inert_text import inert_text

            self.notes.print(inert_text(line, "dim", longest=2000))

    def line(self, command: str) -> str:
        """A command line that goes on from this one: the same home, where one was named."""
        home = self.given.get("home")
        return f"oddtrail {command}" + (f" --home {shlex.quote(str(home))}" if home else "")

    def unread_alerts(self) -> list[str]:
        """A line for each of the alerts' lines that this run could not read, few of many: the others were read."""
        opened = (self.__dict__.get("alerts"), getattr(self.__dict__.get("store"), "alerts", None))
        bad = {line.number: (alerts.path, line.why) for alerts in opened if alerts for line in alerts.bad_lines}
        if not bad:
            return []
        words = self.words
        told = [
            words.say(
                "{file}, line {line} cannot be read ({why}), the alerts of other lines are: put it back from a copy of "
                "the file, or remove it",
                file=path,
                line=number,
                why=why,
            )
            for number, (path, why) in sorted(bad.items())[:BAD_LINES_TOLD]
        ]
        if more := len(bad) - len(told):
            counted = words.say_many(
                more,
                "{n} more line of it cannot be read: `{command}` counts them",
                "{n} more lines of it cannot be read: `{command}` counts them",
                command=self.line("doctor"),
            )
            told.append(counted)
        return told

    def lost_lines(self) -> list[str]:
        """A line about what the store has lost, where this run opened it and something is."""
        from pipeline.reports.damage import lost_lines

        store = self.__dict__.get("store")
        return list(lost_lines(store, self.words)) if store else []

    def explain_damage(self, words: Words | None = None) -> str | None:
        """The line that names damaged files of the store, where this run opened it and there are some."""
        from pipeline.reports.damage import explain_damage
        from pipeline.words.words import ENGLISH

        return explain_damage(self._damaged, words or ENGLISH) if self._damaged else None

    @cached_property
    def _damaged(self) -> Mapping[Segment, str]:
        from pipeline.stores.parquet.integrity import find_damaged

        store = self.__dict__.get("store")
        return find_damaged(store.home, store.manifest)[0] if store else {}

    @property
    def shows_progress(self) -> bool:
        """Whether somebody watches: a progress bar is for a terminal, not for a pipe or a log."""
        return sys.stderr.isatty() and not self.json and not self.quiet
