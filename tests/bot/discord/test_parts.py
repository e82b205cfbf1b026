"""The skin's parts by themselves: limits, addresses, what survives storage."""

import json

import discord
import pytest
from discord.gateway import DiscordWebSocket
from discord.http import Route
from hypothesis import given
from hypothesis import strategies as st

from bot.conversation.commands import COMMANDS
from bot.conversation.model import Choice, Form, Option, OutFile, Reply, Select
from bot.conversation.texts import Language, Texts, keys
from bot.discord.addresses import may_fetch, use_addresses
from bot.discord.components import Surface, modal_of, submitted
from bot.discord.limits import CONTENT
from bot.discord.outbound import Address, FreshTokens, Shown, Token
from bot.discord.permissions import missing_permission
from bot.discord.rendering import length, render
from tests.fakes.discord_rules import component_problems, modal_problems
from tests.fakes.discord_world import BITS
from tests.shared import ROOT

PROXY = "http://proxy:8080/api/v10"
OWN = "https://discord.com/api/v10"


def test_the_seams_of_the_library_are_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Route, "BASE", Route.BASE)
    monkeypatch.setattr(DiscordWebSocket, "DEFAULT_GATEWAY", DiscordWebSocket.DEFAULT_GATEWAY)
    use_addresses(PROXY, "ws://proxy:8081/")
    assert Route("GET", "/gateway/bot").url == f"{PROXY}/gateway/bot"
    assert DiscordWebSocket.DEFAULT_GATEWAY.host == "proxy"


@pytest.mark.parametrize(
    ("url", "api", "may"),
    [
        ("https://cdn.discordapp.com/attachments/1/2/a.png?ex=1", OWN, True),
        ("https://media.discordapp.net/attachments/1/2/a.png", OWN, True),
        ("https://cdn.discordapp.com/a.png", PROXY, True),
        ("http://proxy:8080/attachments/a.png", PROXY, True),
        ("http://cdn.discordapp.com/a.png", OWN, False),
        ("https://cdn.discordapp.com:8443/a.png", OWN, False),
        ("https://cdn.discordapp.com@evil.example/a.png", OWN, False),
        ("https://x:y@cdn.discordapp.com/a.png", OWN, False),
        ("https://cdn.discordapp.com.evil.example/a.png", OWN, False),
        ("https://discord.com/api/v10/users/@me", OWN, False),
        ("http://proxy:8081/a.png", PROXY, False),
        ("https://proxy:8080/a.png", PROXY, False),
        ("http://127.0.0.1/a.png", OWN, False),
        ("file:///etc/passwd", OWN, False),
        ("http://[", OWN, False),
        ("", OWN, False),
    ],
)
def test_files_come_from_discords_own_hosts_only(url: str, api: str, may: bool) -> None:
    assert may_fetch(url, api) is may


@given(st.text(max_size=3000), st.text(max_size=2500), st.text(max_size=300))
def test_no_message_is_longer_than_discord_allows(text: str, block: str, note: str) -> None:
    rendered = render(Reply(text, block=block), Surface.DECK, note)
    assert length(rendered.content) <= CONTENT
    assert rendered.content.count("```") in (0, 2)


def test_a_list_that_does_not_fit_beside_its_words_becomes_a_file() -> None:
    rendered = render(Reply("a" * 400, block="4 Opt\n" * 283, files=(OutFile("x", b"y"),)), Surface.DECK)
    assert [one.name for one in rendered.files] == ["deck.txt", "x"]
    assert rendered.files[0].data.startswith(b"4 Opt\n4 Opt")


async def test_components_keep_the_limits_whatever_the_reply() -> None:
    options = tuple(Option("x" * 300, f"line.{n % 40}", "y" * 300) for n in range(60))
    rows = tuple(tuple(Choice("z" * 200, f"verb{r}.{n}") for n in range(9)) for r in range(7))
    reply = Reply("t", selects=(Select("p" * 300, options), Select("none", ())), choices=(*rows, ()))
    assert list(component_problems(render(reply, Surface.PANEL).view().to_components())) == []


async def test_a_form_comes_back_with_what_was_typed() -> None:
    form = modal_of(Form("t" * 90, "p" * 90, "find.AAAA.0.m1", "Opt"), Surface.PANEL).to_dict()
    assert list(modal_problems(form)) == []
    typed = {"type": 18, "component": {"type": 4, "custom_id": "text", "value": "Negate"}}
    assert submitted({**form, "components": [typed]}) == (Surface.PANEL, "find.AAAA.0.m1", {"text": "Negate"})
    assert submitted({"custom_id": "of somebody else"}) is None


@pytest.mark.parametrize("token", [None, Token(1, "secret", 5.0)])
def test_addresses_and_places_survive_storage(token: Token | None) -> None:
    address = Address(7, 8, token, is_private=True)
    assert Address.of(json.loads(json.dumps({**address.to_json(), "private": True})), "5") == address
    shown = Shown(1, 2, by_token=True, is_direct=True, note="n", is_again=True)
    assert Shown.of(json.loads(json.dumps(shown.to_json()))) == shown
    assert Shown.of(None) is None


def test_the_latest_token_of_a_message_goes_before_the_first_and_none_when_it_is_old() -> None:
    tokens = FreshTokens(lambda: 100.0)
    first, latest = Token(1, "first", 101.0), Token(1, "latest", 200.0)
    tokens.remember(2, latest)
    assert tokens.usable(Shown(1, 2), first) == [latest, first]
    assert tokens.usable(Shown(1, 3), first) == [first]
    assert tokens.usable(None, Token(1, "old", 99.0)) == []


def test_every_permission_and_command_has_its_words() -> None:
    assert {f"permission_{name}" for name in BITS} <= keys()
    assert all(hasattr(discord.Permissions, name) for name in BITS)
    for command in COMMANDS:
        assert command.description(Texts(Language.FRENCH))
    assert missing_permission(None) is None


def test_the_page_on_connecting_asks_for_the_permissions_that_the_bot_can_miss() -> None:
    page = (ROOT / "docs" / "connect-discord.md").read_text(encoding="utf-8")
    assert f"permissions={sum(BITS.values())}" in page
    assert all(Texts(Language.ENGLISH)(f"permission_{name}") in page for name in BITS)
