"""Every field of the index of receipts, and how it is made."""

from typing import Any, Final

from pipeline.documents.capabilities import Capabilities
from pipeline.documents.fields import Field
from pipeline.documents.template import SETTINGS, make_mapping

RECEIPT_FIELDS: Final = (
    Field("@timestamp", "date", "When the day began."),
    Field("deployment", "keyword", "Name of the deployment."),
    Field("day", "date", "Day of the deployment."),
    Field("start", "date", "When it began."),
    Field("end", "date", "When it ended."),
    Field("written_at", "date", "When the receipt was written."),
    Field("model_id", "keyword", "The trained model in service."),
    Field("events", "long", "Events of the day."),
    Field("late", "long", "Of these, what was delivered after its hour had closed."),
    Field("principals", "long", "Principals of these events."),
    Field("accounts.account", "keyword", "An account."),
    Field("accounts.events", "long", "Its events."),
    Field("accounts.late", "long", "Of these, the late ones."),
    Field("accounts.missing_hours", "long", "Hours of which nothing came."),
    Field("gaps.account", "keyword", "An account of which nothing came where something is usual."),
    Field("gaps.start", "date", "From when on."),
    Field("gaps.end", "date", "Until when."),
    Field("gaps.expected", "double", "Events there would usually have been."),
    Field("set_aside", "long", "Records that are no events."),
    Field("dead_letters", "long", "What waits to be indexed again."),
    Field("alerts_raised", "long", "Alerts within the budget."),
    Field("alerts_held", "long", "Alerts that the budget had no room for."),
    Field("never_judged", "long", "Events that came too late to be judged."),
    Field("integrity_findings", "long", "Findings of logs that are not as CloudTrail delivered them."),
    Field("integrity_waits", "keyword", "Why it was not told for some of the day what is missing."),
)


def make_receipt_index(product: str) -> dict[str, Any]:
    """What an index of receipts is made like; it needs no template, since nobody else writes into it.

    >>> make_receipt_index("opensearch")["mappings"]["dynamic"]
    'false'
    """
    mapping = make_mapping(RECEIPT_FIELDS, Capabilities(product, ()))  # of no version: these types are everywhere
    return {"settings": {"index": dict(SETTINGS)}, "mappings": mapping}
