"""What must be so before a hop touches its topics: a wrong one is refused at the start, not found out in the log."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from streams.kafka.admin import Found
from streams.topology import BY_CONVERSATION, Topic

MANY_BROKERS = 3
"""So many nodes are no trial any more."""

MIN_ISR = "min.insync.replicas"


@dataclass(frozen=True)
class Survey:
    """The brokers' number, and the topics that exist. A `Found.config` may be empty: it may not be read by everyone."""

    brokers: int
    found: Mapping[str, Found]


@dataclass(frozen=True)
class Copies:
    """What the configuration means to have: `kafka.replication_factor` and `kafka.min_insync_replicas`."""

    replication: int
    min_insync: int


def missing(topics: Iterable[Topic], survey: Survey) -> list[str]:
    """The topics that are not there yet."""
    return [topic.name for topic in topics if topic.name not in survey.found]


def unsafe(topics: Sequence[Topic], survey: Survey, copies: Copies) -> list[str]:
    """One line for each thing with which no hop may run: records would be lost, doubled or out of order. Pure."""
    there = [(topic, survey.found[topic.name]) for topic in topics if topic.name in survey.found]
    lines = [*_partitions(there)]
    for topic, found in there:
        lines += _cleanup(topic, found)
        lines += _copies(topic, found, survey.brokers, copies)
    return lines


def _partitions(there: Sequence[tuple[Topic, Found]]) -> Iterable[str]:
    """Every hop writes to the partition of what it read: all topics by conversation have the same number."""
    keyed = [(topic, found) for topic, found in there if topic.key.startswith(BY_CONVERSATION) or topic.adapter is None]
    if not keyed:
        return
    first, wanted = keyed[0]
    for topic, found in keyed[1:]:
        if found.partitions != wanted.partitions:
            yield (
                f"topic {topic.name} has {found.partitions} partitions and {first.name} has {wanted.partitions}: "
                "they must have the same number, fixed for life"
            )


def _cleanup(topic: Topic, found: Found) -> Iterable[str]:
    policy = found.config.get("cleanup.policy")
    if policy is not None and policy != topic.cleanup:
        why = "what is read back from it would be gone" if topic.cleanup == "compact" else "records would disappear"
        yield f"topic {topic.name} has cleanup.policy {policy} and needs {topic.cleanup}: {why}"


def _copies(topic: Topic, found: Found, brokers: int, copies: Copies) -> Iterable[str]:
    if found.replication == 1 and copies.replication > 1:
        yield (
            f"topic {topic.name} has one copy and kafka.replication_factor is {copies.replication}: a lost disk "
            "would lose acknowledged records; give it more copies (kafka-reassign-partitions)"
        )
        return
    if found.replication == 1 and brokers >= MANY_BROKERS:
        yield (
            f"topic {topic.name} has one copy on a cluster of {brokers} brokers: kafka.replication_factor 1 is for "
            "trials; a lost disk would lose acknowledged records"
        )
        return
    told = found.config.get(MIN_ISR)
    if told is None or not told.isdecimal():
        return
    if int(told) > found.replication:
        yield f"topic {topic.name} has {MIN_ISR} {told} and {found.replication} copies: it takes no record at all"
    elif int(told) < min(copies.min_insync, copies.replication, found.replication):
        yield (
            f"topic {topic.name} has {MIN_ISR} {told} and kafka.min_insync_replicas is {copies.min_insync}: "
            "an acknowledged record might stand on one disk alone"
        )
