"""Topics and rights for Strimzi: the map's, no more and no less."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from deploy.generate.rights import GROUPS, OPERATOR, USERS, rights
from streams.topology import TOPICS

STRIMZI = Path("deploy/strimzi")


def _documents(name: str) -> list[dict[str, Any]]:
    return list(yaml.safe_load_all((STRIMZI / name).read_text()))


def test_strimzi_makes_every_topic_of_the_map_with_two_copies_in_sync() -> None:
    found = {each["spec"]["topicName"]: each["spec"] for each in _documents("topics.yaml")}
    assert set(found) == {topic.name for topic in TOPICS}
    for topic in TOPICS:
        spec = found[topic.name]
        assert spec["partitions"] == topic.partitions
        assert spec["replicas"] == 3
        assert spec["config"]["min.insync.replicas"] == 2
        assert spec["config"]["cleanup.policy"] == topic.cleanup


def test_every_user_has_the_rights_of_the_map_in_strimzis_words() -> None:
    users = {each["metadata"]["name"]: each["spec"]["authorization"]["acls"] for each in _documents("users.yaml")}
    assert set(users) == set(USERS)
    for name, acls in users.items():
        told = {(acl["resource"]["type"], acl["resource"]["name"], *acl["operations"]) for acl in acls}
        assert told == {(right.resource, right.name, *right.operations) for right in rights(name)}


@pytest.mark.parametrize("user", sorted(set(USERS) - {OPERATOR}))
def test_a_process_reads_and_writes_only_what_the_map_says(user: str) -> None:
    hop = USERS[user]
    looks = set() if hop == "platform team" else {"DescribeConfigs"}  # each process looks at its topics when it begins
    for right in rights(user):
        assert set(right.operations) - {"Read", "Write"} == (looks if right.resource == "topic" else set())
        assert not right.prefix
    topics = {right.name: right.operations for right in rights(user) if right.resource == "topic"}
    assert {name for name, allowed in topics.items() if "Write" in allowed} == {
        topic.name for topic in TOPICS if hop in topic.writers
    }
    assert {name for name, allowed in topics.items() if "Read" in allowed} == {
        topic.name for topic in TOPICS if hop in topic.readers
    }
    assert {right.name for right in rights(user) if right.resource == "group"} == set(GROUPS.get(hop, ()))


def test_no_two_processes_share_a_group() -> None:
    groups = [group for found in GROUPS.values() for group in found]
    assert len(groups) == len(set(groups))


def test_who_produces_events_cannot_touch_commands_or_ledgers() -> None:
    assert [right.name for right in rights("handoff-platform-team")] == ["conversation.events"]
    assert [right.name for right in rights("handoff-gateway")] == ["conversation.events"]


def test_a_person_can_redrive_erase_and_create_but_write_nothing_else() -> None:
    written = {right.name for right in rights(OPERATOR) if "Write" in right.operations}
    assert written == {topic.name for topic in TOPICS if {"redrive", "erase"} & set(topic.writers)}
