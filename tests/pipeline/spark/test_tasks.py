"""Files are divided so that many machines have something to do, and tasks keep their names while their files do."""

import os
from collections import Counter
from pathlib import Path

import pytest

from pipeline.ingest.sources import Sources
from pipeline.sources.address import Access
from pipeline.sources.bucket import Objects, make_source
from pipeline.spark.tasks import Foreign, NotAFileError, Task, check_sources, divide
from tests.pipeline.ingest.records import ACCOUNT, a_name, a_record, envelope, write, write_bucket

OTHER = "444455556666"


def tasks(folder: Path, making: str = "m", **named) -> list[Task]:
    return list(divide(Sources([folder]), making, Foreign(Counter()), **named))


def age(folder: Path) -> None:
    """Make files so old that nobody writes to them."""
    for path in folder.rglob("*.*"):
        os.utime(path, ns=(10**18, 10**18))


def test_an_account_with_half_of_all_files_is_many_tasks(tmp_path):
    write_bucket(tmp_path, files=30, each=20)
    write(tmp_path / a_name(account=OTHER), envelope(a_record()))
    made = tasks(tmp_path, most_bytes=2_000)
    assert len([task for task in made if f"/{ACCOUNT}/" in task.files[0].rank]) > 10
    assert max(task.bytes for task in made) < 6_000
    assert sum(len(task.files) for task in made) == 31


def test_a_task_is_of_one_account_and_day_and_keeps_its_name_when_others_come(tmp_path):
    write_bucket(tmp_path, files=6, each=1)
    age(tmp_path)
    before = {task.id for task in tasks(tmp_path)}
    assert len(before) == 3
    write(tmp_path / a_name("20260302T2300Z"), envelope(a_record()))
    write(tmp_path / a_name(account=OTHER), envelope(a_record()))
    after = {task.id for task in tasks(tmp_path)}
    assert len(before & after) == 2
    assert len(after) == 4


def test_another_way_of_making_rows_is_another_task(tmp_path):
    write_bucket(tmp_path, files=1, each=1)
    assert tasks(tmp_path)[0].id != tasks(tmp_path, "n")[0].id


def test_a_file_that_was_changed_is_another_task(tmp_path):
    path = write(tmp_path / a_name(), envelope(a_record()))
    before = tasks(tmp_path)[0].id
    write(path, envelope(a_record(), a_record()))
    assert tasks(tmp_path)[0].id != before


def test_ranks_are_in_the_order_of_the_listing(tmp_path):
    write_bucket(tmp_path / "b", files=9, each=1)
    write(tmp_path / "a" / a_name("20260305T0000Z", account=OTHER), envelope(a_record()))
    write(tmp_path / "named.json", envelope(a_record()))
    listed = Sources([tmp_path / "b", tmp_path / "a", tmp_path / "named.json"])
    ranks = [file.rank for task in divide(listed, "m", Foreign(Counter())) for file in task.files]
    assert ranks == sorted(ranks)
    assert len(set(ranks)) == 11


def test_what_is_none_of_cloudtrails_is_counted_and_makes_no_task(tmp_path):
    write(tmp_path / f"AWSLogs/{ACCOUNT}/Config/us-east-1/2026/3/8/ConfigHistory/x_Config_y.json.gz", b"{}")
    foreign = Foreign(Counter())
    assert list(divide(Sources([tmp_path]), "m", foreign)) == []
    assert foreign.names == {"AWS Config": 1}


def test_an_object_is_opened_with_the_rights_of_its_address():
    objects = Objects("trail", Access("arn:aws:iam::111122223333:role/reader", "x", "eu-west-1"))
    [task] = divide([make_source(objects, a_name(), etag="e", size=7)], "m", Foreign(Counter()))
    source = task.files[0].source()
    assert (source.key, source.etag, source.size) == (a_name(), "e", 7)
    assert source.objects.access == objects.access
    assert source.delivery.account == ACCOUNT


@pytest.mark.parametrize("given", ["-", "sqs://eu-west-1/111122223333/trail?bucket=my-trail/AWSLogs/"])
def test_what_other_machines_cannot_read_is_refused(given):
    with pytest.raises(NotAFileError, match="other machines can read"):
        check_sources(["trail/", given])
