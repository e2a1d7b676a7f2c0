"""What every shared place promises."""

import pytest

from pipeline.shared.place import ABSENT, ChangedError, PlaceError, open_place


def test_what_is_put_is_there_and_has_another_tag_when_it_is_another(address):
    place = open_place(address)
    assert place.get("a/b.json", 10) is None
    place.put("a/b.json", b"one")
    first = place.get("a/b.json", 3)
    assert first.content == b"one"
    place.put("a/b.json", b"two")
    second = place.get("a/b.json", 3)
    assert (second.content, second.tag != first.tag) == (b"two", True)
    assert open_place(address).get("a/b.json", 3) == second


def test_what_changed_meanwhile_is_not_written_over(address):
    place = open_place(address)
    place.put("list", b"one", ABSENT)
    with pytest.raises(ChangedError, match="meanwhile"):
        place.put("list", b"two", ABSENT)
    tag = place.get("list", 9).tag
    place.put("list", b"two", tag)
    with pytest.raises(ChangedError, match="meanwhile"):
        place.put("list", b"three", tag)
    with pytest.raises(ChangedError):
        place.put("another", b"one", tag)
    assert place.get("list", 9).content == b"two"


def test_what_is_removed_is_gone_and_what_lies_beside_it_stays(address):
    place = open_place(address)
    assert list(place.names("a")) == []
    for name in ("a/b/one", "a/two", "ab/three"):
        place.put(name, b"x")
    assert sorted(place.names("a")) == ["a/b/one", "a/two"]
    place.remove(["a/b/one", "a/none"])
    place.remove([])
    assert sorted(place.names("a")) == ["a/two"]
    assert place.get("ab/three", 1).content == b"x"
    with pytest.raises(PlaceError, match="is no name"):
        place.remove(["../ab"])


def test_what_is_larger_than_it_can_be_is_not_read(address):
    place = open_place(address)
    place.put("large", b"x" * 11)
    assert place.get("large", 11).content == b"x" * 11
    with pytest.raises(PlaceError, match="more than the 10 bytes"):
        place.get("large", 10)


@pytest.mark.parametrize(
    "name", ["../a", "a/../b", "/a", "a//b", "", "a b", "a\n", "a/", ".", "..", ".lock", "é", "a" * 501]
)
def test_a_name_leads_nowhere_else(address, name):
    place = open_place(address)
    for use in (lambda: place.get(name, 9), lambda: place.put(name, b"x"), lambda: list(place.names(name))):
        with pytest.raises(PlaceError, match="is no name"):
            use()


def test_a_folder_that_is_not_there_is_neither_read_as_empty_nor_made(tmp_path):
    place = open_place(str(tmp_path / "shared"))
    for use in (lambda: place.get("a/b", 9), lambda: place.put("a/b", b"x"), lambda: place.put("a/b", b"x", ABSENT)):
        with pytest.raises(PlaceError, match="shared is no folder: mount it, or make it"):
            use()
    assert list(tmp_path.iterdir()) == []


def test_a_link_in_a_folder_is_not_followed(tmp_path):
    (tmp_path / "shared").mkdir()
    place = open_place(str(tmp_path / "shared"))
    place.put("a", b"x")
    (tmp_path / "shared" / "b").symlink_to("/etc/passwd")
    with pytest.raises(PlaceError, match="is a link and not a plain file"):
        place.get("b", 10_000)


def test_a_bucket_that_is_not_there_is_told(bucket):
    place = open_place("s3://nobody-has-this/prefix")
    with pytest.raises(PlaceError, match="no such bucket"):
        place.put("a", b"x")
