"""Nothing a customer typed, and no secret, reaches an answer, a log or a metric: whatever is refused, and where."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from streams.kafka.producer import DeliveryFailed
from tests.support.deliveries import SAMPLES
from tests.support.gateway import (
    BODIES,
    PLATFORMS,
    SECRET,
    Answer,
    MemoryWriter,
    Running,
    Written,
    logged,
    running,
    signed,
    tenant,
)

CANARY = "canary 4111 1111 1111 1111 jo@example.com"
MARKS = ("canary", "4111 1111", "41111111", "jo@example")  # a duration may hold 4111 by chance


class Moody(MemoryWriter):
    """Every third record fails, with the record's text in the error."""

    asked = 0

    async def acknowledge(self, record: Written) -> None:
        self.asked += 1
        if self.asked % 3 == 1:
            raise RuntimeError(record.value.decode())
        if self.asked % 3 == 2:
            raise DeliveryFailed("_MSG_TIMED_OUT")


def samples(platform: str) -> list[Any]:
    found = [
        json.loads(path.read_bytes())
        for path in sorted((SAMPLES / platform).glob("*.json"))
        if not path.name.startswith(("GET", "out."))
    ]
    return [json.loads(BODIES[platform]), *found][:4]


def paths(value: Any, here: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    found = [here]
    children: Any = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in children:
        found += paths(item, (*here, key))
    return found


def changed(value: Any, path: tuple[Any, ...], new: Any) -> Any:
    if not path:
        return new
    copy = dict(value) if isinstance(value, dict) else list(value)
    copy[path[0]] = changed(value[path[0]], path[1:], new)
    return copy


def spoiled(body: Any) -> Iterator[bytes]:
    """`body` with the canary in place of each value in turn, as text, inside a list, as a name and as a value."""
    for path in paths(body):
        for new in (CANARY, [CANARY], {CANARY: CANARY, "id": CANARY, "type": CANARY}):
            yield json.dumps(changed(body, path, new)).encode()


def assert_clean(text: str) -> None:
    for mark in (*MARKS, SECRET):
        assert mark not in text, text[max(0, text.index(mark) - 200) : text.index(mark) + 60]


def assert_log_clean(log: str) -> None:
    """Ids stand in the log, and a platform that puts an address into an id has chosen to."""
    for line in log.splitlines():
        fields = json.loads(line)
        fields.pop("event_ids", None)
        assert_clean(json.dumps(fields))


async def send_all(gateway: Running, platform: str) -> list[Answer]:
    return [await gateway.post(platform, raw) for body in samples(platform) for raw in spoiled(body)]


@pytest.mark.parametrize("platform", PLATFORMS)
async def test_what_stands_anywhere_in_a_body_stays_out_of_answers_logs_and_metrics(platform: str) -> None:
    fast = {"acme": tenant(limits={"webhooks_per_second": 1_000_000})}
    with logged() as log:
        async with running(writer=Moody(), tenants=fast) as gateway:
            answers = await send_all(gateway, platform)
            exposition = gateway.metrics.exposition().decode()
    statuses = {answer.status for answer in answers}
    assert {200, 400} <= statuses
    assert statuses & {503, 409}, "the failing writer was not reached"
    for answer in answers:
        assert_clean(answer.body.decode())
    assert_log_clean(log.getvalue())
    assert_clean(exposition)


@pytest.mark.parametrize("platform", PLATFORMS)
async def test_what_stands_in_headers_paths_and_broken_bodies_stays_out_too(platform: str) -> None:
    body = BODIES[platform]
    with logged() as log:
        async with running(writer=MemoryWriter(), max_body_bytes=50_000) as gateway:
            proof = signed(platform, body, gateway.clock.now())
            answers = [
                *[await gateway.post(platform, body, proof | {name: CANARY}) for name in proof],
                await gateway.post(platform, body, {"X-Other": CANARY, "Authorization": f"Basic {CANARY}"}),
                await gateway.post(platform, body, proof | {"traceparent": CANARY, "Content-Type": CANARY}),
                await gateway.post(platform, body, proof | {"Content-Encoding": CANARY}),
                await gateway.post(platform, CANARY.encode()),
                await gateway.post(platform, b'{"' + CANARY.encode() + b'": NaN}'),
                await gateway.post(platform, f'{{"{CANARY}": 1, "{CANARY}": 2}}'.encode()),
                await gateway.post(platform, CANARY.encode() * 2_000),
                await gateway.post(platform, body, tenant="canary%204111%20jo@example.com"),
                await gateway.post(platform, body, path="/v1/webhooks/canary4111/acme?canary=jo@example.com"),
                await gateway.post(platform, body, path="/canary/4111/jo@example.com"),
            ]
            exposition = gateway.metrics.exposition().decode()
    for answer in answers:
        assert_clean(answer.body.decode() + str(dict(answer.headers)))
    assert {404, 401, 400, 413} <= {answer.status for answer in answers}
    assert_log_clean(log.getvalue())
    assert_clean(exposition)
