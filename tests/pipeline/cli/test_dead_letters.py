"""`oddtrail dead-letters`: what could not be indexed is shown bounded, inert, without secrets, wherever it is kept."""

import json
import random
from collections.abc import Iterator
from pathlib import Path

import pytest

from pipeline.cli.index import DEAD_LETTERS
from pipeline.delivery import box
from pipeline.delivery.aws_dead_letters import open_dead_letters
from pipeline.delivery.box import read_place
from pipeline.delivery.dead_letter import DeadLetter, FolderDeadLetters
from tests.pipeline.cli.commands import answer, run
from tests.pipeline.cli.korean import tell
from tests.pipeline.delivery.doors import s3_event
from tests.pipeline.ingest.records import a_name, a_record, envelope, write
from tests.records import raw as raw_of
from tests.servers.aws import Aws, aws, moto_url  # noqa: F401
from tests.servers.sham import Sham, sham

ODD = "\x1b]0;owned\x07[/x][link=file:///etc/passwd]\u202e\ud800"


def put(home: Path, *letters: DeadLetter) -> None:
    FolderDeadLetters(home / DEAD_LETTERS).put(letters)


def a_letter(raw: bytes = b"{}", reason: str = "400 mapper_parsing_exception", **fields: str) -> DeadLetter:
    return DeadLetter(reason, "2026-03-02T09:00:00Z", fields.get("origin", "a.json"), raw, fields.get("event_id", "e"))


def test_nothing_is_shown_where_nothing_is(tmp_path: Path) -> None:
    assert run("dead-letters", "list", "--home", tmp_path).stdout == "No dead letters.\n"
    assert answer("dead-letters", "list", "--home", tmp_path)["letters"] == []


def test_hostile_letters_are_inert_and_bounded(tmp_path: Path) -> None:
    put(tmp_path, a_letter(ODD.encode("utf-8", "replace") * 99_999, ODD * 999, origin=ODD * 999, event_id=ODD * 999))
    shown = run("dead-letters", "list", "--home", tmp_path)
    assert shown.exit_code == 0
    assert not {"\x1b", "\x07", "\u202e"} & set(shown.stdout)
    assert len(shown.stdout) < 20_000
    as_json = run("dead-letters", "list", "--home", tmp_path, "--json").stdout
    assert not {"\x1b", "\x07", "\u202e"} & set(as_json)
    assert len(as_json) < 100_000


def test_the_oldest_are_shown_and_all_are_counted(tmp_path: Path) -> None:
    put(tmp_path, *(a_letter(b"x" * 10, f"reason {n % 3}", event_id=f"e{n}") for n in range(30)))
    told = answer("dead-letters", "list", "--home", tmp_path, "--limit", 4)
    assert [letter["event_id"] for letter in told["letters"]] == ["e0", "e1", "e2", "e3"]
    assert (told["total"], told["bytes"]) == (30, 300)
    assert told["reasons"] == {"reason 0": 10, "reason 1": 10, "reason 2": 10}
    assert (
        "30 dead letters; these are the oldest 4"
        in run("dead-letters", "list", "--home", tmp_path, "--limit", 4).stdout
    )
    told = tell("dead-letters", "list", "--home", tmp_path, "--limit", 4, names=("reason", "e0", "json")).stdout
    assert "실패 문서 30건, 그중 가장 오래된 4건." in told


def test_a_record_is_shown_without_its_secrets(tmp_path: Path) -> None:
    raw = json.dumps({"eventName": "CreateLoginProfile", "requestParameters": {"password": "hunter2hunter2"}}).encode()
    put(tmp_path, a_letter(raw))
    assert "hunter2hunter2" not in run("dead-letters", "list", "--home", tmp_path, "--json").stdout


def test_a_letter_that_has_only_a_beginning_does_not_look_whole(tmp_path: Path) -> None:
    put(tmp_path, DeadLetter("gzip is truncated", "2026-03-02T00:00:00Z", "a.json.gz", b"x", cut=True))
    assert "only its beginning" in " ".join(run("dead-letters", "list", "--home", tmp_path).stdout.split())
    [letter] = answer("dead-letters", "list", "--home", tmp_path)["letters"]
    assert letter["cut"] is True


def test_a_folder_of_ones_own_is_used(tmp_path: Path) -> None:
    FolderDeadLetters(tmp_path / "own").put([a_letter()])
    told = answer("dead-letters", "list", "--home", tmp_path, "--dead-letters", tmp_path / "own")
    assert told["total"] == 1


@pytest.mark.parametrize("line", [b"{}", b"not json", b'{"raw": "%%", "reason": "", "at": "", "origin": ""}'])
def test_a_damaged_line_is_named(tmp_path: Path, line: bytes) -> None:
    put(tmp_path, a_letter())
    [file] = (tmp_path / DEAD_LETTERS).iterdir()
    file.write_bytes(file.read_bytes() + line + b"\n")
    result = run("dead-letters", "list", "--home", tmp_path)
    assert (result.exit_code, result.stdout) == (1, "")
    assert f"{file.name}, line 2" in result.stderr


# in AWS


@pytest.fixture
def engine() -> Iterator[Sham]:
    with sham() as running:
        yield running


@pytest.fixture(params=["bucket", "queue", "both"])
def place(request: pytest.FixtureRequest, aws: Aws) -> str:  # noqa: F811
    """A place in AWS as somebody writes it."""
    queue, bucket = aws.queue().replace("http://", "sqs://"), f"s3://{aws.bucket()}/dead-letters/"
    return {"bucket": bucket, "queue": queue, "both": f"{queue} {bucket}"}[str(request.param)]


