import pytest

from agents.notifier.gates import AWAY, FAILING_CONVERSATIONS, Gate
from agents.outbound import NotSent
from streams.clock import ManualClock
from tests.support.notices import NOON


async def entered(gate: Gate, *, probing: bool = False) -> None:
    async with gate.admission(probing=probing):
        pass


def failing(gate: Gate, conversations: int) -> None:
    for number in range(conversations):
        gate.failed(f"c-{number}")


async def test_several_conversations_failing_in_a_row_close_the_gate_to_all_but_probes() -> None:
    gate = Gate(ManualClock(NOON))
    failing(gate, FAILING_CONVERSATIONS - 1)
    await entered(gate)
    failing(gate, FAILING_CONVERSATIONS)
    with pytest.raises(NotSent, match=AWAY):
        await entered(gate)
    await entered(gate, probing=True)


async def test_one_conversation_failing_again_and_again_closes_nothing() -> None:
    gate = Gate(ManualClock(NOON))
    for _ in range(10):
        gate.failed("c-0")
    await entered(gate)


async def test_one_success_opens_it_and_the_count_starts_anew() -> None:
    gate = Gate(ManualClock(NOON))
    failing(gate, FAILING_CONVERSATIONS)
    gate.worked()
    await entered(gate)
    failing(gate, FAILING_CONVERSATIONS - 1)
    await entered(gate)


async def test_the_time_the_other_side_asked_for_is_waited_out() -> None:
    clock = ManualClock(NOON)
    gate = Gate(clock)
    gate.failed("c-0", 30.0)
    gate.failed("c-0", 10.0)
    assert gate.wait_seconds == 30.0
    with pytest.raises(NotSent, match="asked_for_time"):
        await entered(gate)
    clock.advance(30.0)
    await entered(gate)
