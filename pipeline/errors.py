"""Errors that whoever runs the job can put right: one line, what was found and what to do next."""

from collections.abc import Mapping
from typing import Any


class OddtrailError(Exception):
    """Something the person running the job can put right. The command line prints its one line and exits 1.

    With `--json` the document, what was found out all the same, stands beside the error. Where it is known at once how
    the message is told in the reader's language, that is `said`; `pipeline.render.error_words` reads the others again.
    """

    def __init__(self, message: str = "", document: Mapping[str, Any] | None = None, said: str = "") -> None:
        super().__init__(message)
        self.document, self.said = document or {}, said

    def _render_traceback_(self) -> list[str]:
        """What a notebook prints in place of a traceback: the one line."""
        return [str(self)]


class StoreError(OddtrailError):
    """A store could not be read or written."""


class StoreBusyError(StoreError):
    """Another process is writing to the store."""


class SettingsError(OddtrailError):
    """A setting has a value that cannot be used."""


class ModelError(OddtrailError):
    """A model bundle is missing, damaged or does not fit this version."""


class NoHistoryError(OddtrailError):
    """There is not enough history to learn from or nothing to score."""


class PartlyReadError(OddtrailError):
    """Some of what was given could not be read, and the rest was."""


class NothingToReadError(OddtrailError):
    """There is no log file where one was looked for."""
