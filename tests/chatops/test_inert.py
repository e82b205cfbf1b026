"""Text from outside can do nothing but be read."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.conversation.marks import link_mark, time_mark, unmarked
from chatops.inert import one_line, safe_link
from tests.making import NOW


@pytest.mark.parametrize(
    "address",
    [
        "http://prometheus.example.org/graph?g0.expr=a%3C1&g0.tab=1",
        "https://runbooks.example.org/high-error-rate#now",
        "http://127.0.0.1:9093",
        "http://[::1]:9093/x",
    ],
)
def test_addresses_of_the_web_are_shown(address: str) -> None:
    assert safe_link(address) == address


@pytest.mark.parametrize(
    "address",
    [
        "",
        "javascript:alert(1)",
        "ftp://host/x",
        "//host/x",
        "http://",
        "http://user:pw@evil.example/",
        "http://trusted.example@evil.example/",
        "http://a b/",
        "https://a/>@everyone",
        "http://host/\nx",
        "http://host/\u202ex",
        "http://h\u00f6st/",
        "http://host:99999/",
        "http://" + "a" * 600,
    ],
)
def test_others_are_not(address: str) -> None:
    assert safe_link(address) == ""


@given(st.text(max_size=400))
def test_whatever_it_is_becomes_one_harmless_line(text: str) -> None:
    line = one_line(text, 100)

    assert len(line) <= 100
    assert not set(line) & set("\n\r\t\0\u202e\u2066\u200b\ue000\ue001\ue002\ue003")
    assert unmarked(line) == line


def test_marks_are_what_each_platform_makes_of_them() -> None:
    text = f"since {time_mark(NOW)}: {link_mark('http://host/x')}"

    assert unmarked(text) == "since 2026-11-01 12:00 UTC: http://host/x"
    assert unmarked("a mark \ue000that is none\ue001") == "a mark that is none"
