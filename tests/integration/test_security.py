"""SASL over TLS on loopback: librdkafka's clients and Faust's, out of one configuration."""

import asyncio
from collections.abc import Iterator

import pytest

from agents.settings_file import connection as connection_of
from agents.settings_file import parse
from streams.errors import Refused
from streams.kafka.admin import create, describe, differences
from streams.kafka.bulk import read_to_end
from streams.kafka.connection import KafkaConnection
from streams.kafka.producer import AckedProducer, DeliveryFailed
from streams.topology import ESCALATION_COMMANDS, PARTITIONS, TOPICS
from tests.support.consuming import Collector, eventually, loop_over, until
from tests.support.escalation_worker import done, due, make_worker, send_all, traffic
from tests.support.kafka import RealKafka, free_port
from tests.support.tls import server_context

PASSWORD = "correct horse"


@pytest.fixture(scope="module")
def secured(java: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[RealKafka, dict[str, str]]]:
    """A broker whose clients come over SASL_SSL alone, and what they are given."""
    folder = tmp_path_factory.mktemp("secured")
    server_context(folder)  # writes the certificate and its key
    store = folder / "server.pem"
    store.write_text((folder / "key.pem").read_text() + (folder / "certificate.pem").read_text())
    inside = free_port()
    extra = {
        "listeners": f"SASL_SSL://127.0.0.1:${{port}},INSIDE://127.0.0.1:{inside},CONTROLLER://127.0.0.1:${{controller_port}}",
        "advertised.listeners": f"SASL_SSL://127.0.0.1:${{port}},INSIDE://127.0.0.1:{inside}",
        "listener.security.protocol.map": "SASL_SSL:SASL_SSL,INSIDE:PLAINTEXT,CONTROLLER:PLAINTEXT",
        "inter.broker.listener.name": "INSIDE",
        "sasl.enabled.mechanisms": "SCRAM-SHA-512,PLAIN",
        "listener.name.sasl_ssl.scram-sha-512.sasl.jaas.config": (
            "org.apache.kafka.common.security.scram.ScramLoginModule required;"
        ),
        "listener.name.sasl_ssl.plain.sasl.jaas.config": (
            f'org.apache.kafka.common.security.plain.PlainLoginModule required user_handoff="{PASSWORD}";'
        ),
        "ssl.keystore.type": "PEM",
        "ssl.keystore.location": str(store),
    }
    options = ["--add-scram", f"SCRAM-SHA-512=[name=handoff,password={PASSWORD}]"]
    with RealKafka(folder / "kafka", extra=extra, format_options=options) as broker:
        given = {
            "security.protocol": "sasl_ssl",
            "sasl.mechanism": "SCRAM-SHA-512",
            "sasl.username": "handoff",
            "sasl.password": PASSWORD,
            "ssl.ca.location": str(folder / "certificate.pem"),
        }
        create(broker.connection(security=given), TOPICS, replication=1, min_insync_replicas=1)
        yield broker, given


def configured(broker: RealKafka, security: dict[str, str]) -> KafkaConnection:
    """As `handoff.yaml` leads to it."""
    raw = {"kafka": {"bootstrap_servers": broker.bootstrap_servers, "security": security, "session_timeout_ms": 6_000}}
    return connection_of(parse(raw, "handoff.yaml"), "test")


@pytest.mark.parametrize("mechanism", ["SCRAM-SHA-512", "PLAIN"])
async def test_topics_producing_and_consuming_work_over_sasl_ssl(
    secured: tuple[RealKafka, dict[str, str]], mechanism: str
) -> None:
    broker, security = secured
    connection = configured(broker, security | {"sasl.mechanism": mechanism})
    assert differences(TOPICS, describe(connection, TOPICS), replication=1) == []
    producer, topic = AckedProducer(connection), ESCALATION_COMMANDS.name
    await producer.send(topic, f"t|{mechanism}", b"v")
    handler = Collector()
    consuming = loop_over(connection, producer, handler, topic=topic, group=mechanism)
    consuming.start()
    await until(lambda: any(record.key == f"t|{mechanism}".encode() for record in handler.handled))
    await asyncio.gather(consuming.stop(), producer.close())
    keys = {record.key for batch in read_to_end(connection, topic, list(range(PARTITIONS))) for record in batch}
    assert f"t|{mechanism}".encode() in keys


async def test_the_escalation_worker_logs_in_with_the_same_settings(
    java: None, secured: tuple[RealKafka, dict[str, str]]
) -> None:
    broker, security = secured
    connection = configured(broker, security)
    producer = AckedProducer(connection)
    worker = make_worker(connection)
    await worker.start()
    await until(lambda: worker.ready)
    await send_all(producer, traffic("secured", 10))
    wanted = due(connection, PARTITIONS, prefix="secured")
    await eventually(lambda: done(connection, PARTITIONS, prefix="secured") == wanted)
    assert len(wanted.states) == 10
    await asyncio.gather(worker.stop(), producer.close())


async def test_a_wrong_password_or_an_unknown_authority_fails_within_the_delivery_timeout_and_tells_no_secret(
    secured: tuple[RealKafka, dict[str, str]],
) -> None:
    broker, security = secured
    wrong = configured(broker, security | {"sasl.password": "wrong"})
    producer = AckedProducer(wrong, overrides={"message.timeout.ms": 3_000})
    with pytest.raises(DeliveryFailed) as failed:
        await producer.send(ESCALATION_COMMANDS.name, "k", b"v")
    assert "wrong" not in str(failed.value)
    await producer.close(0.1)
    untrusting = configured(broker, {name: value for name, value in security.items() if name != "ssl.ca.location"})
    strangers = AckedProducer(untrusting, overrides={"message.timeout.ms": 2_000})
    with pytest.raises(DeliveryFailed):
        await strangers.send(ESCALATION_COMMANDS.name, "k", b"v")
    await strangers.close(0.1)


async def test_a_worker_that_may_not_log_in_does_not_start(
    secured: tuple[RealKafka, dict[str, str]],
) -> None:
    broker, security = secured
    with pytest.raises(Refused, match="OAUTHBEARER"):
        await make_worker(configured(broker, security | {"sasl.mechanism": "OAUTHBEARER"})).start()
