"""Text from outside, made such that it can do nothing but be read."""

import re
from urllib.parse import urlsplit

TIME_START, TIME_END, LINK_START, LINK_END = "\ue000", "\ue001", "\ue002", "\ue003"
"""Letters of Unicode's private use, with which replies mark times and links."""

_MARKS = re.compile("[\ue000-\ue00f]")
_INVISIBLE = re.compile(r"[\x00-\x1f\x7f-\x9f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ue000-\ue00f]+")
_LINK = re.compile(r"https?://[A-Za-z0-9.\[\]:-]+(?:[/?#][^\s<>\"'`\\|^{}\x00-\x1f\x7f-\x9f\u00a0-\uffff]*)?")
_LONGEST_LINK = 500


def without_marks(text: str) -> str:
    """Without letters that could be taken for marks."""
    return _MARKS.sub("", text)


def one_line(text: str, most: int = 200) -> str:
    """A text from outside as one line: no control letters, none that turn the direction of others, not too long."""
    cleaned = " ".join(_INVISIBLE.sub(" ", text).split())
    return cleaned if len(cleaned) <= most else cleaned[: most - 1].rstrip() + "…"


def safe_link(address: str) -> str:
    """An address of the web that may be shown as one, else nothing: another scheme, a hidden host, odd letters."""
    cleaned = address.strip()
    if len(cleaned) > _LONGEST_LINK or not _LINK.fullmatch(cleaned):
        return ""
    try:
        parts = urlsplit(cleaned)
        found = parts.hostname and not parts.username and not parts.password and parts.port != 0
    except ValueError:
        return ""
    return cleaned if found else ""
