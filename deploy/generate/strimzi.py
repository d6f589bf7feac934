"""Topics and users for the Strimzi operator, 0.49 or newer (API `kafka.strimzi.io/v1`).

Fields: https://strimzi.io/docs/operators/latest/configuring (KafkaTopic, KafkaUser).
"""

from collections.abc import Iterable
from typing import Any

import yaml

from agents.settings import KafkaSettings
from deploy.generate.rights import USERS, Right, rights
from streams.topology import TOPICS, Topic

API = "kafka.strimzi.io/v1"
CLUSTER = "kafka"
"""The name of the Kafka resource. Another one is set by a kustomize patch of the label."""

_HEAD = "# Written by `make docs` from streams/topology.py; `make check` finds drift.\n"


def topics_file() -> str:
    """All topics of the map."""
    return _documents(_topic(topic) for topic in TOPICS)


def users_file() -> str:
    """A user per process, with the rights it needs and no others."""
    return _documents(_user(name) for name in USERS)


def _documents(resources: Iterable[dict[str, Any]]) -> str:
    return _HEAD + yaml.safe_dump_all(resources, sort_keys=False, width=120)


def _resource(kind: str, name: str, spec: dict[str, Any]) -> dict[str, Any]:
    labels = {"strimzi.io/cluster": CLUSTER, "app.kubernetes.io/part-of": "handoff"}
    return {"apiVersion": API, "kind": kind, "metadata": {"name": name, "labels": labels}, "spec": spec}


def _topic(topic: Topic) -> dict[str, Any]:
    settings = KafkaSettings()
    config = topic.broker_config() | {"min.insync.replicas": str(settings.min_insync_replicas)}
    spec = {
        "topicName": topic.name,
        "partitions": topic.partitions,
        "replicas": settings.replication_factor,
        "config": {name: int(value) if value.lstrip("-").isdigit() else value for name, value in config.items()},
    }
    return _resource("KafkaTopic", topic.name, spec)


def _user(name: str) -> dict[str, Any]:
    acls = [_acl(right) for right in rights(name)]
    spec = {"authentication": {"type": "scram-sha-512"}, "authorization": {"type": "simple", "acls": acls}}
    return _resource("KafkaUser", name, spec)


def _acl(right: Right) -> dict[str, Any]:
    pattern = "prefix" if right.prefix else "literal"
    resource = {"type": right.resource, "name": right.name, "patternType": pattern}
    return {"resource": resource, "operations": list(right.operations)}
