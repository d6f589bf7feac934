"""Drafts of tickets for tests: one complete conversation, to be varied with `model_copy` and `replace`."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from pydantic import SecretStr

from agents.helpdesks.port import Account, Draft
from streams import ids
from streams.contracts.escalation_commands import Evidence, OpenTicket, ResponsePromise, Routing
from streams.contracts.people import Attachment, Author, Customer, Route, Turn

START = datetime(2026, 11, 22, 14, 5, 9, tzinfo=UTC)
TENANT = "acme"
CONVERSATION = "conv-4711"
ESCALATION = ids.escalation_id(TENANT, CONVERSATION, "evt-1")
ACTION = ids.action_id(ESCALATION, "open")

ANA = Customer(id="u-1", external_id="cust-99", name="Ana Pérez", email="ana@example.com")
VISITOR = Customer(id="visitor-7", anonymous=True)


def turn(author: Author, text: str, at_seconds: int = 0, **more: Any) -> Turn:
    return Turn.model_validate(
        {
            "event_id": f"evt-{author}-{at_seconds}",
            "occurred_at": START + timedelta(seconds=at_seconds),
            "author": author,
            "text": text,
            **more,
        }
    )


BILLING = (
    turn("customer", "hello", 0, author_name="Ana"),
    turn("ai", "Hi! How can I help?", 2),
    turn("customer", "I was charged twice for my July invoice. Order #5521 & #5522", 20, author_name="Ana"),
    turn("ai", "You can find your invoices under Settings > Billing.", 24, confidence=0.31),
    turn(
        "customer",
        "human please",
        40,
        author_name="Ana",
        attachments=(Attachment(url="https://files.example/1", name="invoice.pdf", media_type="application/pdf"),),
    ),
)


def command(**more: Any) -> OpenTicket:
    given: dict[str, Any] = {
        "tenant": TENANT,
        "conversation_id": CONVERSATION,
        "platform": "custom-llm",
        "escalation_id": ESCALATION,
        "action_id": ACTION,
        "episode": "evt-1",
        "mode": "live",
        "decided_at": START + timedelta(seconds=40),
        "channel": "web",
        "locale": "en",
        "customer": ANA,
        "route": Route(conversation_url="https://chat.example/c/4711"),
        "reason": "human_requested",
        "evidence": (
            Evidence(signal="human_requested", fired=True, event_ids=("evt-customer-40",), span="human please"),
            Evidence(signal="low_confidence", fired=False, value=1, threshold=2),
        ),
        "policy": "a" * 64,
        "routing": Routing(
            rule="billing",
            group="billing",
            priority="high",
            tags=("billing",),
            response=ResponsePromise(within_minutes=90),
        ),
        "intent": "billing.duplicate_charge",
        "intent_source": "words",
        "attributes": {"order_number": "5521", "accountId": 77, "plan": "pro", "vip": True},
    }
    return OpenTicket.model_validate(given | more)


_ON_DRAFT = ("turns_omitted", "transcript_from", "attachments", "linked_ticket_id", "requester_refused")


def draft(turns: Sequence[Turn] = BILLING, *, customer: Customer = ANA, requester: Any = None, **more: Any) -> Draft:
    """What is in `_ON_DRAFT` goes to the draft, the rest to the command."""
    own: dict[str, Any] = {"turns_omitted": 0, "transcript_from": "platform"}
    own |= {name: more.pop(name) for name in _ON_DRAFT if name in more}
    return Draft(
        command=command(customer=customer, **more),
        turns=tuple(turns),
        customer=customer,
        requester=requester,
        now=START + timedelta(seconds=41),
        **own,
    )


def zendesk_account(**more: Any) -> Account:
    given: dict[str, Any] = {
        "tenant": TENANT,
        "helpdesk": "zendesk",
        "base_url": "https://acme.zendesk.com",
        "tokens": {"client_id": SecretStr("handoff"), "client_secret": SecretStr("s3cret")},
        "groups": {"billing": 360001},
    }
    return Account(**given | more)


def freshdesk_account(**more: Any) -> Account:
    given: dict[str, Any] = {
        "tenant": TENANT,
        "helpdesk": "freshdesk",
        "base_url": "https://acme.freshdesk.com",
        "tokens": {"api_key": SecretStr("k3y")},
        "groups": {"billing": 43},
    }
    return Account(**given | more)
