"""Both adapters against the simulated helpdesks, over real HTTP on loopback: what is rendered is taken, and found.

The simulators are written from the vendors' documentation by other hands; they are no proof, but a second reading.
"""

import contextlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from agents.demo.simulators.settings import AccountSettings, FreshdeskAccount, SimulatorSettings
from agents.helpdesks.identity import derived_external_id
from agents.helpdesks.port import Account, Answer, Helpdesk, Note, TicketFile, TicketKey
from agents.helpdesks.registry import helpdesks
from agents.outbound import Ambiguous, HttpRequest
from agents.outbound_aiohttp import AiohttpClient
from agents.outbound_hosts import HostRules
from streams.contracts.escalation_commands import Routing
from streams.contracts.escalation_ledger import PreparedRequest
from streams.contracts.people import Customer
from tests.support.drafts import ESCALATION, VISITOR, draft, freshdesk_account, turn, zendesk_account
from tests.support.simulators import START, Simulators, running

ZENDESK_TOKENS = {"client_id": SecretStr("handoff"), "client_secret": SecretStr("demo-zendesk-client-secret")}
NAMES = ("zendesk", "freshdesk")


class Desk:
    """One adapter with its simulated account."""

    def __init__(self, name: str, simulators: Simulators, http: AiohttpClient) -> None:
        self.simulators, self.http = simulators, http
        self.adapter: Helpdesk = helpdesks(simulators.clock)[name]
        url = f"{simulators.url}/{name}/acme"
        if name == "zendesk":
            self.account: Account = zendesk_account(
                base_url=url,
                tokens=ZENDESK_TOKENS,
                groups={"billing": 360_002},
                options={"fields": {"escalation_id": 330_001}},
            )
        else:
            field = {"escalation_id": "cf_handoff_escalation_id"}
            self.account = freshdesk_account(
                base_url=url,
                tokens={"api_key": SecretStr("demo-freshdesk-key")},
                groups={"billing": 43_002},
                options={"fields": field},
            )

    async def send(self, request: PreparedRequest) -> Answer:
        headers = dict(await self.adapter.authorize(self.http, self.account))
        headers["content-type"] = request.content_type
        if request.idempotency_key:
            headers["idempotency-key"] = request.idempotency_key
        url = self.account.base_url + request.path
        return self.adapter.read_write(
            await self.http.send(HttpRequest(request.method, url, headers, request.body.encode()))
        )

    def key(self) -> TicketKey:
        return TicketKey(ESCALATION, None, START - timedelta(minutes=1))


@asynccontextmanager
async def opened(name: str, folder: Path, settings: SimulatorSettings | None = None) -> AsyncIterator[Desk]:
    http = AiohttpClient(HostRules(allow_loopback=True))
    try:
        async with running(folder, settings) as simulators:
            yield Desk(name, simulators, http)
    finally:
        await http.close()


async def ticket_of(desk: Desk, **more: Any) -> str:
    answer = await desk.send(desk.adapter.render_open(desk.account, draft(**more)))
    assert answer.verdict == "done", answer
    assert answer.ticket is not None
    return answer.ticket.id


@pytest.mark.parametrize("name", NAMES)
async def test_a_ticket_is_opened_noted_found_and_never_mailed_with_its_transcript(name: str, tmp_path: Path) -> None:
    async with opened(name, tmp_path) as desk:
        customer = draft().customer
        made = await desk.adapter.create_requester(desk.http, desk.account, customer, derived_external_id="h")
        again = await desk.adapter.create_requester(desk.http, desk.account, customer, derived_external_id="h")
        assert made.id == again.id
        ticket_id = await ticket_of(desk, requester=made)
        notes: tuple[Note, ...] = desk.adapter.render_notes(desk.account, draft(requester=made), ticket_id)
        for note in notes:
            assert not await desk.adapter.has_comment(desk.http, desk.account, ticket_id, note.action_id)
            answer = await desk.send(note.request)
            assert (answer.verdict, answer.ticket and answer.ticket.id) == ("done", ticket_id)
            assert await desk.adapter.has_comment(desk.http, desk.account, ticket_id, note.action_id)
        found = await desk.adapter.find_ticket(desk.http, desk.account, desk.key())
        assert [(ref.id, ref.escalation_id, ref.closed) for ref in found] == [(ticket_id, ESCALATION, False)]
        since = START - timedelta(hours=1)
        recent = await desk.adapter.recent_tickets(desk.http, desk.account, since=since)
        assert [(ref.id, ref.escalation_id) for ref in recent] == [(ticket_id, ESCALATION)]
        assert [ref.id for ref in await desk.adapter.open_tickets(desk.http, desk.account, made)] == [ticket_id]
        mails = "".join(str(mail) for mail in desk.simulators.records.mails())
        assert "Settings > Billing" not in mails
        assert "Signals" not in mails


