"""What is set aside while folding, and why."""

import pytest

from agents.escalation.decision import Decision, Rules
from agents.escalation.fold import MAX_AHEAD_MS, Folded, Folder
from agents.escalation.live import PartitionState
from agents.escalation.state import ConversationState, Head, StoredTurn
from streams.codec import decode, encode
from streams.contracts.conversation_events import EVENT, AnyEvent
from streams.contracts.escalation_commands import COMMAND, OpenTicket
from streams.contracts.people import Customer, Turn
from streams.kafka.partitioner import partition_for
from streams.kafka.producer import MAX_VALUE_BYTES
from streams.kafka.record import Record
from tests.support.escalation_engine import AT, RULES, conversation_on, message, record, toy

GOOD = encode(message("c", "hello", "e1"))


def fold(*found: Record, partitions: int = 1, state: PartitionState | None = None) -> Folded:
    folded = Folded()
    folder = Folder(toy, lambda tenant: RULES if tenant == "t" else None, partitions)
    for entry in found:
        folder.fold(state or PartitionState(entry.partition), [entry], folded)
    return folded


@pytest.mark.parametrize(
    ("key", "value", "reason"),
    [
        (b"t|c", b"not json", "not_json"),
        (b"t|c", None, "tombstone"),
        (b"t|c", GOOD.replace(b'"message"', b'"telegram"'), "unknown_kind"),
        (b"t|c", GOOD.replace(b'"text"', b'"txet"'), "not_the_contract"),
        (b"t|other", GOOD, "wrong_key"),
        (b"", GOOD, "wrong_key"),
        (b"\xff\xfe", GOOD, "wrong_key"),
        (b"u|c", GOOD.replace(b'"tenant":"t"', b'"tenant":"u"'), "unknown_tenant"),
    ],
)
def test_what_cannot_be_processed_is_dead_with_its_reason(key: bytes, value: bytes | None, reason: str) -> None:
    folded = fold(Record("conversation.events", 0, 5, key, value))
    [(dead, error)] = folded.dead
    assert (dead.offset, error.reason) == (5, reason)
    assert folded.fates == [True]
    assert not folded.touched
    assert "hello" not in str(error)


def test_a_record_on_the_wrong_partition_is_dead_and_one_on_the_right_partition_is_not() -> None:
    conversation = conversation_on(3, 4)
    right, wrong = record(0, conversation, "hello", partition=3), record(0, conversation, "hello", partition=1)
    folded = fold(right, wrong, partitions=4)
    assert [error.reason for _, error in folded.dead] == ["wrong_partition"]
    assert folded.fates == [False, True]
    assert partition_for(right.key, 4) == 3


def test_of_records_that_are_folded_together_the_bad_ones_are_set_aside_and_have_their_places() -> None:
    folded, state = Folded(), PartitionState(0)
    broken = [Record("conversation.events", 0, offset, b"t|c", b"{") for offset in (0, 2)]
    records = [broken[0], record(1, "c", "hello"), broken[1], record(3, "c", "hello")]
    folder = Folder(toy, lambda _tenant: RULES, 1)
    folder.fold(state, records, folded)
    folder.fold(state, [Record("conversation.events", 0, 4, b"t|c", b"{")], folded)
    assert folded.fates == [True, False, True, False, True]
    assert [dead.offset for dead, _ in folded.dead] == [0, 2, 4]
    assert state.lives["t|c"].applied_offset == 3


def test_an_event_that_makes_its_conversation_too_large_to_be_stored_is_dead_and_changes_nothing() -> None:
    def swallow(state: ConversationState | None, event: AnyEvent, source_offset: int, rules: Rules) -> Decision:
        name = event.customer.name if event.customer else None
        head = Head("t", "c", "direct", source_offset, event.event_id, 0, locale=name)
        return Decision(ConversationState(head), "noted")

    event = message("c", "hello", "e1").model_copy(update={"customer": Customer(name="n" * 700_000)})
    partition, folded = PartitionState(0), Folded()
    Folder(swallow, lambda _tenant: RULES, 1).fold(partition, [Record("t", 0, 0, b"t|c", encode(event))], folded)
    assert [error.reason for _, error in folded.dead] == ["too_large"]
    assert partition.lives == {}


