import pytest
from confluent_kafka import KafkaError, KafkaException

from streams.kafka.asking import patiently


class Brokers:
    """Answers with each of `errors` once, then with what was asked for."""

    def __init__(self, *errors: int) -> None:
        self.errors = list(errors)

    def ask(self) -> str:
        if self.errors:
            raise KafkaException(KafkaError(self.errors.pop(0)))
        return "answer"


@pytest.mark.parametrize(
    "moving",
    [KafkaError.NOT_COORDINATOR, KafkaError.COORDINATOR_LOAD_IN_PROGRESS, KafkaError.NOT_LEADER_FOR_PARTITION],
)
def test_while_somebody_else_becomes_responsible_it_is_asked_again(moving: int) -> None:
    assert patiently(Brokers(moving, moving).ask, 5.0) == "answer"


def test_what_asking_again_would_not_change_is_said_at_once() -> None:
    brokers = Brokers(KafkaError.GROUP_AUTHORIZATION_FAILED)
    with pytest.raises(KafkaException):
        patiently(brokers.ask, 5.0)
    assert brokers.errors == []


def test_patience_ends() -> None:
    with pytest.raises(KafkaException):
        patiently(Brokers(*[KafkaError.NOT_COORDINATOR] * 3).ask, -1.0)