@pytest.mark.parametrize("name", NAMES)
async def test_a_visitor_is_found_again_and_gets_an_address_later(name: str, tmp_path: Path) -> None:
    async with opened(name, tmp_path) as desk:
        derived = derived_external_id(draft().command, VISITOR)
        first = await desk.adapter.create_requester(desk.http, desk.account, VISITOR, derived_external_id=derived)
        again = await desk.adapter.create_requester(desk.http, desk.account, VISITOR, derived_external_id=derived)
        assert first.id == again.id
        for _ in range(2):
            assert await desk.adapter.update_requester_email(desk.http, desk.account, first, "v@example.com")
        by_address = await desk.adapter.find_requester(desk.http, desk.account, Customer(email="V@example.com"))
        assert by_address is not None
        assert by_address.id == first.id
        nobody = await desk.adapter.create_requester(
            desk.http, desk.account, VISITOR.model_copy(update={"id": "visitor-8"}), derived_external_id="handoff-8"
        )
        assert nobody.id != first.id
        assert not await desk.adapter.update_requester_email(desk.http, desk.account, nobody, "v@example.com")


@pytest.mark.parametrize("name", NAMES)
async def test_somebody_unknown_gets_a_ticket_all_the_same(name: str, tmp_path: Path) -> None:
    async with opened(name, tmp_path) as desk:
        for customer in (VISITOR, Customer(name="Eve"), draft().customer, Customer(external_id="c-1")):
            assert await ticket_of(desk, customer=customer, action_id=f"a-{customer.name}-{customer.external_id}")


@pytest.mark.parametrize("name", NAMES)
async def test_later_messages_files_and_attached_escalations_arrive_in_private(name: str, tmp_path: Path) -> None:
    async with opened(name, tmp_path) as desk:
        ticket_id = await ticket_of(desk)
        later = turn("customer", "one more thing", 90)
        adapter, account = desk.adapter, desk.account
        appended = await desk.send(adapter.render_append(account, ticket_id, later, action_id="act-1", reopen=True))
        attached = await desk.send(adapter.render_attach(account, draft(), ticket_id, action_id="act-2"))
        file = TicketFile("rechnung.pdf", "application/pdf", b"%PDF-1.7 \x00\xff")
        filed = await adapter.attach_file(desk.http, account, ticket_id, file, action_id="act-3")
        assert [answer.verdict for answer in (appended, attached, filed)] == ["done"] * 3
        for action in ("act-1", "act-2", "act-3"):
            assert await adapter.has_comment(desk.http, account, ticket_id, action)
        shown = desk.simulators.records.tickets(helpdesk=name)[0].comments
        assert [bool(comment["public"]) for comment in shown[-3:]] == [False] * 3


async def test_a_refused_group_leaves_a_minimal_ticket(tmp_path: Path) -> None:
    fields = FreshdeskAccount(field_names=())
    strict = SimulatorSettings(default=AccountSettings(freshdesk=fields))
    async with opened("freshdesk", tmp_path, strict) as desk:
        refused = await desk.send(desk.adapter.render_open(desk.account, draft()))
        assert (refused.verdict, refused.reason) == ("degradable", "rejected_field")
        done = await desk.send(desk.adapter.render_minimal(desk.account, draft()))
        assert done.verdict == "done"
        found = await desk.adapter.find_ticket(desk.http, desk.account, desk.key())
        assert [ref.escalation_id for ref in found] == [ESCALATION]


