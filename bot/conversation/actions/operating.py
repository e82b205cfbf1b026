"""Buttons of the console's messages: confirm, approve, cancel, and actions that an answer suggests."""

from collections.abc import Awaitable
from uuid import UUID

from bot.conversation.actions.registry import Context, verb
from bot.conversation.desk import Refused
from bot.conversation.model import Answer, Form
from bot.conversation.operations.ordering import Ordering, actor_of, place_of
from bot.conversation.operations.runs import ASK, MENU, RUN, TOLD, read_run
from bot.conversation.tokens import token
from chatops.console import Outcome
from chatops.model import OpsError
from storage import outbox, requests
from storage.requests import Stage


@verb("opsyes")
async def confirm(context: Context) -> Answer:
    """A button is all that this plan asks for."""
    author, place = context.press.author, context.press.place
    return _said(await context.console.confirm(_request(context), actor_of(author), place_of(author, place)))


@verb("opstype")
async def ask_phrase(context: Context) -> Answer:
    """Ask for the phrase."""
    record = await requests.request(_request(context))
    if record.state is not Stage.PLANNED:
        return Answer(notice="This no longer waits for a phrase.")
    return Answer(form=Form("Confirm", f"Type: {record.phrase}", token("opstyped", record.id)))


@verb("opstyped")
async def confirm_typed(context: Context) -> Answer:
    """The phrase was typed."""
    author, place = context.press.author, context.press.place
    phrase = context.press.values.get("text", "")
    return _said(await context.console.confirm(_request(context), actor_of(author), place_of(author, place), phrase))


@verb("opsapprove")
async def approve(context: Context) -> Answer:
    """A second person says yes."""
    author, place = context.press.author, context.press.place
    return _said(await context.console.approve(_request(context), actor_of(author), place_of(author, place)))


@verb("opsno")
async def cancel(context: Context) -> Answer:
    """Somebody says no."""
    author, place = context.press.author, context.press.place
    return _said(await context.console.cancel(_request(context), actor_of(author), place_of(author, place)))


@verb("opsgo")
async def follow(context: Context) -> Answer:
    """An action that an answer suggested."""
    return await _told(Ordering(context.console).follow(context.press, _request(context), context.token.number(0)))


@verb("opsnext")
async def follow_notice(context: Context) -> Answer:
    """An action that a notice suggested; the buttons' subject is the notice itself."""
    message = await outbox.message(_request(context))
    suggested = [] if message is None else (message.payload or {}).get("suggestions", [])
    number = context.token.number(0)
    if number >= len(suggested):
        return Answer(notice="This button is no longer in use.")
    one, once = suggested[number], f"{_request(context)}.{number}"
    return await _told(Ordering(context.console).press(context.press, one["action"], one["arguments"], once))


@verb(RUN)
async def run(context: Context) -> Answer:
    """An action that the button names whole."""
    action, arguments, _ = read_run(context.token.arguments)
    return await _told(Ordering(context.console).press(context.press, action, arguments, ""))


@verb(MENU)
async def show_menu(context: Context) -> Answer:
    """What can be done with a group."""
    group, _, _ = read_run(context.token.arguments)
    return await Ordering(context.console).menus(context.press.author, context.press.place).verbs(group)


@verb(ASK)
async def ask(context: Context) -> Answer:
    """Ask for one more argument."""
    action, arguments, option = read_run(context.token.arguments)
    menus = Ordering(context.console).menus(context.press.author, context.press.place)
    try:
        return menus.question(context.console.registry.named(action), arguments, option)
    except OpsError as error:
        return Answer(notice=str(error))


@verb(TOLD)
async def run_told(context: Context) -> Answer:
    """The argument was typed."""
    action, arguments, option = read_run(context.token.arguments)
    given = {**arguments, option: context.press.values.get("text", "")}
    return await _told(Ordering(context.console).press(context.press, action, given, ""))


async def _told(work: Awaitable[Answer]) -> Answer:
    try:
        return await work
    except OpsError as error:
        return Answer(notice=str(error))


def _said(outcome: Outcome) -> Answer:
    return Ordering.answered(outcome) or Answer()


def _request(context: Context) -> UUID:
    if context.token.subject is None:
        raise Refused("old_button")
    return context.token.subject
