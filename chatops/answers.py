"""Answers as they are kept with their request."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from chatops.model import Answer, File, Suggestion, Table
from storage.requests import StoredFile

_LARGEST_DATA = 200_000


def to_json(answer: Answer) -> dict[str, Any]:
    """All but the files; data that is too large is left out."""
    return {
        "ok": answer.ok,
        "text": answer.text,
        "table": None if answer.table is None else [list(answer.table.columns), [list(r) for r in answer.table.rows]],
        "log": list(answer.log),
        "suggestions": [
            {"label": one.label, "action": one.action, "arguments": dict(one.arguments)} for one in answer.suggestions
        ],
        "data": answer.data if len(json.dumps(answer.data, default=str)) <= _LARGEST_DATA else None,
    }


def from_json(stored: Mapping[str, Any], files: Sequence[StoredFile] = ()) -> Answer:
    """The answer back."""
    table = stored.get("table")
    return Answer(
        text=stored["text"],
        ok=stored["ok"],
        table=None if table is None else Table(tuple(table[0]), tuple(tuple(row) for row in table[1])),
        log=tuple(stored.get("log", ())),
        files=tuple(File(one.name, one.data, one.media_type) for one in files),
        suggestions=tuple(
            Suggestion(one["label"], one["action"], one["arguments"]) for one in stored.get("suggestions", ())
        ),
        data=stored.get("data"),
    )


def refusal(sentence: str, suggestions: Sequence[Suggestion] = ()) -> Answer:
    """An answer that says why nothing was done."""
    return Answer(sentence, ok=False, suggestions=tuple(suggestions))
