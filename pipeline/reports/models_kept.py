"""The trained models that a home keeps: which serve, whether they are whole, how much they know, what the gate said.

Every function takes what `pipeline.reports.model_health.open_health` read.
"""

from typing import Final

import pandas as pd

from models.learnt import FILES, Learnt, count_learnt
from models.seal import BundleError
from pipeline.errors import ModelError
from pipeline.reports.inert_frame import inert_frame
from pipeline.reports.model_health import Health
from pipeline.stores.bundles.folder import Bundles
from pipeline.stores.bundles.in_service import InService
from pipeline.stores.bundles.reading import BundleInfo


def list_models(health: Health) -> pd.DataFrame:
    """Trained models that are kept.

    Returns
    -------
    DataFrame
        A row a model, the newest first: `model_id`, `day` it judges from, `state` (champion, in service, set aside, not
        in service), `why` (it was set aside), `megabytes`, and `signed`: its manifest is signed with a key that is
        trusted.
    """
    served = _served(health)
    rows = []
    for info in reversed(health.bundles.every()):
        name, told = info.path.name, info.as_dict()
        rows.append(
            {
                "model_id": info.model_id,
                "day": pd.Timestamp(info.day),
                "state": _say_state(served, name),
                "why": served.aside.get(name, "") if served else "",
                "megabytes": told["bytes"] / 1e6,
                "signed": _is_signed(health.bundles, info),
            }
        )
    columns = ["model_id", "day", "state", "why", "megabytes", "signed"]
    return inert_frame(pd.DataFrame(rows, columns=columns), longest=400)


def compare_learnt(health: Health) -> pd.DataFrame:
    """How much the newest trained model knows, beside the one trained before it.

    Returns
    -------
    DataFrame
        A row a number: `what` (days, principals, kinds, groups, values by dimension …), `now`, `before` and `change`;
        where no other trained model is kept, or it is of another version, those are missing. No row where no model can
        be read.
    """
    found = [learnt for info in reversed(health.bundles.every()) if (learnt := read_learnt(health.bundles, info))]
    if not found:
        return pd.DataFrame(columns=["what", "now", "before", "change"])
    now = _numbers(found[0])
    before = _numbers(found[1]) if len(found) > 1 else {}
    rows = pd.DataFrame({"what": [*dict.fromkeys([*now, *before])]})
    rows["now"] = [float(now.get(name, 0)) for name in rows["what"]]
    rows["before"] = [float(before.get(name, 0)) if before else float("nan") for name in rows["what"]]
    rows["change"] = rows["now"] - rows["before"]
    return inert_frame(rows)


def read_learnt(bundles: Bundles, info: BundleInfo) -> Learnt | None:
    """How much a trained model knows; None where it cannot be read."""
    try:
        return count_learnt(bundles.beside(info, FILES))
    except (ModelError, BundleError, OSError):
        return None


def list_decisions(health: Health, most: int = 20) -> pd.DataFrame:
    """What was told of models: refused, promoted, taken back, not opened.

    Returns
    -------
    DataFrame
        A row an event, the newest first: `at`, `what`, `model_id`, `text`.
    """
    told = [event for event in health.operations if str(event.get("kind", "")).startswith("model_")]
    rows = [
        (str(event.get("at", "")), str(event["kind"]), str(event.get("model_id", "")), str(event.get("text", "")))
        for event in told[-most:][::-1]
    ]
    return inert_frame(pd.DataFrame(rows, columns=["at", "what", "model_id", "text"]), longest=1000)


def show_gate(health: Health) -> pd.DataFrame:
    """What the gate measured when it last refused a model; nothing is kept of those that it let pass.

    Returns
    -------
    DataFrame
        A row a figure: `model_id`, `figure`, `now`, `was` (of the one in service), `bound` (what is right), `passed`;
        none where it refused none.
    """
    refused = [event for event in health.operations if event.get("kind") == "model_refused" and event.get("figures")]
    rows = [
        (
            str(refused[-1].get("model_id", "")),
            str(figure.get("name", "")),
            _write_figure(figure.get("now")),
            _write_figure(figure.get("was")),
            str(figure.get("bound", "")),
            bool(figure.get("passed")),
        )
        for figure in (refused[-1]["figures"] if refused else [])[:20]
        if isinstance(figure, dict)
    ]
    return inert_frame(pd.DataFrame(rows, columns=["model_id", "figure", "now", "was", "bound", "passed"]))


def _write_figure(value: object) -> str:
    """A figure as it was measured; empty where it could not be asked."""
    return "" if value is None else str(value)


def _numbers(learnt: Learnt) -> dict[str, int]:
    """A model's numbers by what they count, the long lists cut."""
    numbers = {
        "days learnt": learnt.learnt_days,
        "days judged": learnt.judged_days,
        "accounts": learnt.accounts,
        "principals": learnt.principals,
        "principals active in four weeks": learnt.active,
        "principals new in a week": learnt.new,
        "peer groups": len(learnt.groups),
        "values": sum(learnt.values.values()),
    }
    numbers |= {f"principals: {kind}": count for kind, count in learnt.kinds.items()}
    return numbers | {f"values: {name}": count for name, count in [*learnt.values.items()][:_MOST_DIMENSIONS]}


_MOST_DIMENSIONS: Final = 40


def _served(health: Health) -> InService | None:
    """What is in service; None where that cannot be told."""
    try:
        return health.bundles.in_service()
    except ModelError:
        return None


def _say_state(served: InService | None, name: str) -> str:
    if served is None:
        return "unknown"
    if name in served.serving:
        return "champion" if name == served.serving[-1] else "in service"
    return "set aside" if name in served.aside else "not in service"


def _is_signed(bundles: Bundles, info: BundleInfo) -> bool:
    try:
        bundles.check(info, bundles.manifest(info))
    except (ModelError, OSError):
        return False
    return True
