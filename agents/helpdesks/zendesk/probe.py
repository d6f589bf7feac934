"""Looking at a Zendesk account before customers depend on it: credentials, groups, what would mail our tickets."""

from collections.abc import Mapping
from typing import Any

from agents.helpdesks import tags
from agents.helpdesks.fields import words_are_public
from agents.helpdesks.finding import Finding
from agents.helpdesks.groups import group_findings
from agents.helpdesks.port import Account, HelpdeskUnavailable
from agents.helpdesks.safe_text import one_line
from agents.helpdesks.wire import as_dict, as_id, as_list, as_text
from agents.helpdesks.zendesk.client import ZendeskClient
from agents.helpdesks.zendesk.triggers import mails_on_create, title
from agents.outbound import OutboundError

_NEEDED = {"tickets": "write", "users": "write"}
_API_TOKENS = "API tokens stop on 2027-04-30; create an OAuth client and set tokens client_id and client_secret"


async def probe(client: ZendeskClient, account: Account, policy_groups: tuple[str, ...]) -> list[Finding]:
    """Everything that can be said of the account; what cannot be read is a finding too, never an exception."""
    try:
        user = await client.show("/api/v2/users/me", "user")
    except (HelpdeskUnavailable, OutboundError) as error:
        return [Finding("error", "credentials", f"Zendesk does not take them: {error.reason}", _mend(error.reason))]
    findings = [_who(user or {}), *_kind(account)]
    findings += await _scopes(client, account)
    findings += await _groups(client, account, policy_groups)
    findings += await _settings(client, account)
    return findings + await _triggers(client, account)


def _who(user: Mapping[str, Any]) -> Finding:
    role = as_text(user.get("role")) or "unknown"
    if as_id(user.get("id")) is None or role not in {"agent", "admin"}:
        return Finding(
            "error", "credentials", f"they belong to a user of role {role}", "tie the OAuth client to an agent or admin"
        )
    return Finding("ok", "credentials", f"valid, acting as a user of role {role}")


def _kind(account: Account) -> list[Finding]:
    legacy = "api_token" in account.tokens and "email" in account.tokens
    return [Finding("warn", "credentials", "an API token is used", _API_TOKENS)] if legacy else []


async def _scopes(client: ZendeskClient, account: Account) -> list[Finding]:
    """A token with too small a scope is minted all the same; the calls then answer 403."""
    if "api_token" in account.tokens:
        return []
    response = await _got(client, "/api/v2/oauth/tokens/current")
    scopes = as_list(as_dict(as_dict(response).get("token")).get("scopes"))
    granted = {str(scope) for scope in scopes}
    if not granted:
        return [
            Finding("warn", "scopes", "they could not be read", "check that the client may write tickets and users")
        ]
    lacking = [name for name, how in _NEEDED.items() if not granted & {how, f"{name}:{how}"}]
    if lacking:
        return [
            Finding("error", "scopes", f"no write access to {', '.join(lacking)}", "set option oauth_scope: read write")
        ]
    if not any(scope == "read" or scope.endswith(":read") for scope in granted):
        return [Finding("error", "scopes", "no read access", "set option oauth_scope: read write")]
    return [Finding("ok", "scopes", "tickets and users can be read and written")]


async def _groups(client: ZendeskClient, account: Account, policy_groups: tuple[str, ...]) -> list[Finding]:
    try:
        found = await client.list("/api/v2/groups", "groups")
    except (HelpdeskUnavailable, OutboundError) as error:
        return [_unread("groups", error.reason)]
    known = {int(key): as_text(item.get("name")) or "" for item in found if (key := as_id(item.get("id")))}
    return group_findings(account, policy_groups, known)


async def _settings(client: ZendeskClient, account: Account) -> list[Finding]:
    body = await _got(client, "/api/v2/account/settings")
    settings = as_dict(as_dict(as_dict(body).get("settings")).get("tickets"))
    findings = []
    if not words_are_public(account) and settings.get("is_first_comment_private_enabled") is False:
        findings.append(
            Finding(
                "error",
                "first comment",
                "this account makes every first comment public: the transcript would be mailed",
                "allow private first comments in Admin Center, or leave first_comment at public",
            )
        )
    if words_are_public(account) and settings.get("comments_public_by_default") is False:
        findings.append(
            Finding(
                "warn",
                "agents' replies",
                "comments are internal notes by default here: an answer may never reach the customer",
                "make agents' comments public by default in Admin Center",
            )
        )
    return findings


async def _triggers(client: ZendeskClient, account: Account) -> list[Finding]:
    try:
        found = await client.list("/api/v2/triggers/active", "triggers")
    except (HelpdeskUnavailable, OutboundError) as error:
        return [_unread("triggers", error.reason)]
    mailing = [one_line(title(item), 100) for item in found if mails_on_create(item, public=words_are_public(account))]
    if not mailing:
        return [Finding("ok", "triggers", "none mails the customer when we open a ticket")]
    remedy = f"add the condition «Tags contain none of: {tags.ORIGIN}» if the customer shall hear from Handoff alone"
    return [
        Finding("warn", "triggers", f"«{name}» mails the customer when we open a ticket", remedy) for name in mailing
    ]


async def _got(client: ZendeskClient, path: str) -> Any:
    try:
        response = await client.get(path)
    except (HelpdeskUnavailable, OutboundError):
        return None
    return response.json() if response.ok else None


def _unread(subject: str, reason: str) -> Finding:
    return Finding(
        "warn", subject, f"they could not be read: {reason}", "give the client's user the right to read them"
    )


def _mend(reason: str) -> str:
    if reason.startswith("token_missing"):
        return "set tokens client_id and client_secret of a Confidential OAuth client"
    if reason in {"unauthorized", "forbidden"} or reason.startswith("token_http_4"):
        return "check client_id, client_secret and that the client is of kind Confidential"
    return "check base_url and that the host is reachable and allowed"
