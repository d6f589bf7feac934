"""Asking the brokers again while the one that would know is on the move: a new leader, a new group coordinator."""

import time
from collections.abc import Callable
from typing import TypeVar

from confluent_kafka import KafkaError, KafkaException

_PAUSE_SECONDS = 0.05
_MOVING = frozenset(
    {
        KafkaError.NOT_LEADER_FOR_PARTITION,
        KafkaError.LEADER_NOT_AVAILABLE,
        KafkaError.OFFSET_NOT_AVAILABLE,
        KafkaError.NOT_COORDINATOR,
        KafkaError.COORDINATOR_NOT_AVAILABLE,
        KafkaError.COORDINATOR_LOAD_IN_PROGRESS,
    }
)
"""Answers that mean `not me, not yet` (https://kafka.apache.org/protocol.html#protocol_error_codes)."""

Answer = TypeVar("Answer")


def patiently(question: Callable[[], Answer], seconds: float) -> Answer:
    """The answer; `KafkaException` at once where asking again would not help, and after `seconds` in any case.

    Blocks. A group's first coordinator is being chosen while the brokers answer everything else already.
    """
    deadline = time.monotonic() + seconds
    while True:
        try:
            return question()
        except KafkaException as error:
            if error.args[0].code() not in _MOVING or time.monotonic() > deadline:
                raise
            time.sleep(_PAUSE_SECONDS)
