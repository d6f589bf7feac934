"""The brokers and their topics against the map."""

from collections.abc import Sequence

from agents.commands.checks import of_kafka
from agents.helpdesks.finding import Finding
from agents.settings import Settings
from agents.settings_file import connection
from streams.errors import Refused, Retryable
from streams.kafka.admin import describe, differences, look
from streams.kafka.connection import DELIVERY_TIMEOUT_MS, KafkaConnection
from streams.kafka.safety import Copies, Survey, unsafe
from streams.topology import TOPICS, Topic

_TIMEOUT_SECONDS = 10.0
_APPLY = "run `handoff topics apply`"


def examine_broker(settings: Settings) -> list[Finding]:
    """Whether the brokers answer, and how their topics differ from the map. Blocks."""
    link = connection(settings, "handoff-doctor")
    topics = () if settings.kafka.embedded else TOPICS  # the embedded broker makes a topic when it is first used
    try:
        found = describe(link, topics)
    except Refused as error:
        return [
            Finding("error", "brokers", str(error), "check kafka.bootstrap_servers, kafka.security and the network")
        ]
    result = [Finding("ok", "brokers", f"{link.bootstrap_servers} answer"), *_settings(settings)]
    wrong = differences(topics, found, replication=settings.kafka.replication_factor)
    missing = {difference.topic for difference in wrong if difference.what == "topic"}
    for difference in wrong:
        text = f"{difference.what}: wanted {difference.wanted}, found {difference.found}"
        remedy = _APPLY if difference.topic in missing else _mend(difference.what)
        result.append(Finding("error" if difference.fatal else "warn", f"topic {difference.topic}", text, remedy))
    unsafe_ones = _unsafe(settings, link, topics)
    result += unsafe_ones
    if topics and not wrong and not unsafe_ones:
        result.append(Finding("ok", "topics", f"all {len(topics)} are as the map wants them"))
    return result


def _unsafe(settings: Settings, link: KafkaConnection, topics: Sequence[Topic]) -> list[Finding]:
    """What makes a hop refuse to start, in the same words."""
    if not topics:
        return []
    copies = Copies(settings.kafka.replication_factor, settings.kafka.min_insync_replicas)
    try:
        survey = Survey(*look(link, topics, timeout_seconds=_TIMEOUT_SECONDS))
    except Retryable as error:
        return [Finding("error", "brokers", str(error), "check the network, and ask again")]
    remedy = "no hop starts like this; deploy/upgrade.md says how topics are changed"
    return [Finding("error", "topics", line, remedy) for line in unsafe(topics, survey, copies)]


def _mend(what: str) -> str:
    if what == "partitions":
        return "partitions are fixed for life: make the topic anew, and move what is on it"
    if what == "replication":
        return "reassign the partitions to more brokers, or set kafka.replication_factor to what you mean"
    return "kafka-configs --alter --add-config, with the value the map wants"


def _settings(settings: Settings) -> list[Finding]:
    kafka, found = settings.kafka, []
    if kafka.embedded:
        found.append(
            Finding(
                "warn", "brokers", "the embedded broker keeps little and forgets all", "only for the demo and for tests"
            )
        )
        return found
    if kafka.session_timeout_ms <= DELIVERY_TIMEOUT_MS and kafka.replication_factor == 1:
        text = f"kafka.session_timeout_ms is not above the delivery timeout of {DELIVERY_TIMEOUT_MS} ms"
        remedy = "raise it: a writer that cannot deliver must end before its partitions have a new owner"
        found.append(Finding("warn", "kafka", text, remedy))
    found += [Finding("error", "configuration", line, "correct it: no hop starts with it") for line in of_kafka(kafka)]
    if kafka.min_insync_replicas < 2 <= kafka.replication_factor:
        text = "min_insync_replicas is 1: an acknowledged record may stand on one disk alone"
        found.append(Finding("warn", "kafka", text, "three brokers, replication_factor 3, min_insync_replicas 2"))
    if kafka.replication_factor < 3:
        text = f"replication_factor is {kafka.replication_factor}: a lost broker may lose acknowledged records"
        found.append(Finding("warn", "kafka", text, "three brokers, replication_factor 3, min_insync_replicas 2"))
    if not any(name.lower() == "security.protocol" for name in kafka.security):
        text = "no kafka.security: conversations cross the network in the clear, and anybody may read the topics"
        found.append(Finding("warn", "kafka", text, "set security.protocol to SASL_SSL or SSL, with ACLs per hop"))
    return found
