"""HTML that cannot be injected into: whatever is not Markup already is escaped."""

from html import escape

_VOID = frozenset({"img", "meta", "input"})


class Markup(str):
    """Text that is HTML; made by ``element`` and ``trusted`` only."""

    __slots__ = ()


def trusted(text: str) -> Markup:
    """Mark HTML that was written in this program."""
    return Markup(text)


def join(*parts: str) -> Markup:
    """Put parts one after the other, escaping those that are plain text."""
    return Markup("".join(part if isinstance(part, Markup) else escape(part) for part in parts))


def element(name: str, /, *children: str, **attributes: str | None) -> Markup:
    """Return an element without the attributes that are None; ``class_`` is written class."""
    written = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{escape(value, quote=True)}"'
        for key, value in attributes.items()
        if value is not None
    )
    if name in _VOID:
        return Markup(f"<{name}{written}>")
    return Markup(f"<{name}{written}>{join(*children)}</{name}>")
