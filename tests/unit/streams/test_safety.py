"""What a hop must refuse to run on, told from a survey of the brokers."""

from dataclasses import replace

import pytest

from streams.kafka.admin import Found
from streams.kafka.safety import Copies, Survey, missing, unsafe
from streams.topology import ESCALATION_LEDGER, ESCALATION_STATE, POLICY_VERSIONS, TOPICS, Topic

WANTED = Copies(replication=3, min_insync=2)
TRIAL = Copies(replication=1, min_insync=2)


def as_wanted(topic: Topic, *, copies: int = 3, insync: int = 2) -> Found:
    return Found(topic.partitions, copies, topic.broker_config() | {"min.insync.replicas": str(insync)})


def survey(*, brokers: int = 3, copies: int = 3, insync: int = 2, **changed: object) -> Survey:
    """Topics as the map wants them; `changed` is done to `escalation.state`."""
    found = {topic.name: as_wanted(topic, copies=copies, insync=insync) for topic in TOPICS}
    found[ESCALATION_STATE.name] = replace(found[ESCALATION_STATE.name], **changed)  # type: ignore[arg-type] # a test's own
    return Survey(brokers, found)


def configured(name: str, value: str) -> Survey:
    return survey(config=as_wanted(ESCALATION_STATE).config | {name: value})


def test_what_is_as_the_map_wants_it_is_safe() -> None:
    assert unsafe(TOPICS, survey(), WANTED) == []
    assert POLICY_VERSIONS.partitions == 1, "one that is not keyed by conversation may differ"


def test_topics_by_conversation_need_one_number_of_partitions_whatever_it_is() -> None:
    [line] = unsafe(TOPICS, survey(partitions=6), WANTED)
    assert line.startswith("topic escalation.state has 6 partitions and conversation.events has 12")
    found = dict(survey().found)
    for topic in TOPICS:
        if topic != POLICY_VERSIONS:
            found[topic.name] = replace(found[topic.name], partitions=24)
    assert unsafe(TOPICS, Survey(3, found), WANTED) == []


@pytest.mark.parametrize("policy", ["delete", "compact,delete"])
def test_state_that_would_be_deleted_is_refused(policy: str) -> None:
    [line] = unsafe(TOPICS, configured("cleanup.policy", policy), WANTED)
    assert line.startswith(f"topic escalation.state has cleanup.policy {policy} and needs compact")


def test_one_copy_is_refused_unless_the_whole_is_a_trial() -> None:
    assert len(unsafe(TOPICS, survey(copies=1, insync=1), WANTED)) == len(TOPICS)
    assert unsafe(TOPICS, survey(brokers=1, copies=1, insync=1), TRIAL) == []
    [line, *_] = unsafe(TOPICS, survey(brokers=3, copies=1, insync=1), TRIAL)
    assert "one copy on a cluster of 3 brokers" in line


@pytest.mark.parametrize(
    ("insync", "said"), [("1", "one disk alone"), ("4", "it takes no record at all"), ("3", None), ("2", None)]
)
def test_an_acknowledgement_has_to_mean_two_disks(insync: str, said: str | None) -> None:
    lines = unsafe(TOPICS, configured("min.insync.replicas", insync), WANTED)
    assert [said in line for line in lines if said] == ([True] if said else [])
    assert bool(lines) == (said is not None)


def test_what_may_not_be_read_is_not_held_against_a_topic() -> None:
    assert unsafe(TOPICS, survey(config={}), WANTED) == []


def test_a_topic_that_is_missing_is_named_and_waited_for() -> None:
    there = Survey(3, {name: found for name, found in survey().found.items() if name != ESCALATION_LEDGER.name})
    assert missing(TOPICS, there) == ["escalation.ledger"]
    assert unsafe(TOPICS, there, WANTED) == []
