"""``screen2deck ops GROUP VERB``: the console on the server's own terminal."""

import asyncio
import getpass
import json
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated
from uuid import uuid4

import typer

from bot.commands.running import BAD_INPUT, prepared, run
from bot.conversation.operations.ordering import options_of
from bot.conversation.operations.tables import drawn
from bot.conversation.visible import visible
from bot.migrating import bring_up_to_date
from bot.operations import open_console
from bot.services import open_services
from chatops import answers, plans
from chatops.actions import registry
from chatops.authorisation import TERMINAL
from chatops.console import Console, Outcome
from chatops.describing import described
from chatops.model import Actor, Answer, Confirmation, OpsError, Order, Place
from chatops.registry import Action
from config.settings import Settings
from storage import requests
from storage.requests import RequestRecord, Stage

_NOT_DONE = 1
_WAIT_S = 0.5
_PLACE = Place(TERMINAL, TERMINAL, is_private=True)


def ops(
    context: typer.Context,
    group: Annotated[str, typer.Argument(help="What it is about; `actions` lists all, `help` what you may do.")],
    verb: Annotated[str, typer.Argument(help="What is to be done.")] = "",
    output: Annotated[str, typer.Option("--format", help="text or json.")] = "text",
    confirm: Annotated[str, typer.Option(help="The phrase, or yes where a button would do; asked for otherwise.")] = "",
) -> None:
    """Run an action of the console as the server's own operator; parameters follow as --NAME VALUE."""
    if output not in ("text", "json"):
        raise typer.BadParameter(f"there is no format {output!r}; choose text or json.")
    settings = prepared()
    if group == "actions" and not verb:
        _list_actions(settings, output)
        return
    words = list(context.args)
    if group == "help":
        group, verb, words = "ops", "help", [*([verb] if verb else []), *words]
    run(_operate(settings, group, verb, words, output, confirm))


async def _operate(settings: Settings, group: str, verb: str, words: list[str], output: str, phrase: str) -> None:
    try:
        action = registry().find(group, verb)
        options = _with_secrets(action, options_of(action, words))
    except OpsError as error:
        _print(Answer(str(error), ok=False), output)
        raise typer.Exit(BAD_INPUT) from error
    async with _console(settings) as console:
        order = Order(_actor(), _PLACE, action.name, options, f"{TERMINAL}:{uuid4()}")
        outcome = await console.take(order)
        answer = outcome.answer or await _to_the_end(console, outcome, phrase, output)
        await console.executor.close(within_s=1.0)
    _print(answer, output)
    if not answer.ok:
        raise typer.Exit(_NOT_DONE)


def _with_secrets(action: Action, options: dict[str, str]) -> dict[str, str]:
    """What is secret comes by stdin where it is given as ``-``: others see the words of a command."""
    hidden = [name for name, value in options.items() if value == "-" and action.parameter(name).is_secret]
    return {**options, **{name: sys.stdin.readline().strip() for name in hidden}}


async def _to_the_end(console: Console, outcome: Outcome, phrase: str, output: str) -> Answer:
    record = outcome.request
    if record is None:
        raise RuntimeError("an outcome is a request or an answer")
    if record.state is Stage.PLANNED:
        typed = phrase or await asyncio.to_thread(_ask, record, console.parts.policy.environment)
        said = "" if record.confirmation == Confirmation.BUTTON and typed.strip().lower() in ("y", "yes") else typed
        if record.confirmation == Confirmation.BUTTON and said:
            cancelled = await console.cancel(record.id, _actor(), _PLACE)
            return cancelled.answer or Answer("It was cancelled.", ok=False)
        confirmed = await console.confirm(record.id, _actor(), _PLACE, said)
        if confirmed.answer is not None:
            return confirmed.answer
    return await _followed(console, record)


async def _followed(console: Console, record: RequestRecord) -> Answer:
    """Tell progress until it has ended."""
    told: list[str] = []
    while True:
        now = await requests.request(record.id)
        for line in now.progress:
            if line not in told:
                typer.echo(visible(line), err=True)
                told.append(line)
        if now.state.is_end:
            return _ending(now, await requests.files_of(now.id))
        if now.state is Stage.WAITING and "waiting" not in told:
            typer.echo(f"Request {str(now.id)[:8]} waits for a second person to approve it in the chat.", err=True)
            told.append("waiting")
        await console.glance()
        if not await console.executor.wait(record.id, _WAIT_S):
            await asyncio.sleep(_WAIT_S)


def _ending(record: RequestRecord, files: list[requests.StoredFile]) -> Answer:
    if record.answer is not None:
        return answers.from_json(record.answer, files)
    said = {Stage.EXPIRED: "Nobody confirmed it in time.", Stage.CANCELLED: "It was cancelled."}
    return Answer(said.get(record.state, record.state.value), ok=False)


def _ask(record: RequestRecord, environment: str) -> str:
    plan = plans.from_json(record.plan)
    typer.echo(f"{record.action} in {environment}: {plan.summary if plan else ''}", err=True)
    if plan is not None:
        typer.echo("\n".join(drawn(plan.table, 100).splitlines() if plan.table else plan.items[:20]), err=True)
    asked = "Type yes to confirm" if record.confirmation == Confirmation.BUTTON else f"Type: {record.phrase}"
    typer.echo(f"{asked}\n> ", nl=False, err=True)
    return sys.stdin.readline().strip()


def _print(answer: Answer, output: str) -> None:
    if output == "json":
        typer.echo(json.dumps({"ok": answer.ok, "text": answer.text, "data": answer.data}, ensure_ascii=False))
        return
    typer.echo(visible(answer.text), err=not answer.ok)
    if answer.table is not None:
        typer.echo(visible(drawn(answer.table, 120)))
    for line in answer.log:
        typer.echo(visible(line))
    for one in answer.suggestions:
        options = " ".join(f"--{name} {value}" for name, value in one.arguments.items())
        typer.echo(f"Next: screen2deck ops {one.action} {options}".rstrip(), err=True)
    for file in answer.files:
        _save(file.name, file.data)


def _save(name: str, data: bytes) -> None:
    """A file of the answer, in the current folder, where none is overwritten."""
    try:
        descriptor = os.open(os.path.basename(name), os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)  # noqa: PTH119
    except FileExistsError:
        typer.echo(f"{name} is there already, and stays as it is.", err=True)
        return
    with os.fdopen(descriptor, "wb") as file:
        file.write(data)
    typer.echo(f"Written: {name}", err=True)


def _list_actions(settings: Settings, output: str) -> None:
    async def work() -> None:
        async with _console(settings) as console:
            parts = console.parts
            if output == "json":
                listed = [described(one, parts) for one in registry()]
                typer.echo(json.dumps(listed, ensure_ascii=False, indent=1))
                return
            for one in registry():
                missing = one.missing(parts)
                typer.echo(f"{one.name}: {one.help}" + (f" Not available: {missing}" if missing else ""))

    run(work())


def _actor() -> Actor:
    name = getpass.getuser()
    return Actor(TERMINAL, name, name)


@asynccontextmanager
async def _console(settings: Settings) -> AsyncIterator[Console]:
    await bring_up_to_date(settings)
    async with open_services(settings) as services:
        yield open_console(services)
