"""Checklists: what is looked at every day, before a deployment, after an incident; part of ``ops.yaml``."""

from typing import Literal

from pydantic import Field, model_validator

from config.spans import Span
from config.strict import Strict

Day = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
DAYS: tuple[Day, ...] = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


class ItemEntry(Strict):
    """One thing to look at. With ``evidence`` it ticks itself where what is found is good; ``action`` is a button."""

    name: str = Field(pattern=r"^[a-z][a-z0-9-]{0,31}$")
    text: str = Field(min_length=3, max_length=120)
    evidence: str | None = Field(default=None, pattern=r"^[a-z][a-z_]{0,31}$")
    action: str | None = Field(default=None, pattern=r"^[a-z]+ [a-z-]+$")
    only: Day | None = None
    is_mandatory: bool = Field(default=True, alias="mandatory")


class ChecklistEntry(Strict):
    """A list, when it is posted (crontab, UTC), and how often it is reminded of until it is done."""

    items: tuple[ItemEntry, ...] = Field(min_length=1, max_length=20)
    post: str | None = None
    remind: Span | None = None

    @model_validator(mode="after")
    def _one_item_a_name(self) -> "ChecklistEntry":
        names = [one.name for one in self.items]
        if len(set(names)) < len(names):
            raise ValueError("two items have one name")
        return self
