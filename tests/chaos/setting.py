"""What the hops under test are told: two tenants, both helpdesks, two chat platforms. Pure.

Everything that keeps a schedule short is configuration a user has too: session timeout, parking, retry and check
intervals. Nothing in the product knows of this harness.
"""

from dataclasses import dataclass
from typing import Any

from agents.demo.setting import FRESHDESK_GROUPS, GROUPS, policy_text
from agents.demo.simulators.settings import (
    AccountSettings,
    FreshdeskAccount,
    IntercomAccount,
    LlmAccount,
    SimulatorSettings,
    Subscriber,
    ZendeskAccount,
)

SESSION_TIMEOUT_MS = 6_000
HELPDESK_OF = {"acme": "zendesk", "birch": "freshdesk"}
TENANTS = tuple(HELPDESK_OF)
PLATFORMS = ("custom-llm", "intercom")
_SECRET = "chaos-webhook-secret"
_PLENTY = 1_000_000

policy = policy_text
"""The shipped policy, with silence escalating after six seconds at `birch`."""


@dataclass(frozen=True)
class Addresses:
    """Loopback ports as the hops see them: the links in front of everything."""

    gateway: int
    helpdesk: int
    chat: int
    smtp: int


def simulators(gateway_port: int) -> SimulatorSettings:
    """Vendors without rate limits of their own, whose webhooks are repeated until somebody takes them."""
    accounts = {tenant: _account(tenant, gateway_port) for tenant in TENANTS}
    return SimulatorSettings(
        accounts=accounts,
        webhook_timeout_seconds=6.0,
        webhook_retry_seconds=(0.3, 0.5, 1.0, *(2.0,) * 60),
    )


def _account(tenant: str, port: int) -> AccountSettings:
    def to(path: str) -> Subscriber:
        return Subscriber(url=f"http://127.0.0.1:{port}/v1/{path}", secret=_SECRET)

    return AccountSettings(
        zendesk=ZendeskAccount(
            groups=GROUPS,
            requests_per_minute=_PLENTY,
            ticket_updates_per_10_minutes=_PLENTY,
            user_updates_per_minute=_PLENTY,
        ),
        freshdesk=FreshdeskAccount(groups=FRESHDESK_GROUPS, requests_per_minute=_PLENTY),
        intercom=IntercomAccount(subscriber=to(f"webhooks/intercom/{tenant}")),
        llm=LlmAccount(subscriber=to(f"events/{tenant}")),
    )


def handoff(at: Addresses, bootstrap_servers: str, policy_path: str, group_protocol: str) -> dict[str, Any]:
    """`handoff.yaml` of one hop: each reaches the brokers over a link of its own."""
    return {
        "kafka": {
            "bootstrap_servers": bootstrap_servers,
            "replication_factor": 1,
            "min_insync_replicas": 1,
            "session_timeout_ms": SESSION_TIMEOUT_MS,
            "group_protocol": group_protocol,
        },
        "gateway": {"host": "127.0.0.1", "port": at.gateway},
        "escalation": {"tick_check_seconds": 0.5},
        "ticketing": {
            "call_timeout_seconds": 4.0,
            "calls_per_second": 200.0,
            "park_after_seconds": 12.0,
            "parked_retry_seconds": 4.0,
        },
        "notifier": {
            "call_timeout_seconds": 4.0,
            "smtp": {"host": "127.0.0.1", "port": at.smtp, "security": "none"},
        },
        "outbound": {"allow_loopback": True},
        "tenants": {tenant: _tenant(tenant, at, policy_path) for tenant in TENANTS},
    }


def _tenant(tenant: str, at: Addresses, policy_path: str) -> dict[str, Any]:
    desk = f"http://127.0.0.1:{at.helpdesk}/{HELPDESK_OF[tenant]}/{tenant}"
    return {
        "mode": "live",
        "brand_name": tenant.capitalize(),
        "locales": ["en"],
        "policy": policy_path,
        "limits": {"tickets_per_hour": _PLENTY, "webhooks_per_second": 10_000},
        "calendars": {"business_hours": {"hours": {day: ["09:00-17:00"] for day in ("mon", "tue", "wed")}}},
        "email": {"from_address": f"support@{tenant}.example"},
        "platforms": _platforms(tenant, f"http://127.0.0.1:{at.chat}"),
        "helpdesk": _zendesk(desk) if HELPDESK_OF[tenant] == "zendesk" else _freshdesk(desk),
    }


def _platforms(tenant: str, base: str) -> dict[str, Any]:
    intercom = IntercomAccount()
    return {
        "custom-llm": {"secrets": [LlmAccount().secret], "options": {"allowed_hosts": ["127.0.0.1"]}},
        "intercom": {
            "secrets": [_SECRET],
            "own_ids": [intercom.admin_id, intercom.app_package_code],
            "tokens": {"access_token": intercom.token},
            "options": {"base_url": f"{base}/intercom/{tenant}", "admin_id": intercom.admin_id},
        },
    }


def _zendesk(base_url: str) -> dict[str, Any]:
    tokens = {"client_id": ZendeskAccount().client_id, "client_secret": ZendeskAccount().client_secret}
    return {"name": "zendesk", "base_url": base_url, "tokens": tokens, "groups": GROUPS}


def _freshdesk(base_url: str) -> dict[str, Any]:
    return {
        "name": "freshdesk",
        "base_url": base_url,
        "tokens": {"api_key": FreshdeskAccount().api_key},
        "groups": FRESHDESK_GROUPS,
        "options": {"fields": {"escalation_id": "cf_handoff_escalation_id"}},
    }
