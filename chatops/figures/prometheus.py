"""Prometheus' HTTP API: how figures went (https://prometheus.io/docs/prometheus/latest/querying/api/)."""

import asyncio
import math
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import aiohttp

from chatops.figures.known import Figure
from chatops.parts import Parts

_TIMEOUT_S = 5.0
_POINTS = 240
_SHORTEST_STEP_S = 15.0
_MOST_BYTES = 4_000_000

Points = list[tuple[datetime, float]]


async def ranges(parts: Parts, wanted: Sequence[Figure], since: datetime, until: datetime) -> dict[str, Points | str]:
    """The points of each figure by name, empty where Prometheus has none, or a sentence on why they are not known."""
    timeout = aiohttp.ClientTimeout(total=_TIMEOUT_S)
    async with aiohttp.ClientSession(timeout=timeout, trust_env=False) as session:
        found = await asyncio.gather(*(_range(session, parts, one, since, until) for one in wanted))
    return {one.name: points for one, points in zip(wanted, found, strict=True)}


async def _range(
    session: aiohttp.ClientSession, parts: Parts, one: Figure, since: datetime, until: datetime
) -> Points | str:
    step = max(_SHORTEST_STEP_S, (until - since).total_seconds() / _POINTS)
    form = {
        "query": one.query,
        "start": f"{since.timestamp():.3f}",
        "end": f"{until.timestamp():.3f}",
        "step": f"{step:.0f}",
    }
    address = f"{(parts.settings.prometheus_url or '').rstrip('/')}/api/v1/query_range"
    try:
        async with session.post(address, data=form, allow_redirects=False) as response:
            if response.status != 200:
                return f"Prometheus answered {response.status}."
            if (response.content_length or 0) > _MOST_BYTES:
                return "Prometheus' answer is too long."
            return _points(await response.json())
    except TimeoutError:
        return f"Prometheus did not answer within {_TIMEOUT_S:g} s."
    except (aiohttp.ClientError, ValueError, KeyError, TypeError, OSError) as error:
        return f"Prometheus did not answer ({type(error).__name__})."


def _points(answer: Any) -> Points:
    """Those of the first series; nothing and no number (0 by 0) are left out."""
    found = answer["data"]["result"]
    pairs = [(float(at), float(value)) for at, value in (found[0]["values"] if found else ())]
    return [(datetime.fromtimestamp(at, UTC), value) for at, value in pairs if math.isfinite(value)]
