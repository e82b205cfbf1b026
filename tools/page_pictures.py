"""Takes the pictures of the chat page for README and docs: ``python -m tools.page_pictures``, after `make setup-slow`.

The product runs as ``make run`` starts it, and Chromium looks at it: what the pictures show is what people see.
"""

import asyncio
import socket
import sys
import tempfile
from pathlib import Path
from shutil import which
from typing import Any

from PIL import Image
from playwright.async_api import Browser, async_playwright

from tests.browser.conftest import PEOPLE, Page

IMAGES = Path(__file__).parents[1] / "docs" / "images"
_QUIET = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"]
_PATIENCE_MS = 90_000
DESK = {"width": 1040, "height": 860}
PHONE = {"width": 390, "height": 800}


def main() -> int:
    """Take them all."""
    chromium = which("chromium")
    if chromium is None:
        print("This needs Chromium: apt-get install chromium", file=sys.stderr)
        return 2
    with tempfile.TemporaryDirectory(prefix="s2d-") as folder:
        page = Page(Path(folder), _free_port())
        (page.folder / "ops.yaml").write_text(PEOPLE, encoding="utf-8")
        page.start()
        try:
            asyncio.run(_take(page, chromium))
        finally:
            page.stop()
    return 0


async def _take(page: Page, chromium: str) -> None:
    async with async_playwright() as driver:
        browser = await driver.chromium.launch(executable_path=chromium, args=_QUIET)
        await _of_player(page, browser)
        await _of_operations(page, browser)
        await browser.close()


async def _of_player(page: Page, browser: Browser) -> None:
    ana = await _opened(browser, page.base, DESK, "light")
    await ana.get_by_role("button", name="Try the sample").click()
    await ana.wait_for_selector("pre")
    await ana.get_by_role("button", name="Fix a line").click()
    await ana.wait_for_selector(".panel")
    await _shot(ana, "page-chat.png")
    phone = await _opened(browser, page.base, PHONE, "dark", locale="fr-FR")
    await phone.locator(".commands button").first.click()
    await phone.wait_for_selector("pre")
    await _shot(phone, "page-phone.png")


async def _of_operations(page: Page, browser: Browser) -> None:
    alice = await _opened(browser, page.link("alice"), DESK, "dark")
    await alice.get_by_role("button", name="Operations").click()
    for text, words in (("queue inspect", "workers alive"), ("maintenance on reason=upgrade", "Confirm until")):
        await alice.get_by_label("Order").fill(text)
        await alice.keyboard.press("Enter")
        await alice.get_by_text(words.split()[-1]).last.wait_for()
    await _shot(alice, "page-operations.png")


async def _opened(browser: Browser, address: str, size: Any, scheme: Any, locale: str = "en-US") -> Any:
    context = await browser.new_context(viewport=size, color_scheme=scheme, locale=locale)
    context.set_default_timeout(_PATIENCE_MS)
    page = await context.new_page()
    await page.goto(address)
    await page.wait_for_selector(".composer")
    return page


async def _shot(page: Any, name: str) -> None:
    await page.wait_for_timeout(500)
    path = IMAGES / name
    await page.screenshot(path=path)
    with Image.open(path) as picture:
        picture.convert("RGB").quantize(128, dither=Image.Dither.NONE).save(path, optimize=True)


def _free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


if __name__ == "__main__":
    sys.exit(main())