def put_in_aws(place: str, *letters: DeadLetter) -> None:
    open_dead_letters(read_place(place)).put(letters)


def test_no_more_letters_of_aws_are_read_than_are_printed_and_nothing_changes(
    place: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put_in_aws(place, *(a_letter(b"x" * 10, f"reason {n % 3}", event_id=f"e{n}") for n in range(30)))
    asked: list[str] = []
    ask = box.ask

    def spy(where: str, service: str, action: str, *more: str, **given: object) -> object:
        asked.append(action)
        return ask(where, service, action, *more, **given)

    monkeypatch.setattr(box, "ask", spy)
    line = ("dead-letters", "list", "--home", tmp_path, "--dead-letters", place, "--limit", 4)
    for _ in range(2):
        told = answer(*line)
        assert (len(told["letters"]), told["read"], told["total"], told["bytes"]) == (4, 4, 30, 40)
        assert sum(told["reasons"].values()) == 4
    assert asked.count("get_object") <= 8
    assert not any(action.startswith(("delete", "put", "send")) for action in asked)
    assert "30 dead letters; these are 4. " in run(*line).stdout
    assert answer(*line[:-2])["read"] == 30, "whoever looks hides nothing from whoever looks next"


def test_hostile_letters_of_aws_are_inert_and_bounded(place: str, tmp_path: Path) -> None:
    odd = ODD.replace("\ud800", "")
    put_in_aws(place, a_letter(odd.encode() * 9_999, odd * 999, origin=odd * 999, event_id=odd * 999))
    box_of = open_dead_letters(read_place(place)).box
    box_of.put([json.dumps({"reason": 7, "raw": odd}).encode(), odd.replace("\x1b", "").replace("\x07", "").encode()])
    line = ("dead-letters", "list", "--home", tmp_path, "--dead-letters", place)
    shown, as_json = run(*line), run(*line, "--json")
    assert (shown.exit_code, as_json.exit_code) == (0, 0), shown.output + as_json.output
    assert not {"\x1b", "\x07", "\u202e"} & set(shown.stdout + as_json.stdout)
    assert len(shown.stdout) < 20_000
    assert len(as_json.stdout) < 100_000
    assert json.loads(as_json.stdout)["total"] == 3


def test_a_replay_from_aws_removes_only_what_is_indexed(place: str, tmp_path: Path, engine: Sham) -> None:
    good, refused, two = a_record(), a_record(), [a_record(), a_record()]
    noise = random.Random(0).randbytes(20_000 if "s3://" not in place else 1_500_000).hex()
    large = a_record(requestParameters={"noise": noise})
    raws = [raw_of(good), raw_of(refused), envelope(*two), b'{"eventName":', raw_of(s3_event()), raw_of(large)]
    put_in_aws(place, *map(a_letter, raws))
    engine.refuses = lambda document: "odd" if document["event"]["id"] == refused["eventID"] else ""
    line = ("--dead-letters", place, "--home", tmp_path)
    to = ("--to", engine.url, "--retention", "5000d")
    told = answer("dead-letters", "replay", *line, *to)
    assert (told["letters"], told["removed"], told["stayed"], told["indexed"]) == (6, 3, 3, 4)
    assert told["dead_letters_in"]
    stays = sorted(letter.raw for _, letter in open_dead_letters(read_place(place)).read())
    assert stays == sorted([raws[1], raws[3], raws[4]])
    assert engine.ids == sorted(record["eventID"] for record in (good, *two, large))


def test_a_replay_that_the_engine_ends_leaves_what_is_not_indexed(
    place: str, tmp_path: Path, engine: Sham, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pipeline.delivery.replay._MOST", 2)
    put_in_aws(place, *(a_letter(raw_of(a_record())) for _ in range(5)))
    engine.scripts = [lambda ids: None]
    engine.always = lambda ids: (403, {"error": {"type": "security_exception", "reason": "no permissions"}})
    line = ("dead-letters", "replay", "--dead-letters", place, "--home", tmp_path, "--to", engine.url)
    line = (*line, "--retention", "5000d")
    assert run(*line).exit_code == 1
    store = open_dead_letters(read_place(place))
    assert len(engine.held) == 2
    assert len(list(store.read())) == 3
    store.release()
    engine.always = None
    assert answer(*line)["removed"] == 3
    assert answer(*line)["letters"] == 0


def test_what_index_cannot_index_may_be_kept_in_aws(place: str, tmp_path: Path, engine: Sham) -> None:
    write(tmp_path / "in" / a_name(), envelope(a_record(), b'{"eventName":'))
    line = ("--dead-letters", place, "--home", tmp_path / "home")
    assert answer("index", tmp_path / "in", "--to", engine.url, "--retention", "5000d", *line)["dead_letters"] == 1
    assert answer("dead-letters", "list", *line)["total"] == 1


@pytest.mark.parametrize(
    ("there", "said"),
    [
        ("https://example.com", "neither a queue's URL nor s3://bucket/prefix"),
        ("s3://no-such-bucket-of-ours/x", "cannot be used (NoSuchBucket)"),
        ("sqs://sqs.eu-west-1.amazonaws.com/123456789012/nowhere", "cannot be used ("),
    ],
)
def test_a_place_that_is_none_is_said_in_one_line(aws: Aws, tmp_path: Path, there: str, said: str) -> None:  # noqa: F811
    result = run("dead-letters", "list", "--home", tmp_path, "--dead-letters", there)
    assert (result.exit_code, result.stdout) == (1, "")
    [line] = result.stderr.splitlines()
    assert said in line
