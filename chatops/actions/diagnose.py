"""Investigations of the runbook, one for each of its "Issue" sections: all that it asks for, at once."""

from datetime import timedelta

from chatops.model import Answer
from chatops.observing.investigating import (
    Pack,
    Step,
    answer_of,
    any_found,
    given_up,
    in_force,
    investigate,
    not_normal,
    port_held,
    queue_state,
    stats_state,
)
from chatops.registry import Action, action
from chatops.run import Run
from config.ops import Role

GROUPS = {"diagnose": "Whole investigations, with a verdict."}

_LIMIT = timedelta(seconds=90)
_LONG = timedelta(seconds=75)
_NO_PLOT = {"plot": "no"}

SITE = Pack(
    "site",
    "the site",
    (
        Step("maintenance", "maintenance status", judge=in_force),
        Step("services", "service status"),
        Step("parts", "health ready"),
        Step("answers of services", "health check"),
        Step("holder of the port", "service port-owner", judge=port_held),
        Step("connections to others", "net probe"),
        Step("disks", "host disk"),
        Step("machine", "host stats", judge=stats_state),
        Step("figures", "metrics show", _NO_PLOT, not_normal),
        Step("errors in logs", "logs errors", {"since": "30m", "n": "5"}, any_found),
    ),
    ("service start", "restart bot", "restart rolling", "logs tail"),
)
OCR = Pack(
    "ocr",
    "reading",
    (
        Step("queue and workers", "queue inspect", judge=queue_state),
        Step("reading of a sample", "ocr selftest", {"direct": "no"}, within=_LONG),
        Step("pictures given up", "queue dead", judge=given_up),
        Step("accuracy", "ocr accuracy"),
        Step("machine", "host stats", judge=stats_state),
        Step("want of memory", "host oom"),
        Step("figures", "metrics show", _NO_PLOT, not_normal),
        Step("errors of workers", "logs errors", {"component": "worker", "n": "20"}, any_found),
    ),
    ("queue clear-stuck", "restart worker", "logs tail"),
)
AUTH = Pack(
    "auth",
    "signing in",
    (
        Step("settings on all processes", "config check"),
        Step("Redis", "redis ping"),
        Step("database", "db ping"),
        Step("signing in", "auth test"),
        Step("sessions", "auth sessions"),
        Step("refused requests", "security auth-failures", {"since": "1h", "n": "5"}),
        Step("errors in logs", "logs errors", {"since": "1h", "n": "5"}, any_found),
    ),
    ("auth reset-sessions", "auth rotate-secret"),
)
MEMORY = Pack(
    "memory",
    "memory",
    (
        Step("want of memory", "host oom"),
        Step("services and machine", "host stats", judge=stats_state),
        Step("largest processes", "host top"),
        Step("swap", "host swap"),
        Step("limits", "limits show"),
        Step("Redis", "redis info"),
        Step("figures", "metrics show", {"name": "memory", "plot": "no"}, not_normal),
    ),
    ("restart worker", "cache clear", "debug memory"),
)
DB = Pack(
    "db",
    "the database",
    (
        Step("answers", "db ping"),
        Step("state", "db status"),
        Step("sessions", "db connections"),
        Step("idle sessions", "db idle"),
        Step("slow queries", "db slow"),
        Step("pools", "db settings"),
        Step("schema", "db verify"),
        Step("disks", "host disk"),
        Step("its log", "logs errors", {"component": "postgres", "n": "5"}, any_found),
    ),
    ("db kill-idle", "db pool-set", "restart postgres"),
)
PACKS = {pack.name: pack for pack in (SITE, OCR, AUTH, MEMORY, DB)}


def _diagnosis(pack: Pack, help_: str) -> Action:
    """The action that goes through a pack."""

    async def diagnose(run: Run) -> Answer:
        return answer_of(await investigate(run, pack))

    diagnose.__doc__ = help_
    return action(f"diagnose {pack.name}", role=Role.RESPONDER, timeout=_LIMIT)(diagnose)


site = _diagnosis(SITE, "Find out why the site is down: services, ports, connections, machine, errors.")
ocr = _diagnosis(OCR, "Find out why pictures are not read: queue, workers, a sample, errors.")
auth = _diagnosis(AUTH, "Find out why nobody can sign in: settings, sessions, refused requests.")
memory = _diagnosis(MEMORY, "Find out where memory goes: services, processes, Redis, kills.")
db = _diagnosis(DB, "Find out what is wrong with the database: answers, sessions, slow queries.")
