"""Sessions and tokens: who is signed in, whether signing in works, what a token says, keys that sign them."""

import time
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any
from uuid import uuid4

import aiohttp
import jwt

from chatops.authorisation import API
from chatops.model import Answer, Confirmation, NotPossible, Plan, Risk, Table
from chatops.own_http import address_of
from chatops.parameters import Duration, Integer, Secret
from chatops.registry import action
from chatops.run import Run
from chatops.security.evidence_first import evidence_first
from chatops.security.owners import User, owner_of
from chatops.times import ago, moment, span
from config.ops import Role
from storage import access, people, sessions, signing
from storage.sessions import SessionRecord, Which

GROUPS = {"auth": "Sessions, tokens and the keys that sign them."}

_SYNTHETIC = "console-auth-test"
_TIMEOUT = aiohttp.ClientTimeout(total=3)
_SHOWN_CLAIMS = ("iss", "sub", "role", "scope", "iat", "exp", "jti")


@action("auth sessions", role=Role.RESPONDER)
async def list_sessions(run: Run, user: User = "", n: Annotated[int, Integer(1, 50)] = 10) -> Answer:
    """List who is signed in, used last first."""
    which = Which() if not user else Which(persons=[(await owner_of(user)).person])
    found = await sessions.live_sessions(which, now=run.now)
    keys = [one for one in await access.keys() if one.revoked_at is None]
    if not found:
        return Answer(
            f"Nobody is signed in; {len(keys)} API keys may sign in.", data={"sessions": 0, "keys": len(keys)}
        )
    by_platform: dict[str, int] = {}
    for one in found:
        name = one.account.partition(":")[0] or one.kind.value
        by_platform[name] = by_platform.get(name, 0) + 1
    oldest, newest = min(one.created_at for one in found), max(one.created_at for one in found)
    counts = ", ".join(f"{count} {name}" for name, count in sorted(by_platform.items()))
    when = f"begun {ago(oldest, run.now)} to {ago(newest, run.now)}"
    text = f"{len(found)} sessions ({counts}), {when}; {len(keys)} API keys."
    rows = tuple(_session_row(one, run.now) for one in found[:n])
    data = {"sessions": len(found), "by_platform": by_platform, "keys": len(keys), "oldest": oldest.isoformat()}
    return Answer(text, table=Table(("session", "who", "role", "by", "used", "ends"), rows), data=data)


def _session_row(one: SessionRecord, now: datetime) -> tuple[str, ...]:
    who = one.account or (str(one.person)[:8] if one.person else "?")
    return (one.short, who, one.role, one.source, ago(one.used_at, now), span(one.expires_at - now))


@action("auth test", role=Role.RESPONDER)
async def test(run: Run) -> Answer:
    """Sign in over HTTP as a synthetic account, use the token, and see that a wrong key is refused."""
    person = await people.person_with_account(API, _SYNTHETIC, name=_SYNTHETIC, now=run.now)
    key, record = await access.make_key(person.id, _SYNTHETIC, "player", now=run.now)
    steps: list[tuple[str, str, str, bool]] = []
    try:
        async with aiohttp.ClientSession(address_of(run.parts.settings), timeout=_TIMEOUT) as client:
            token = await _step(steps, "sign in", 200, client, "POST", "/api/auth/login", {"X-API-Key": key})
            path, bearer = f"/api/ocr/status/{uuid4()}", f"Bearer {token.get('access_token', '')}"
            await _step(steps, "use the token", 404, client, "GET", path, {"Authorization": bearer})
            wrong = {"X-API-Key": f"{key[:-1]}~"}
            await _step(steps, "a wrong key is refused", 401, client, "POST", "/api/auth/login", wrong)
    finally:
        await access.revoke_keys([record.id], now=run.now)
    good = all(ok for *_, ok in steps)
    rows = tuple(("✓" if ok else "✗", name, status, took) for name, status, took, ok in steps)
    data = [{"step": name, "status": status, "ms": took, "ok": ok} for name, status, took, ok in steps]
    text = "Signing in works." if good else "Signing in does not work."
    return Answer(text, ok=good, table=Table(("", "step", "status", "ms"), rows), data=data)


async def _step(
    steps: list[tuple[str, str, str, bool]],
    name: str,
    wanted: int,
    client: aiohttp.ClientSession,
    method: str,
    path: str,
    headers: dict[str, str],
) -> dict[str, Any]:
    """One request; what it answered."""
    began = time.monotonic()
    body: Any = None
    try:
        async with client.request(method, path, headers=headers) as response:
            status = str(response.status)
            body = await response.json(content_type=None)
    except (aiohttp.ClientError, TimeoutError, ValueError) as error:
        status = type(error).__name__
    took = f"{(time.monotonic() - began) * 1000:.0f}"
    steps.append((name, status, took, status == str(wanted)))
    return body if isinstance(body, dict) else {}


