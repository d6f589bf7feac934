"""A chat platform in memory, and notifications to send through it."""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from agents.outbound import Http
from agents.platforms.port import Address, Notice, Transcript
from agents.settings import EmailSettings, PlatformSettings, TenantSettings
from streams.contracts.escalation_commands import ResponsePromise
from streams.contracts.notification_events import Accepted, Attached, Delayed, Failed, Opened, Ticket
from streams.contracts.people import Customer, Route
from streams.ids import escalation_id, notification_id

NOON = datetime(2026, 7, 15, 12, 0, tzinfo=UTC)
"""A Wednesday."""

TENANT = "acme"
CONVERSATION = "c-1"


def tenant(**changes: Any) -> TenantSettings:
    """A live tenant with one platform and a sender of mail."""
    settings: dict[str, Any] = {
        "mode": "live",
        "brand_name": "Acme",
        "platforms": {"fake": PlatformSettings()},
        "email": EmailSettings(from_address="help@acme.com", from_name="Acme Support"),
    }
    return TenantSettings(**(settings | changes))


def _fields(kind: str, changes: dict[str, Any]) -> dict[str, Any]:
    conversation = changes.get("conversation_id", CONVERSATION)
    escalation = escalation_id(TENANT, conversation, changes.pop("episode", "e-1"))
    fields: dict[str, Any] = {
        "notification_id": notification_id(escalation, kind),
        "escalation_id": escalation,
        "tenant": TENANT,
        "conversation_id": conversation,
        "platform": "fake",
        "occurred_at": NOON,
        "decided_at": NOON,
        "reason": "human_requested",
        "channel": "web",
        "locale": "en",
        "customer": Customer(id="u-1", email="maya@example.com"),
        "route": Route(),
    }
    return fields | changes


def accepted(**changes: Any) -> Accepted:
    """A person will take over."""
    return Accepted(**_fields("accepted", changes))


def opened(**changes: Any) -> Opened:
    """The ticket exists; an answer is promised within four hours."""
    extra = {"ticket": Ticket(id="4711", helpdesk="zendesk"), "response": ResponsePromise(within_minutes=240)}
    return Opened(**_fields("opened", extra | changes))


def attached(**changes: Any) -> Attached:
    """The escalation joined an open ticket."""
    extra = {"ticket": Ticket(id="4711", helpdesk="zendesk"), "response": ResponsePromise(within_minutes=240)}
    return Attached(**_fields("attached", extra | changes))


def delayed(**changes: Any) -> Delayed:
    """The helpdesk is away."""
    return Delayed(**_fields("delayed", {"cause": "helpdesk_away"} | changes))


def failed(**changes: Any) -> Failed:
    """No ticket could be opened."""
    return Failed(**_fields("failed", {"cause": "http_422"} | changes))


@dataclass
class FakePlatform:
    """Keeps what it was told and what it was asked."""

    name: str = "fake"
    can_find_own_messages: bool = True
    human_holds: bool = False
    closed: bool = False
    told: list[Notice] = field(default_factory=list)
    calls: list[str] = field(default_factory=list)

    async def transcript(self, http: Http, address: Address, *, max_turns: int) -> Transcript:
        self.calls.append("transcript")
        return Transcript((), human_holds=self.human_holds, closed=self.closed)

    async def reply(self, http: Http, address: Address, notice: Notice) -> None:
        self.calls.append("reply")
        self.told.append(notice)

    async def find_own(self, http: Http, address: Address, notice: Notice) -> bool:
        self.calls.append("find_own")
        return any(told.notification_id == notice.notification_id for told in self.told)

    async def quiet(self, http: Http, address: Address) -> None:
        self.calls.append("quiet")

    async def close(self, http: Http, address: Address) -> None:
        self.calls.append("close")
        self.closed = True
