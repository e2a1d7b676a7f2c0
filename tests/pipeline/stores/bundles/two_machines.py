"""A trainer that signs with its own key, and a worker that trusts its public half."""

from pathlib import Path

import pytest

from models.model import Model
from models.priors import AttackPriors
from pipeline.datafiles import read_attack_priors
from pipeline.settings import Settings
from pipeline.stores.bundles.folder import Bundles
from pipeline.stores.bundles.pair import KeyFile

PRIORS = AttackPriors.from_dict(read_attack_priors())


def serve(bundles: Bundles, day: int) -> str:
    """Publish a model of a day and put it in service; its folder's name."""
    name = bundles.publish(Model(day, PRIORS)).path.name
    bundles.change(lambda found: found.promote(name))
    return name


@pytest.fixture
def key(tmp_path: Path) -> KeyFile:
    made = KeyFile(tmp_path / "signing.pem")
    made.make()
    return made


@pytest.fixture
def trainer(tmp_path: Path, key: KeyFile) -> Bundles:
    bundles = Bundles.of(Settings(home=tmp_path / "trainer", signing_key=str(key.path)))
    serve(bundles, 20_500)
    return bundles


@pytest.fixture
def worker(tmp_path: Path, key: KeyFile) -> Bundles:
    return Bundles.of(Settings(home=tmp_path / "worker", trusted_keys=(key.public.text,)))
