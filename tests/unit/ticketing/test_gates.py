"""Mode, kill switch, cap."""

import pytest

from agents.settings import LimitSettings, TenantSettings
from agents.ticketing import gates
from agents.ticketing.ledger import Ledger, intent_key, outcome_key
from agents.ticketing.world import MustSkip, MustWait
from streams import ids
from streams.contracts.escalation_commands import AnyCommand
from streams.errors import InvalidRecord
from tests.support.ticketing_values import NOW, OPEN, appending, intent, opening, outcome

LIVE = TenantSettings(mode="live")


def capped(per_hour: int) -> TenantSettings:
    return TenantSettings(mode="live", limits=LimitSettings(tickets_per_hour=per_hour))


def check(
    command: AnyCommand | None = None,
    tenant: TenantSettings | None = LIVE,
    ledger: Ledger | None = None,
    *,
    creates: bool = True,
    partitions: int = 1,
    action_id: str = OPEN,
) -> None:
    gates.check(
        command or opening(),
        tenant,
        ledger or Ledger(),
        NOW,
        partitions=partitions,
        creates=creates,
        action_id=action_id,
    )


def made(*seconds_ago: float) -> Ledger:
    ledger = Ledger()
    for number, ago in enumerate(seconds_ago):
        escalation = ids.escalation_id("acme", "c1", f"episode {number}")
        entry = outcome(str(number), at=-ago, escalation_id=escalation, action_id=ids.action_id(escalation, "open"))
        ledger.apply(outcome_key(entry), entry, number)
    return ledger


def test_a_live_command_of_a_live_tenant_passes() -> None:
    check()


@pytest.mark.parametrize(
    ("command", "tenant", "reason"),
    [
        (opening(mode="observe"), LIVE, "observe"),
        (opening(test=True), LIVE, "test"),
        (appending(test=True), LIVE, "test"),
        (opening(), TenantSettings(), "tenant_observes"),
        (opening(mode="observe"), None, "observe"),
    ],
)
def test_what_only_observes_touches_nobody(command: AnyCommand, tenant: TenantSettings | None, reason: str) -> None:
    with pytest.raises(MustSkip, match=reason):
        check(command, tenant)


def test_a_tenant_that_is_not_configured_is_a_dead_letter() -> None:
    with pytest.raises(InvalidRecord, match="unknown_tenant"):
        check(tenant=None)


def test_the_kill_switch_holds_everything_back_and_tells_nobody() -> None:
    with pytest.raises(MustWait) as told:
        check(tenant=TenantSettings(mode="live", kill_switch=True), creates=False)
    assert (told.value.reason, told.value.away, told.value.tell) == ("kill_switch", False, False)


def test_the_excess_over_the_cap_waits_until_the_oldest_ticket_is_an_hour_old() -> None:
    check(tenant=capped(3), ledger=made(3000, 1000))
    with pytest.raises(MustWait) as told:
        check(tenant=capped(2), ledger=made(3000, 1000))
    assert told.value.reason == "tenant_cap"
    assert told.value.asked_seconds == 600
    assert told.value.tell
    assert not told.value.away


def test_what_was_made_before_the_hour_does_not_count() -> None:
    check(tenant=capped(1), ledger=made(3601))


def test_the_cap_is_shared_out_among_the_partitions_and_never_less_than_one() -> None:
    check(tenant=capped(500), ledger=made(*range(1, 42)), partitions=12)
    with pytest.raises(MustWait):
        check(tenant=capped(500), ledger=made(*range(1, 43)), partitions=12)
    check(tenant=capped(1), partitions=12)


def test_comments_do_not_count() -> None:
    check(appending(), capped(1), made(10), creates=False)


def test_a_ticket_under_way_counts_for_those_behind_it_and_not_for_itself() -> None:
    ledger = Ledger()
    other_escalation = ids.escalation_id("acme", "c2", "e0")
    other = intent(escalation_id=other_escalation, action_id=ids.action_id(other_escalation, "open"))
    mine = intent(at=1.0)
    for entry in (other, mine):
        ledger.apply(intent_key(entry), entry, 0)
    check(tenant=capped(1), ledger=ledger, action_id=other.action_id)
    with pytest.raises(MustWait):
        check(tenant=capped(1), ledger=ledger, action_id=mine.action_id)
