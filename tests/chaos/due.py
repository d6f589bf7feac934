"""What the events call for, recomputed: the log in topic order, folded by the pure decision with the same rules."""

from collections.abc import Iterable, Iterator

from agents.commands.hops import own_sentences
from agents.commands.policies import RuleBook
from agents.escalation.decision import Rules
from agents.escalation.replay import replay
from agents.settings import Settings, TenantBook
from streams.codec import decode
from streams.contracts.conversation_events import EVENT
from streams.contracts.escalation_commands import OpenTicket
from streams.kafka.bulk import StoredRecord
from streams.topology import CONVERSATION_EVENTS
from tests.chaos.history import Due


def due(settings: Settings, partitions: Iterable[Iterable[StoredRecord]]) -> Iterator[Due]:
    """The commands due, partition by partition. Ticks count as they were recorded, and nowhere else."""
    book = RuleBook(TenantBook(settings.tenants), own_sentences())

    def rules(tenant: str) -> Rules:
        found = book.rules_for(tenant)
        assert found is not None, tenant
        return found

    for records in partitions:
        stored = list(records)
        events = [decode(EVENT, record.value) for record in stored]
        steps = replay(events, rules, make_ticks=False)
        for record, (_, decision) in zip(stored, steps, strict=True):
            for command in decision.commands:
                opens = isinstance(command, OpenTicket)
                yield Due(
                    key=f"{command.tenant}|{command.conversation_id}",
                    kind=command.kind,
                    action_id=command.action_id,
                    escalation_id=command.escalation_id,
                    reason=command.reason if isinstance(command, OpenTicket) else "",
                    event_ids=tuple(
                        event_id
                        for evidence in (command.evidence if isinstance(command, OpenTicket) else ())
                        if evidence.fired
                        for event_id in evidence.event_ids
                    )
                    if opens
                    else (command.turn.event_id,),  # type: ignore[union-attr] # the other kind
                    at=f"{CONVERSATION_EVENTS.name}/{record.partition}@{record.offset}",
                )
