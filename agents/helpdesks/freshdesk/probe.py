"""Looking at a Freshdesk account before customers depend on it: credentials, groups, the field for our id."""

from collections.abc import Mapping
from typing import Any

from agents.helpdesks.finding import Finding
from agents.helpdesks.freshdesk.client import FreshdeskClient
from agents.helpdesks.freshdesk.options import FreshdeskOptions
from agents.helpdesks.groups import group_findings
from agents.helpdesks.port import Account, HelpdeskUnavailable
from agents.helpdesks.wire import as_id, as_text
from agents.outbound import OutboundError

_MAIL = Finding(
    "warn",
    "mails",
    "whether Freshdesk mails customers about tickets made over the API cannot be read",
    "look at Admin > Email Notifications > Requester: switch off «New ticket created» if Handoff alone shall tell them",
)


async def probe(client: FreshdeskClient, account: Account, policy_groups: tuple[str, ...]) -> list[Finding]:
    """Everything that can be said of the account; what cannot be read is a finding too, never an exception."""
    try:
        agent = await client.show("/api/v2/agents/me")
    except (HelpdeskUnavailable, OutboundError) as error:
        remedy = "check tokens.api_key and base_url, and that the host is reachable and allowed"
        return [Finding("error", "credentials", f"Freshdesk does not take them: {error.reason}", remedy)]
    findings = [_who(agent)]
    findings += await _groups(client, account, policy_groups)
    findings += await _fields(client, account)
    return [*findings, _MAIL]


def _who(agent: Mapping[str, Any] | None) -> Finding:
    if agent is None or as_id(agent.get("id")) is None:
        return Finding("error", "credentials", "the key belongs to no agent", "use the API key of an agent")
    return Finding("ok", "credentials", "valid, the key of an agent")


async def _groups(client: FreshdeskClient, account: Account, policy_groups: tuple[str, ...]) -> list[Finding]:
    try:
        found = await client.list("/api/v2/groups")
    except (HelpdeskUnavailable, OutboundError) as error:
        return [_unread("groups", error.reason)]
    known = {int(key): as_text(item.get("name")) or "" for item in found if (key := as_id(item.get("id")))}
    return group_findings(account, policy_groups, known)


async def _fields(client: FreshdeskClient, account: Account) -> list[Finding]:
    wanted = FreshdeskOptions.of(account).fields
    names = [wanted.escalation_id, wanted.conversation, wanted.reason, wanted.intent, wanted.platform]
    configured = [name for name in (*names, *wanted.attributes.values()) if name is not None]
    if wanted.escalation_id is None:
        remedy = "make a text field such as cf_handoff_escalation_id and set it as options.fields.escalation_id"
        text = "none holds our id: every ticket gets a tag of its own to be found by"
        missing = [Finding("warn", "fields", text, remedy)]
    else:
        missing = []
    if not configured:
        return missing
    try:
        found = await client.list("/api/v2/ticket_fields")
    except (HelpdeskUnavailable, OutboundError) as error:
        return [*missing, _unread("fields", error.reason)]
    known = {as_text(item.get("name")) for item in found}
    for name in configured:
        if name in known:
            missing.append(Finding("ok", f"field {name}", "is there"))
        else:
            missing.append(Finding("error", f"field {name}", "is not there", "make the field, or mend its name"))
    return missing


def _unread(subject: str, reason: str) -> Finding:
    return Finding("warn", subject, f"they could not be read: {reason}", "give the key's agent the right to read them")
