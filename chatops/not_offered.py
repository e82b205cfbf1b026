"""What the runbook had, or people would try, and the console never does: why not, and what is safer.

Each stands under the names that people type, so that it is found and answered; nothing here executes anything.
"""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class NotOffered:
    """``names`` are actions, ``instead`` those that do what was probably wanted, best first."""

    names: Sequence[str]
    what: str
    why: str
    instead: Sequence[str]
    steps: Sequence[str] = ()


NOT_OFFERED: tuple[NotOffered, ...] = (
    NotOffered(
        ("redis flushall", "redis flushdb"),
        "Emptying Redis",
        "it drops queued pictures without a word to their senders, locks, limits and the state of alerts, "
        "not only what was meant",
        ("cache clear", "auth reset-sessions", "queue clear-stuck"),
    ),
    NotOffered(
        ("queue delete",),
        "Deleting the queue",
        "pictures of players would be lost, and nobody would be told",
        ("queue clear-stuck", "queue purge", "queue pause"),
    ),
    NotOffered(
        ("redis command", "redis cli"),
        "A free Redis command",
        "one typing error is as good as an attack",
        ("redis info", "queue inspect", "cache stats"),
    ),
    NotOffered(
        ("db sql", "db psql"),
        "Free SQL",
        "a statement cannot be planned, bounded or taken back",
        ("db connections", "db slow", "db verify", "db kill-idle"),
    ),
    NotOffered(
        ("host exec", "host shell", "debug repl", "debug python"),
        "A shell or an interpreter",
        "whoever takes over a chat account would have the server",
        ("debug inspect", "config show", "profile cpu"),
    ),
    NotOffered(
        ("host prune",),
        "Pruning everything (docker system prune -a --volumes)",
        "-a deletes the image that a rollback needs, --volumes deletes the database",
        ("host cleanup", "host disk"),
    ),
    NotOffered(
        ("service kill",),
        "Killing by a pattern or a port",
        "pkill -f and kill -9 hit whatever fits, not only what was meant",
        ("service port-owner", "service free-port", "service stop"),
    ),
    NotOffered(
        ("host swap-create",),
        "Making swap",
        "it writes gigabytes as root onto a machine that is in trouble already",
        ("host swap", "diagnose memory", "limits show"),
        (
            "Done on the server, by whoever administers it, when the machine is calm:",
            "fallocate -l 2G /swapfile && chmod 600 /swapfile",
            "mkswap /swapfile && swapon /swapfile",
            "and a line in /etc/fstab to keep it.",
        ),
    ),
    NotOffered(
        ("auth reset-all-passwords", "auth reset-all"),
        "Resetting everybody's credentials",
        "it locks out everybody at once, floods them with messages that look like phishing, and hides who was affected",
        ("security evidence", "auth lockdown", "auth rotate-secret", "auth reset-user"),
    ),
    NotOffered(
        ("host upgrade", "security patch"),
        "Upgrading packages in place",
        "unpinned upgrades in the middle of an incident destroy evidence and cannot be repeated or rolled back",
        ("security patch-status", "security evidence", "deploy image"),
    ),
    NotOffered(
        ("net fetch", "net curl"),
        "A request to any address",
        "the server reaches what strangers must not; a chat would be their way in",
        ("net probe", "health check"),
    ),
    NotOffered(
        ("restore live",),
        "Restoring into the live database",
        "it fails half-way on what is there already, and leaves a mixture",
        ("restore db", "backup verify"),
    ),
)