@pytest.mark.parametrize("name", NAMES)
async def test_a_group_that_does_not_exist_is_degradable(name: str, tmp_path: Path) -> None:
    async with opened(name, tmp_path) as desk:
        desk.account = replace(desk.account, groups={"lost": 9_999})
        request = desk.adapter.render_open(desk.account, draft(routing=Routing(rule="r", group="lost")))
        assert (await desk.send(request)).verdict == "degradable"


async def test_zendesk_remembers_the_key(tmp_path: Path) -> None:
    async with opened("zendesk", tmp_path) as desk:
        request = desk.adapter.render_open(desk.account, draft())
        first, second = await desk.send(request), await desk.send(request)
        assert first.ticket is not None
        assert second.ticket is not None
        assert (first.ticket.id, first.ticket.url) == (second.ticket.id, second.ticket.url)
        assert first.ticket.url == f"{desk.account.base_url}/agent/tickets/{first.ticket.id}"
        other = desk.adapter.render_open(desk.account, draft(reason="unresolved"))
        assert (await desk.send(other)).verdict == "key_reused"


@pytest.mark.parametrize("name", NAMES)
async def test_a_closed_duplicate_stays_closed_and_what_comes_later_is_a_follow_up(name: str, tmp_path: Path) -> None:
    async with opened(name, tmp_path) as desk:
        ticket_id = await ticket_of(desk)
        assert (await desk.send(desk.adapter.render_close(desk.account, ticket_id))).verdict == "done"
        closed = await desk.adapter.get_ticket(desk.http, desk.account, ticket_id)
        assert closed is not None
        assert closed.closed
        if name == "zendesk":
            late = desk.adapter.render_append(desk.account, ticket_id, turn("customer", "x"), action_id="a-9")
            assert (await desk.send(late)).reason == "ticket_closed"
        followed = await desk.send(desk.adapter.render_follow_up(desk.account, closed, draft()))
        assert followed.verdict == "done"
        assert followed.ticket is not None
        assert followed.ticket.id != ticket_id


@pytest.mark.parametrize("name", NAMES)
async def test_faults_are_read_as_what_they_are(name: str, tmp_path: Path) -> None:
    async with opened(name, tmp_path) as desk:
        request = desk.adapter.render_open(desk.account, draft())
        await desk.send(request)
        faults: tuple[tuple[str, dict[str, Any], str], ...] = (
            ("html_200", {}, "ambiguous"),
            ("empty", {}, "ambiguous"),
            ("wrong_id", {}, "done"),
        )
        statuses = {401: "unavailable", 403: "unavailable", 409: "ambiguous", 429: "rate_limited", 503: "ambiguous"}
        said = [("status", {"status": status}, verdict) for status, verdict in statuses.items()]
        for kind, more, verdict in (*faults, *said):
            await desk.simulators.fault(kind, f"{name}.create_ticket", **more)
            minimal = desk.adapter.render_minimal(desk.account, draft())
            assert (await desk.send(minimal)).verdict == verdict, (kind, more)
        await desk.simulators.fault("truncated_body", f"{name}.create_ticket")
        with contextlib.suppress(Ambiguous):
            assert (await desk.send(desk.adapter.render_minimal(desk.account, draft()))).verdict == "ambiguous"
        assert await desk.adapter.find_ticket(desk.http, desk.account, desk.key())


@pytest.mark.parametrize("name", NAMES)
async def test_the_doctor_finds_the_simulated_account_sound(name: str, tmp_path: Path) -> None:
    async with opened(name, tmp_path) as desk:
        adapter: Any = desk.adapter
        findings = await adapter.probe(desk.http, desk.account, ["billing"])
        assert [finding for finding in findings if finding.level == "error" and "field" not in finding.subject] == []
        if name == "zendesk":
            assert any("proactive" in finding.text for finding in findings)
