"""Addresses that nobody keeps out by mistake: this machine, its networks, proxies, the parts, whoever asks."""

import ipaddress
import os
from collections.abc import AsyncIterator, Iterator
from datetime import timedelta
from urllib.parse import urlsplit

import psutil

from chatops.parts import Parts
from chatops.run import Run
from storage import access_log, people
from storage.blocks import Network

_LATELY = timedelta(hours=24)
_NEAR = ("127.0.0.0/8", "::1/128", "0.0.0.0/8", "::/128", "169.254.0.0/16", "fe80::/10", "224.0.0.0/4", "ff00::/8")
"""Loopback, unspecified, link-local and multicast addresses."""


async def shielded(run: Run) -> list[tuple[Network, str]]:
    """Networks with what they are."""
    found = [*_always(), *_configured(run.parts), *_own()]
    return found + [(network, "where you ask from") async for network in _callers(run)]


def why_shielded(network: Network, kept: list[tuple[Network, str]]) -> str:
    """What would be kept out with it, empty where nothing is."""
    return next((what for one, what in kept if one.version == network.version and one.overlaps(network)), "")


def is_in(address: str, network: Network) -> bool:
    """Whether an address lies in a network; what is no address lies nowhere."""
    try:
        return ipaddress.ip_address(address) in network
    except ValueError:
        return False


def _always() -> Iterator[tuple[Network, str]]:
    for text in (
        "127.0.0.0/8",
        "::1/128",
        "0.0.0.0/8",
        "::/128",
        "169.254.0.0/16",
        "fe80::/10",
        "224.0.0.0/4",
        "ff00::/8",
    ):
        yield ipaddress.ip_network(text), "this machine or its neighbours"


def _own() -> Iterator[tuple[Network, str]]:
    """Private networks that this machine is in, and its own public addresses."""
    for name, addresses in psutil.net_if_addrs().items():
        for one in addresses:
            try:
                interface = ipaddress.ip_interface(f"{one.address.partition('%')[0]}/{_length(one.netmask)}")
            except ValueError:
                continue
            if interface.ip.is_private:
                yield interface.network, f"the private network of {name}"
            else:
                yield ipaddress.ip_network(interface.ip), "an address of this machine"


def _length(mask: str | None) -> str:
    """A mask as ``ip_interface`` takes it: IPv6 masks come as addresses."""
    if not mask:
        return "32"
    if ":" in mask:
        return str(int(ipaddress.IPv6Address(mask.partition("/")[0])).bit_count())
    return mask


def _configured(parts: Parts) -> Iterator[tuple[Network, str]]:
    for text in parts.settings.http_trusted_proxies:
        yield ipaddress.ip_network(text, strict=False), "a proxy of HTTP_TRUSTED_PROXIES"
    for text in parts.policy.security.networks:
        yield ipaddress.ip_network(text, strict=False), "a network of ops.yaml"
    parts_of_it = (
        (parts.database_url, "the database"),
        (parts.redis_url, "Redis"),
        (parts.settings.prometheus_url or "", "Prometheus"),
        *((one.strip(), "Alertmanager") for one in (parts.settings.alertmanager_url or "").split(",")),
    )
    for address, what in parts_of_it:
        try:
            yield ipaddress.ip_network(urlsplit(address).hostname or ""), what
        except ValueError:
            continue


async def _callers(run: Run) -> AsyncIterator[Network]:
    """Addresses from which accounts of the requester asked lately, and of a terminal over SSH."""
    texts = {os.environ.get("SSH_CLIENT", "").split(" ")[0]} if run.actor.platform == "terminal" else set()
    entry = run.parts.policy.person_named(run.human)
    accounts = {run.actor.platform: run.actor.user} | (entry.accounts if entry else {})
    for platform, user in accounts.items():
        account = await people.account(platform, user)
        if account is not None:
            texts |= await access_log.addresses_of(str(account.person), since=run.now - _LATELY)
    for text in texts:
        try:
            yield ipaddress.ip_network(text)
        except ValueError:
            continue
