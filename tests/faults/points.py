"""Where a tick is killed: every place at which it changes what outlives it, in the order in which a tick comes by.

`tests/faults/test_points.py` kills a process at each of them, and sees that a tick writes nothing outside of them.
"""

from typing import Final, NamedTuple

_EVENTS = "pipeline.stores.parquet.events.ParquetEvents"
_STATE = "pipeline.stores.sqlite.state.SqliteState"
_COVERAGE = "pipeline.stores.sqlite.coverage.Coverage"
_BUNDLES = "pipeline.stores.bundles.folder.Bundles"


class Place(NamedTuple):
    """Where a process is killed."""

    where: str
    """Module and function, as whoever calls it looks it up."""
    when: str = "after"
    """`before` the call, `after` it, or `amid`: after half of the bytes that it writes."""
    call: int = 1
    """The how many-th."""

    def __str__(self) -> str:
        return f"{self.when} {self.where.removeprefix('pipeline.')} {self.call}"


TAKING_IN: Final = [
    Place(f"{_STATE}.acquire"),
    Place(f"{_EVENTS}._sweep"),
    Place(f"{_EVENTS}.remember", "before"),
    Place(f"{_EVENTS}.remember"),
    Place("pipeline.stores.parquet.events.move_files", "before"),
    Place("pipeline.stores.parquet.events.move_files"),
    Place("pipeline.stores.parquet.manifest.Manifest.swap"),
    Place("pipeline.stores.parquet.manifest.Manifest.add_files"),
    Place("pipeline.stores.sqlite.arrivals.Arrivals.note"),
    Place(f"{_EVENTS}.commit"),
    Place(f"{_EVENTS}.commit", "after", 3),
    Place("pipeline.watch.intake.Intake._remember", "before"),
    Place("pipeline.watch.intake.Intake._remember"),
    Place(f"{_EVENTS}.compact", "before"),
    Place(f"{_EVENTS}.compact"),
]
JUDGING: Final = [
    Place("pipeline.detect.landing.add_unjudged"),
    Place("pipeline.stores.sqlite.arrivals.Arrivals.settle", "before"),
    Place("pipeline.stores.sqlite.arrivals.Arrivals.settle"),
    Place("pipeline.stores.jsonl.models.append_line", "before"),
    Place("pipeline.stores.jsonl.models.append_line", "amid"),
    Place("pipeline.stores.jsonl.models.ModelsJsonl.add"),
    Place("pipeline.detect.scoring.put_unjudged"),
    Place("pipeline.stores.jsonl.alerts.AlertsJsonl.append", "before"),
    Place("pipeline.stores.jsonl.alerts.AlertsJsonl._write", "amid"),
    Place("pipeline.stores.jsonl.alerts.AlertsJsonl.append"),
    Place(f"{_STATE}.put_checkpoint"),
    Place(f"{_STATE}.put_checkpoint", "before", 2),
    Place(f"{_STATE}.put_checkpoint", "after", 2),
    Place("pipeline.stores.parquet.hour_scores.ParquetHourScores.put", "before"),
    Place("pipeline.stores.parquet.hour_scores.ParquetHourScores.put"),
    Place("pipeline.watch.judge.remember_watched"),
]
COVERING: Final = [
    Place(f"{_COVERAGE}.put", "before"),
    Place(f"{_COVERAGE}.put"),
    Place(f"{_COVERAGE}._sum"),
    Place(f"{_COVERAGE}.close"),
    Place("pipeline.stores.jsonl.receipts.append_line", "before"),
    Place("pipeline.stores.jsonl.receipts.append_line", "amid"),
    Place("pipeline.stores.jsonl.receipts.ReceiptsJsonl.add"),
]
TELLING: Final = [
    Place("pipeline.publish.outbox.make_indices"),
    Place("pipeline.publish.outbox.upsert", "before"),
    Place("pipeline.publish.outbox.upsert"),
    Place("pipeline.publish.outbox._Sending._write"),
    Place("pipeline.publish.outbox._Outbox.note"),
    Place("pipeline.publish.receipts._send"),
    Place("pipeline.watch.watch.publish_receipts"),
]
PRUNING: Final = [
    Place("pipeline.watch.watch.hold_to_digests"),
    Place(f"{_COVERAGE}.prune"),
    Place("pipeline.stores.sqlite.digest_files.DigestFiles.prune"),
    Place(f"{_EVENTS}.prune", "before"),
    Place(f"{_EVENTS}.prune"),
    Place(f"{_STATE}.release"),
]
LEARNING: Final = [
    Place("pipeline.stores.parquet.activity.write_parquet"),
    Place("pipeline.stores.parquet.activity.ParquetActivity.write"),
    Place("pipeline.detect.trainer.refresh_activity"),
    Place("pipeline.detect.trainer.read_known"),
    Place(f"{_BUNDLES}._stage", "before"),
    Place(f"{_BUNDLES}._put", "before"),
    Place("pipeline.stores.bundles.folder.flush_folder", "before"),
    Place("pipeline.stores.bundles.folder.flush_folder", "before", 2),
    Place(f"{_BUNDLES}.publish"),
    Place(f"{_BUNDLES}._seal", "before"),
    Place(f"{_BUNDLES}._seal"),
    Place(f"{_BUNDLES}._prune", "after", 2),
    Place(f"{_BUNDLES}.change"),
    Place("pipeline.detect.promotion.change"),
    Place("pipeline.detect.trainer.remember_watched"),
]
REFUSING: Final = [
    Place(f"{_BUNDLES}.change"),
    Place("pipeline.stores.jsonl.operations.append_line", "amid"),
    Place("pipeline.stores.jsonl.operations.append_line"),
]
"""Where the gate refuses what was learnt."""
DAY: Final = [*TAKING_IN, *JUDGING, *COVERING, *TELLING, *PRUNING]
EVERY: Final = [*DAY, *LEARNING, *REFUSING]
SOURCES: Final = {
    "s3": [
        Place(f"{_EVENTS}.remember"),
        Place(f"{_EVENTS}.commit"),
        Place("pipeline.sources.bucket.BucketListing.settle", "after", 2),
        Place("pipeline.stores.jsonl.alerts.AlertsJsonl.append"),
    ],
    "sqs": [
        Place(f"{_EVENTS}.commit"),
        Place("pipeline.sources.queue.QueueListing._finish", "before"),
        Place("pipeline.sources.queue.QueueListing.settle"),
        Place("pipeline.stores.jsonl.alerts.AlertsJsonl.append"),
    ],
    "index": [
        Place(f"{_EVENTS}.commit"),
        Place("pipeline.sources.index.progress.Progress.settle", "before"),
        Place(f"{_STATE}.put_checkpoint"),
        Place("pipeline.sources.index.progress.Progress.settle"),
        Place("pipeline.sources.index.listing.IndexListing.settle", "after", 2),
        Place("pipeline.stores.jsonl.alerts.AlertsJsonl.append"),
    ],
}
"""What depends on where records come from."""
