"""Whatever somebody writes is shown as letters: no mark, no mention, no end of a block, nothing that hides or turns."""

import re
import unicodedata

from hypothesis import example, given, settings
from hypothesis import strategies as st

from bot.conversation.model import Choice, Reply
from bot.conversation.visible import visible
from bot.discord.components import Surface
from bot.discord.rendering import render
from bot.telegram.callbacks import Holder
from bot.telegram.rendering import rendered
from tests.fakes.discord_rules import message_problems
from tests.fakes.telegram_formats import mentions, parse_html

PIECES = st.sampled_from(
    [
        *("@everyone", "@here", "<@123456>", "<@&123456>", "<#123456>", "@DeckBot", "@somebody", "tg://user?id=1"),
        *("**", "__", "~~", "||", "*", "_", "`", "```", "\n# ", "\n> ", "\n-# ", "[x](https://evil.example)", "- "),
        *("<b>", "</pre>", "</code>", "<a href='x'>", "&lt;", "&", "<", ">", "<!--", "\\", "\\`", "\\@"),
        *("\u202e", "\u2066", "\u200b", "\u200f", "\ufeff", "\x00", "\x1b[31m", "\r", "\u2028", "\ud800", "\x07"),
        *("\ue002@everyone\ue003", "\ue002<@1>\ue003", "\ue0001\ue001", "\ue000", "\ue002", "\ue003"),
        *("a", "Z", "é", "龍", "🎴", " ", "\n", "'", '"', ";", "$(rm -rf /)", "{{x}}", "%s"),
    ]
)
HOSTILE = st.lists(PIECES, max_size=40).map("".join) | st.text(max_size=200)
MENTION = re.compile(r"(?<!\\)<(?!t:\d+:f>)|@(?:everyone|here)\b")
BLOCK = re.compile(r"^[ \t]*(?:>|#{1,3}|-#?|\+)\s", re.MULTILINE)
MARK = re.compile(r"(?<!\\)(?:\\\\)*[*_`|~\[]")


def turns_or_hides(text: str) -> list[str]:
    return [one for one in text if unicodedata.category(one) in ("Cc", "Cs") and one not in "\n\t"] + [
        one for one in text if "\u202a" <= one <= "\u202e" or "\u2066" <= one <= "\u2069" or one in "\u200e\u200f\u061c"
    ]


@given(HOSTILE)
@example("@everyone <@1> </pre> ``` \u202e")
@settings(max_examples=300, deadline=None)
def test_on_discord(text: str) -> None:
    shown = render(Reply(f"x{text}", block=text, choices=((Choice(text, "opsyes.AAAA"),),)), Surface.DECK)

    before, *block = shown.content.split("\n```\n")
    assert not MENTION.search(before)
    assert not MARK.search(before)
    assert not BLOCK.search(before)
    assert len(block) <= 1
    assert "`" not in "".join(block).removesuffix("\n```").removesuffix("```")
    assert turns_or_hides(shown.content) == []
    payload = {"content": shown.content or "x", "allowed_mentions": {"parse": []}}
    assert list(message_problems(payload, 0, is_new=False)) == []


@given(HOSTILE)
@example("@DeckBot <b> </pre> \u202e")
@settings(max_examples=300, deadline=None)
def test_on_telegram(text: str) -> None:
    shown = rendered(Reply(text, block=text, choices=((Choice(text, "opsyes.AAAA"),),)), Holder())

    read, entities = parse_html(shown.text)
    assert {one["type"] for one in entities} <= {"pre"}
    assert len(entities) <= 1
    assert mentions(read, entities) == []
    assert turns_or_hides(read) == []


@given(HOSTILE)
@settings(max_examples=200, deadline=None)
def test_what_can_be_seen_stays_and_nothing_is_added(text: str) -> None:
    shown = visible(text)
    assert turns_or_hides(shown) == []
    assert visible(shown) == shown
    assert visible("Lightning Bolt, Æther Vial — 龍 🎴 é") == "Lightning Bolt, Æther Vial — 龍 🎴 é"
