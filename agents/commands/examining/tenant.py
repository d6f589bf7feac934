"""A tenant as it is configured, and its helpdesk account as it is."""

from collections.abc import Iterable
from typing import Protocol, cast

from agents.commands.checks import of_tenant
from agents.commands.hosts import host_rules
from agents.commands.policies import compiled, read_policy
from agents.helpdesks.finding import Finding
from agents.helpdesks.port import Account
from agents.helpdesks.registry import helpdesks, wrong_options
from agents.notifier.phrasebooks import Phrasebooks, load_shipped
from agents.outbound import Http
from agents.policy.compiled import CompiledPolicy
from agents.settings import Settings, TenantSettings
from agents.ticketing.accounts import account as account_of
from streams.clock import Clock
from streams.errors import Refused


class Probing(Protocol):
    """What every helpdesk adapter can do besides its port."""

    async def probe(self, http: Http, account: Account, policy_groups: Iterable[str] = ()) -> list[Finding]: ...


_MEND = "mend it in the configuration; every hop refuses to start until then"


def examine_settings(name: str, tenant: TenantSettings, settings: Settings) -> list[Finding]:
    """What the configuration itself says. Calls nobody."""
    lines = of_tenant(name, tenant, host_rules(settings.outbound), Phrasebooks(load_shipped()))
    found = [Finding("error", "configuration", line, _MEND) for line in lines]
    found.append(_mode(tenant))
    if tenant.kill_switch:
        found.append(
            Finding("warn", "kill_switch", "is on: tickets wait, nobody is called", "switch it off when ready")
        )
    if tenant.mode == "live" and tenant.helpdesk is None:
        remedy = f"set tenants.{name}.helpdesk, or mode: observe"
        found.append(Finding("error", "helpdesk", "none, and the tenant is live: every ticket would wait", remedy))
    if not tenant.platforms:
        found.append(Finding("warn", "platforms", "none: nothing comes in by webhook", f"set tenants.{name}.platforms"))
    policy = _policy(name, tenant)
    return found + (_promises(name, tenant, policy) if policy is not None else [])


def _mode(tenant: TenantSettings) -> Finding:
    if tenant.mode == "observe":
        return Finding("ok", "mode", "observe: decides, and touches nobody")
    share = "" if tenant.share >= 1 else f", for {tenant.share:.0%} of conversations"
    return Finding("ok", "mode", f"live{share}")


def _policy(name: str, tenant: TenantSettings) -> CompiledPolicy | None:
    try:
        return compiled(read_policy(tenant.policy), name)
    except Refused:
        return None  # told among the configuration's faults


def _promises(name: str, tenant: TenantSettings, policy: CompiledPolicy) -> list[Finding]:
    """Calendars that the policy's promises count by and the tenant does not have: they would be counted all day."""
    wanted = {
        route.response.calendar: route.name
        for route in policy.routes
        if route.response is not None and route.response.calendar is not None
    }
    return [
        Finding(
            "warn",
            f"calendar {calendar}",
            f"route `{route}` promises an answer by it, and there is none of that name",
            f"set tenants.{name}.calendars.{calendar}: without it nights and weekends count as working hours",
        )
        for calendar, route in wanted.items()
        if calendar not in tenant.calendars
    ]


async def examine_helpdesk(name: str, tenant: TenantSettings, http: Http, clock: Clock) -> list[Finding]:
    """The account itself: credentials and scopes, the policy's groups, what would mail our tickets."""
    account = account_of(name, tenant)
    if account is None or wrong_options(account.helpdesk, account.options):
        return []
    policy = _policy(name, tenant)
    groups = () if policy is None else tuple(dict.fromkeys(_groups(policy)))
    adapter = cast("Probing", helpdesks(clock)[account.helpdesk])
    return await adapter.probe(http, account, groups)


def _groups(policy: CompiledPolicy) -> Iterable[str]:
    return (route.group for route in policy.routes if route.group is not None)
