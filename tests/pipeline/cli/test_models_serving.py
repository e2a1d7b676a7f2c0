"""`oddtrail models` as people call it: compare, promote, rollback, keygen, public-key."""

from pathlib import Path

import pytest

from pipeline.cli.models_serving import choose_id
from pipeline.cli.session import Session
from pipeline.detect.trainer import train
from pipeline.errors import ModelError
from pipeline.ingest.run import ingest
from pipeline.settings import Settings
from pipeline.stores.bundles.folder import Bundles
from pipeline.stores.home import open_store
from tests.pipeline.cli.commands import answer, run
from tests.pipeline.detect.conftest import DAYS, NOW, settings_of
from tests.worlds import a_company, a_trail


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with two models in service."""
    folder = tmp_path_factory.mktemp("serving")
    trail = a_trail(folder / "trail", a_company(days=DAYS, people=3, roles=2))
    with open_store(folder / "home") as store:
        ingest([trail], store.events, now=NOW)
        for _ in range(2):
            train(store, settings_of(store.home), NOW)
    return folder / "home"


def ids(home: Path) -> list[str]:
    return [model["model_id"] for model in answer("models", "list", "--home", home)["models"]]


def states(home: Path) -> list[tuple[str, bool]]:
    return [(model["state"], model["champion"]) for model in answer("models", "list", "--home", home)["models"]]


def test_compare_says_every_figure_of_both(home):
    first, second = ids(home)
    told = answer("models", "compare", first, second, "--home", home)
    assert (told["old"], told["new"], told["passed"], told["why"]) == (first, second, True, "")
    names = [figure["name"] for figure in told["figures"]]
    assert names == [
        "numbers", "active_principals", "calibration", "alerts_a_day", "rank_agreement", "planted_attacks",
    ]  # fmt: skip
    assert all(set(figure) == {"name", "now", "was", "bound", "passed"} for figure in told["figures"])
    shown = run("models", "compare", first[:9], second[:9], "--home", home)
    assert "planted attacks" in shown.stdout
    assert f"Model {second} may serve in its place." in shown.stdout


def test_rollback_and_promote_move_the_champion(home):
    first, second = ids(home)
    assert states(home) == [("in service", False), ("in service", True)]
    assert answer("models", "rollback", "--home", home) == {"taken_out": second, "in_service": first}
    assert states(home) == [("in service", True), ("set aside: by hand, rolled back", False)]
    assert "set aside" in run("models", "list", "--home", home).stdout
    again = run("models", "rollback", "--home", home)
    assert again.exit_code == 1
    assert "models promote ID" in again.stderr
    assert answer("models", "promote", second[:8], "--home", home) == {"model_id": second, "set_aside": []}
    assert answer("models", "promote", first, "--home", home) == {"model_id": first, "set_aside": [second]}
    assert f"Model {second} is in service." in run("models", "promote", second, "--home", home).stdout


@pytest.mark.parametrize(
    "command", [("promote", "9"), ("promote", "2"), ("compare", "9", "9"), ("show", "9"), ("show", "2")]
)
def test_an_id_of_none_or_of_several_is_told(home, command):
    result = run("models", *command, "--home", home)
    assert result.exit_code == 1
    assert "ids start with" in result.stderr or "no model's id starts with" in result.stderr


def test_a_whole_id_is_that_models_though_it_begins_anothers():
    known = ["20516-3f", "20516-3f9ac2", "20516-3f9ac2", "20515-1c"]
    chosen = {start: choose_id(Session(), known, start) for start in ("20516-3f", "20516-3f9", "20515")}
    assert chosen == {"20516-3f": "20516-3f", "20516-3f9": "20516-3f9ac2", "20515": "20515-1c"}
    with pytest.raises(ModelError, match="2 models' ids start with '20516': give more of one, as in 20516-3f"):
        choose_id(Session(), known, "20516")


def test_a_pair_is_made_and_its_public_half_printed(tmp_path):
    path = tmp_path / "signing.pem"
    made = answer("models", "keygen", path, "--home", tmp_path / "home")
    assert (made["kind"], made["private"]) == ("ed25519", str(path))
    told = answer_with("models", "public-key", "--home", tmp_path / "home", ODDTRAIL_SIGNING_KEY=str(path))
    assert made["trusted_keys"] in told
    assert run("models", "keygen", path, "--home", tmp_path / "home").exit_code == 1
    result = run("models", "public-key", "--home", tmp_path / "home")
    assert (result.exit_code, "signing_key is not set" in result.stderr) == (1, True)


def answer_with(*arguments: object, **environment: str) -> str:
    result = run(*arguments, **environment)
    assert result.exit_code == 0, result.stderr
    return result.stdout.replace("\n", "")


def test_a_home_with_public_keys_changes_nothing(home, tmp_path):
    key = answer("models", "keygen", tmp_path / "signing.pem", "--home", home)["trusted_keys"]
    result = run("models", "rollback", "--home", home, ODDTRAIL_TRUSTED_KEYS=key)
    assert result.exit_code == 1
    settings = Settings(home=home, trusted_keys=(key,))
    assert not any(Bundles.of(settings).is_whole(info) for info in Bundles.of(settings).every())
