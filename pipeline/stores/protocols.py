"""What a store promises, by role; `tests/contracts` holds every store to it (`test_stores`, `test_alert_stores`)."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from pipeline.ingest.sink import Kind, Target

if TYPE_CHECKING:  # who only names a store needs neither
    import duckdb
    import pyarrow as pa

    from pipeline.stores.alert import Alert


class AccountHeld(NamedTuple):
    """What is held of an account."""

    account: str
    events: int
    first: str
    """First day, as is `last` the last."""
    last: str
    days: int
    """Days with events."""


class EventStore(Target, Protocol):
    """Events by account and day that can be read as well: what ingestion writes into, and all else reads from."""

    def view(
        self,
        connection: duckdb.DuckDBPyConnection,
        since: datetime | None = None,
        until: datetime | None = None,
        accounts: Sequence[str] | None = None,
        corrected: bool = True,
    ) -> None:
        """Register the view `events`, with the columns of EVENT, for event times in [since, until).

        Without `corrected` each event is as it was first delivered, whatever corrected it later.
        """

    def get(
        self,
        event_ids: Iterable[str],
        since: datetime | None = None,
        until: datetime | None = None,
        accounts: Sequence[str] | None = None,
    ) -> dict[str, bytes]:
        """Raw records by event id; ids that are not stored are left out.

        Of events that are known to lie in [since, until) and in these accounts, a store need not look elsewhere; an
        event that only its correction stands for is found all the same.
        """

    def view_asides(self, connection: duckdb.DuckDBPyConnection, kind: Kind) -> None:
        """Register the view `set_aside` or `other`: the records that are no event, with the fields of `Aside`."""

    def days(self) -> list[tuple[str, date]]:
        """Account-days that are there, in order."""

    def version(self, account: str, day: date) -> str:
        """A text that is another one whenever the events of an account-day are."""

    def accounts(self) -> list[AccountHeld]:
        """What is held of each account, in order; cheap, however much it is."""

    def count_before(self, day: date) -> int:
        """Events of days before a day: those that `prune` would forget."""

    def prune(self, before: date, now: datetime) -> int:
        """Forget events of days before `before`; return how many."""


class ActivityStore(Protocol):
    """Activity tables by account and day, rewritten whole."""

    def write(self, account: str, day: date, tables: Mapping[str, pa.Table], now: datetime) -> None:
        """Put the tables of an account-day in place of those that were there, in one step."""

    def days(self) -> list[tuple[str, date]]:
        """Account-days that are there."""

    def versions(self) -> dict[tuple[str, date], str]:
        """For each account-day a text that is another one whenever its tables are."""

    def view(
        self,
        connection: duckdb.DuckDBPyConnection,
        since: date | None = None,
        until: date | None = None,
        accounts: Sequence[str] | None = None,
        only: Collection[tuple[str, date]] | None = None,
    ) -> None:
        """Register a view for each table, for days in [since, until); of account-days that are among `only`."""


class AlertStore(Protocol):
    """Every revision of every alert: added to, never changed; any number of readers beside one writer or more.

    Whatever reads raises a StoreError where an alert's version is above `pipeline.stores.alert.VERSION`: leaving it out
    would look like a quiet night.
    """

    def append(self, revisions: Iterable[Alert]) -> int:
        """Add, durably, the revisions that are not there yet, and return how many that was.

        An (alert_id, revision) that is there stays as it was first written. A writer that is killed leaves no part of
        a revision for readers; appending again adds what is missing.
        """

    def revisions(self, alert_id: str | None = None) -> list[Alert]:
        """Every revision, or those of one alert, in the order they were written."""

    def latest(
        self,
        *,
        since: datetime | None = None,
        written_since: datetime | None = None,
        principal: str | None = None,
        min_score: float = 0,
        raised: bool | None = None,
    ) -> list[Alert]:
        """The last revision of each alert, strongest first, held against the filters; text is never a pattern.

        Parameters
        ----------
        since
            Keeps alerts whose last revision was detected at this time or later.
        written_since
            Keeps alerts whose last revision was written at this time or later; where nobody noted when, detected.
        principal
            Part of a principal's ARN or name, upper or lower case alike.
        min_score
            Least record score, 0 to 100.
        raised
            True keeps alerts that were raised, False those that were not.
        """

    def find(self, alert_id: str) -> Alert:
        """The last revision of the alert with this id, or with the only id that starts so.

        Raises
        ------
        StoreError
            No alert, or more than one, has such an id.
        """


class StateStore(Protocol):
    """Settings, leases and checkpoints."""

    def put_setting(self, key: str, value: Any) -> None:
        """Remember a value that JSON can hold."""

    def setting(self, key: str, default: Any = None) -> Any:
        """The remembered value, or `default`."""

    def settings_of_days(self, family: str) -> dict[tuple[str, date], Any]:
        """The settings that are called `family/account/day`, by account and day."""

    def forget_days(self, family: str, but: Collection[tuple[str, date]]) -> int:
        """Forget settings that are called `family/account/day`, but those of these account-days; return how many."""

    def acquire(self, name: str, holder: str, *, now: datetime, span: timedelta) -> int | None:
        """Take or renew a lease; the fencing token, or None when another holds it."""

    def release(self, name: str, holder: str) -> None:
        """Give the lease back."""

    def put_checkpoint(self, name: str, value: Any, *, token: int = 0) -> None:
        """Write how far the work has come; refused for a token older than the last writer's."""

    def token(self, name: str) -> int:
        """The token that the work's last checkpoint was written with; 0 where there is none."""

    def checkpoint(self, name: str) -> Any:
        """The value last written, or None."""
