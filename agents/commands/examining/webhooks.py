"""Which webhooks are there already, where the vendor's API tells, and which are still to be pasted."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from agents.commands.examining.setups import SETUPS, SUNSHINE_TRIGGERS, ZENDESK_EVENTS, Setup
from agents.gateway.intake import connection_of
from agents.helpdesks.finding import Finding
from agents.helpdesks.port import HelpdeskUnavailable
from agents.helpdesks.registry import wrong_options
from agents.helpdesks.zendesk.auth import Credentials
from agents.helpdesks.zendesk.client import ZendeskClient
from agents.outbound import Http, OutboundError
from agents.platforms.answers import send_for_json
from agents.platforms.port import CallFailed, Connection, Unsupported
from agents.platforms.zendesk_sunco import api as sunshine
from agents.platforms.zendesk_sunco.options import options_of as sunco_options
from agents.settings import TenantSettings
from agents.ticketing.accounts import account as account_of
from streams.clock import Clock

_BY_TRIGGER = "conditional_ticket_events"

Found = Mapping[str, Any]


@dataclass(frozen=True)
class Looked:
    """What was found of one platform's webhooks, and what has to be pasted still."""

    findings: tuple[Finding, ...] = ()
    paste: tuple[Setup, ...] = ()


async def look(name: str, tenant_id: str, tenant: TenantSettings, http: Http, clock: Clock) -> Looked:
    """Whatever cannot be read counts as not there: one look too many is cheaper than a webhook too few."""
    setups = SETUPS.get(name, ())
    connection = connection_of(tenant_id, name, tenant)
    if connection is None:
        return Looked()
    path = setups[0].path_for(name, tenant_id) if setups else ""
    account = account_of(tenant_id, tenant)
    if name == "zendesk-events" and account is not None and account.helpdesk == "zendesk":
        if wrong_options(account.helpdesk, account.options):
            return Looked(paste=setups)
        return await _zendesk(ZendeskClient(http, account, Credentials(clock)), connection, path)
    if name == "zendesk-sunco":
        return await _sunshine(http, connection, path)
    return Looked(paste=setups)


async def _zendesk(client: ZendeskClient, connection: Connection, path: str) -> Looked:
    hooks = await _zendesk_hooks(client, connection, path)
    return Looked((*await _own_user(client, connection), *hooks.findings), hooks.paste)


async def _own_user(client: ZendeskClient, connection: Connection) -> list[Finding]:
    """What we write in tickets comes back as events: by our user's id it is known even where our tag is not."""
    try:
        user = await client.show("/api/v2/users/me", "user")
    except (HelpdeskUnavailable, OutboundError):
        return []
    own = str((user or {}).get("id") or "")
    if not own or own in connection.own_ids:
        return [Finding("ok", "own_ids", f"{len(connection.own_ids)} of ours are known")] if own else []
    text = f"{own}, the user whom we act as, is not in own_ids: what we write may look like a person's"
    return [Finding("warn", "own_ids", text, f"add {own} to own_ids")]


async def _zendesk_hooks(client: ZendeskClient, connection: Connection, path: str) -> Looked:
    events, trigger = SETUPS["zendesk-events"]
    try:
        there = _ours(await client.list("/api/v2/webhooks", "webhooks"), "endpoint", path)
        triggers = await client.list("/api/v2/triggers/active", "triggers")
    except (HelpdeskUnavailable, OutboundError) as error:
        unread = Finding("warn", "webhooks", f"they could not be read: {error.reason}", "look whether these are there")
        return Looked((unread,), (events, trigger))
    findings, paste = [], []
    subscribed = [hook for hook in there if _BY_TRIGGER not in _names(hook, "subscriptions")]
    called = {str(hook.get("id")) for hook in there if _BY_TRIGGER in _names(hook, "subscriptions")}
    if subscribed:
        findings += [_missing("events", _names(hook, "subscriptions"), ZENDESK_EVENTS) for hook in subscribed]
    else:
        paste.append(events)
    if any(_calls(item, called) for item in triggers):
        findings.append(Finding("ok", "trigger", "one calls our webhook"))
    else:
        paste.append(trigger)
    for hook in there:
        findings += _active(hook)
        findings += await _signing_secret(client, connection, hook)
    return Looked(tuple(findings), tuple(paste))


