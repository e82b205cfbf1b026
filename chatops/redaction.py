"""Nothing secret leaves the console: known values, and whatever has the shape of a secret, is blotted out."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from chatops.model import Answer, File, Plan, Suggestion, Table

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


@dataclass(frozen=True, slots=True)
class Redactor:
    """Knows the values that this deployment keeps secret. ``shown`` are mail addresses that are there to be read."""

    secrets: tuple[str, ...] = field(default=(), repr=False)
    shown: frozenset[str] = frozenset()

    @classmethod
    def of(cls, secrets: Iterable[str], shown: Iterable[str] = ()) -> "Redactor":
        """Longest first, so that none is left half."""
        ordered = sorted({one for one in secrets if len(one) >= _SHORTEST}, key=len, reverse=True)
        return cls(tuple(ordered), frozenset(shown))

    def text(self, text: str) -> str:
        """The text without secrets."""
        for secret in self.secrets:
            text = text.replace(secret, BLOT)
        for shape, instead in _SHAPES:
            text = shape.sub(instead, text)
        return _MAIL.sub(lambda found: found[0] if found[0] in self.shown else "[e-mail]", text)

    def json(self, value: Any) -> Any:
        """The same in all texts of some JSON; numbers stay numbers."""
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, Mapping):
            return {self.text(str(key)): self.json(one) for key, one in value.items()}
        if isinstance(value, list | tuple | set | frozenset):
            return [self.json(one) for one in value]
        return value if isinstance(value, int | float | bool | None) else self.text(str(value))

    def answer(self, answer: Answer) -> Answer:
        """An answer, with its files of text, as it may leave."""
        return replace(
            answer,
            text=self.text(answer.text),
            table=None if answer.table is None else self.table(answer.table),
            log=tuple(self.text(line) for line in answer.log),
            files=tuple(self._file(file) for file in answer.files),
            suggestions=tuple(self._suggestion(one) for one in answer.suggestions),
            data=self.json(answer.data),
        )

    def plan(self, plan: Plan) -> Plan:
        """A plan as it may be shown."""
        return replace(
            plan,
            summary=self.text(plan.summary),
            items=tuple(self.text(one) for one in plan.items),
            table=None if plan.table is None else self.table(plan.table),
            data=self.json(plan.data),
        )

    def table(self, table: Table) -> Table:
        """A table as it may be shown."""
        return Table(table.columns, tuple(tuple(self.text(cell) for cell in row) for row in table.rows))

    def _file(self, file: File) -> File:
        if not file.media_type.startswith(("text/", "application/json", "application/x-ndjson", "image/svg")):
            return file
        return replace(file, data=self.text(file.data.decode("utf-8", "replace")).encode())

    def _suggestion(self, one: Suggestion) -> Suggestion:
        return Suggestion(self.text(one.label), one.action, {key: self.text(v) for key, v in one.arguments.items()})
