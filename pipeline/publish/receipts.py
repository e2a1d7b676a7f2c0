"""Receipts into a search engine: a document a day in the index of its month, beside the alerts'."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final, NamedTuple
from urllib.parse import quote

import msgspec

from pipeline.documents.alert_names import name_receipts
from pipeline.documents.receipt_fields import make_receipt_index
from pipeline.errors import OddtrailError, StoreError
from pipeline.publish.target import Link, Target
from pipeline.search.deadline import Deadline
from pipeline.search.engine import Answer
from pipeline.search.in_time import InTime
from pipeline.stores.home import Store
from pipeline.stores.jsonl.receipts import Receipt

SECONDS: Final = 10.0
"""That one call takes, about."""
REMEMBERED: Final = 100
"""Receipts, the newest, that an engine is told if it has not been: a quarter."""
_LONGEST_REQUEST: Final = 5.0


class SentReceipts(NamedTuple):
    """What became of receipts that an engine had not been told."""

    sent: int
    left: int
    problem: str = ""
    """Why some are left."""


class _Place(msgspec.Struct, frozen=True):
    """What an engine has been told."""

    told: dict[str, datetime] = {}
    """By the documents' names, when what was told was written; of the newest receipts."""
    cluster: str = ""


def publish_receipts(store: Store, target: Target, now: datetime, *, seconds: float = SECONDS) -> SentReceipts:
    """Tell an engine the receipts that it has not been told; what goes wrong with it is told, not raised.

    A document is named by deployment and day, so that sending it again puts it in its own place.

    Raises
    ------
    StoreError
        The home cannot be read or written.
    """
    name = f"receipts {target.name}"
    place = _read_place(store.state.checkpoint(name))
    every = store.receipts.every()[-REMEMBERED:]
    waiting = [one for one in every if place.told.get(_name(one)) != one.written_at]
    if not waiting:
        return SentReceipts(0, 0)
    deadline = Deadline(seconds)
    engine = None
    sent = 0
    try:
        engine = target.open()
        link = target.link(InTime(engine, deadline))
        if link.cluster != place.cluster:  # another engine at the same address has been told nothing
            waiting, place = every, _Place(cluster=link.cluster)
        made: dict[str, Answer] = {}
        problem = ""
        for receipt in waiting:
            if deadline.left <= 0:
                problem = problem or "no time was left"
                break
            try:
                _send(link, receipt, made)
            except ReceiptError as error:  # it keeps none of the others back
                problem = problem or str(error)
                continue
            told = {**place.told, _name(receipt): receipt.written_at}
            place = _Place(dict(list(told.items())[-REMEMBERED:]), link.cluster)
            store.state.put_checkpoint(name, msgspec.to_builtins(place) | {"at": now.isoformat()})
            sent += 1
        return SentReceipts(sent, len(waiting) - sent, problem)
    except StoreError:
        raise
    except OddtrailError as error:
        return SentReceipts(sent, len(waiting) - sent, str(error))
    finally:
        if engine is not None:
            engine.close()


class ReceiptError(OddtrailError):
    """An engine does not take a receipt; says why."""


def _send(link: Link, receipt: Receipt, made: dict[str, Answer]) -> None:
    """Put a receipt, and its index where nobody asked for it yet."""

    def put(path: str, body: Mapping[str, Any]) -> Answer:
        answer: Answer = link.engine.ask("PUT", path, body, timeout=_LONGEST_REQUEST)
        return answer

    index = name_receipts(receipt.day)
    if index not in made:
        made[index] = put(f"/{quote(index)}", make_receipt_index(link.setting.product))
    if made[index].status != 200 and made[index].error[0] != "resource_already_exists_exception":
        raise _refused(link, f"index {index}", made[index])
    answer = put(f"/{quote(index)}/_doc/{quote(_name(receipt), safe='')}", _make_document(receipt))
    if answer.status not in (200, 201):
        raise _refused(link, f"receipt of {receipt.day}", answer)


def _make_document(receipt: Receipt) -> dict[str, Any]:
    told = receipt.as_dict()
    return {"@timestamp": told["start"], **told}


def _name(receipt: Receipt) -> str:
    return f"{receipt.deployment}-{receipt.day}"


def _refused(link: Link, what: str, answer: Answer) -> ReceiptError:
    kind, reason = answer.error
    return ReceiptError(
        f"{link.engine.url.origin} does not take the {what} ({answer.status} {kind} {reason}): use the worker's role "
        "that `oddtrail setup URL` makes"
    )


def _read_place(held: Any) -> _Place:
    """What was noted; what is not ours says nothing, and sending again does no harm."""
    try:
        return msgspec.convert(held or {}, _Place)
    except msgspec.ValidationError:
        return _Place()
