"""Five companies on one system, strangers to each other: the same helpdesk and chat vendors, no secret in common.

`dahlia` is well. `acme`, `birch` and `cedar` are there to be in trouble; `elder` has brakes that bite at once.
"""

import asyncio
import base64
import time
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Any

import aiohttp

from agents.demo.setting import GROUPS
from agents.demo.simulators.llm import signature
from agents.demo.simulators.settings import (
    AccountSettings,
    IntercomAccount,
    LlmAccount,
    SimulatorSettings,
    Subscriber,
    ZendeskAccount,
)
from agents.demo.simulators.store import Records
from agents.demo.stage import Stage
from agents.demo.watching import Watcher

IN_TROUBLE = ("acme", "birch", "cedar")
WELL, BRAKED = "dahlia", "elder"
COMPANIES = (*IN_TROUBLE, WELL, BRAKED)
CUSTOMER = {"id": "user_1", "external_id": "user_1", "name": "Maya Okafor", "email": "maya.okafor@example.com"}
PERSON_PLEASE = "I need to talk to a person about order 88231."
_PLENTY = 1_000_000
_LIMITS: dict[str, dict[str, int]] = {BRAKED: {"webhooks_per_second": 2, "tickets_per_hour": 1}}


def account(tenant: str, gateway_port: int) -> AccountSettings:
    """A company at the vendors."""
    address = f"http://127.0.0.1:{gateway_port}/v1"
    chat = Subscriber(url=f"{address}/webhooks/intercom/{tenant}", secret=f"{tenant}-intercom-webhook-secret")
    return AccountSettings(
        zendesk=ZendeskAccount(
            client_secret=f"{tenant}-zendesk-client-secret",
            api_token=None,
            groups=GROUPS,
            search_lag_seconds=0.0,
            requests_per_minute=_PLENTY,
            ticket_updates_per_10_minutes=_PLENTY,
            user_updates_per_minute=_PLENTY,
        ),
        intercom=IntercomAccount(token=f"{tenant}-intercom-token", subscriber=chat),
        llm=LlmAccount(
            secret="whsec_" + base64.b64encode(f"{tenant}-signs-with-32-bytes-of-this".encode()).decode(),
            subscriber=Subscriber(url=f"{address}/events/{tenant}"),
        ),
    )


def _tenant(tenant: str, base: str) -> dict[str, Any]:
    made = account(tenant, 0)
    return {
        "mode": "live",
        "brand_name": tenant.capitalize(),
        "limits": {"tickets_per_hour": 10_000, "webhooks_per_second": 10_000} | _LIMITS.get(tenant, {}),
        "platforms": {
            "custom-llm": {"secrets": [made.llm.secret], "options": {"allowed_hosts": ["127.0.0.1"]}},
            "intercom": {
                "secrets": [made.intercom.subscriber.secret],
                "own_ids": [made.intercom.admin_id, made.intercom.app_package_code],
                "tokens": {"access_token": made.intercom.token},
                "options": {"base_url": f"{base}/intercom/{tenant}", "admin_id": made.intercom.admin_id},
            },
        },
        "helpdesk": {
            "name": "zendesk",
            "base_url": f"{base}/zendesk/{tenant}",
            "tokens": {"client_id": made.zendesk.client_id, "client_secret": made.zendesk.client_secret},
            "groups": GROUPS,
        },
    }


