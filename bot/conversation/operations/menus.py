"""Orders that are not whole yet: what may be meant, as buttons, and questions for what is missing."""

from collections.abc import Mapping
from dataclasses import dataclass

from bot.conversation.model import Answer, Choice, Form, Reply
from bot.conversation.operations.runs import ask_token, menu_token, run_token, told_token
from bot.conversation.operations.showing import rows_of
from chatops.console import Console
from chatops.describing import usage
from chatops.model import Actor, OpsError, Place
from chatops.registry import Action, Parameter

_MOST_OFFERED = 9
_MOST_BUTTONS = 25
_LABEL = 40


@dataclass(frozen=True, slots=True)
class Menus:
    """What somebody may order in a place."""

    console: Console
    actor: Actor
    place: Place

    async def groups(self, said: str = "") -> Answer:
        """All that they may do here, a button for each group."""
        offered = await self.console.offered(self.actor, self.place)
        groups = sorted({one.group for one in offered})
        if not groups:
            return Answer(notice=await self._why_nothing())
        lines = [f"{name}: {self.console.registry.groups[name]}" for name in groups]
        buttons = [Choice(name, menu_token(name)) for name in groups[:_MOST_BUTTONS]]
        return Answer(panel=Reply("\n".join([said or "You may use these here:", *lines]), choices=rows_of(buttons)))

    async def verbs(self, group: str, said: str = "") -> Answer:
        """What they may do with a group."""
        offered = [one for one in await self.console.offered(self.actor, self.place) if one.group == group]
        if not offered:
            return Answer(notice=await self._why_nothing())
        lines = [self._line(one) for one in offered]
        buttons = [Choice(one.verb, run) for one in offered if (run := run_token(one.name, {}))]
        text = "\n".join([said or f"{group} can:", *lines])
        return Answer(panel=Reply(text, choices=rows_of(buttons[:_MOST_BUTTONS])))

    async def missing(self, action: Action, given: Mapping[str, str]) -> Answer | None:
        """A question for the first argument that is missing; None where all are there, or they may not use it."""
        if any(action.parameter(option).is_secret for option in given):
            return None  # it would be in the buttons
        named = {action.parameter(option).option for option in given}
        lacking = next((one for one in action.parameters if one.is_required and one.option not in named), None)
        if lacking is None or action not in await self.console.offered(self.actor, self.place):
            return None
        offered = await self.console.complete(self.actor, self.place, action.name, lacking.option, "")
        buttons = [
            Choice(one[:_LABEL], run)
            for one in offered[:_MOST_OFFERED]
            if (run := run_token(action.name, {**given, lacking.option: one}))
        ]
        ask = ask_token(action.name, given, lacking.option)
        if ask is not None and (not offered or len(offered) > len(buttons)):
            buttons.append(Choice(f"Type {lacking.option} …", ask))
        return Answer(panel=Reply(f"{action.name} needs {needed(lacking)}.", choices=rows_of(buttons)))

    def question(self, action: Action, given: Mapping[str, str], option: str) -> Answer:
        """Asks for one argument as a line of text; raises BadArgument."""
        parameter = action.parameter(option)
        told = told_token(action.name, given, parameter.option)
        if told is None:
            return Answer(notice=f"Give the whole command at once: {action.name} needs {needed(parameter)}.")
        return Answer(form=Form(action.name, f"{parameter.option}: {parameter.kind.hint}", told))

    def _line(self, action: Action) -> str:
        missing = action.missing(self.console.parts)
        reason = f" (not available: {missing})" if missing else ""
        return f"{usage(action)}: {action.help}{reason}"

    async def _why_nothing(self) -> str:
        """The sentence with which the least action is refused."""
        identity = await self.console.authorisation.identify(self.actor, now=self.console.parts.clock())
        try:
            for one in self.console.registry:
                self.console.authorisation.check(one, identity, self.place)
        except OpsError as error:
            return str(error)
        return "There is nothing of that here."


def needed(parameter: Parameter) -> str:
    """``timeout: 10s to 15m``, as of a parameter that is missing."""
    said = f" ({parameter.help})" if parameter.help else ""
    return f"{parameter.option}{said}: {parameter.kind.hint}"
