"""The made-up companies of the demo: what is written into its `handoff.yaml` and into the simulators' settings. Pure.

`acme` has Zendesk and every platform; `birch` has Freshdesk, its own chat and Intercom; `cedar` only observes.
"""

from dataclasses import dataclass
from typing import Any

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
"""Short, so that the last act does not keep anybody waiting for a dead process's place in its group."""

SILENCE_SECONDS = 6
POLL_SECONDS = 5
"""So that nobody waits a minute to see what comes of a webhook that was never sent."""

_NAMES = ("Support", "Billing", "Tier 2", "Security", "Legal", "Customer Care", "Logistics")
GROUPS = {name: 360_001 + number for number, name in enumerate(_NAMES)}
"""The groups the shipped policy names, as Zendesk's ids."""
FRESHDESK_GROUPS = {name: 43_001 + number for number, name in enumerate(_NAMES)}
TENANTS = ("acme", "birch", "cedar")
_SECRET = "demo-webhook-secret"  # noqa: S105 # made up
_LLM_SECRET = LlmAccount().secret


@dataclass(frozen=True)
class Ports:
    """Where everything listens, on loopback."""

    gateway: int
    simulators: int
    smtp: int
    admin: dict[str, int]


def policy_text(example: str) -> str:
    """The shipped policy, with silence escalating quickly for `birch`."""
    tenants = f"""
tenants:
  birch:
    rules:
      silence: {{action: transfer, after: {SILENCE_SECONDS}s}}
"""
    return example + tenants


def simulator_settings(gateway_port: int) -> SimulatorSettings:
    """Accounts whose webhooks go to our gateway."""
    return SimulatorSettings(accounts={tenant: _account(tenant, gateway_port) for tenant in TENANTS})


def _account(tenant: str, port: int) -> AccountSettings:
    def to(platform: str) -> Subscriber:
        return Subscriber(url=f"http://127.0.0.1:{port}/v1/webhooks/{platform}/{tenant}", secret=_SECRET)

    own_events = Subscriber(url=f"http://127.0.0.1:{port}/v1/events/{tenant}", secret=_SECRET)
    return AccountSettings(
        zendesk=ZendeskAccount(
            groups=GROUPS,
            sunshine=to("zendesk-sunco"),
            events=to("zendesk-events"),
            ai_agents=to("zendesk-ai-agents-advanced"),
        ),
        freshdesk=FreshdeskAccount(groups=FRESHDESK_GROUPS),
        intercom=IntercomAccount(subscriber=to("intercom"), fin=to("fin-agent-api")),
        llm=LlmAccount(subscriber=own_events),
    )


def configuration(ports: Ports, bootstrap_servers: str, policy_path: str, *, embedded: bool) -> dict[str, Any]:
    """What `handoff.yaml` says."""
    base = f"http://127.0.0.1:{ports.simulators}"
    return {
        "kafka": {
            "bootstrap_servers": bootstrap_servers,
            "embedded": embedded,
            "replication_factor": 1,
            "min_insync_replicas": 1,
            "session_timeout_ms": SESSION_TIMEOUT_MS,
        },
        "gateway": {"host": "127.0.0.1", "port": ports.gateway},
        "escalation": {"tick_check_seconds": 0.5},
        "ticketing": {"call_timeout_seconds": 4.0, "calls_per_second": 50.0},
        "notifier": {"smtp": {"host": "127.0.0.1", "port": ports.smtp, "security": "none"}},
        "outbound": {"allow_loopback": True},
        "tenants": {
            "acme": _tenant("acme", base, policy_path, "live") | {"helpdesk": _zendesk("acme", base)},
            "birch": _tenant("birch", base, policy_path, "live") | {"helpdesk": _freshdesk("birch", base)},
            "cedar": _tenant("cedar", base, policy_path, "observe") | {"helpdesk": _zendesk("cedar", base)},
        },
    }


def _tenant(tenant: str, base: str, policy_path: str, mode: str) -> dict[str, Any]:
    return {
        "mode": mode,
        "brand_name": tenant.capitalize(),
        "locales": ["en", "de", "es", "fr"],
        "policy": policy_path,
        "calendars": {
            "business_hours": {
                "timezone": "Europe/Berlin",
                "hours": {day: ["09:00-17:00"] for day in ("mon", "tue", "wed", "thu", "fri")},
            },
        },
        "email": {"from_address": f"support@{tenant}.example", "from_name": f"{tenant.capitalize()} Support"},
        "platforms": _platforms(tenant, base),
    }


def _platforms(tenant: str, base: str) -> dict[str, Any]:
    zendesk, intercom = ZendeskAccount(), IntercomAccount()
    sunshine = {"base_url": f"{base}/zendesk/{tenant}/sc", "app_id": "5ebee0975ac5304b664a12fa"}
    keys = {"key_id": zendesk.sunshine_key_id, "key_secret": zendesk.sunshine_secret}
    return {
        "custom-llm": {
            "secrets": [_LLM_SECRET],
            "options": {"allowed_hosts": ["127.0.0.1"]},
        },
        "intercom": {
            "secrets": [_SECRET],
            "own_ids": [intercom.admin_id, intercom.app_package_code],
            "tokens": {"access_token": intercom.token},
            "options": {
                "base_url": f"{base}/intercom/{tenant}",
                "admin_id": intercom.admin_id,
                "poll": {"every_seconds": POLL_SECONDS},
            },
        },
        "fin-agent-api": {
            "secrets": [_SECRET],
            "tokens": {"access_token": intercom.token, "reply_secret": _LLM_SECRET},
            "options": {
                "base_url": f"{base}/intercom/{tenant}",
                "allowed_hosts": ["127.0.0.1"],
                "reply_url": f"{base}/llm/{tenant}/sessions/{{conversation_id}}/reply",
                "channel": "web",
            },
        },
        "zendesk-sunco": {"secrets": [_SECRET], "tokens": keys, "options": sunshine},
        "zendesk-events": {
            "secrets": [_SECRET],
            "tokens": keys,
            "options": {"sunshine": sunshine},
        },
        "zendesk-ai-agents-advanced": {
            "secrets": [_SECRET],
            "tokens": {"api_key": zendesk.ai_agents_key},
            "options": {"base_url": f"{base}/widget/{tenant}"},
        },
    }


def _zendesk(tenant: str, base: str) -> dict[str, Any]:
    account = ZendeskAccount()
    return {
        "name": "zendesk",
        "base_url": f"{base}/zendesk/{tenant}",
        "tokens": {"client_id": account.client_id, "client_secret": account.client_secret},
        "groups": GROUPS,
    }


def _freshdesk(tenant: str, base: str) -> dict[str, Any]:
    account = FreshdeskAccount()
    return {
        "name": "freshdesk",
        "base_url": f"{base}/freshdesk/{tenant}",
        "tokens": {"api_key": account.api_key},
        "groups": FRESHDESK_GROUPS,
        "options": {"fields": {"escalation_id": "cf_handoff_escalation_id"}},
    }
