"""Topics on a real broker: what the map wants, what is there, and the difference."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from confluent_kafka import KafkaError, KafkaException
from confluent_kafka.admin import AdminClient, ConfigResource, NewTopic, ResourceType

from streams.errors import Refused, Retryable
from streams.kafka.connection import KafkaConnection, wrong_setting
from streams.topology import Topic

_TIMEOUT_SECONDS = 15.0


@dataclass(frozen=True)
class Difference:
    """One way in which a topic is not as the map wants it. `fatal`: no hop may run with it."""

    topic: str
    what: str
    wanted: str
    found: str
    fatal: bool


@dataclass(frozen=True)
class Found:
    """A topic as the broker describes it."""

    partitions: int
    replication: int
    config: dict[str, str]


def describe(connection: KafkaConnection, topics: Iterable[Topic]) -> dict[str, Found]:
    """The topics of the map that exist. Raises `Refused` when the broker cannot be asked."""
    client = _client(connection)
    wanted = [topic.name for topic in topics]
    try:
        metadata = client.list_topics(timeout=_TIMEOUT_SECONDS)
        present = [name for name in wanted if name in metadata.topics and metadata.topics[name].error is None]
        resources = [ConfigResource(ResourceType.TOPIC, name) for name in present]
        answers = client.describe_configs(resources, request_timeout=_TIMEOUT_SECONDS) if resources else {}
        configs = {resource.name: future.result() for resource, future in answers.items()}
    except KafkaException as error:
        raise Refused(f"the broker at {connection.bootstrap_servers} cannot be asked: {error.args[0].name()}") from None
    return {name: _found(metadata.topics[name], configs[name]) for name in present}


def look(
    connection: KafkaConnection, topics: Iterable[Topic], *, timeout_seconds: float
) -> tuple[int, dict[str, Found]]:
    """The number of brokers, and those of `topics` that exist. Blocks for twice `timeout_seconds` at most.

    A configuration that may not be read is empty. Raises `Retryable` when the brokers do not answer, `Refused`
    where they cannot be asked like this at all.
    """
    client = _client(connection)
    try:
        metadata = client.list_topics(timeout=timeout_seconds)
        names = {topic.name for topic in topics}
        present = sorted(name for name in names & set(metadata.topics) if metadata.topics[name].error is None)
        resources = [ConfigResource(ResourceType.TOPIC, name) for name in present]
        answers = client.describe_configs(resources, request_timeout=timeout_seconds) if resources else {}
        configs = {resource.name: _readable(future) for resource, future in answers.items()}
    except KafkaException as error:
        raise Retryable("brokers_unknown", detail=error.args[0].name()) from None
    return len(metadata.brokers), {name: _found(metadata.topics[name], configs[name]) for name in present}


def _readable(answer: Any) -> dict[str, Any]:
    try:
        config: dict[str, Any] = answer.result()
    except KafkaException as error:
        if error.args[0].code() not in {KafkaError.TOPIC_AUTHORIZATION_FAILED, KafkaError.CLUSTER_AUTHORIZATION_FAILED}:
            raise
        return {}
    return config


def _client(connection: KafkaConnection) -> Any:
    try:
        return AdminClient(connection.common() | {"allow.auto.create.topics": False})
    except KafkaException as error:
        raise Refused(f"kafka: {wrong_setting(error)}") from None


def _found(metadata: Any, config: dict[str, Any]) -> Found:
    partitions = metadata.partitions
    replication = min((len(partition.replicas) for partition in partitions.values()), default=0)
    return Found(len(partitions), replication, {name: entry.value for name, entry in config.items()})


def differences(topics: Iterable[Topic], found: dict[str, Found], *, replication: int) -> list[Difference]:
    """How what is there differs from the map: pure."""
    result = []
    for topic in topics:
        there = found.get(topic.name)
        if there is None:
            result.append(Difference(topic.name, "topic", "exists", "missing", fatal=True))
            continue
        if there.partitions != topic.partitions:
            result.append(
                Difference(topic.name, "partitions", str(topic.partitions), str(there.partitions), fatal=True)
            )
        if there.replication < replication:
            result.append(Difference(topic.name, "replication", str(replication), str(there.replication), fatal=False))
        for name, value in topic.broker_config().items():
            if there.config.get(name) != value:
                result.append(
                    Difference(
                        topic.name,
                        name,
                        value,
                        there.config.get(name) or "unset",
                        fatal=name == "cleanup.policy",
                    )
                )
    return result


def create(
    connection: KafkaConnection, topics: Iterable[Topic], *, replication: int, min_insync_replicas: int
) -> list[str]:
    """Create the topics that are missing; returns their names. Raises `Refused` naming the first that failed."""
    there = describe(connection, topics)
    missing = [topic for topic in topics if topic.name not in there]
    client = _client(connection)
    extra = {"min.insync.replicas": str(min(min_insync_replicas, replication))}
    wanted = [
        NewTopic(
            topic.name,
            num_partitions=topic.partitions,
            replication_factor=replication,
            config=topic.broker_config() | extra,
        )
        for topic in missing
    ]
    if not wanted:
        return []
    for name, future in client.create_topics(wanted, operation_timeout=_TIMEOUT_SECONDS).items():
        try:
            future.result()
        except KafkaException as error:
            raise Refused(f"topic {name} was not created: {error.args[0].name()}") from None
    return [topic.name for topic in missing]
