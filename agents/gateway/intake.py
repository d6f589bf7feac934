"""What a webhook request comes to, before anything is produced: pure, given the request and the time."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from agents.gateway.strict_json import NotStrictJson, loads
from agents.platforms.port import BadBody, Connection, Delivery, Inbound, Normalized, StatusCodes, Unauthorized
from agents.settings import TenantSettings
from streams.contracts.conversation_events import AnyEvent
from streams.errors import Refused

MAX_CLOCK_AHEAD = timedelta(minutes=5)
_NOT_FROM_OUTSIDE = frozenset({"tick", "erased"})
MAX_EVENTS_PER_BODY = 1_000
"""A snapshot of Intercom's 500 parts fits; more is somebody's mistake or an attack."""


@dataclass(frozen=True)
class Refusal:
    """The request is not accepted. `reason` goes to the sender and into a metric."""

    status: int
    reason: str
    detail: str = ""


class Accepted(NamedTuple):
    """Events to be produced, and what to answer when they are on the brokers."""

    codes: StatusCodes
    events: tuple[AnyEvent, ...] = ()
    ignored: tuple[str, ...] = ()
    answer: Mapping[str, Any] | None = None


def connection_of(tenant: str, platform: str, settings: TenantSettings) -> Connection | None:
    """The tenant's connection to `platform`, or None where it has none."""
    found = settings.platforms.get(platform)
    if found is None:
        return None
    return Connection(
        tenant=tenant,
        platform=platform,
        secrets=found.secrets,
        own_ids=found.own_ids,
        tokens=found.tokens,
        options=found.options,
        mask_email=found.mask_email,
        mask_phone=found.mask_phone,
    )


class Intake:
    """Verifies and normalises webhook requests."""

    def __init__(
        self,
        inbound: Callable[[str], Inbound],
        tenant: Callable[[str], TenantSettings | None],
        *,
        max_json_depth: int,
    ) -> None:
        """`inbound` raises `Refused` for an unknown platform; `tenant` gives the settings as they are now."""
        self._inbound = inbound
        self._tenant = tenant
        self._max_json_depth = max_json_depth
        self._known: dict[tuple[str, str], tuple[TenantSettings, Inbound, Connection]] = {}

    def find(self, platform: str, tenant: str) -> tuple[Inbound, Connection, TenantSettings] | Refusal:
        """Who is meant. An unknown tenant and one without this platform look the same from outside."""
        settings = self._tenant(tenant)
        known = self._known.get((platform, tenant))
        if known is not None and known[0] is settings:
            return known[1], known[2], settings
        try:
            inbound = self._inbound(platform)
        except Refused:
            return Refusal(404, "unknown_platform")
        connection = None if settings is None else connection_of(tenant, platform, settings)
        if settings is None or connection is None:
            return Refusal(404, "unknown_tenant")
        self._known[platform, tenant] = settings, inbound, connection  # of names from the configuration alone
        return inbound, connection, settings

    def verify(self, inbound: Inbound, connection: Connection, delivery: Delivery) -> Refusal | None:
        """Whether the raw bytes are the platform's; None: they are."""
        try:
            inbound.verify(delivery, connection.secrets)
        except Unauthorized as error:
            return Refusal(inbound.codes.unauthorized, error.reason)
        return None

    def read(self, inbound: Inbound, connection: Connection, delivery: Delivery) -> Accepted | Refusal:
        """Strict JSON, then the platform's meaning. Only for what `verify` let through."""
        codes = inbound.codes
        try:
            parsed = loads(delivery.body, max_depth=self._max_json_depth)
            normalized = inbound.normalize(delivery, parsed, connection)
        except NotStrictJson as error:
            return Refusal(codes.malformed, error.reason)
        except BadBody as error:
            return Refusal(codes.malformed, error.reason, error.detail)
        return _checked(normalized, codes, delivery.received_at)


def _checked(normalized: Normalized, codes: StatusCodes, received_at: datetime) -> Accepted | Refusal:
    if len(normalized.events) > MAX_EVENTS_PER_BODY:
        return Refusal(codes.malformed, "too_many_events", f"{len(normalized.events)} in one body")
    latest = received_at + MAX_CLOCK_AHEAD
    events: list[AnyEvent] = []
    for event in normalized.events:
        if event.kind in _NOT_FROM_OUTSIDE:
            return Refusal(codes.malformed, "tick_not_accepted", "ticks are written by escalation alone")
        # A sender whose clock runs far ahead would move its conversation's timers: what it tells happened now.
        ahead = event.occurred_at > latest
        events.append(event.model_copy(update={"occurred_at": received_at}) if ahead else event)
    return Accepted(codes, tuple(events), normalized.ignored, normalized.answer)
