"""Plans as they are kept, and what binds a confirmation to one."""

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from chatops.model import Confirmation, Plan, Table
from chatops.registry import Action
from config.ops import Role

_MAY_CHANGE = 0.1
"""Share of a plan's items that may differ at execution; beyond it, it is asked for again."""


def plan_hash(action: Action, arguments: Mapping[str, str], environment: str, human: str, plan: Plan) -> str:
    """What a confirmation is bound to: who, the action, its arguments, where, and what it would touch."""
    bound = [action.name, sorted(arguments.items()), environment, human, plan.target, sorted(plan.items)]
    return hashlib.sha256(json.dumps(bound, ensure_ascii=False).encode()).hexdigest()


def has_changed(before: Plan, now: Plan) -> bool:
    """Whether the deed would no longer be what was confirmed."""
    if before.target != now.target or confirmation_rank(now) > confirmation_rank(before):
        return True
    old, new = set(before.items), set(now.items)
    return len(old ^ new) > _MAY_CHANGE * max(1, len(old))


def confirmation_rank(plan: Plan) -> int:
    """How much a plan itself asks for."""
    return 0 if plan.confirmation is None else plan.confirmation.rank


def needed_confirmation(action: Action, plan: Plan) -> Confirmation:
    """The stronger of what the action and its plan ask for."""
    asked = [action.confirmation] + ([] if plan.confirmation is None else [plan.confirmation])
    return max(asked, key=lambda one: one.rank)


def needed_role(action: Action, plan: Plan | None) -> Role | None:
    """The higher of what the action and its plan ask for."""
    roles = [action.role] if action.role else []
    if plan is not None and plan.role is not None:
        roles.append(Role(plan.role))
    return max(roles, key=lambda role: role.rank, default=None) if action.role else None


def phrase_of(action: Action, plan: Plan, environment: str) -> str:
    """What the requester types: the deed, what it is done to, and where."""
    return " ".join((action.verb, plan.target or action.group, environment))


def to_json(plan: Plan) -> dict[str, Any]:
    """As it is kept."""
    return {
        "summary": plan.summary,
        "items": list(plan.items),
        "target": plan.target,
        "confirmation": plan.confirmation,
        "role": plan.role,
        "table": None if plan.table is None else [list(plan.table.columns), [list(row) for row in plan.table.rows]],
        "data": plan.data,
    }


def from_json(stored: Mapping[str, Any] | None) -> Plan | None:
    """The plan back."""
    if stored is None:
        return None
    table, confirmation = stored.get("table"), stored.get("confirmation")
    return Plan(
        summary=stored["summary"],
        items=tuple(stored["items"]),
        target=stored["target"],
        confirmation=None if confirmation is None else Confirmation(confirmation),
        role=stored.get("role"),
        table=None if table is None else Table(tuple(table[0]), tuple(tuple(row) for row in table[1])),
        data=stored.get("data"),
    )
