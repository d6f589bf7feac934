"""The real job in a bare confluent-kafka loop: Handoff's own decision and its encoding of state, a dict, one flush.

It keeps no order between command and state, knows no dead letters and survives no crash unharmed: the floor.
"""

from typing import Any

from agents.commands.policies import compiled, read_policy
from agents.escalation.decide import decide
from agents.escalation.decision import Rules
from agents.escalation.live import Live
from agents.escalation.state_records import records_of
from streams.codec import decode, encode
from streams.contracts.conversation_events import EVENT
from tests.bench.contenders.bare import Failures, clients, fetched
from tests.bench.marks import Marks, Task
from tests.bench.stream import TENANT


def shipped_rules() -> Rules:
    """The example policy, live: the same for every contender of the real job."""
    policy = read_policy(None)
    return Rules(policy=compiled(policy, TENANT), sha256=policy.sha256, mode="live")


def decided(live: Live, value: bytes, offset: int, rules: Rules) -> list[bytes]:
    """Take one event into the conversation; returns what is to be sent."""
    decision = decide(live.state, decode(EVENT, value), offset, rules)
    if decision.state is None:
        live.forget(offset)
    else:
        live.state = decision.state
        live.applied_offset = offset
    return [encode(made) for made in (*decision.commands, *decision.outcomes)]


def main() -> None:
    """Consume, decide, produce, flush, commit."""
    task = Task.from_argv()
    marks = Marks(task.events)
    rules = shipped_rules()
    consumer, producer = clients(task)
    consumer.subscribe([task.source])
    lives: dict[bytes, Live] = {}
    while not marks.complete:
        messages = fetched(consumer)
        if not messages:
            continue
        if not marks.seen:
            marks.started()
        _batch(task, messages, lives, rules, producer)
        consumer.commit(asynchronous=False)
        marks.seen += len(messages)
    marks.done()
    consumer.close()


def _batch(task: Task, messages: list[Any], lives: dict[bytes, Live], rules: Rules, producer: Any) -> None:
    failed = Failures()
    touched: dict[bytes, Live] = {}
    for message in messages:
        key, partition = message.key(), message.partition()
        live = lives.get(key)
        if live is None:
            live = lives[key] = Live(key.decode(), partition)
        touched[key] = live
        for value in decided(live, message.value(), message.offset(), rules):
            producer.produce(task.commands, value, key, partition, on_delivery=failed)
    for live in touched.values():
        for record in records_of(live):
            producer.produce(task.state, record.value, record.key, live.partition, on_delivery=failed)
    producer.flush()


if __name__ == "__main__":
    main()
