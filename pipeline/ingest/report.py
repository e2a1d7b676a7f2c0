"""What an ingestion did, in numbers that add up."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from pipeline.ingest.sink import Outcome
from pipeline.ingest.tasks import Passed
from pipeline.ingest.work import Work


@dataclass
class IngestReport:
    """Counts of one run: records = stored + duplicates + set_aside + the sum of `other`, always.

    Examples
    --------
    >>> IngestReport(records=3, stored=2, duplicates=1).as_dict()["stored"]
    2
    """

    files: int = 0
    """Files read."""
    skipped_files: int = 0
    """Files whose content the target has taken in before."""
    barren_files: int = 0
    """Of these, the ones of which no event came."""
    passed_over: dict[str, int] = field(default_factory=dict)
    """Files that are none of CloudTrail's records, by what they are: AWS Config, VPC flow logs …"""
    not_logs: int = 0
    """Files of a folder or an archive that are no logs, by how they begin and by their names."""
    records: int = 0
    """Records found in the files; a file that cannot be read counts as one."""
    stored: int = 0
    """Events the target did not hold before."""
    duplicates: int = 0
    """Further deliveries of an event."""
    set_aside: int = 0
    """Records from which no event can be made, kept with the reason."""
    reasons: dict[str, int] = field(default_factory=dict)
    """These, by reason."""
    other: dict[str, int] = field(default_factory=dict)
    """Records that are not events (digest, Insight, aggregated, control message …), by name."""
    repaired: int = 0
    """Stored or duplicate events whose record was malformed and could be read all the same."""
    seconds: float = 0.0
    memo_hits: int = 0
    memo_misses: int = 0

    @property
    def memo_hit_rate(self) -> float | None:
        """Share of the normaliser's questions that it had answered before; None without any."""
        asked = self.memo_hits + self.memo_misses
        return self.memo_hits / asked if asked else None

    def add(self, work: Work, outcome: Outcome) -> None:
        """Count a committed batch."""
        self.files += len(work.batch.files)
        self.records += work.records
        self.stored += outcome.stored
        self.duplicates += work.duplicates + outcome.duplicates
        self.set_aside += work.set_aside
        self.reasons = _more(self.reasons, work.reasons)
        self.passed_over = _more(self.passed_over, work.passed_over)
        self.not_logs += work.not_logs
        self.other = _more(self.other, work.other)
        self.repaired += work.repaired
        self.memo_hits += work.memo_hits
        self.memo_misses += work.memo_misses

    def add_passed(self, passed: Passed) -> None:
        """Count the files that made no task."""
        self.skipped_files += passed.known
        self.barren_files += passed.barren
        self.passed_over = _more(self.passed_over, passed.foreign)
        self.not_logs += passed.not_logs

    @property
    def found_nothing(self) -> bool:
        """Whether no event is in anything that was given, neither now nor when it was read before."""
        return not self.stored + self.duplicates + self.skipped_files - self.barren_files

    def as_dict(self) -> dict[str, Any]:
        """Everything as JSON can hold it."""
        return {
            "files": self.files,
            "skipped_files": self.skipped_files,
            "passed_over": self.passed_over,
            "not_logs": self.not_logs,
            "records": self.records,
            "stored": self.stored,
            "duplicates": self.duplicates,
            "set_aside": self.set_aside,
            "reasons": self.reasons,
            "other": self.other,
            "repaired": self.repaired,
            "seconds": round(self.seconds, 3),
            "memo_hit_rate": self.memo_hit_rate,
        }


def _more(counts: dict[str, int], more: Counter[str]) -> dict[str, int]:
    return dict(sorted((Counter(counts) + more).items()))