class Companies(Stage):
    """The whole system with these companies instead of the demo's, and what can be seen of them from outside."""

    def __init__(self, folder: Path, bootstrap_servers: str) -> None:
        """Nothing runs yet; the topics are there."""
        super().__init__(folder, bootstrap_servers)
        self.watcher = Watcher(self.connection, lambda *_: None)

    def simulators(self) -> SimulatorSettings:
        accounts = {tenant: account(tenant, self.ports.gateway) for tenant in COMPANIES}
        return SimulatorSettings(accounts=accounts, webhook_retry_seconds=(0.3, 0.5, *(1.0,) * 60))

    def configuration(self, policy_path: str) -> dict[str, Any]:
        made = super().configuration(policy_path)
        quick = {"parked_retry_seconds": 1.0, "look_up_first_after_seconds": 2.0, "look_up_again_after_seconds": 1.0}
        few = {"concurrency_per_account": 4, "call_timeout_seconds": 3.0}
        tenants = {tenant: _tenant(tenant, self.base_url) for tenant in COMPANIES}
        return made | {
            "tenants": {name: tenant | {"policy": policy_path} for name, tenant in tenants.items()},
            "ticketing": made["ticketing"] | quick | few,
            "notifier": made["notifier"] | {"concurrency": 4, "call_timeout_seconds": 3.0},
        }

    async def asks(self, tenant: str, conversation_id: str, platform: str = "custom-llm") -> None:
        """A customer of that conversation alone asks the company's chat for a person; of `same` it is `CUSTOMER`."""
        own = {"id": f"user_{conversation_id}", "external_id": f"user_{conversation_id}", "name": "Jonas Weber"}
        customer = CUSTOMER if conversation_id == "same" else own | {"email": f"{conversation_id}@example.com"}
        step = {"customer": customer, "say": {"author": "customer", "text": PERSON_PLEASE}}
        await self.post(f"/_chat/{platform}/{tenant}/{conversation_id}", step)

    async def fault(self, tenant: str, kind: str, **more: Any) -> None:
        """All of a company's vendors are in trouble until `heal`, unless `operation` names what is."""
        plan = {"kind": kind, "account": tenant, "next": _PLENTY} | more
        await self.post("/_faults", {"faults": [plan]})

    async def heal(self) -> None:
        """No trouble any more."""
        async with aiohttp.ClientSession() as session, session.delete(self.base_url + "/_faults") as response:
            response.raise_for_status()

    def commands(self, tenant: str, conversation_id: str | None = None) -> list[Any]:
        """What escalation asked for on behalf of a company."""
        seen = self.watcher.conversations
        chosen = list(seen.values()) if conversation_id is None else [self.watcher.seen(conversation_id)]
        return [command for each in chosen for command in each.commands if command.tenant == tenant]

    async def tickets(self, tenant: str, conversation_id: str) -> list[dict[str, Any]]:
        """The tickets of a conversation, wherever they are."""
        ours = {command.escalation_id for command in self.commands(tenant, conversation_id)}
        return [ticket for ticket in (await self.get("/_state"))["tickets"] if ticket["external_id"] in ours]

    async def told(self, tenant: str, conversation_id: str) -> list[str]:
        """What the customer read from us in that company's chat."""
        chats = (await self.get("/_state"))["conversations"]
        here = [chat for chat in chats if (chat["account"], chat["id"]) == (tenant, conversation_id)]
        return [message["text"] for chat in here for message in chat["messages"] if message["author"] == "human"]

    async def served(self, tenant: str, conversation_id: str) -> bool:
        """A ticket at the company's own helpdesk, and the customer has read promise and number."""
        tickets = await self.tickets(tenant, conversation_id)
        told = await self.told(tenant, conversation_id)
        return [ticket["account"] for ticket in tickets] == [tenant] and len(told) == 2

    def recorded(self) -> Records:
        """What the vendors wrote down; closed by who asks."""
        return Records(self.folder / "simulators.db")

    async def metrics(self, hop: str) -> str:
        """The exposition of a process."""
        url = f"http://127.0.0.1:{self.ports.admin[hop]}/metrics"
        async with aiohttp.ClientSession() as session, session.get(url) as response:
            return await response.text()

    async def deliver(self, to: str, body: bytes, *, signed_by: str, number: str) -> int:
        """A body for one company's chat with a signature of its own or of another; the gateway's status."""
        sent_at = int(time.time())
        headers = {
            "webhook-id": number,
            "webhook-timestamp": str(sent_at),
            "webhook-signature": signature(account(signed_by, 0).llm, number, sent_at, body),
            "Content-Type": "application/json",
        }
        return await self.raw(f"/v1/events/{to}", body, headers)

    async def raw(self, path: str, body: bytes, headers: Mapping[str, str]) -> int:
        """One request to the gateway; its status."""
        url = f"http://127.0.0.1:{self.ports.gateway}{path}"
        async with aiohttp.ClientSession() as session, session.post(url, data=body, headers=headers) as response:
            return response.status


async def eventually(what: str, condition: Callable[[], Awaitable[bool]], seconds: float) -> None:
    """Wait until the answer is yes; fails with `what` when that takes longer."""
    deadline = time.monotonic() + seconds
    while not await condition():
        assert time.monotonic() < deadline, what
        await asyncio.sleep(0.1)
