"""Sunshine Conversations' records and webhook bodies. Names from the official OpenAPI (v2).

`dataCapture.*` keys of `passControl` metadata as Zendesk's messaging metadata page names them.
"""

import json
from typing import Any

from agents.demo.simulators.calls import Webhook
from agents.demo.simulators.chats import Session
from agents.demo.simulators.formats import hex_id, iso_milliseconds
from agents.demo.simulators.settings import ZendeskAccount
from agents.demo.simulators.store import Json, Row

PLATFORM = "zendesk-sunco"
AGENT_WORKSPACE = "zd-agentWorkspace"
INTEGRATIONS: tuple[Json, ...] = (
    {
        "id": "5eecde2dcdbffb08f5c3ed37",
        "name": "ultimate",
        "integrationId": "5f11a650e4e987667c2051d1",
        "integrationType": "ultimate",
    },
    {
        "id": "5ef21b86e933b7355c11c604",
        "name": AGENT_WORKSPACE,
        "integrationId": "5ef21b86e933b7355c11c605",
        "integrationType": "zd:agentWorkspace",
    },
    {
        "id": "5ef21b86e933b7355c11c6aa",
        "name": "handoff",
        "integrationId": "5ef21b86e933b7355c11c6ab",
        "integrationType": "custom",
    },
)
"""The switchboard, in its hierarchy: the AI agent first, then the people."""


def integration(named: str) -> Json | None:
    """By id, name or type."""
    for entry in INTEGRATIONS:
        if named in {entry["id"], entry["name"], entry["integrationType"]}:
            return entry
    return None


def active(session: Session) -> Json | None:
    """Who is in control of a conversation."""
    found: Json | None = session.doc.get("active")
    return found


def truncated_conversation(session: Session) -> Json:
    """A conversation as webhooks show it."""
    shown: Json = {"id": session.id, "type": "personal"}
    for name, field in (("active", "activeSwitchboardIntegration"), ("pending", "pendingSwitchboardIntegration")):
        if session.doc.get(name) is not None:
            shown[field] = session.doc[name]
    return shown


def conversation(session: Session) -> Json:
    """A conversation as `GET` shows it."""
    return truncated_conversation(session) | {
        "isDefault": True,
        "displayName": None,
        "description": None,
        "iconUrl": None,
        "metadata": session.doc.get("metadata") or {},
        "businessLastRead": None,
        "lastUpdatedAt": iso_milliseconds(session.updated_at),
        "createdAt": iso_milliseconds(session.created_at),
    }


def message(row: Row) -> Json:
    """A message as it was posted."""
    found: Json = json.loads(row["doc"])
    return found


def user(session: Session) -> Json:
    """The customer: `authenticated` only where the company has vouched for them."""
    customer = session.customer
    external_id = customer.get("external_id")
    return {
        "id": customer.get("id"),
        "authenticated": bool(external_id),
        "externalId": external_id,
        "zendeskId": session.doc.get("zendesk_id"),
    }


def full_user(session: Session) -> Json:
    """With profile and identities, as `includeFullUser` adds them."""
    customer = session.customer
    given, _, surname = str(customer.get("name") or "").partition(" ")
    email = customer.get("email")
    profile = {"givenName": given or None, "surname": surname or None, "email": email, "locale": customer.get("locale")}
    identities = [{"type": "email", "value": email, "verification": "verified"}] if email else []
    return user(session) | {
        "signedUpAt": iso_milliseconds(session.created_at),
        "profile": {name: value for name, value in profile.items() if value},
        "metadata": {},
        "identities": identities,
    }


def webhook(
    account: ZendeskAccount, session: Session, number: int, event: str, payload: Json, at: float
) -> tuple[Webhook, ...]:
    """One event as Sunshine delivers it: no signature, the shared secret as `X-API-Key`. None without a URL."""
    subscriber = account.sunshine
    if subscriber.url is None:
        return ()
    body = {
        "app": {"id": account.app_id or session.doc.get("app_id") or "5ebee0975ac5304b664a12fa"},
        "webhook": {"id": "5f4eaef81e3dcc117c7ba48a", "version": "v2"},
        "events": [
            {
                "id": hex_id(number, "5f74a0d5"),
                "createdAt": iso_milliseconds(at),
                "type": event,
                "payload": {"conversation": truncated_conversation(session), **payload},
            }
        ],
    }
    headers = {"X-API-Key": subscriber.secret, "Content-Type": "application/json"}
    return (Webhook(PLATFORM, session.id, event, subscriber.url, json.dumps(body).encode(), headers),)


def webhook_message(shown: Json, session: Session) -> Json:
    """A message as a webhook shows it: the customer's carries the user."""
    if shown["author"]["type"] != "user":
        return shown
    author: Any = {key: value for key, value in shown["author"].items() if key in {"type", "userId"}}
    return shown | {"author": author | {"user": full_user(session)}}