def test_an_event_whose_turn_is_too_large_to_be_stored_is_dead() -> None:
    folded = fold(Record("t", 0, 0, b"t|c", encode(message("c", "x" * 600_000, "e1"))))
    assert [error.reason for _, error in folded.dead] == ["too_large"]


def test_a_command_too_large_to_be_produced_gives_up_its_oldest_turns() -> None:
    turns = tuple(Turn(event_id=f"e{n}", occurred_at=AT, author="customer", text="\x01" * 32_000) for n in range(8))

    def verbose(state: ConversationState | None, event: AnyEvent, source_offset: int, rules: Rules) -> Decision:
        decision = toy(state, event, source_offset, rules)
        commands = tuple(command.model_copy(update={"turns": turns}) for command in decision.commands)
        return Decision(decision.state, "escalated", commands=commands)

    folded = Folded()
    Folder(verbose, lambda _tenant: RULES, 1).fold(PartitionState(0), [record(0, "c", "open")], folded)
    [output] = folded.outputs
    assert len(output.encoded) <= MAX_VALUE_BYTES
    produced = decode(COMMAND, output.encoded)
    assert isinstance(produced, OpenTicket)
    assert [turn.event_id for turn in produced.turns] == ["e4", "e5", "e6", "e7"]
    assert produced.turns_omitted == 4


def test_a_command_that_cannot_be_made_small_enough_sends_its_event_to_the_dead_letters() -> None:
    def hopeless(state: ConversationState | None, event: AnyEvent, source_offset: int, rules: Rules) -> Decision:
        decision = toy(state, event, source_offset, rules)
        commands = tuple(command.model_copy(update={"reason": "r" * 1_000_000}) for command in decision.commands)
        return Decision(decision.state, "escalated", commands=commands)

    partition, folded = PartitionState(0), Folded()
    Folder(hopeless, lambda _tenant: RULES, 1).fold(partition, [record(0, "c", "open")], folded)
    assert [error.reason for _, error in folded.dead] == ["too_large"]
    assert partition.lives == {}
    assert folded.outputs == []


def test_an_unknown_conversation_that_leaves_nothing_behind_is_not_kept_in_memory() -> None:
    state = PartitionState(0)
    fold(record(0, "c", "forget"), state=state)
    assert state.lives == {}


def test_a_duplicate_does_not_touch_its_conversation() -> None:
    state = PartitionState(0)
    fold(record(0, "c", "hello"), state=state)
    folded = fold(record(1, "c", "same"), state=state)
    assert folded.touched == {}
    assert state.lives["t|c"].applied_offset == 0


def test_state_is_remembered_with_the_turn_and_the_offset_of_the_event() -> None:
    state = PartitionState(0)
    fold(record(4, "c", "hello"), state=state)
    live = state.lives["t|c"]
    assert live.state is not None
    assert live.state.turns == (StoredTurn(4, "e4", 0, 0, "hello"),)
    assert live.applied_offset == 4
    assert live.dirty


def test_an_event_dated_far_after_its_own_record_is_dead() -> None:
    event = decode(EVENT, GOOD)
    sent_ms = int(event.occurred_at.timestamp() * 1000)
    early = fold(Record("conversation.events", 0, 5, b"t|c", GOOD, (), sent_ms - MAX_AHEAD_MS - 1))
    assert [error.reason for _, error in early.dead] == ["from_the_future"]
    assert fold(Record("conversation.events", 0, 5, b"t|c", GOOD, (), sent_ms - MAX_AHEAD_MS)).dead == []
