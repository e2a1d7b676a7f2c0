"""The picture in the README: it is there, is small, and can be made again."""

from pathlib import Path

from playwright.sync_api import Browser

from scripts.make_picture import TARGET, take

ROOT = Path(__file__).parents[4]


def test_the_readme_shows_it_and_it_is_small() -> None:
    assert f"({TARGET.relative_to(ROOT).as_posix()})" in (ROOT / "README.md").read_text(encoding="utf-8")
    assert TARGET.stat().st_size < 150_000


def test_it_is_made_of_the_strongest_alert(chromium: Browser, site: str, tmp_path: Path) -> None:
    path = tmp_path / "page.webp"
    take(chromium, site, path)
    made = path.read_bytes()
    assert (made[:4], made[8:12]) == (b"RIFF", b"WEBP")
    assert len(made) > 10_000
