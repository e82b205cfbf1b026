"""Times, spans and counts in words."""

from datetime import UTC, datetime, timedelta


def moment(at: datetime | None) -> str:
    """``2026-11-24 18:00 UTC``, with the date always."""
    return "for good" if at is None else f"{at.astimezone(UTC):%Y-%m-%d %H:%M} UTC"


def span(length: timedelta | float) -> str:
    """``2 h 5 min``, two units at most; seconds where a number is given."""
    seconds = round(length.total_seconds() if isinstance(length, timedelta) else length)
    if seconds <= 0:
        return "0 s"
    parts: list[str] = []
    for unit, size in (("d", 86400), ("h", 3600), ("min", 60), ("s", 1)):
        count, seconds = divmod(seconds, size)
        if count:
            parts.append(f"{count} {unit}")
    return " ".join(parts[:2])


def ago(at: datetime, now: datetime) -> str:
    """``5 min ago``."""
    return f"{span(now - at)} ago"


def counted(number: int, word: str, words: str = "") -> str:
    """``1 picture``, ``2 pictures``, ``no picture``; ``words`` where a plural is another."""
    if number == 1:
        return f"1 {word}"
    return f"{number:,} {words or word + 's'}" if number else f"no {word}"


def sized(size: float) -> str:
    """``17.9 kB``, ``2.3 MB``, ``1.2 GB``."""
    for unit, factor in (("GB", 1e9), ("MB", 1e6)):
        if size >= factor / 10:
            return f"{size / factor:.1f} {unit}"
    return f"{size / 1e3:.1f} kB"
