"""Events folded as the live worker folds them, without Kafka: for `decide`, `explain`, `backtest` and tests.

The ticks are made here, in event time: a conversation's tick comes before the first of its events that lies
after it. That is where the live worker's stands too, but for the seconds by which the worker is late.
"""

import heapq
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime

from agents.escalation.decide import decide
from agents.escalation.decision import Decision, Rules
from agents.escalation.moments import from_ms, to_ms
from agents.escalation.state import ConversationState
from streams.contracts.conversation_events import AnyEvent, Tick
from streams.ids import conversation_key, derive

Step = tuple[AnyEvent, Decision]


def tick_for(state: ConversationState) -> Tick | None:
    """The tick this conversation waits for, with an id that every replay derives again."""
    head = state.head
    if head.due_ms is None:
        return None
    due = from_ms(head.due_ms)
    return Tick(
        event_id=derive("tick", head.tenant, head.conversation_id, head.due_episode, str(head.due_ms)),
        tenant=head.tenant,
        conversation_id=head.conversation_id,
        platform=head.platform,
        occurred_at=due,
        episode=head.due_episode,
        due_at=due,
        test=head.test,
    )


class Replay:
    """Conversations in memory, and what they wait for. One offset counts all events, ticks included."""

    def __init__(self, rules_for: Callable[[str], Rules]) -> None:
        """`rules_for` gives a tenant's rules."""
        self._rules_for = rules_for
        self._states: dict[str, ConversationState] = {}
        self._due: list[tuple[int, str]] = []
        self._offset = -1
        self.newest_ms: int | None = None

    def apply(self, event: AnyEvent) -> Decision:
        """Fold one event, a tick included."""
        self._offset += 1
        key = conversation_key(event.tenant, event.conversation_id)
        decision = decide(self._states.get(key), event, self._offset, self._rules_for(event.tenant))
        if decision.state is None:
            self._states.pop(key, None)
        else:
            self._states[key] = decision.state
            if decision.due_ms is not None:
                heapq.heappush(self._due, (decision.due_ms, key))
        if not isinstance(event, Tick):
            self.newest_ms = max(self.newest_ms or 0, to_ms(event.occurred_at))
        return decision

    def ticks_before(self, event: AnyEvent) -> Iterator[Step]:
        """What falls due in the event's own conversation before it."""
        key = conversation_key(event.tenant, event.conversation_id)
        ms = to_ms(event.occurred_at)
        while (state := self._states.get(key)) is not None and (tick := tick_for(state)) is not None:
            if to_ms(tick.due_at) >= ms:
                return
            yield tick, self.apply(tick)

    def ticks_until(self, ms: int) -> Iterator[Step]:
        """What falls due in any conversation up to that time, in its order."""
        while self._due and self._due[0][0] <= ms:
            due_ms, key = heapq.heappop(self._due)
            state = self._states.get(key)
            if state is None or state.head.due_ms != due_ms or (tick := tick_for(state)) is None:
                continue
            yield tick, self.apply(tick)


def replay(
    events: Iterable[AnyEvent],
    rules_for: Callable[[str], Rules],
    *,
    until: datetime | None = None,
    make_ticks: bool = True,
) -> Iterator[Step]:
    """Every event with its decision, in the order given, and the ticks between them.

    After the last event time goes on to `until`; without it, to the newest event of all. Ticks among `events`
    are left out and made anew, unless `make_ticks` is false: then they alone count, as recorded.
    """
    folding = Replay(rules_for)
    for event in events:
        if isinstance(event, Tick):
            if not make_ticks:
                yield event, folding.apply(event)
            continue
        if make_ticks:
            yield from folding.ticks_before(event)
        yield event, folding.apply(event)
    end_ms = to_ms(until) if until is not None else folding.newest_ms
    if make_ticks and end_ms is not None:
        yield from folding.ticks_until(end_ms)
