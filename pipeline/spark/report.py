"""What a backfill on Spark did."""

from dataclasses import dataclass, field
from typing import Any

from pipeline.spark.totals import Totals
from pipeline.text.plural import plural


@dataclass
class BackfillReport:
    """What a backfill did."""

    tasks: int = 0
    """Parts into which the files are divided."""
    decoded: int = 0
    """Of these, the ones that were worked on in this run."""
    account_days: int = 0
    """Those of which the files hold records."""
    written: list[str] = field(default_factory=list)
    """Of these, the ones whose activity was made in this run."""
    kept: list[str] = field(default_factory=list)
    """Those that would have lost calls, and stay as they were."""
    calls: int = 0
    """Calls of all account-days of the files."""
    totals: Totals = field(default_factory=Totals)
    seconds: float = 0.0

    def remarks(self) -> list[str]:
        """What whoever ran it should look at."""
        told = [f"not read: {text}" for text in self.totals.unread]
        if self.kept:
            some = ", ".join(self.kept[:3]) + (" …" if len(self.kept) > 3 else "")
            told.append(
                f"{plural(len(self.kept), 'account-day')} would have lost calls and stayed as they were ({some}): give "
                "all files that they are of, or --replace"
            )
        return told

    def as_dict(self) -> dict[str, Any]:
        """As JSON can hold it."""
        return {
            "tasks": self.tasks,
            "decoded_tasks": self.decoded,
            "account_days": self.account_days,
            "written_account_days": len(self.written),
            "kept_account_days": self.kept,
            "calls": self.calls,
            **self.totals.as_dict(),
            "seconds": round(self.seconds, 1),
        }
