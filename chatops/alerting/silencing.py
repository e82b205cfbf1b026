"""What a silence would mute: matchers of what is meant, and the guards that keep it from muting too much."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from chatops.alerting.alertmanager import ALERTMANAGER, LiveAlert, Matcher
from chatops.inert import one_line
from chatops.model import BadArgument, NotPossible
from chatops.parts import Parts
from config.ops import Role
from config.ops_oncall import Severity
from storage import alerts, cards
from storage.alert_records import AlertRecord
from storage.errors import NotStored

RESPONDERS_MOST = timedelta(hours=4)
ADMINS_MOST = timedelta(days=7)
_CARD = re.compile(r"[Aa](\d{1,9})")
_MATCHER = re.compile(r'\s*([A-Za-z_][\w.-]{0,127})\s*(=~|!~|!=|=)\s*(?:"((?:[^"\\]|\\.)*)"|([^",]*?))\s*(?:,|$)')
_GENERIC = frozenset(
    "severity cluster env environment region zone team job monitor namespace prometheus replica service".split()
)
"""Labels that many alerts share: to match these alone would mute what nobody thought of."""
_MOST_SHARE = 0.5


@dataclass(frozen=True, slots=True)
class Target:
    """What is to be silenced. ``is_own``: it stands for one card or alert, rather than for whatever matches."""

    matchers: tuple[Matcher, ...]
    name: str
    is_own: bool
    incident: UUID | None = None


@dataclass(frozen=True, slots=True)
class Preview:
    """What would be muted now, of how many that fire."""

    muted: tuple[LiveAlert, ...]
    firing: int

    @property
    def names(self) -> list[str]:
        """Each alert in a few words."""
        return [_label(one) for one in self.muted]


async def target_of(text: str) -> Target:
    """What is meant: ``A7``, a fingerprint, or ``alertname=X,instance=Y``; raises BadArgument."""
    if found := _CARD.fullmatch(text.strip()):
        return await _of_card(int(found[1]))
    if re.fullmatch(r"[0-9a-fA-F]{6,16}", text.strip()):
        known = await alerts.find_alerts(text.strip())
        if len(known) == 1:
            return await _of_alert(known[0])
        raise BadArgument("target: no alert, or more than one, has such a fingerprint; see alerts list.")
    return Target(read_matchers(text), text.strip(), is_own=False)


def read_matchers(text: str) -> tuple[Matcher, ...]:
    """Conditions with commas between them; raises BadArgument."""
    found, at = [], 0
    while at < len(text):
        one = _MATCHER.match(text, at)
        if one is None or one.end() == at:
            break
        value = one[4] if one[3] is None else re.sub(r"\\(.)", _unescaped, one[3])
        found.append(Matcher(one[1], value, one[2].endswith("~"), one[2].startswith("=")))
        at = one.end()
    if at < len(text) or not found:
        raise BadArgument("target: name a card (A7), a fingerprint, or labels such as alertname=X,instance=Y.")
    return tuple(found)


def _unescaped(found: re.Match[str]) -> str:
    """As ``Matcher`` is written out."""
    return "\n" if found[1] == "n" else found[1]


def check_matchers(matchers: Sequence[Matcher]) -> None:
    """Raises NotPossible for what could match everything."""
    for one in matchers:
        if one.is_regex:
            try:
                re.compile(one.value)
            except re.error as error:
                raise BadArgument(f"target: {one} is no regular expression ({error}).") from None
    exact = [one for one in matchers if one.is_equal and not one.is_regex and one.value and one.name not in _GENERIC]
    if not exact:
        raise NotPossible(
            "This could mute everything: name at least one label exactly, such as alertname=…, besides "
            f"{', '.join(sorted(_GENERIC))}."
        )


async def preview(parts: Parts, matchers: Sequence[Matcher]) -> Preview:
    """What the very same matchers match now; raises AlertmanagerError."""
    client = parts.get(ALERTMANAGER)
    return Preview(tuple(await client.alerts(matchers)), len(await client.alerts(suppressed=False)))


def needed_role(parts: Parts, target: Target, found: Preview, length: timedelta) -> Role:
    """Who may; raises NotPossible for what nobody may."""
    if length > ADMINS_MOST:
        raise NotPossible("A silence lasts 7 days at most.")
    if length > parts.policy.alerts.silence_most:
        return Role.ADMIN
    rules = parts.policy.alerts
    is_bad = any(
        rules.severities.get(one.labels.get("severity", "").lower(), rules.otherwise) in (Severity.P0, Severity.P1)
        for one in found.muted
    )
    is_wide = not target.is_own and len(found.muted) > _MOST_SHARE * max(1, found.firing)
    return Role.OPERATOR if is_bad or is_wide or length > RESPONDERS_MOST else Role.RESPONDER


async def _of_card(number: int) -> Target:
    try:
        card = await cards.card_numbered(number)
    except NotStored as error:
        raise BadArgument(f"target: {error}") from None
    groups = await alerts.groups_of_card(card.id)
    members = [member.alert for group in groups for member in group.members.values()]
    labels = {name: str(value) for group in groups[:1] for name, value in group.labels.items() if value}
    if len(groups) != 1 or "alertname" not in labels:
        labels = common([one for one in members if one.is_open] or members)
    return Target(exactly(labels), card.name, is_own=True, incident=card.incident_id)


async def _of_alert(alert: AlertRecord) -> Target:
    on = (await alerts.cards_of_alerts([alert.id])).get(alert.id, set())
    incident = (await cards.card(max(on))).incident_id if on else None
    return Target(exactly(alert.labels), alert.fingerprint, is_own=True, incident=incident)


def exactly(labels: Mapping[str, str]) -> tuple[Matcher, ...]:
    """Matchers for just these labels."""
    return tuple(Matcher(name, value) for name, value in sorted(labels.items()))


def common(members: Sequence[AlertRecord]) -> dict[str, str]:
    """Labels that all have."""
    if not members:
        return {}
    shared = set(members[0].labels.items()).intersection(*(one.labels.items() for one in members[1:]))
    return dict(shared)


def _label(alert: LiveAlert) -> str:
    labels = ", ".join(f"{name}={value}" for name, value in sorted(alert.labels.items()) if name != "alertname")
    return one_line(f"{alert.labels.get('alertname', '(no name)')} {labels}", 120)
