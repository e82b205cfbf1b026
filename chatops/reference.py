"""Makes ``docs/console.md`` from what the actions declare.

python -m chatops.reference > docs/console.md
"""

import sys
from collections.abc import Iterator

from chatops.actions import registry
from chatops.describing import default_of, usage
from chatops.model import Confirmation, Risk
from chatops.registry import Action, Registry
from config.ops import Role

INTRODUCTION = """\
# The console's actions

<!-- Made by `make docs`; a test compares it. -->

The same actions are slash commands on Discord (`/queue drain`), commands on Telegram (`/queue drain 5m`) and commands
of the server's own terminal (`screen2deck ops queue drain --timeout 5m`). `ops help` lists what you may use where you
ask. [Discord](connect-discord.md#operations) and [Telegram](connect-telegram.md#operations) say how a channel becomes
one of the console, [config/ops.yaml](../config/ops.yaml) who has which role, [the runbook](runbook.md) which action
stands for which of its steps.

Roles include those before them: viewer, responder, operator, admin. Who has none may do nothing; no action answers
outside the console's channels, the server's terminal and private chats of people whom `ops.yaml` names.

| risk | what can go wrong |
|---|---|
| read | nothing |
| write | what can be taken back, without players losing anything |
| dangerous | players notice, or it is hard to undo |
| destructive | data or evidence can be lost |

| confirmation | what stands between plan and deed |
|---|---|
| none | nothing: it is done at once |
| button | the plan is shown; whoever asked presses Confirm within 60 s |
| phrase | whoever asked types the phrase that the plan prints, within 120 s |
| two-persons | the phrase, and within 10 minutes another human whose role is at least as high |

A plan may ask for more than its action does, such as a phrase where much would be touched. What it would touch is
looked at again when it is done: if more than a tenth of that has changed, it is asked for anew.
"""

_CONFIRMATIONS = {
    Confirmation.NONE: "–",
    Confirmation.BUTTON: "button",
    Confirmation.PHRASE: "phrase",
    Confirmation.TWO_PERSONS: "two persons",
}


def reference(actions: Registry) -> str:
    """The page as Markdown."""
    parts = [INTRODUCTION, *_overview(actions)]
    for group, about in actions.groups.items():
        parts += [f"## {group}\n", f"{about}\n", *_chapter(actions.of_group(group))]
    return "\n".join(parts).rstrip() + "\n"


def _overview(actions: Registry) -> Iterator[str]:
    """Who may use what."""
    yield "## Who may use what\n"
    yield f"| action | {' | '.join(role.value for role in Role)} | risk | confirmation |"
    yield "|---|" + "---|" * (len(Role) + 2)
    for one in actions:
        may = " | ".join("✓" if one.role is not None and role.includes(one.role) else "" for role in Role)
        yield f"| `{one.name}` | {may} | {one.risk.value} | {_CONFIRMATIONS[one.confirmation]} |"
    yield ""


def _chapter(found: list[Action]) -> Iterator[str]:
    for one in found:
        yield f"### {one.name}\n"
        yield f"`{one.group} {usage(one)}`: {one.help}\n"
        yield f"{_facts(one)}\n"
        yield from _parameters(one)


def _facts(one: Action) -> str:
    role = "nobody" if one.role is None else f"{one.role.value} and above"
    facts = [f"For {role}", f"risk: {one.risk.value}"]
    if one.confirmation is not Confirmation.NONE:
        facts.append(f"confirmation: {_CONFIRMATIONS[one.confirmation]}")
    if one.is_private:
        facts.append("answered in private")
    if one.check and one.risk is not Risk.READ:
        facts.append(f"check with `{one.check}`")
    needs = "".join(f" Needs {need.name}: {need.reason}" for need in one.needs)
    return "; ".join(facts) + "." + needs


def _parameters(one: Action) -> Iterator[str]:
    if not one.parameters:
        return
    yield "| parameter | allowed | default |"
    yield "|---|---|---|"
    for parameter in one.parameters:
        allowed = f"{parameter.help}: {parameter.kind.hint}" if parameter.help else parameter.kind.hint
        default = (
            "required" if parameter.is_required else (f"`{default_of(parameter)}`" if default_of(parameter) else "")
        )
        yield f"| `{parameter.option}` | {_cell(allowed)} | {_cell(default)} |"
    yield ""


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


if __name__ == "__main__":
    sys.stdout.write(reference(registry()))
