"""The README's alert is what the demo found, in the words of the day: `python -m scripts.make_readme_alert`."""

import json

from scripts.make_readme_alert import README, RESULT, put_into_readme, write_alert


def test_the_alert_of_the_readme_is_what_the_demo_found_and_what_is_printed_of_it() -> None:
    readme = README.read_text(encoding="utf-8")
    written = write_alert(json.loads(RESULT.read_text(encoding="utf-8")))
    assert written in readme, "run python -m scripts.make_readme_alert"
    assert put_into_readme(written, readme) == readme
    assert put_into_readme("other\n", readme) != readme
    assert max(map(len, written.splitlines())) <= 100
