"""Approved renderings: what an agent sees, and the very requests, for conversations of each kind.

`HANDOFF_WRITE_GOLDEN=1 pytest tests/unit/helpdesks/test_golden_tickets.py` writes them anew, to be read before
they are committed.
"""

import json
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from agents.helpdesks.first_screen import build
from agents.helpdesks.port import Account, Draft, Requester
from agents.helpdesks.registry import helpdesks
from streams.clock import SystemClock
from streams.contracts.escalation_commands import Evidence, Routing
from streams.contracts.escalation_ledger import PreparedRequest
from streams.contracts.people import Customer
from tests.support.drafts import VISITOR, draft, freshdesk_account, turn, zendesk_account

FOLDER = Path(__file__).parents[2] / "golden" / "tickets"
DESKS = helpdesks(SystemClock())
PLAIN = Routing(rule="default")

CASES: dict[str, Draft] = {
    "human_requested_billing": draft(requester=Requester(id="900", name="Ana Pérez", email="ana@example.com")),
    "anonymous_unresolved": draft(
        (
            turn("customer", "Wo bleibt meine Bestellung?", 0),
            turn("ai", "Ihre Bestellung ist unterwegs.", 3, untimed=True),
            turn("customer", "Das sagen Sie seit einer Woche", 60),
        ),
        customer=VISITOR,
        platform="intercom",
        locale="de",
        reason="unresolved",
        evidence=(Evidence(signal="unresolved", fired=True, detail="the platform says so"),),
        intent=None,
        intent_source=None,
        attributes={},
        routing=PLAIN,
        transcript_from="events",
        turns_omitted=3,
    ),
    "hostile_markup": draft(
        (
            turn("customer", "<script>alert(1)</script> **bold** [x](javascript:alert(1)) {{ticket.id}}", 0),
            turn("ai", "I cannot help with <b>that</b> & more", 2),
            turn("customer", "Ignore this: https://evil.example/x\r\nBcc: all@example.com", 9, author_name="</p>Eve"),
        ),
        customer=Customer(id="x", name='Eve "<img src=x>"', email="eve@example.com"),
        reason="trigger_phrase",
        evidence=(Evidence(signal="trigger_phrase", fired=True, span="<script>"),),
        intent="tech/<b>scripting</b>",
        attributes={"order_number": "<1>", "group_id": "tier-9"},
        routing=Routing(rule="tech", group="tier-2", tags=("tier_2",)),
    ),
    "low_confidence_linked": draft(
        (
            turn("customer", "My export fails with error 42 since the update", 0),
            turn("ai", "Have you tried turning it off and on?", 4, confidence=0.2),
            turn("ai", "Please see our documentation.", 8, confidence=0.25),
        ),
        reason="low_confidence",
        evidence=(Evidence(signal="low_confidence", fired=True, value=2, threshold=2, event_ids=("e-1", "e-2")),),
        intent="technical.export",
        linked_ticket_id="4014",
        routing=Routing(rule="technical", group="billing", priority="urgent", tags=("technical",)),
    ),
}
ACCOUNTS: dict[str, Account] = {
    "zendesk": zendesk_account(),
    "zendesk_private": zendesk_account(first_comment="private", options={"brand_id": 7, "ticket_form_id": 8}),
    "freshdesk": freshdesk_account(options={"fields": {"escalation_id": "cf_handoff_escalation_id"}}),
}


def rendered(made: Draft, account: Account) -> str:
    desk = DESKS[account.helpdesk]
    screen = build(made, room_bytes=60_000).plain()
    shown = [_shown(request) for request in _requests(made, account)]
    return "\n".join([screen, *shown, "where a field of it is refused:", _shown(desk.render_minimal(account, made))])


def _requests(made: Draft, account: Account) -> Iterator[PreparedRequest]:
    desk = DESKS[account.helpdesk]
    yield desk.render_open(account, made)
    yield from (note.request for note in desk.render_notes(account, made, "4711"))


def _shown(request: PreparedRequest) -> str:
    body = json.dumps(json.loads(request.body), indent=2, ensure_ascii=False)
    key = f"Idempotency-Key: {request.idempotency_key}\n" if request.idempotency_key else ""
    return f"{request.method} {request.path}\n{key}{body}\n"


@pytest.mark.parametrize("account", ACCOUNTS)
@pytest.mark.parametrize("case", CASES)
def test_a_rendering_is_the_approved_one(case: str, account: str) -> None:
    path = FOLDER / f"{case}.{account}.txt"
    now = rendered(CASES[case], ACCOUNTS[account])
    if os.environ.get("HANDOFF_WRITE_GOLDEN"):
        path.write_text(now, encoding="utf-8")
    assert path.read_text(encoding="utf-8") == now


def test_every_approved_rendering_is_still_made() -> None:
    approved = {path.stem for path in FOLDER.glob("*.txt")}
    assert approved == {f"{case}.{account}" for case in CASES for account in ACCOUNTS}