@action("auth token-inspect", role=Role.OPERATOR, private=True)
async def inspect(run: Run, token: Annotated[str, Secret("a token of the API, or a session's short name")]) -> Answer:
    """Say what a token holds, who signed it and whether it is good, without keeping or repeating it."""
    if token.count(".") != 2:
        return await _inspect_session(run, token)
    if not run.place.is_private and run.place.platform != "terminal":
        raise NotPossible(
            "A token does not belong in a channel: everybody here has seen it. End its session with "
            "auth reset-sessions, and send tokens to the bot in a direct message, if at all."
        )
    try:
        header = jwt.get_unverified_header(token)
        claims = jwt.decode(token, options={"verify_signature": False})
    except jwt.InvalidTokenError:
        raise NotPossible("This is no token: it cannot be read.") from None
    keys = await signing.signing_keys(signing.open_ring(run.parts.settings), now=run.now)
    key = next((one for one in keys if one.kid == header.get("kid")), None)
    verdict, is_good = await _verdict(token, claims, key, run.now)
    rows = [("key id", str(header.get("kid", "none"))[:32]), ("algorithm", str(header.get("alg"))[:16])]
    rows += [(name, _claim(name, claims[name])) for name in _SHOWN_CLAIMS if name in claims]
    data = {"good": is_good, **dict(rows)}
    return Answer(verdict, ok=is_good, table=Table(("", "value"), tuple(rows)), data=data)


async def _verdict(
    token: str, claims: dict[str, Any], key: signing.KeyRecord | None, now: datetime
) -> tuple[str, bool]:
    if key is None:
        return "Not good: its key is unknown, or its grace is over.", False
    try:
        options: Any = {"verify_exp": False, "verify_iat": False}
        jwt.decode(token, key.secret, algorithms=["HS256"], options=options)
    except jwt.InvalidTokenError:
        return "Not good: the signature is wrong.", False
    if not isinstance(claims.get("exp"), int | float) or claims["exp"] <= now.timestamp():
        return "Not good: it has expired; the signature is right.", False
    if sessions.hashed(str(claims.get("jti"))) in await sessions.revoked_tokens(now=now):
        return "Not good: it was taken back; the signature is right.", False
    return "Good: the signature is right, and it has not expired.", True


def _claim(name: str, value: Any) -> str:
    if name in ("iat", "exp") and isinstance(value, int | float):
        return moment(datetime.fromtimestamp(min(max(value, 0), 4e9), UTC))
    if name == "jti":
        return f"session {sessions.hashed(str(value))[:8]}"
    return str(value)[:80]


async def _inspect_session(run: Run, short: str) -> Answer:
    found = await sessions.live_sessions(Which(short=short[:64].lower()), now=run.now, limit=2)
    if len(found) != 1:
        raise NotPossible("No session that is good now is called so; auth sessions lists them.")
    one = found[0]
    rows = (
        ("session", one.short),
        ("kind", one.kind.value),
        ("who", one.account),
        ("role", one.role),
        ("by", one.source),
        ("program", one.agent),
        ("begun", moment(one.created_at)),
        ("used", moment(one.used_at)),
        ("ends", moment(one.expires_at)),
    )
    return Answer(f"Session {one.short} is good.", table=Table(("", "value"), rows), data=dict(rows))


@action(
    "auth rotate-secret",
    role=Role.ADMIN,
    risk=Risk.DANGEROUS,
    confirm=Confirmation.TWO_PERSONS,
    check="config check",
)
async def rotate(run: Run, grace: Annotated[timedelta, Duration("15m", "7d")] = timedelta(hours=24)) -> Answer:
    """Sign tokens with a new key; those of the old one stay good until the grace ends."""
    ring = signing.open_ring(run.parts.settings)
    old = [one.kid for one in await signing.ensured_keys(ring, now=run.now)]
    until = run.now + grace
    new = await signing.rotate(ring, accepted_until=until, now=run.now)
    text = f"Key {new} signs from now on, in all processes; {', '.join(old)} is accepted until {moment(until)}."
    return Answer(text, data={"key": new, "accepted": old, "until": until.isoformat()})


@rotate.plan
async def plan_rotate(run: Run, grace: timedelta = timedelta(hours=24)) -> Plan:
    """Which keys there are, and how many tokens they signed."""
    ring = signing.open_ring(run.parts.settings)
    keys = await signing.ensured_keys(ring, now=run.now)
    tokens = await sessions.live_sessions(Which(kind=sessions.SessionKind.TOKEN), now=run.now)
    rings = await signing.ring_names()
    others = "" if len(rings) < 2 else f" {len(rings) - 1} other secrets have keys too, which stay: see config check."
    summary = (
        f"A new key signs; {keys[0].kid}, {ago(keys[0].created_at, run.now)} old, is accepted for {span(grace)} more. "
        f"Nobody is signed out: {len(tokens)} tokens stay good.{others}{await evidence_first(run.now)}"
    )
    rows = tuple((one.kid, moment(one.created_at), moment(one.accepted_until)) for one in keys)
    return Plan(summary, tuple(one.kid for one in keys), "secret", table=Table(("key", "made", "accepted until"), rows))
