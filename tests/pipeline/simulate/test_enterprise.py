"""An enterprise of 31 accounts: the same roles everywhere, people through one portal, central roles that go round."""

from collections import defaultdict
from pathlib import Path
from typing import Any

import pytest

from pipeline.simulate.company import CampaignPlan, simulate
from pipeline.simulate.enterprise import BASELINE, CENTRAL, HUBS, populate_enterprise
from tests.pipeline.simulate.test_company import START, digest, records

Records = list[dict[str, Any]]


def test_every_account_has_the_roles_of_the_template() -> None:
    company = populate_enterprise(5, 500)
    assert len(company.accounts) == 31
    assert len(company.people) + len(company.machines) == 500
    accounts = defaultdict(set)
    for machine in company.machines:
        accounts[machine.identity.name].add(machine.identity.account)
    for name in (*BASELINE, "landing-zone-posture"):
        assert accounts[name] == set(company.accounts)
    shared = [name for name, held in accounts.items() if name.startswith("app-") and len(held) > 20]
    assert len(shared) >= 7
    assert accounts["app-api-1"].isdisjoint(company.accounts[: len(CENTRAL)])


def test_people_sign_in_through_the_portal_and_central_teams_reach_far() -> None:
    company = populate_enterprise(5, 500)
    behind = [person for person in company.people if person.portal]
    assert len(behind) > 0.85 * len(company.people)
    reach = {p.name: {i.account for _, i in p.identities} for p in behind if p.team in ("platform", "security")}
    assert min(len(accounts) for accounts in reach.values()) >= 9
    sets = {identity.name.split("_")[1] for person in behind for _, identity in person.identities}
    assert len(sets) < 12  # the same permission sets everywhere


@pytest.fixture(scope="module")
def trail(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("enterprise")
    plan = CampaignPlan(loud=1, medium=1, stealthy=1, since=START)
    simulate(out, seed=5, days=2, principals=320, start=START, campaigns=plan, kind="enterprise")
    return out


def test_central_roles_take_the_template_role_of_other_accounts(trail: Path) -> None:
    callers = defaultdict(set)
    for record in records(trail):
        if record["eventName"] == "AssumeRole" and record["userIdentity"]["type"] == "AssumedRole":
            target = record["requestParameters"]["roleArn"]
            callers[target.rpartition("/")[2]].add((record["userIdentity"]["accountId"], target.split(":")[4]))
    for _, template, *_ in HUBS.values():
        homes, targets = zip(*callers[template], strict=True)
        assert len(set(homes)) == 1
        assert len(set(targets)) > 5
        assert not set(homes) & set(targets)


def test_the_same_seed_gives_the_same_bytes(trail: Path, tmp_path: Path) -> None:
    plan = CampaignPlan(loud=1, medium=1, stealthy=1, since=START)
    simulate(tmp_path / "again", seed=5, days=2, principals=320, start=START, campaigns=plan, kind="enterprise")
    assert digest(tmp_path / "again") == digest(trail)
