"""Figures: what they are, how they went, and from where on they are not normal."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Annotated

from chatops import figures
from chatops.figures import FIGURES, Condition, Measured, Series
from chatops.figures.known import KEY
from chatops.figures.reading import THRESHOLD
from chatops.model import Answer, BadArgument, Confirmation, Plan, Risk, Suggestion, Table
from chatops.observing.plotting import plotted
from chatops.parameters import Duration, Flag, Number, Word
from chatops.registry import action
from chatops.run import Run
from chatops.times import span
from config.ops import Role, Threshold
from storage import values

GROUPS = {"metrics": "Figures of the product, with plots."}

_ALL = "all"
_MARKS: Mapping[Condition, str] = {"normal": "normal", "elevated": "ELEVATED", "alert": "ALERT", "unknown": "–"}
_HOUR = timedelta(hours=1)
_MOST_BUTTONS = 5

FigureName = Annotated[str, Word(tuple(FIGURES))]
Limit = Annotated[float | None, Number(0, 1e12), "seconds, a share from 0 to 1, or a count"]


@action("metrics show", role=Role.VIEWER)
async def show(
    run: Run,
    name: Annotated[str, Word((_ALL, *FIGURES))] = _ALL,
    window: Annotated[timedelta, Duration("5m", "30d"), "time that the plot shows"] = _HOUR,
    plot: Annotated[bool, Flag()] = True,
) -> Answer:
    """Tell what figures are, whether that is normal, and how they went."""
    now = await figures.currents(run.parts)
    limits = await figures.thresholds(run.parts)
    conditions = {one: figures.condition(measured, limits.get(one)) for one, measured in now.items()}
    odd = [one for one, condition in conditions.items() if condition in ("elevated", "alert")]
    names = [*KEY, *(one for one in odd if one not in KEY)] if name == _ALL else [name]
    rows = tuple(_row(now[one], conditions[one], limits.get(one)) for one in names)
    series = await figures.histories(run.parts, names, run.now - window, run.now) if plot else []
    title = f"{run.parts.policy.environment}: last {span(window)}"
    files, why_not = (
        await plotted(
            "metrics.png",
            series,
            title=title,
            since=run.now - window,
            until=run.now,
            thresholds=limits,
            cache=run.parts.settings.data_dir / "plots",
        )
        if plot
        else ((), "")
    )
    return Answer(
        " ".join(filter(None, (_summary(names, conditions), *_notes(series), why_not))),
        table=Table(("figure", "now", "state", "limits"), rows),
        files=files,
        suggestions=_suggestions([one for one in names if one in odd]),
        data=[_data(now[one], conditions[one], limits.get(one)) for one in names],
    )


@action("metrics thresholds", role=Role.VIEWER)
async def thresholds(run: Run) -> Answer:
    """List from where on figures are elevated, and an alert."""
    limits = await figures.thresholds(run.parts)
    changed = await values.values(THRESHOLD)
    rows, data = [], []
    for name, one in limits.items():
        source = _source(run, name, changed)
        rows.append((name, _limit(name, one), source))
        data.append({"name": name, "warn": one.warn, "alert": one.alert, "unit": FIGURES[name].unit, "from": source})
    unknown = sorted(set(run.parts.policy.thresholds) - set(FIGURES))
    text = f"{len(rows)} figures have limits: elevated from the first on, an alert beyond the second."
    if unknown:
        text += f" ops.yaml has limits for {', '.join(unknown)}, which is no figure."
    return Answer(text, table=Table(("figure", "limits", "set in"), tuple(rows)), data=data)


@action("metrics threshold-set", role=Role.ADMIN, risk=Risk.WRITE, confirm=Confirmation.BUTTON)
async def threshold_set(run: Run, name: FigureName, warn: Limit = None, alert: Limit = None) -> Answer:
    """Change from where on a figure is elevated or an alert; without limits those of ops.yaml hold again."""
    before, after = await _change(run, name, warn, alert)
    if warn is None and alert is None:
        await values.remove_value(THRESHOLD + name)
        after = (await figures.thresholds(run.parts))[name]
    else:
        await values.set_value(THRESHOLD + name, {"warn": after.warn, "alert": after.alert}, by=run.human, now=run.now)
    text = f"{name}: {_limit(name, before)} until now, {_limit(name, after)} from now on."
    return Answer(text, data={"name": name, "warn": after.warn, "alert": after.alert})


@threshold_set.plan
async def plan_threshold_set(run: Run, name: str, warn: float | None = None, alert: float | None = None) -> Plan:
    """Before and after, and what that says of the figure as it is."""
    before, after = await _change(run, name, warn, alert)
    measured = await figures.current(run.parts, name)
    if warn is None and alert is None:
        return Plan(
            f"{name} goes back from {_limit(name, before)} to what ops.yaml, or the product, says.", target=name
        )
    now = "" if measured.value is None else f" It is {_value(measured)} now: {figures.condition(measured, after)}."
    return Plan(f"{name}: {_limit(name, before)} becomes {_limit(name, after)}.{now}", target=name)


async def _change(run: Run, name: str, warn: float | None, alert: float | None) -> tuple[Threshold, Threshold]:
    """The limits as they are and as they would be; raises BadArgument."""
    limits = await figures.thresholds(run.parts)
    if name not in limits:
        raise BadArgument(f"{name} has no limits; those that have: {', '.join(limits)}.")
    before, known = limits[name], FIGURES[name]
    after = before.model_copy(
        update={"warn": before.warn if warn is None else warn, "alert": before.alert if alert is None else alert}
    )
    if known.unit == "share" and max(after.warn, after.alert) > 1:
        raise BadArgument(f"{name} is a share: its limits are from 0 to 1, such as 0.8 for 80 %.")
    if known.low_is_bad != after.low_is_bad:
        worse = "below" if known.low_is_bad else "at or above"
        raise BadArgument(f"Of {name}, alert must be {worse} warn; they would be {_limit(name, after)}.")
    return before, after


def _row(measured: Measured, condition: Condition, limit: Threshold | None) -> tuple[str, ...]:
    note = f" ({measured.note})" if measured.note else ""
    limits = "" if limit is None else _limit(measured.name, limit)
    return (measured.name, (_value(measured) + note).strip(), _MARKS[condition], limits)


def _value(measured: Measured) -> str:
    return "" if measured.value is None else FIGURES[measured.name].shown(measured.value)


def _limit(name: str, limit: Threshold) -> str:
    known = FIGURES[name]
    return f"{known.shown(limit.warn)} / {known.shown(limit.alert)}"


def _source(run: Run, name: str, changed: Mapping[str, object]) -> str:
    if THRESHOLD + name in changed:
        return "metrics threshold-set"
    return "ops.yaml" if name in run.parts.policy.thresholds else "default"


def _summary(names: Sequence[str], conditions: Mapping[str, Condition]) -> str:
    alerts = [one for one in names if conditions[one] == "alert"]
    elevated = [one for one in names if conditions[one] == "elevated"]
    if not alerts and not elevated:
        return "All that can be measured is normal."
    said = [f"{word}: {', '.join(some)}." for word, some in (("Alert", alerts), ("Elevated", elevated)) if some]
    return " ".join(said)


def _notes(series: Sequence[Series]) -> list[str]:
    """Where the plot comes from, if not from where it should."""
    why = sorted({one.note for one in series if one.note})
    return [f"{why[0]} The plot is of the product's own samples."] if why else []


def _suggestions(odd: Sequence[str]) -> tuple[Suggestion, ...]:
    actions = dict.fromkeys(FIGURES[one].action for one in odd if FIGURES[one].action)
    return tuple(Suggestion(one, one) for one in list(actions)[:_MOST_BUTTONS])


def _data(measured: Measured, condition: Condition, limit: Threshold | None) -> dict[str, object]:
    return {
        "name": measured.name,
        "value": measured.value,
        "unit": FIGURES[measured.name].unit,
        "state": condition,
        "warn": None if limit is None else limit.warn,
        "alert": None if limit is None else limit.alert,
        "note": measured.note,
    }
