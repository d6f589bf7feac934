"""A tenant's chat platforms: can webhooks be proven, do the credentials work, are our own echoes known."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Literal

from agents.gateway.intake import connection_of
from agents.helpdesks.finding import Finding
from agents.outbound import Http, OutboundError
from agents.platforms.custom_llm.options import options_of as custom_options
from agents.platforms.fin_agent_api.options import options_of as fin_options
from agents.platforms.intercom.api import Api
from agents.platforms.intercom.options import options_of as intercom_options
from agents.platforms.port import CallFailed, Connection, Unsupported
from agents.platforms.zendesk_events.options import options_of as events_options
from agents.platforms.zendesk_sunco import api as sunshine
from agents.platforms.zendesk_sunco.options import SuncoOptions
from agents.platforms.zendesk_sunco.options import options_of as sunco_options
from agents.settings import TenantSettings

Level = Literal["ok", "warn", "error"]
Probe = Callable[[Http, Connection], Awaitable[list[Finding]]]

_NO_SUCH_CONVERSATION = "000000000000000000000000"
"""A read of it tells a good key (404) from a bad one (401, 403) and touches nothing."""


async def examine_platform(name: str, tenant_id: str, tenant: TenantSettings, http: Http) -> list[Finding]:
    """Everything that can be said of one connection."""
    connection = connection_of(tenant_id, name, tenant)
    if connection is None or name not in _PROBES:
        return []
    return [*_secrets(connection), *await _PROBES[name](http, connection)]


def _secrets(connection: Connection) -> list[Finding]:
    real = [secret for secret in connection.secrets if secret.get_secret_value().strip()]
    if not real:
        remedy = f"set tenants.{connection.tenant}.platforms.{connection.platform}.secrets, as `env:` or `file:`"
        return [Finding("error", "secrets", "none: every webhook is answered with 401", remedy)]
    short = [secret for secret in real if len(secret.get_secret_value()) < 16]
    if short:
        text = f"{len(short)} of {len(real)} are shorter than 16 characters: such a secret can be guessed"
        return [Finding("warn", "secrets", text, "make another one, and keep the old beside it while you rotate")]
    return [Finding("ok", "secrets", f"{len(real)} to prove webhooks with")]


async def _asked(ask: Callable[[], Awaitable[Mapping[str, Any]]]) -> Mapping[str, Any] | str:
    """The answer, or the slug of why there is none."""
    try:
        return await ask()
    except (CallFailed, Unsupported, OutboundError) as error:
        return error.reason


def _no_answer(what: str, reason: str, tokens: str) -> Finding:
    if reason.startswith("no_"):
        return Finding("error", "credentials", f"{what}: {reason}", f"set {tokens}")
    if reason in {"http_401", "http_403"}:
        return Finding("error", "credentials", f"{what} refuses them: {reason}", f"check {tokens}")
    if reason == "not_allowed":
        return Finding("error", "address", f"{what} may not be called", "add its host to outbound.allow_hosts")
    return Finding("error", "address", f"{what} gives no answer: {reason}", "check base_url, region and the network")


async def _intercom(http: Http, connection: Connection) -> list[Finding]:
    options = intercom_options(connection.options)
    me = await _asked(lambda: Api(http, connection).get("/me"))
    if isinstance(me, str):
        return [_no_answer("Intercom", me, "tokens.access_token"), *_intercom_ids(connection, None)]
    admin, app = _text(me.get("id")), me.get("app")
    workspace = _text(app.get("id_code")) if isinstance(app, Mapping) else None
    found = [Finding("ok", "credentials", f"valid, of teammate {admin} in workspace {workspace or 'unknown'}")]
    if options.app_id and workspace and options.app_id != workspace:
        text = f"the token is of workspace {workspace}, options.app_id says {options.app_id}: its webhooks are ignored"
        found.append(Finding("error", "workspace", text, "set options.app_id to the workspace of the token"))
    if me.get("has_inbox_seat") is False:
        text = "the teammate has no inbox seat: its replies are refused"
        found.append(Finding("error", "teammate", text, "give it a seat, or use another teammate's token"))
    if options.admin_id and admin and options.admin_id != admin:
        text = f"options.admin_id is {options.admin_id}, the token's teammate is {admin}"
        found.append(Finding("warn", "teammate", text, "both have to be in own_ids, or leave options.admin_id out"))
    found += _intercom_ids(connection, admin)
    return [*found, *await _intercom_team(http, connection)]


def _intercom_ids(connection: Connection, admin: str | None) -> list[Finding]:
    """Without our own ids an echo of our reply looks like a person taking over."""
    options = intercom_options(connection.options)
    known = {*connection.own_ids, *([options.admin_id] if options.admin_id else [])}
    missing = sorted({one for one in (admin, options.admin_id) if one and one not in connection.own_ids})
    if missing:
        text = f"{', '.join(missing)} is not in own_ids: our own replies would look like a person's"
        level: Level = "warn" if known.issuperset(missing) else "error"
        return [Finding(level, "own_ids", text, f"add {', '.join(missing)} to own_ids")]
    if not known:
        text = "none: our own replies would look like a person's"
        return [Finding("error", "own_ids", text, "add the id of the teammate whose token this is")]
    return [Finding("ok", "own_ids", f"{len(known)} of ours are known")]


async def _intercom_team(http: Http, connection: Connection) -> list[Finding]:
    options = intercom_options(connection.options)
    if options.handover != "assign":
        return []
    if not options.team_id:
        text = "handover is `assign` and no team is named: sessions are closed instead"
        return [Finding("error", "team", text, "set options.team_id")]
    found = await _asked(lambda: Api(http, connection).get("/teams"))
    if isinstance(found, str):
        return [Finding("warn", "team", f"teams could not be read: {found}", "give the app «Read admins»")]
    teams = found.get("teams")
    there = {_text(team.get("id")) for team in teams if isinstance(team, Mapping)} if isinstance(teams, list) else set()
    if options.team_id not in there:
        text = f"there is no team {options.team_id}"
        return [Finding("error", "team", text, f"one of: {', '.join(sorted(filter(None, there)))}")]
    return [Finding("ok", "team", f"{options.team_id} is there")]


async def _fin(http: Http, connection: Connection) -> list[Finding]:
    options = fin_options(connection.options)
    found = [_reply_url(options.reply_url, options.allowed_hosts), _signing(connection)]
    if options.close_with == "escalate":
        me = await _asked(lambda: Api(http, _as_intercom(connection)).get("/me"))
        found.append(
            _no_answer("Intercom", me, "tokens.access_token")
            if isinstance(me, str)
            else Finding("ok", "credentials", "valid")
        )
    return found


def _as_intercom(connection: Connection) -> Connection:
    """The same token, for a read that the Fin Agent API does not have."""
    kept = {name: value for name, value in connection.options.items() if name in {"region", "base_url"}}
    return Connection(connection.tenant, "intercom", tokens=connection.tokens, options=kept)


async def _custom(http: Http, connection: Connection) -> list[Finding]:
    del http  # the application is called by signed events alone: there is nothing harmless to ask it
    options = custom_options(connection.options)
    return [_reply_url(options.reply_url, options.allowed_hosts), _signing(connection)]


def _reply_url(configured: str | None, allowed_hosts: tuple[str, ...]) -> Finding:
    if configured:
        return Finding("ok", "replies", "go to options.reply_url")
    if allowed_hosts:
        return Finding("ok", "replies", f"go where a body says, on {len(allowed_hosts)} hosts that it may name")
    text = "have no way: customers are told nothing in this channel"
    return Finding("error", "replies", text, "set options.reply_url, or options.allowed_hosts for those bodies name")


def _signing(connection: Connection) -> Finding:
    if "reply_secret" in connection.tokens:
        return Finding("ok", "signature", "our calls are signed with tokens.reply_secret")
    text = "our calls are signed with the webhook's own secret: who knows it can speak for both sides"
    return Finding("warn", "signature", text, "set tokens.reply_secret")


async def _sunco(http: Http, connection: Connection) -> list[Finding]:
    return await _sunshine(http, connection, sunco_options(connection))


async def _sunshine(http: Http, connection: Connection, options: SuncoOptions) -> list[Finding]:
    tokens = "tokens.key_id and tokens.key_secret, or tokens.access_token"
    if not options.app_id:
        text = "options.app_id is not set: the key cannot be tried before the first webhook names the app"
        return [Finding("warn", "credentials", text, "set options.app_id")]
    path = f"/v2/apps/{options.app_id}/conversations/{_NO_SUCH_CONVERSATION}"
    try:
        response = await http.send(sunshine.get(connection, path))
    except (Unsupported, OutboundError) as error:
        return [_no_answer("Sunshine Conversations", error.reason, tokens)]
    if response.status in {200, 404}:
        return [Finding("ok", "credentials", "valid"), *_handover(options)]
    return [_no_answer("Sunshine Conversations", f"http_{response.status}", tokens)]


def _handover(options: SuncoOptions) -> list[Finding]:
    if options.handover == "none" and not options.own_integration:
        text = "with `handover: none` nothing of ours can take control: the AI goes on answering"
        return [Finding("error", "handover", text, "set options.own_integration to our switchboard integration")]
    return []


async def _events(http: Http, connection: Connection) -> list[Finding]:
    options = events_options(connection)
    if options.sunshine is None:
        text = "there is no way to answer these customers: they are told by e-mail, where that is known"
        return [Finding("warn", "replies", text, "set options.sunshine, with the keys of the Conversations API")]
    bare = options.sunshine.model_dump(mode="json", exclude_defaults=True)
    asking = Connection(connection.tenant, connection.platform, tokens=connection.tokens, options=bare)
    return await _sunshine(http, asking, options.sunshine)


async def _ai_agents(http: Http, connection: Connection) -> list[Finding]:
    del http  # it has nothing that could be read without a conversation
    token = connection.tokens.get("api_key")
    if token is None or not token.get_secret_value().strip():
        return [Finding("error", "credentials", "no API key: customers are told nothing", "set tokens.api_key")]
    if not (connection.options.get("base_url") or connection.options.get("subdomain")):
        return [Finding("error", "address", "neither subdomain nor base_url", "set options.subdomain")]
    return [Finding("ok", "credentials", "an API key is set; there is nothing harmless to try it on")]


def _text(value: Any) -> str | None:
    return str(value) if isinstance(value, str | int) and not isinstance(value, bool) else None


_PROBES: Mapping[str, Probe] = {
    "intercom": _intercom,
    "fin-agent-api": _fin,
    "zendesk-sunco": _sunco,
    "zendesk-events": _events,
    "zendesk-ai-agents-advanced": _ai_agents,
    "custom-llm": _custom,
}
