"""Jobs run at their hours; a hub takes the template's role in one account after the other."""

from datetime import date
from pathlib import Path
from random import Random
from typing import Any

import pytest

from pipeline.simulate.calls import call
from pipeline.simulate.identity import Identity, role
from pipeline.simulate.resources import Resources
from pipeline.simulate.scheduled import Hub, Job, run_hub, run_job, steps
from pipeline.simulate.trail import DAY, Trail
from tests.pipeline.simulate.test_company import records

MONDAY = (date(2025, 1, 6) - date(1970, 1, 1)).days
HOME, OTHERS = "111111111111", ("222222222222", "333333333333", "444444444444")


def a_role(account: str, name: str) -> Identity:
    return role(Random(f"{account} {name}"), account, name)


def a_job(**changes: Any) -> Job:
    work = steps("glue:GetTable s3:GetObject*10/4")
    settings: dict[str, Any] = {
        "identity": a_role(HOME, "nightly"), "family": "etl", "runtime": "java", "calls": [s.made for s in work],
        "weights": [1.0, 1.0], "region": "eu-west-1", "addresses": ["30.4.0.9"], "rate": 11.0, "things": 3,
        "hours": [2.0, 14.0], "steps": work, "session": "GlueJobRunnerSession",
    }  # fmt: skip
    return Job(**settings | changes)


def played(out: Path, what: Job | Hub, day: int = MONDAY, accounts: tuple[str, ...] = (HOME,)) -> list[dict[str, Any]]:
    trail = Trail(out, begin=MONDAY * DAY, end=(MONDAY + 9) * DAY, span=420, choice=Random("delivery"))
    run = run_job if isinstance(what, Job) else run_hub
    run(what, day, Random(f"day {day}"), trail, Resources(1, list(accounts)), MONDAY)  # type: ignore[arg-type]
    trail.deliver(trail.end)
    found = [r for r in records(out) if r["eventName"] != "AssumeRole" or "sessionContext" in r["userIdentity"]]
    return sorted(found, key=lambda record: record["eventTime"])


def test_a_job_does_its_steps_at_its_hours(tmp_path: Path) -> None:
    made = played(tmp_path, a_job())
    assert {record["eventTime"][11:13] for record in made} == {"02", "14"}
    assert {record["eventName"] for record in made} >= {"GetTable", "GetObject"}
    objects = [r for r in made if r["eventName"] == "GetObject"]
    assert len(objects) > 10
    assert len({r["requestParameters"]["bucketName"] for r in objects}) == 4
    assert {r["userIdentity"]["arn"].rpartition("/")[2] for r in objects} == {"GlueJobRunnerSession"}
    assert not any(r["managementEvent"] for r in objects)


@pytest.mark.parametrize(("day", "runs"), [(MONDAY + 4, True), (MONDAY + 5, False), (MONDAY + 6, False)])
def test_a_job_of_workdays_rests_at_weekends(tmp_path: Path, day: int, runs: bool) -> None:
    assert bool(played(tmp_path, a_job(workdays=True), day)) == runs


def test_a_job_is_not_there_before_its_first_day(tmp_path: Path) -> None:
    assert not played(tmp_path, a_job(first=MONDAY + 1))


def test_a_backfill_and_a_permission_bug_show(tmp_path: Path) -> None:
    usual = len(played(tmp_path / "usual", a_job()))
    more = played(tmp_path / "more", a_job(factor={MONDAY: 8.0}, denied={MONDAY: 0.9}))
    assert len(more) > 4 * usual
    assert sum(record.get("errorCode") == "AccessDenied" for record in more) > len(more) / 2


def test_a_hub_takes_the_same_role_everywhere(tmp_path: Path) -> None:
    targets = [a_role(account, "landing-zone-audit") for account in OTHERS]
    work = [call("iam:ListUsers"), call("s3:ListBuckets")]
    hub = Hub(
        identity=a_role(HOME, "security-audit-runner"), family="central", runtime="lambda-python", calls=work,
        weights=[], region="eu-west-1", addresses=["30.4.0.9"], rate=9.0, things=1, hours=[6.0], targets=targets,
        work=work, each=(2, 2),
    )  # fmt: skip
    made = played(tmp_path, hub, accounts=(HOME, *OTHERS))
    inside = [r for r in made if r["eventName"] in ("ListUsers", "ListBuckets")]
    assert {r["userIdentity"]["accountId"] for r in inside} == set(OTHERS)
    assert {r["userIdentity"]["sessionContext"]["sessionIssuer"]["userName"] for r in inside} == {"landing-zone-audit"}
    assert len(inside) == 2 * len(OTHERS)
    asked = [r for r in made if r["eventName"] == "AssumeRole" and r["recipientAccountId"] == HOME]
    assert {r["requestParameters"]["roleArn"] for r in asked} == {target.arn for target in targets}
