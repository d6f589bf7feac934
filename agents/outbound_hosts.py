"""Which addresses outside may be called at all, by URL and by resolved address. Pure.

Hosted helpdesks and chat platforms are known by pattern; everything else is named in `outbound`. Plain names
have to lead to public addresses; those in `private_hosts` may lead into one's own network, but never to this
machine, to link-local addresses (where clouds keep their metadata) or to groups.
"""

import ipaddress
import re
from collections.abc import Iterable

from yarl import URL

from agents.outbound import NotSent

HOSTED = re.compile(
    r"([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+(zendesk|freshdesk)\.com|api\.((eu|au)\.)?intercom\.io",
)
"""Hosts that need no entry of their own."""

_LOOPBACK_NAMES = frozenset({"127.0.0.1", "::1", "localhost"})
_HTTPS_PORT = 443
_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")
_IPV4_COMPATIBLE = ipaddress.IPv6Network("::/96")

_METADATA = frozenset({ipaddress.ip_address("fd00:ec2::254"), ipaddress.ip_address("100.100.100.200")})
"""Where clouds keep credentials outside the link-local range: AWS over IPv6, Alibaba."""

Address = ipaddress.IPv4Address | ipaddress.IPv6Address


class HostRules:
    """What may be called. Names are compared as they are connected to: in ASCII and lower case."""

    def __init__(
        self, allow_hosts: Iterable[str] = (), *, private_hosts: Iterable[str] = (), allow_loopback: bool = False
    ) -> None:
        """`host` or `host:port`, exact; without a port only 443. Loopback is for the demo and for tests."""
        self._private = frozenset(_entry(name) for name in private_hosts)
        self._exact = frozenset(_entry(name) for name in allow_hosts) | self._private
        self._private_names = frozenset(host for host, _ in self._private)
        self._allow_loopback = allow_loopback

    def check(self, url: str) -> URL:
        """The parsed URL when it may be called; `NotSent("not_allowed")` otherwise.

        What is returned is what has to be connected to: no second parser may read the text differently.
        """
        try:
            parsed = URL(url)
            host, port = parsed.raw_host or "", parsed.port
        except (ValueError, TypeError):
            raise NotSent("not_allowed") from None
        if parsed.user is not None or parsed.password is not None or "\\" in url:
            raise NotSent("not_allowed")
        if not (self._is_loopback(parsed, host) or self._is_listed(parsed, host, port)):
            raise NotSent("not_allowed")
        return parsed

    def _is_loopback(self, parsed: URL, host: str) -> bool:
        return self._allow_loopback and host in _LOOPBACK_NAMES and parsed.scheme in {"http", "https"}

    def _is_listed(self, parsed: URL, host: str, port: int | None) -> bool:
        if parsed.scheme != "https":
            return False
        if (host, port) not in self._exact and not (port == _HTTPS_PORT and HOSTED.fullmatch(host)):
            return False
        literal = _parsed(host)  # a client connects to a literal without asking any resolver
        return literal is None or self.permits_address(host, host)

    def permits_address(self, address: str, host: str) -> bool:
        """Whether `address`, to which the name `host` leads, may be connected to."""
        found = _parsed(address)
        if found is None:
            return False
        found = _carried(found)
        if found.is_loopback:
            return self._allow_loopback
        if found.is_link_local or found.is_multicast or found.is_unspecified or found.is_reserved:
            return False
        if found in _METADATA:
            return False
        return found.is_global or host.lower() in self._private_names


def _entry(text: str) -> tuple[str, int]:
    """Host and port of an entry; an address of IPv6 may stand bare or in brackets."""
    name = text.strip().lower()
    if _parsed(name) is not None:
        return name, _HTTPS_PORT
    host, colon, port = name.rpartition(":")
    if colon and port.isdecimal() and not host.endswith(":"):
        return host.strip("[]"), int(port)
    return name.strip("[]"), _HTTPS_PORT


def _parsed(text: str) -> Address | None:
    try:
        return ipaddress.ip_address(text)
    except ValueError:
        return None


def _carried(address: Address) -> Address:
    """The IPv4 address that an IPv6 one stands for, if it does: mapped, compatible, 6to4, Teredo, NAT64."""
    if isinstance(address, ipaddress.IPv4Address):
        return address
    inner = address.ipv4_mapped or address.sixtofour or (address.teredo[1] if address.teredo else None)
    if inner is not None:
        return inner
    if address in _NAT64 or (address in _IPV4_COMPATIBLE and int(address) > 1):
        return ipaddress.IPv4Address(int(address) & 0xFFFF_FFFF)
    return address
