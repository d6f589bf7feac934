"""The same four hops without Handoff: `python -m tests.bench.hops.bare gateway|decide|ticket|notify JSON`.

No signature, no duplicates, no state, no retries, no order of command before state: the floor. Each reads with
librdkafka as Handoff does, flushes, then commits.
"""

import asyncio
import http.client
import json
import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from aiohttp import web
from confluent_kafka import Consumer, Message, Producer

from streams.kafka.connection import PROMPT, KafkaConnection

HOPS = ("gateway", "decide", "ticket", "notify")
EVENTS, COMMANDS, NEWS = "bare.events", "bare.commands", "bare.news"
READY = "ready"
AT_ONCE = 500

Act = Callable[[Message, Producer], None]


@dataclass(frozen=True)
class Bare:
    """What each is told."""

    bootstrap_servers: str
    port: int
    outside: str


def _producer(task: Bare) -> Producer:
    return Producer(KafkaConnection(task.bootstrap_servers).producer() | PROMPT)


def gateway(task: Bare) -> None:
    """Produce, await the acknowledgement, answer."""
    producer = _producer(task)

    async def take(request: web.Request) -> web.Response:
        body = await request.read()
        loop = asyncio.get_running_loop()
        done: asyncio.Future[None] = loop.create_future()

        def delivered(error: Any, _message: Any) -> None:
            assert error is None, error
            loop.call_soon_threadsafe(done.set_result, None)

        producer.produce(EVENTS, body, json.loads(body)["session"]["id"].encode(), on_delivery=delivered)
        await done
        return web.json_response({})

    async def serve() -> None:
        app = web.Application()
        app.router.add_post("/events", take)
        runner = web.AppRunner(app, access_log=None)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", task.port).start()
        _say_ready()
        await asyncio.to_thread(_poll, producer)

    asyncio.run(serve())


def _poll(producer: Producer) -> None:
    while True:
        producer.poll(0.1)


def decide(message: Message, producer: Producer) -> None:
    """The trivial decision on the same event."""
    event = json.loads(message.value() or b"")
    if event["event_type"] == "session.human_requested":
        producer.produce(COMMANDS, message.value(), message.key())


class Poster:
    """POSTs over one connection that is kept."""

    def __init__(self, base_url: str) -> None:
        self._connection = http.client.HTTPConnection(urlsplit(base_url).netloc)

    def post(self, path: str, body: Any) -> None:
        """Until it is answered."""
        self._connection.request("POST", path, json.dumps(body), {"content-type": "application/json"})
        answer = self._connection.getresponse()
        answer.read()
        assert answer.status < 300, answer.status


def acts(task: Bare) -> dict[str, tuple[str, Act]]:
    """By hop: the topic it reads, and what it does with a record."""
    poster = Poster(task.outside)

    def ticket(message: Message, producer: Producer) -> None:
        conversation = (message.key() or b"").decode()
        poster.post("/api/v2/tickets", {"ticket": {"external_id": conversation, "subject": "A person is asked for"}})
        producer.produce(NEWS, message.value(), message.key())

    def notify(message: Message, _producer: Producer) -> None:
        conversation = (message.key() or b"").decode()
        poster.post(f"/chat/{conversation}", {"event": "ticket.created", "session_id": conversation})

    return {"decide": (EVENTS, decide), "ticket": (COMMANDS, ticket), "notify": (NEWS, notify)}


def consume(hop: str, task: Bare) -> None:
    """Consume what is there, act, flush, commit."""
    topic, act = acts(task)[hop]
    producer = _producer(task)
    settings = KafkaConnection(task.bootstrap_servers).group_consumer(f"bare-{hop}")
    consumer = Consumer(settings | {"enable.auto.offset.store": True})
    consumer.subscribe([topic], on_assign=lambda *_: _say_ready())
    while True:
        first = consumer.poll(0.5)
        if first is None:
            continue
        for message in (first, *consumer.consume(AT_ONCE, 0)):
            assert message.error() is None, message.error()
            act(message, producer)
        producer.flush()
        consumer.commit(asynchronous=False)


def _say_ready() -> None:
    sys.stdout.write(READY + "\n")
    sys.stdout.flush()


def main() -> None:
    """One hop."""
    hop, task = sys.argv[1], Bare(**json.loads(sys.argv[2]))
    if hop == "gateway":
        gateway(task)
    else:
        consume(hop, task)


if __name__ == "__main__":
    main()
