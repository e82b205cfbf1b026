"""Marks in a reply's text for what each platform shows in its own way: times, in the reader's zone where it can.

A mark is written with letters of Unicode's private use, which untrusted text never keeps (``chatops.inert``).
"""

import re
from collections.abc import Callable
from datetime import UTC, datetime

from chatops.inert import LINK_END, LINK_START, TIME_END, TIME_START, safe_link, without_marks
from chatops.times import moment

_MARK = re.compile(rf"{TIME_START}(-?\d{{1,12}}){TIME_END}|{LINK_START}([^{LINK_START}{LINK_END}\s]+){LINK_END}")


def time_mark(at: datetime) -> str:
    """A moment."""
    return f"{TIME_START}{int(at.timestamp())}{TIME_END}"


def link_mark(address: str) -> str:
    """An address that ``chatops.inert.safe_link`` let through."""
    return f"{LINK_START}{address}{LINK_END}"


def with_marks(text: str, words: Callable[[str], str], time: Callable[[int], str], link: Callable[[str], str]) -> str:
    """The text with its marks as a platform shows them, and all else as ``words`` makes it harmless there."""
    parts, at = [], 0
    for found in _MARK.finditer(text):
        parts.append(words(without_marks(text[at : found.start()])))
        address = "" if found[2] is None else safe_link(found[2])
        other = link(address) if address else words(without_marks(found[0]))
        parts.append(time(int(found[1])) if found[1] is not None else other)
        at = found.end()
    parts.append(words(without_marks(text[at:])))
    return "".join(parts)


def utc(seconds: int) -> str:
    """``2026-11-24 18:00 UTC``."""
    return moment(datetime.fromtimestamp(seconds, UTC))


def unmarked(text: str) -> str:
    """For platforms that show neither: times in UTC, addresses as they are."""
    return with_marks(text, lambda words: words, utc, lambda address: address)
