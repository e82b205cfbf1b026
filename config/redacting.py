"""What nobody may read: the values that this deployment keeps secret, and whatever has the shape of a secret."""

import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from urllib.parse import unquote, urlsplit

from pydantic import SecretStr

from config.settings import Settings

BLOT = "[redacted]"
_SHORTEST = 6

_SHAPES: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY-----.*?(?:-----END [A-Z ]*PRIVATE KEY-----|\Z)", re.DOTALL), BLOT),
    # user:password@ of an address (RFC 3986)
    (re.compile(r"(?P<scheme>\b[a-z][a-z0-9+.-]{1,15}://)[^\s/@\"'<>]+@", re.IGNORECASE), rf"\g<scheme>{BLOT}@"),
    # JSON web tokens (RFC 7519)
    (re.compile(r"\beyJ[A-Za-z0-9_-]{6,}\.[A-Za-z0-9_-]{6,}\.?[A-Za-z0-9_-]*"), BLOT),
    # tokens of Telegram bots, of Discord bots and webhooks, and this product's own keys
    (re.compile(r"\b\d{6,12}:[A-Za-z0-9_-]{30,}"), BLOT),
    (re.compile(r"\b[MNO][A-Za-z\d_-]{22,27}\.[A-Za-z\d_-]{6}\.[A-Za-z\d_-]{25,}"), BLOT),
    (re.compile(r"(?P<before>/webhooks/\d+/)[A-Za-z0-9_-]{20,}"), rf"\g<before>{BLOT}"),
    (re.compile(r"\bs2d_[A-Za-z0-9_-]{16,}"), BLOT),
    (re.compile(r"\b(?:ghp|gho|ghs|glpat|xox[abpr]|sk|AKIA)[-_]?[A-Za-z0-9-]{16,}"), BLOT),
    (re.compile(r"(?P<before>\b(?:Bearer|Basic)\s+)[A-Za-z0-9._~+/=-]{6,}", re.IGNORECASE), rf"\g<before>{BLOT}"),
    (
        re.compile(
            r"(?P<before>\b[\w-]*(?:password|passwd|secret|token|api[_-]?key|private[_-]?key|authorization)[\w-]*"
            r"[\"']?\s*[=:]\s*[\"']?)(?!\[redacted\])(?P<value>(?:Bearer |Basic )?[^\s\"',;&<>]{4,})",
            re.IGNORECASE,
        ),
        rf"\g<before>{BLOT}",
    ),
)
# An instance of a systemd unit, such as worker@2.service, is no address.
_MAIL = re.compile(r"\b[A-Za-z0-9._%+-]{1,64}@(?!\d+\.service\b)[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63})+\b")


def longest_first(secrets: Iterable[str]) -> tuple[str, ...]:
    """Secrets in the order in which they are blotted out, so that none is left half; short ones are none."""
    return tuple(sorted({one for one in secrets if len(one) >= _SHORTEST}, key=len, reverse=True))


def redacted(text: str, secrets: Sequence[str] = (), shown: Collection[str] = ()) -> str:
    """The text without secrets, which come as ``longest_first`` has them; mail addresses of ``shown`` stay."""
    for secret in secrets:
        text = text.replace(secret, BLOT)
    for shape, instead in _SHAPES:
        text = shape.sub(instead, text)
    return _MAIL.sub(lambda found: found[0] if found[0] in shown else "[e-mail]", text)


def secrets_of(settings: Settings) -> Iterator[str]:
    """Values that nothing may show: secret settings, and passwords in addresses."""
    for _, value in settings:
        if isinstance(value, SecretStr):
            yield value.get_secret_value()
            yield from (one.strip() for one in value.get_secret_value().split(","))
            yield from _passwords(value.get_secret_value())
        elif isinstance(value, str):
            yield from _passwords(value)


def _passwords(addresses: str) -> Iterator[str]:
    """Of one address, or of several with commas between them."""
    for address in (addresses, *addresses.split(",")):
        try:
            password = urlsplit(address.strip()).password
        except ValueError:
            continue
        if password:
            yield password
            yield unquote(password)
