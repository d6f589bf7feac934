"""The dead letters of one topic on the brokers: read in order, sent back, marked as handled.

What is handled stands in the committed offsets of the group `handoff-dead` (see `streams.kafka.handled`). A letter
is marked after its record is back on its topic, acknowledged. A crash between the two sends it twice, as two people
redriving at once do: every hop drops what it has done already, by event id, action id and notification id.
"""

from collections.abc import Iterator
from typing import Any

from confluent_kafka import Consumer, KafkaException, TopicPartition

from agents.commands.dead_letters import SUFFIX, Letter
from streams.errors import Refused, Retryable
from streams.kafka.asking import patiently
from streams.kafka.bulk import read_to_end
from streams.kafka.connection import KafkaConnection
from streams.kafka.handled import Handled, TooManyGaps, UnknownMarks

GROUP = "handoff-dead"
_TIMEOUT_SECONDS = 10.0


class DeadLine:
    """One topic's dead letters. Blocks; used by a person's command, not by a hop."""

    def __init__(self, connection: KafkaConnection, topic: str) -> None:
        """`topic` is the original one. Raises `Refused` when the brokers cannot be asked."""
        self._connection = connection
        self.topic = topic
        self.name = topic + SUFFIX
        self._consumer = Consumer(connection.reader(GROUP))
        self._dirty: set[int] = set()
        try:
            self._handled = self._read_marks()
        except KafkaException as error:
            raise _unreachable(connection, error) from None
        except UnknownMarks as error:
            raise Refused(f"{self.name}, group {GROUP}: {error}") from None

    def _read_marks(self) -> dict[int, Handled]:
        partitions = self._consumer.list_topics(self.name, timeout=_TIMEOUT_SECONDS).topics[self.name].partitions
        asked = [TopicPartition(self.name, number) for number in sorted(partitions)]
        if not asked:
            raise Refused(f"there is no topic {self.name}: `handoff topics apply` makes it")
        marks = {}
        committed = patiently(lambda: self._consumer.committed(asked, timeout=_TIMEOUT_SECONDS), _TIMEOUT_SECONDS)
        for found in committed:
            low = self._beginning(found)
            handled = Handled.read(max(found.offset, 0), found.metadata)
            handled.begin_at(low)
            marks[found.partition] = handled
        return marks

    def _beginning(self, part: TopicPartition) -> int:
        found = patiently(
            lambda: self._consumer.get_watermark_offsets(part, timeout=_TIMEOUT_SECONDS), _TIMEOUT_SECONDS
        )
        return int(found[0])

    def letters(self, *, handled_too: bool = False) -> Iterator[tuple[Letter, bool]]:
        """Every letter there is now, in the order of each partition, and whether it is handled already."""
        starts = {} if handled_too else {partition: handled.base for partition, handled in self._handled.items()}
        partitions = sorted(self._handled)
        try:
            for batch in read_to_end(self._connection, self.name, partitions, starts=starts, with_headers=True):
                for record in batch:
                    done = record.offset in self._handled[record.partition]
                    if handled_too or not done:
                        yield Letter.of(self.topic, record), done
        except Retryable as error:
            raise Refused(f"{self.name} cannot be read: {error}") from None

    def mark(self, letter: Letter) -> None:
        """`letter` is handled, once `commit` has returned. Raises `Refused` where that cannot be remembered."""
        handled = self._handled[letter.partition]
        handled.add(letter.offset)
        self._dirty.add(letter.partition)
        try:
            handled.metadata()
        except TooManyGaps as error:
            handled.above.discard(letter.offset)
            raise Refused(f"{self.name} partition {letter.partition}: {error}; handle the older ones first") from None

    def commit(self) -> None:
        """Return when the brokers have the marks."""
        offsets = [
            TopicPartition(self.name, partition, self._handled[partition].base, self._handled[partition].metadata())
            for partition in sorted(self._dirty)
        ]
        if not offsets:
            return
        try:
            answers = patiently(lambda: self._consumer.commit(offsets=offsets, asynchronous=False), _TIMEOUT_SECONDS)
        except KafkaException as error:
            raise _unreachable(self._connection, error) from None
        for answer in answers:
            if answer.error is not None:
                raise Refused(f"the marks of {self.name} were not kept: {answer.error.name()}")
        self._dirty.clear()

    def close(self) -> None:
        """Let the brokers go."""
        self._consumer.close()


def partitions_of(connection: KafkaConnection, topic: str) -> int:
    """How many partitions `topic` has."""
    consumer = Consumer(connection.reader())
    try:
        found: Any = consumer.list_topics(topic, timeout=_TIMEOUT_SECONDS).topics[topic]
    except KafkaException as error:
        raise _unreachable(connection, error) from None
    finally:
        consumer.close()
    if not found.partitions:
        raise Refused(f"there is no topic {topic}")
    return len(found.partitions)


def _unreachable(connection: KafkaConnection, error: KafkaException) -> Refused:
    return Refused(f"the brokers at {connection.bootstrap_servers} do not answer: {error.args[0].name()}")
