"""A home's bundles, and one that was published."""

from pathlib import Path

import pytest

from models.model import Model
from models.priors import AttackPriors
from pipeline.datafiles import read_attack_priors
from pipeline.stores.bundles.folder import Bundles
from pipeline.stores.bundles.reading import BundleInfo
from tests.pipeline.stores.bundles.two_machines import key, trainer, worker

__all__ = ["key", "trainer", "worker"]

PRIORS = AttackPriors.from_dict(read_attack_priors())


@pytest.fixture
def bundles(tmp_path: Path) -> Bundles:
    return Bundles(tmp_path)


@pytest.fixture
def published(bundles: Bundles) -> BundleInfo:
    return bundles.publish(Model(20_500, PRIORS))
