"""Whether a command may be carried out now: mode, kill switch, the tenant's hourly cap. Pure.

Read at the first step and again right before the call, so that a change takes effect on what is under way.
"""

from datetime import datetime, timedelta
from math import ceil

from agents.settings import TenantSettings
from agents.ticketing.ledger import Ledger
from agents.ticketing.world import MustSkip, MustWait
from streams.contracts.escalation_commands import AnyCommand
from streams.errors import InvalidRecord

HOUR = timedelta(hours=1)
KILL_SWITCH = "kill_switch"
ERASED = "erased"
CAP = "tenant_cap"


def check(
    command: AnyCommand,
    tenant: TenantSettings | None,
    ledger: Ledger,
    now: datetime,
    *,
    partitions: int,
    creates: bool,
    action_id: str,
) -> None:
    """Return where `command` may go on; else `MustSkip`, `MustWait`, or `InvalidRecord` for an unknown tenant.

    `creates`: a ticket would come of it, which counts against the cap. `action_id`: whose INTENT is its own.
    """
    if command.mode == "observe":
        raise MustSkip("observe")
    if command.test:
        raise MustSkip("test")
    if ledger.is_erased(command.escalation_id):
        raise MustSkip(ERASED)
    if tenant is None:
        raise InvalidRecord("unknown_tenant", "no tenant of that name is configured")
    if tenant.mode == "observe":
        raise MustSkip("tenant_observes")
    if tenant.kill_switch:
        raise MustWait(KILL_SWITCH, away=False)
    if creates:
        _check_cap(command.tenant, tenant, ledger, now, partitions=partitions, action_id=action_id)


def _check_cap(
    name: str, tenant: TenantSettings, ledger: Ledger, now: datetime, *, partitions: int, action_id: str
) -> None:
    """The tenant's cap, shared out among the partitions: no two of them ever talk about it."""
    share = ceil(tenant.limits.tickets_per_hour / max(partitions, 1))
    made = ledger.created_since(name, now - HOUR)
    mine = ledger.intent(action_id)
    earlier = sum(
        1
        for intent in ledger.creating(name)
        if intent.action_id != action_id
        and (mine is None or (intent.written_at, intent.action_id) < (mine.written_at, action_id))
    )
    if len(made) + earlier < share:
        return
    free_at = made[-share] + HOUR if len(made) >= share else now
    raise MustWait(CAP, asked_seconds=max((free_at - now).total_seconds(), 0.0), away=False, tell=True)
