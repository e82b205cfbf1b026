"""What a request's message shows: its plan, what it waits for, its progress, its answer."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from bot.conversation.model import Choice, OutFile, Reply, Style
from bot.conversation.operations.runs import run_token
from bot.conversation.operations.tables import drawn
from bot.conversation.tokens import token
from chatops import answers, plans
from chatops.console import Console
from chatops.inert import without_marks
from chatops.model import Answer, Confirmation, Plan, Suggestion
from storage import requests
from storage.records import MessageRecord
from storage.requests import RequestRecord, Stage

_LONGEST_BLOCK = 1700
"""Letters that every platform shows with the sentences around them; what is longer becomes a file, of which as many
lines stay."""
_BUTTONS_IN_ROW, _MANY_IN_ROW, _MANY_BUTTONS = 3, 5, 15
_MOST_BUTTONS = 9
_FILE = "answer.txt"
_MARKS = {
    Stage.DONE: "✅",
    Stage.FAILED: "❌",
    Stage.UNKNOWN: "❓",
    Stage.REFUSED: "⛔",
    Stage.CANCELLED: "✖️",
    Stage.EXPIRED: "⌛",
}


async def request_reply(message: MessageRecord, console: Console) -> Reply:
    """The present state of a request; raises NotStored where it is no longer kept."""
    record = console.shown(await requests.request(UUID(message.subject_id)))
    if record.answer is not None:
        return answer_reply(record, answers.from_json(record.answer, await requests.files_of(record.id)))
    return _open_reply(record, console.parts.policy.environment)


def answer_reply(record: RequestRecord, answer: Answer) -> Reply:
    """The end of a request."""
    head = f"{_MARKS.get(record.state, '')} {_command(record)} · {_who(record)}"
    block, files = _block(answer)
    return Reply(
        without_marks(f"{head}\n{answer.text}"),
        block=block,
        files=files,
        choices=_suggestions(record, answer.suggestions),
        block_name=_FILE,
    )


def sentence_reply(answer: Answer) -> Reply:
    """An answer that belongs to no request; what it suggests is a button where that fits into one."""
    block, files = _block(answer)
    buttons, lines = [], []
    for one in answer.suggestions[:_MOST_BUTTONS]:
        pressed = run_token(one.action, one.arguments)
        if pressed is None:
            lines.append(f"Next: {one.action} {_options(one.arguments)}".rstrip())
        else:
            buttons.append(Choice(one.label, pressed))
    text = without_marks("\n".join([answer.text, *lines]))
    return Reply(text, block=block, files=files, choices=rows_of(buttons), block_name=_FILE)


def _open_reply(record: RequestRecord, environment: str) -> Reply:
    plan = plans.from_json(record.plan)
    head = f"{_command(record)} · {_who(record)}"
    if record.state is Stage.RUNNING:
        return Reply(f"⏳ {head}", block="\n".join(record.progress), is_working=True, block_name=_FILE)
    lines = [f"{_MARKS.get(record.state, '🔶')} {head} · {environment}", "" if plan is None else plan.summary]
    if record.state is Stage.PLANNED:
        lines.append(_how_to_confirm(record))
    elif record.state is Stage.WAITING:
        lines.append(f"Confirmed by {record.human}; a second person must approve it until {_time(record)}.")
    elif record.state in (Stage.EXPIRED, Stage.CANCELLED):
        lines.append("Nobody confirmed it in time." if record.state is Stage.EXPIRED else "It was cancelled.")
    text = without_marks("\n".join(line for line in lines if line))
    return Reply(text, block=_plan_block(plan), choices=_decisions(record), block_name=_FILE)


def _how_to_confirm(record: RequestRecord) -> str:
    until = _time(record)
    if record.confirmation == Confirmation.BUTTON:
        return f"Confirm until {until}."
    more = "; then a second person approves it" if record.confirmation == Confirmation.TWO_PERSONS else ""
    return f"To confirm, type this until {until}{more}:\n{record.phrase}"


def _decisions(record: RequestRecord) -> tuple[tuple[Choice, ...], ...]:
    no = Choice("Cancel", token("opsno", record.id))
    if record.state is Stage.WAITING:
        return ((Choice("Approve", token("opsapprove", record.id), Style.DANGER), no),)
    if record.state is not Stage.PLANNED:
        return ()
    if record.confirmation == Confirmation.BUTTON:
        return ((Choice("Confirm", token("opsyes", record.id), Style.DANGER), no),)
    return ((Choice("Type the phrase", token("opstype", record.id), Style.DANGER), no),)


def _suggestions(record: RequestRecord, found: Sequence[Suggestion]) -> tuple[tuple[Choice, ...], ...]:
    return rows_of(
        [Choice(one.label, token("opsgo", record.id, number)) for number, one in enumerate(found[:_MOST_BUTTONS])]
    )


def rows_of(buttons: Sequence[Choice]) -> tuple[tuple[Choice, ...], ...]:
    """Buttons in rows that a phone shows whole; where there are many, in as few rows as any platform has."""
    each = _BUTTONS_IN_ROW if len(buttons) <= _MANY_BUTTONS else _MANY_IN_ROW
    return tuple(tuple(buttons[start : start + each]) for start in range(0, len(buttons), each))


def _block(answer: Answer) -> tuple[str, tuple[OutFile, ...]]:
    files = tuple(
        OutFile(one.name, one.data, one.media_type.startswith("image/"), one.media_type) for one in answer.files
    )
    parts = ([drawn(answer.table)] if answer.table is not None else []) + ["\n".join(answer.log)]
    block = "\n".join(part for part in parts if part)
    if len(block) <= _LONGEST_BLOCK:
        return block, files
    return f"{_beginning(block)}\n…", (OutFile(_FILE, block.encode()), *files)


def _beginning(block: str) -> str:
    """Whole lines, as far as there is room; of a line that is too long by itself, what fits."""
    kept = block[:_LONGEST_BLOCK]
    return kept.rpartition("\n")[0] or kept


def _plan_block(plan: Plan | None) -> str:
    if plan is None:
        return ""
    if plan.table is not None:
        return drawn(plan.table)
    shown = list(plan.items[:10])
    more = len(plan.items) - len(shown)
    return "\n".join([*shown, f"… and {more} more"] if more else shown)


def _command(record: RequestRecord) -> str:
    return f"{record.action} {_options(record.arguments)}".strip()


def _options(arguments: Mapping[str, str]) -> str:
    return " ".join(f"{name}={value}" for name, value in arguments.items())


def _who(record: RequestRecord) -> str:
    approver = "" if record.approver is None else f" with {record.approver['human']}"
    return f"{record.human}{approver}"


def _time(record: RequestRecord) -> str:
    return "later" if record.expires_at is None else f"{record.expires_at:%H:%M:%S} UTC"
