"""Chromium drives the page as people do: a real screenshot, corrections, the operations channel, reloads, restarts."""

import json
from typing import Any

import aiohttp
import pytest

from tests.browser.conftest import TOKEN, Page, playwright
from tests.shared import SHARED

pytestmark = pytest.mark.slow

SCREEN = SHARED / "screens" / "images" / "arena-rg-2.jpg"
TRUTH = SHARED / "screens" / "truth" / "arena-rg-2.json"
CAPTURE = SHARED / "alertmanager-captures" / "01-firing-single.json"
PATIENCE_MS = 90_000


async def opened(chromium: Any, address: str, **options: Any) -> Any:
    """A new person's page; what scripts complain about fails the test at its end."""
    context = await chromium.new_context(locale="en-US", **options)
    context.set_default_timeout(PATIENCE_MS)
    page = await context.new_page()
    page.complaints = []
    page.on("pageerror", lambda error: page.complaints.append(str(error)))
    await page.goto(address)
    await page.wait_for_selector(".composer")
    return page


async def order(page: Any, text: str) -> None:
    """Write in the operations channel."""
    await page.get_by_role("button", name="Operations").click()
    await page.get_by_label("Order").fill(text)
    await page.keyboard.press("Enter")


async def test_a_real_screenshot_is_read_and_corrected(page: Page, chromium: Any) -> None:
    if not SCREEN.exists():
        pytest.skip("the real screenshots are not here")
    ana = await opened(chromium, page.base)
    await ana.set_input_files("input[type=file]", SCREEN)
    await ana.get_by_role("button", name="Send").click()
    await ana.wait_for_selector("pre")

    shown = await ana.inner_text("pre")
    truth = json.loads(TRUTH.read_text(encoding="utf-8"))
    for count, name, *_ in truth["main"] + truth["side"]:
        assert f"{count} {name.split(' // ')[0]}" in shown

    await ana.get_by_label("Copy as").select_option(label=await _option(ana, "Cockatrice"))
    await ana.wait_for_selector(".panel")
    await ana.get_by_role("button", name="Close").first.click()
    await ana.get_by_role("button", name="Show picture").click()
    await ana.locator(".panel img, .said img").first.click()
    await ana.get_by_role("button", name="Larger", exact=True).click()
    await ana.keyboard.press("Escape")
    assert ana.complaints == []

    await ana.reload()
    await ana.wait_for_selector("pre")
    assert await ana.inner_text("pre") == shown


async def _option(page: Any, words: str) -> str:
    labels = await page.get_by_label("Copy as").locator("option").all_inner_texts()
    return next(str(one) for one in labels if words in one)


async def test_maintenance_by_one_and_a_grant_by_two(page: Page, chromium: Any) -> None:
    alice, bob = await opened(chromium, page.link("alice")), await opened(chromium, page.link("bob"))
    await order(alice, "maintenance on reason=upgrade")
    await alice.get_by_role("button", name="Confirm", exact=True).last.click()
    await alice.get_by_text("maintenance", exact=False).first.wait_for()
    await alice.locator("dd", has_text="soft").wait_for()
    await order(alice, "maintenance off")
    await alice.locator("dd", has_text="soft").wait_for(state="detached")

    await order(alice, "access grant user=web:carol role=viewer")
    await alice.get_by_role("button", name="Type the phrase").last.click()
    form = alice.get_by_role("dialog")
    prompt = await form.locator("label").inner_text()
    await form.locator("input").fill(prompt.partition("Type: ")[2].strip())
    await form.get_by_role("button", name="OK").click()
    await bob.get_by_role("button", name="Operations").click()
    await bob.get_by_role("button", name="Approve").last.click()
    await alice.get_by_text("web:carol is viewer until").wait_for()
    assert alice.complaints == bob.complaints == []


async def test_an_alert_becomes_a_card_and_is_acknowledged(page: Page, chromium: Any) -> None:
    if not CAPTURE.exists():
        pytest.skip("the captures of Alertmanager are not here")
    alice = await opened(chromium, page.link("alice"))
    await alice.get_by_role("button", name="Operations").click()
    headers = {"Authorization": f"Bearer {TOKEN}", "Content-Type": "application/json"}
    captured = json.loads(CAPTURE.read_text(encoding="utf-8"))
    body = json.dumps(captured.get("body", captured))
    async with (
        aiohttp.ClientSession() as http,
        http.post(f"{page.base}/webhooks/alertmanager", data=body, headers=headers) as response,
    ):
        assert response.status == 200, await response.text()
    await alice.get_by_role("button", name="Acknowledge").last.click()
    await alice.get_by_text("acknowledged", exact=False).last.wait_for()

    page.stop()
    page.start()
    await alice.reload()
    await alice.get_by_role("button", name="Operations").click()
    await alice.get_by_text("acknowledged", exact=False).last.wait_for()


async def test_the_keyboard_is_enough(page: Page, chromium: Any) -> None:
    ana = await opened(chromium, page.base)
    sample = ana.get_by_role("button", name="Try the sample")
    for _ in range(40):
        await ana.keyboard.press("Tab")
        if await sample.evaluate("one => one === document.activeElement"):
            break
    await ana.keyboard.press("Enter")
    await ana.wait_for_selector("pre")


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_a_phone_shows_everything_and_axe_finds_nothing(page: Page, chromium: Any, scheme: str) -> None:
    axe = pytest.importorskip("axe_playwright_python.async_playwright", reason="installed by make setup-slow")
    viewport = {"width": 360, "height": 740}
    ana = await opened(chromium, page.link(), viewport=viewport, color_scheme=scheme, bypass_csp=True)
    await order(ana, "queue inspect")
    await ana.wait_for_selector("pre")
    await _is_sound(axe, ana)
    await ana.get_by_role("button", name="Chat").click()
    await ana.get_by_role("button", name="Try the sample").click()
    await ana.wait_for_selector("pre")
    await ana.get_by_role("button", name="/preferences").click()
    await ana.wait_for_selector(".panel")
    await _is_sound(axe, ana)


async def _is_sound(axe: Any, page: Any) -> None:
    found = await axe.Axe().run(page)
    assert found.response["violations"] == [], found.generate_report()
    assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")


async def test_what_is_hostile_stays_text(page: Page, chromium: Any) -> None:
    ana = await opened(chromium, page.base)
    ran: list[str] = []
    ana.on("dialog", lambda dialog: ran.append(dialog.message))
    name = "<img src=x onerror=alert(1)>.png"
    await ana.set_input_files("input[type=file]", {"name": name, "mimeType": "image/png", "buffer": b"\x89PNG no"})
    await ana.get_by_role("button", name="Send").click()
    await ana.locator(".mine .file").last.wait_for()
    assert await ana.locator(".mine .file").last.inner_text() == name
    assert await ana.locator(".mine img").count() == 0
    assert ran == []


async def test_the_page_is_light_and_quick(page: Page, chromium: Any) -> None:
    ana = await opened(chromium, page.base)
    sizes = await ana.evaluate("performance.getEntriesByType('resource').map(one => one.transferSize)")
    assert sum(sizes) < 150_000
    assert playwright is not None
