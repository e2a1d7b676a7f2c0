"""Models of a home of which every text attacks whoever looks at it, as if the key that signs them were stolen."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any, cast

from models.learnt import Learnt
from pipeline.errors import ModelError
from pipeline.reports.model_health import Health, open_health
from pipeline.stores.bundles.folder import Bundles
from pipeline.stores.bundles.in_service import InService
from pipeline.stores.bundles.reading import BundleInfo
from pipeline.stores.jsonl.operations import OPERATIONS_FILE, OperationsJsonl
from tests.pipeline.cli.homes import NINE
from tests.pipeline.page.browser.hostile import TEXTS


@dataclass(frozen=True)
class HostileBundles:
    """Stands in for `Bundles`: one a text, each in a folder of its own; the newest is damaged where that is asked."""

    folder: Path
    damaged: bool = False

    def every(self) -> list[BundleInfo]:
        """A bundle a text."""
        found = [BundleInfo(date(2026, 3, 2), text, self.folder / f"{n}") for n, text in enumerate(TEXTS)]
        for info in found:
            info.path.mkdir(exist_ok=True)
        return found

    serving = every

    def in_service(self) -> InService:
        """All are set aside, for what attacks."""
        return InService(aside={info.path.name: info.model_id for info in self.every()})

    def manifest(self, info: BundleInfo) -> Mapping[str, Any]:
        """What it says of what it was made of."""
        note = dict.fromkeys(("making", "first_day", "activity", "alerts", "declared"), info.model_id)
        return {"files": [info.model_id], "note": note}

    def check(self, info: BundleInfo, manifest: Mapping[str, Any]) -> None:
        """None is signed."""
        raise ModelError(info.model_id)

    def describe(self, info: BundleInfo) -> Mapping[str, Any]:
        """The manifest, where it is not damaged."""
        if self.damaged:
            raise ModelError(info.model_id)
        return self.manifest(info)


def learn_hostile(bundles: Bundles, info: BundleInfo) -> Learnt:
    """What such a model knows (`pipeline.reports.models_kept.read_learnt`)."""
    counts = dict.fromkeys(TEXTS, 1)
    return Learnt(
        day=20514, learnt_days=9, judged_days=9, principals=9, active=9, new=1, kinds=counts, groups=counts,
        values=counts, accounts=1, seed=0, detectors=tuple(TEXTS), priors=info.model_id,
    )  # fmt: skip


def a_hostile_health(home: Path, folder: Path, *, damaged: bool = False) -> Health:
    """What is known of the models of a home that was judged, every text of it an attack.

    Parameters
    ----------
    folder
        Gets the folders of the models.
    damaged
        The model in service is.
    """
    operations = OperationsJsonl(folder / OPERATIONS_FILE)
    for text in TEXTS:
        figure = {"name": text, "now": text, "was": text, "bound": text, "passed": False}
        operations.add("model_refused", NINE, text, model_id=text, figures=[figure] * 2)
    bundles = cast("Bundles", HostileBundles(folder, damaged))
    return replace(open_health(home), operations=operations.every(), bundles=bundles)
