"""Nothing secret leaves the console: known values, and whatever has the shape of a secret, is blotted out."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from chatops.model import Answer, File, Plan, Suggestion, Table
from config.redacting import longest_first, redacted


@dataclass(frozen=True, slots=True)
class Redactor:
    """Knows the values that this deployment keeps secret. ``shown`` are mail addresses that are there to be read."""

    secrets: tuple[str, ...] = field(default=(), repr=False)
    shown: frozenset[str] = frozenset()

    @classmethod
    def of(cls, secrets: Iterable[str], shown: Iterable[str] = ()) -> "Redactor":
        """Longest first, so that none is left half."""
        return cls(longest_first(secrets), frozenset(shown))

    def text(self, text: str) -> str:
        """The text without secrets."""
        return redacted(text, self.secrets, self.shown)

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
