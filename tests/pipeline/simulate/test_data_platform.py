"""A data platform: few people, most of its trail data events of S3 and keys, its jobs by the clock."""

from collections import Counter, defaultdict
from pathlib import Path

import pytest

from pipeline.simulate.company import simulate
from pipeline.simulate.data_platform import populate_platform
from pipeline.simulate.scheduled import Job
from tests.pipeline.simulate.test_company import START, digest, records


def test_one_in_five_is_a_person_and_the_rest_is_mostly_jobs() -> None:
    company = populate_platform(5, 170)
    assert len(company.people) + len(company.machines) == 170
    assert len(company.people) == 34
    assert sum(isinstance(machine, Job) for machine in company.machines) > 100
    assert len(company.accounts) == 5
    assert len({machine.principal_key for machine in company.machines}) == len(company.machines)


@pytest.fixture(scope="module")
def trail(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("platform")
    simulate(out, seed=5, days=2, principals=40, start=START, campaigns=None, kind="data platform")
    return out


def test_most_of_its_trail_is_objects_and_keys(trail: Path) -> None:
    services = Counter(record["eventSource"].partition(".")[0] for record in records(trail))
    assert services["s3"] + services["kms"] > sum(services.values()) / 2
    assert services.keys() >= {"glue", "athena", "states", "redshift-data", "lakeformation"}


def test_a_job_comes_at_the_same_hours_every_day(trail: Path) -> None:
    hours: dict[str, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    for record in records(trail):
        if str(record["userIdentity"].get("arn", "")).endswith("GlueJobRunnerSession"):
            hours[record["userIdentity"]["arn"]][record["eventTime"][:10]].add(record["eventTime"][11:13])
    assert hours
    for by_day in hours.values():
        assert len(set.union(*by_day.values())) <= 3  # one run, which may pass the hour; it starts within 90 seconds


def test_the_same_seed_gives_the_same_bytes(trail: Path, tmp_path: Path) -> None:
    simulate(tmp_path / "again", seed=5, days=2, principals=40, start=START, campaigns=None, kind="data platform")
    assert digest(tmp_path / "again") == digest(trail)
