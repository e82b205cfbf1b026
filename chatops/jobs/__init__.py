"""What the console does by itself, a file for each matter; a new job is one new file here.

Each module has ``JOBS``. One process of a deployment runs a job at a time.
"""

import importlib
import pkgutil
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from functools import lru_cache

from chatops.parts import Parts

Work = Callable[[Parts], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Job:
    """Work that comes again: every so often, or when a crontab line (five fields, UTC) says so.

    Work that is done ``everywhere`` is each bot process' own.
    """

    name: str
    work: Work
    when: timedelta | str
    timeout: timedelta = timedelta(minutes=5)
    everywhere: bool = False


@lru_cache(maxsize=1)
def jobs() -> tuple[Job, ...]:
    """All jobs of all files, by name."""
    modules = [importlib.import_module(f"{__name__}.{one.name}") for one in pkgutil.iter_modules(__path__)]
    return tuple(sorted((job for module in modules for job in module.JOBS), key=lambda job: job.name))
