from collections import Counter

from streams.topology import PARTITIONS, TOPICS

LISTED_EXCEPTIONS = {"conversation.events"}
"""Written by the gateway, by platform teams, and by escalation for ticks alone."""


def test_every_topic_has_one_hop_that_writes_it() -> None:
    for topic in TOPICS:
        hops = set(topic.writers) - {"platform team", "redrive"}
        hops = hops - {"erase"} or hops
        assert len(hops) == 1 or topic.name in LISTED_EXCEPTIONS, topic.name


def test_every_topic_a_hop_reads_is_written_by_somebody() -> None:
    for topic in TOPICS:
        assert topic.writers, topic.name


def test_names_are_unique_and_every_consumed_topic_has_its_dead_letters() -> None:
    names = Counter(topic.name for topic in TOPICS)
    assert max(names.values()) == 1
    for topic in TOPICS:
        if topic.name in {"conversation.events", "escalation.commands", "notification.events"}:
            assert topic.dead in names


def test_topics_keyed_by_conversation_have_the_same_number_of_partitions() -> None:
    keyed = [topic for topic in TOPICS if topic.key.startswith("tenant|") or topic.key == "as the record"]
    assert {topic.partitions for topic in keyed} == {PARTITIONS}


def test_ledgers_and_state_are_compacted_and_never_expire() -> None:
    for topic in TOPICS:
        if topic.cleanup == "compact":
            assert "retention.ms" not in topic.broker_config()


def test_dead_letters_go_after_thirty_days_at_most() -> None:
    for topic in TOPICS:
        if topic.name.endswith(".dead"):
            assert topic.retention_ms is not None
            assert topic.retention_ms <= 30 * 86_400_000
