"""Make `docs/page.webp`, the picture in the README: the strongest alert of the demo, as a browser shows it.

oddtrail demo --home demo_home
python -m scripts.make_picture demo_home/demo/home
"""

import shutil
import sys
from base64 import b64decode, b64encode
from pathlib import Path
from threading import Thread
from typing import Final

from playwright.sync_api import Browser, sync_playwright

from pipeline.page.access import Access
from pipeline.page.app import make_app
from pipeline.page.home import Home
from pipeline.page.serve import listen, serve, write_address
from pipeline.settings import Settings

TARGET: Final = Path(__file__).resolve().parent.parent / "docs" / "page.webp"
WIDTH, HEIGHT = 1000, 1240
_TO_WEBP: Final = """async png => {
    const picture = await createImageBitmap(await (await fetch(`data:image/png;base64,${png}`)).blob());
    const canvas = Object.assign(document.createElement("canvas"), { width: picture.width, height: picture.height });
    canvas.getContext("2d").drawImage(picture, 0, 0);
    return canvas.toDataURL("image/webp", 0.85).split(",")[1];
}"""


def take(browser: Browser, address: str, path: Path) -> None:
    """Take the picture of the strongest alert of the day that has most.

    Parameters
    ----------
    address
        Where the page is served.
    path
        Where the picture goes.
    """
    page = browser.new_page(viewport={"width": WIDTH, "height": HEIGHT}, locale="en-US", color_scheme="light")
    try:
        page.goto(address)
        days = page.locator("table.days tbody tr")
        counts = [int(text.replace(",", "")) for text in days.locator("td:nth-child(2)").all_inner_texts()]
        if counts:
            days.nth(counts.index(max(counts))).locator("th a").click()
        page.locator(".incidents a").first.click()
        page.locator("h2").first.wait_for()
        png = page.screenshot()
        page.goto("about:blank")
        path.write_bytes(b64decode(page.evaluate(_TO_WEBP, b64encode(png).decode())))
    finally:
        page.close()


def main(home: Path) -> None:
    """Serve a home, take the picture, and end with the process."""
    with listen("127.0.0.1", 0, Access()) as found, sync_playwright() as playwright:
        app = make_app(Home(Settings(home=home)), Access())
        Thread(target=serve, args=(app, found), daemon=True).start()
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        take(browser, write_address(found), TARGET)
        browser.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
