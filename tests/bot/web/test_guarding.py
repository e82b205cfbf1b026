"""Other sites cannot drive the page, strangers do not get in, and nothing foreign is loaded."""

from datetime import timedelta

import aiohttp

from bot.web.guarding import own_names
from bot.web.limits import COOKIE, SIGN_INS
from bot.web.visitors import Visitors
from config.clock import utcnow
from config.settings import Settings
from storage import access
from tests.bot.web.conftest import House
from tests.making import somebody

FOREIGN: tuple[dict[str, str], ...] = (
    {"Origin": "https://evil.example"},
    {"Origin": "null"},
    {"Sec_Fetch_Site": "cross-site"},
    {"Sec_Fetch_Site": "same-site"},
    {"X_CSRF_Token": ""},
    {"X_CSRF_Token": "0" * 32},
)


async def test_another_name_for_this_machine_is_refused(house: House) -> None:
    ana = await house.guest()
    for path in ("/", "/page/app.js", "/web/chats/ops"):
        async with ana.http.get(house.base + path, headers={"Host": "evil.example"}) as response:
            assert response.status == 421
            assert (await response.json(content_type=None))["code"] == "wrong_host"


async def test_another_site_can_do_nothing(house: House) -> None:
    ana = await house.named("alice")
    for path in ("sample", "calls", "presses", "orders", "posts", "leave"):
        for headers in FOREIGN:
            assert (await ana.post(f"/web/{path}", {}, 403, **headers))["code"] == "foreign"


async def test_another_site_hears_nothing(house: House) -> None:
    ana = await house.guest()
    for headers in ({"Origin": "https://evil.example"}, {"Sec-Fetch-Site": "cross-site"}):
        async with ana.http.get(house.base + "/web/events", headers=headers) as response:
            assert response.status == 403


async def test_the_cookie_is_for_this_site_and_no_script(house: House) -> None:
    async with aiohttp.ClientSession() as http, http.post(house.base + "/web/session", json={}) as response:
        cookie = response.headers["Set-Cookie"]
    assert cookie.startswith(f"{COOKIE}=")
    assert "HttpOnly" in cookie
    assert "SameSite=Strict" in cookie


async def test_everything_that_is_loaded_is_ours(house: House) -> None:
    ana = house.browser()
    async with ana.http.get(house.base + "/") as response:
        page, policy = await response.text(), response.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "//" not in page.replace("<!doctype html>", "")
    assert " on" not in page.replace("once", "")


async def test_a_link_is_good_once(house: House) -> None:
    code = await house.code("alice")
    first, second = house.browser(), house.browser()
    assert (await first.enter(code=code))["role"] == "admin"
    assert (await second.post("/web/enter", {"code": code}, 401))["code"] == "link_used"


async def test_a_link_does_not_wait_for_ever(house: House) -> None:
    code = await house.code("alice")
    house.product.clock.moved = timedelta(hours=1)
    await house.browser().post("/web/enter", {"code": code}, 401)


async def test_who_guesses_must_wait(house: House) -> None:
    stranger = house.browser()
    for _ in range(SIGN_INS):
        await stranger.post("/web/enter", {"key": "s2d_guess"}, 401)
    assert (await stranger.post("/web/enter", {"key": "s2d_guess"}, 429))["code"] == "too_many"


async def test_an_api_key_signs_in_as_an_account_of_its_own(house: House) -> None:
    async with house.storage():
        key, record = await access.make_key(await somebody(), "laptop", "player", now=utcnow())
    ana = house.browser()
    about = await ana.enter(key=key)
    assert (about["user"], about["role"]) == (f"key-{record.prefix}", "")


async def test_who_signs_out_is_out(house: House) -> None:
    ana = await house.named("alice")
    await ana.post("/web/leave")
    await ana.ask("/web/dashboard", 401)


def test_guests_come_only_from_this_machine() -> None:
    def takes(host: str) -> bool:
        return Visitors(Settings(_env_file=None, http_host=host), utcnow).takes_guests  # type: ignore[call-arg]

    assert takes("127.0.0.1")
    assert not takes("0.0.0.0")  # noqa: S104
    assert not takes("192.0.2.7")


def test_names_of_this_host() -> None:
    local = Settings(_env_file=None)  # type: ignore[call-arg]
    public = local.model_copy(update={"http_host": "0.0.0.0", "public_url": "https://decks.example.org/x"})  # noqa: S104
    assert own_names(local) == {"localhost", "127.0.0.1", "::1"}
    assert own_names(public) == {"0.0.0.0", "decks.example.org"}  # noqa: S104


async def test_what_is_no_request_of_the_page_is_refused_in_a_sentence(house: House) -> None:
    ana = await house.guest()
    odd: tuple[tuple[str, object, int], ...] = (
        ("enter", {}, 400),
        ("enter", {"code": "x" * 70_000}, 413),
        ("calls", ["no object"], 400),
        ("calls", {"name": 7}, 400),
        ("calls", {"name": "help", "options": "none"}, 400),
        ("calls", {"name": "n" * 2000}, 400),
        ("presses", {"chat": ana.about["chat"], "token": "t", "values": {"text": 5}}, 400),
    )
    for path, body, status in odd:
        answer = await ana.post(f"/web/{path}", body, status)
        assert answer["code"] in ("bad_request", "too_large"), (path, body)


async def test_without_a_provider_there_is_none_to_sign_in_at(house: House) -> None:
    assert (await house.browser().ask("/web/oidc", 404))["code"] == "not_configured"
