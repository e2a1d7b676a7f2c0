"""Whether a model can be made again: what it was made of, and whether it is as it was signed."""

from importlib.metadata import PackageNotFoundError, version
from typing import Any, Final

import pandas as pd

from pipeline.datafiles import read_attack_priors
from pipeline.errors import ModelError
from pipeline.reports.inert_frame import inert_frame
from pipeline.reports.model_health import Health
from pipeline.reports.models_kept import read_learnt
from pipeline.stores.bundles.reading import BundleInfo
from pipeline.text.plural import plural

LIBRARIES: Final = ("oddtrail", "duckdb", "numpy", "pyarrow", "scikit-learn", "scipy")
"""Packages whose arithmetic decides what is learnt."""
_MADE_OF: Final = {
    "making": "names the code, libraries, attack priors and settings that decide what is learnt",
    "first_day": "the first day that it learnt",
    "activity": "names the activity that had become known",
    "alerts": "names the alerts that were raised on days that it learnt",
    "declared": "names what people had declared usual, or kept out of learning",
}


def check_champion(health: Health) -> pd.DataFrame:
    """What the model in service was made of, and whether it is whole: the same of all makes the same model, to the bit.

    Returns
    -------
    DataFrame
        A row a fact: `fact`, `value`, and `meaning`. The first rows are `model_id` and `signature`: "holds", or what
        is wrong; no row where no model is kept.
    """
    info = _find_champion(health)
    if info is None:
        return pd.DataFrame(columns=["fact", "value", "meaning"])
    manifest: dict[str, Any] = {}
    try:
        manifest = health.bundles.describe(info)
        holds = "holds"
    except (ModelError, OSError) as error:
        holds = str(error)
    files = plural(len(manifest.get("files", ())), "file")
    rows = [
        ("model_id", info.model_id, "the day it judges from, and a digest of what it knows"),
        ("signature", holds, f"{files} held against a manifest that a trusted key signed"),
    ]  # fmt: skip
    note = manifest.get("note")
    if isinstance(note, dict):
        rows += [(name, str(note.get(name, "")), meaning) for name, meaning in _MADE_OF.items()]
    learnt = read_learnt(health.bundles, info) if manifest else None
    if learnt is not None:
        here = str(read_attack_priors().get("version", ""))
        same = "as this version has" if learnt.priors == here else f"this version has {here}: train anew"
        rows += [
            ("seed", str(learnt.seed), "of what is drawn at random"),
            ("detectors", ", ".join(learnt.detectors), "models of vectors"),
            ("attack priors", learnt.priors, same),
        ]
    settings = health.settings
    rows += [
        ("timezone", settings.timezone, "setting: whose days are judged"),
        ("lateness", f"{plural(settings.lateness_minutes, 'minute')}", "setting: how late a delivery may be"),
        ("budget", "off" if settings.budget is None else f"{settings.budget:g} a day", "setting; no part of the model"),
        *((name, _version(name), "version that is installed here") for name in LIBRARIES),
    ]
    return inert_frame(pd.DataFrame(rows, columns=["fact", "value", "meaning"]), longest=400)


def _find_champion(health: Health) -> BundleInfo | None:
    """The model in service, else the newest there is."""
    try:
        served = health.bundles.serving()
    except ModelError:
        served = []
    every = served or health.bundles.every()
    return every[-1] if every else None


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "not installed"
