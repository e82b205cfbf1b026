"""Words become values within bounds, and wrong ones get a sentence that helps."""

import contextlib
from datetime import UTC, datetime, timedelta
from ipaddress import ip_network
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatops.model import BadArgument
from chatops.parameters import (
    VERSION,
    Duration,
    Flag,
    Integer,
    Kind,
    Moment,
    Name,
    Network,
    Number,
    Schedule,
    Size,
    Text,
    Word,
)

ALL: list[Kind] = [
    Duration(),
    Flag(),
    Integer(1, 8),
    Moment(),
    Name("a job"),
    Network(),
    Number(0.25, 8),
    Schedule(),
    Size("256M", "4G"),
    Text(3, 200),
    VERSION,
    Word(("ready", "running")),
]


@pytest.mark.parametrize(
    ("kind", "text", "value"),
    [
        (Duration("1s", "7d"), "90s", timedelta(seconds=90)),
        (Duration("1s", "7d"), " 1h 30m ", timedelta(minutes=90)),
        (Duration("1s", "7d"), "1.5H", timedelta(minutes=90)),
        (Integer(1, 8), "8", 8),
        (Number(0.25, 8), "0.25", 0.25),
        (Size("256M", "4G"), "512M", 512 << 20),
        (Size("256M", "4G"), "1.5gb", 3 << 29),
        (Word(("ready", "running")), "READY", "ready"),
        (Word(("ready", "running")), "ru", "running"),
        (Flag(), "no", False),
        (Flag(), "", True),
        (Moment(), "2026-11-24T18:00", datetime(2026, 11, 24, 18, tzinfo=UTC)),
        (Moment(), "2026-11-24T18:00+02:00", datetime(2026, 11, 24, 16, tzinfo=UTC)),
        (Moment(), "+2h", timedelta(hours=2)),
        (Schedule(), "0  2 * * *", "0 2 * * *"),
        (Network(), "203.0.113.9", ip_network("203.0.113.9/32")),
        (Network(), "203.0.113.9/24", ip_network("203.0.113.0/24")),
        (Network(), "2001:db8::/48", ip_network("2001:db8::/48")),
        (VERSION, "v2.1.0", "v2.1.0"),
        (Text(3, 20), "  a reason\u202e ", "a reason"),
    ],
)
def test_what_is_meant(kind: Kind, text: str, value: Any) -> None:
    assert kind.read(text) == value


@pytest.mark.parametrize(
    ("kind", "text", "sentence"),
    [
        (Duration("10s", "15m"), "1h", "must be 10s to 15m"),
        (Duration("10s", "15m"), "soon", "such as 90s, 5m, 1h30m or 2d, 10s to 15m"),
        (Duration("10s", "15m"), "-5m", "must be a time"),
        (Duration(), "9" * 400 + "d", "must be"),
        (Integer(1, 8), "9", "must be 1 to 8"),
        (Integer(1, 8), "1; rm -rf /", "must be a whole number, 1 to 8"),
        (Number(0, 1), "nan", "must be 0 to 1"),
        (Size("256M", "4G"), "64M", "must be 256M to 4G"),
        (Word(("ready", "running", "retrying")), "r", "did you mean ready or running or retrying?"),
        (Word(("ready", "running")), "runing", "did you mean running?"),
        (Word(("ready", "running")), "xxxx", "must be one of ready, running"),
        (Network(), "10.0.0.0/8", "at most /24"),
        (Network(), "::/0", "at most /24 (IPv4) or /48"),
        (Network(), "example.org", "must be an IP address"),
        (Name("a job"), "a\nb", "must be a job"),
        (Name("a job"), "a\u202eb", "must be a job"),
        (Text(10, 200), "short", "must have 10 to 200 letters"),
        (Schedule(), "every day", "must be five fields of cron"),
        (VERSION, "latest", "a version such as v2.1.0"),
        (VERSION, "v1.2.3; reboot", "a version such as v2.1.0"),
        (Flag(), "perhaps", "must be yes or no"),
        (Moment(), "tomorrow", "must be a time such as"),
    ],
)
def test_what_is_wrong_gets_its_bounds_or_the_nearest(kind: Kind, text: str, sentence: str) -> None:
    with pytest.raises(BadArgument) as error:
        kind.read(text)
    assert sentence in str(error.value)


@given(st.text(max_size=400), st.sampled_from(ALL))
def test_no_text_is_more_than_right_or_wrong(text: str, kind: Kind) -> None:
    with contextlib.suppress(BadArgument):
        assert kind.read(text) is not None
