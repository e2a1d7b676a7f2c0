"""Plain files: bounded, nothing followed, written whole."""

import os
from pathlib import Path

import pytest

from pipeline.stores.plain_file import UnfitFileError, open_plain, read_plain, write_whole


def test_a_plain_file_is_read_up_to_its_bound(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"1234")
    assert read_plain(tmp_path / "file", 4) == b"1234"
    with pytest.raises(UnfitFileError, match="more than the 3 bytes"):
        read_plain(tmp_path / "file", 3)
    with pytest.raises(FileNotFoundError):
        read_plain(tmp_path / "none", 3)
    assert read_plain(tmp_path / "file", 1 << 50) == b"1234", "though no machine has room for so much"
    assert read_plain(Path("/proc/self/status"), 1 << 20).startswith(b"Name"), "though it has no size"


def test_a_link_is_followed_only_where_it_may_be_and_never_to_what_is_no_file(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"1234")
    (tmp_path / "link").symlink_to("file")
    (tmp_path / "device").symlink_to("/dev/zero")
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(UnfitFileError, match="is a link"):
        read_plain(tmp_path / "link", 4)
    with open_plain(tmp_path / "link", follow=True) as file:
        assert file.read() == b"1234"
    for name, kind in (("device", "a device"), ("pipe", "a pipe"), (".", "a folder")):
        with pytest.raises(UnfitFileError, match=f"is {kind}"), open_plain(tmp_path / name, follow=True):
            pass


def test_a_file_is_replaced_whole_or_stays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_whole(tmp_path / "file", b"old")
    write_whole(tmp_path / "file", b"new")
    assert (tmp_path / "file").read_bytes() == b"new"

    def killed(source: Path, target: Path) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "replace", killed)
    with pytest.raises(KeyboardInterrupt):
        write_whole(tmp_path / "file", b"newer")
    assert [path.read_bytes() for path in tmp_path.iterdir()] == [b"new"]