async def _signing_secret(client: ZendeskClient, connection: Connection, hook: Found) -> list[Finding]:
    """Whether we hold the secret it signs with (https://developer.zendesk.com/api-reference/webhooks/webhooks-api)."""
    try:
        found = await client.show(f"/api/v2/webhooks/{hook.get('id')}/signing_secret", "signing_secret")
    except (HelpdeskUnavailable, OutboundError):
        return []
    return _known_secret(connection, (found or {}).get("secret"))


async def _sunshine(http: Http, connection: Connection, path: str) -> Looked:
    (setup,) = SETUPS["zendesk-sunco"]
    app_id = sunco_options(connection).app_id
    if app_id is None:
        return Looked(paste=(setup,))
    base = f"/v2/apps/{app_id}/integrations"
    try:
        listed = await send_for_json(http, sunshine.get(connection, base, {"filter[types]": "custom"}))
        hooks: list[Found] = []
        for integration in _dicts(listed.get("integrations")):
            body = await send_for_json(http, sunshine.get(connection, f"{base}/{integration.get('id')}/webhooks"))
            hooks += _dicts(body.get("webhooks"))
    except (CallFailed, Unsupported, OutboundError) as error:
        unread = Finding(
            "warn", "webhooks", f"they could not be read: {error.reason}", "look whether this one is there"
        )
        return Looked((unread,), (setup,))
    there = _ours(hooks, "target", path)
    findings = []
    for hook in there:
        findings.append(_missing("triggers", _names(hook, "triggers"), SUNSHINE_TRIGGERS))
        if hook.get("includeFullUser") is not True:
            text = "includeFullUser is off: names and addresses of customers are not told"
            findings.append(Finding("warn", "webhook", text, "set includeFullUser: true on it"))
        findings += _known_secret(connection, hook.get("secret"))
    return Looked(tuple(findings), () if there else (setup,))


def _missing(what: str, there: Iterable[str], wanted: Sequence[str]) -> Finding:
    missing = sorted(set(wanted) - set(there))
    if missing:
        text = f"the webhook lacks {what}: {', '.join(missing)}"
        return Finding("error", "webhook", text, "add them to its subscription")
    return Finding("ok", "webhook", f"is there, with all {what}")


def _active(hook: Found) -> list[Finding]:
    if hook.get("status") in {None, "active"}:
        return []
    return [Finding("error", "webhook", "is there and not active", "activate it in Admin Center")]


def _known_secret(connection: Connection, secret: Any) -> list[Finding]:
    if not isinstance(secret, str) or not secret:
        return []
    if any(ours.get_secret_value().strip() == secret for ours in connection.secrets):
        return [Finding("ok", "webhook", "its secret is among ours")]
    text = "its secret is not among ours: what it sends is answered with 401"
    return [Finding("error", "webhook", text, f"add it to the secrets of {connection.platform}")]


def _calls(trigger: Found, webhooks: set[str]) -> bool:
    for action in _dicts(trigger.get("actions")):
        value = action.get("value")
        named = value[0] if isinstance(value, list) and value else value
        if action.get("field") == "notification_webhook" and str(named) in webhooks:
            return True
    return False


def _ours(hooks: Iterable[Found], field: str, path: str) -> list[Found]:
    """Those that lead to this tenant's path, on whatever host the gateway has."""
    return [hook for hook in hooks if _path(hook.get(field)).endswith(path)]


def _path(url: Any) -> str:
    try:
        return urlsplit(url).path.rstrip("/") if isinstance(url, str) else ""
    except ValueError:
        return ""


def _names(hook: Found, field: str) -> list[str]:
    value = hook.get(field)
    return [str(name) for name in value] if isinstance(value, list) else []


def _dicts(value: Any) -> list[Found]:
    return [item for item in value if isinstance(item, Mapping)] if isinstance(value, list) else []
