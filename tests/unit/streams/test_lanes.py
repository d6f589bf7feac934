import asyncio
from collections.abc import Awaitable, Callable

from streams.kafka.lanes import MAX_SPAN, PartitionLanes
from streams.kafka.record import Record


def record(offset: int, key: bytes = b"k") -> Record:
    return Record("t", 0, offset, key, b"v")


class Handler:
    """Finishes a record when its offset is let go."""

    def __init__(self) -> None:
        self.started: list[int] = []
        self.gates: dict[int, asyncio.Event] = {}

    async def __call__(self, taken: Record) -> None:
        self.started.append(taken.offset)
        await self.gates.setdefault(taken.offset, asyncio.Event()).wait()

    def let_go(self, offset: int) -> None:
        self.gates.setdefault(offset, asyncio.Event()).set()


async def settle() -> None:
    for _ in range(5):
        await asyncio.sleep(0)


def lanes(
    handler: Callable[[Record], Awaitable[None]],
    errors: list[BaseException] | None = None,
    room: list[int] | None = None,
) -> PartitionLanes:
    return PartitionLanes(0, handler, (errors if errors is not None else []).append, (room or []).append)


async def test_one_key_is_served_in_order_and_keys_do_not_wait_for_each_other() -> None:
    handler = Handler()
    made = lanes(handler)
    for taken in (record(1, b"a"), record(2, b"a"), record(3, b"b")):
        made.take(taken)
    await settle()
    assert handler.started == [1, 3]
    handler.let_go(1)
    await settle()
    assert handler.started == [1, 3, 2]
    handler.let_go(3)
    await settle()
    assert made.take_commit() == 2
    handler.let_go(2)
    await settle()
    assert made.take_commit() == 4


async def test_a_record_fetched_twice_is_handled_once() -> None:
    handler = Handler()
    made = lanes(handler)
    made.take(record(5))
    made.take(record(5))
    made.take(record(4))
    handler.let_go(5)
    await settle()
    assert handler.started == [5]


async def test_a_failing_handler_leaves_its_record_unfinished_and_is_told() -> None:
    async def fail(_taken: Record) -> None:
        raise OSError

    errors: list[BaseException] = []
    made = lanes(fail, errors)
    made.take(record(1))
    await settle()
    assert [type(error) for error in errors] == [OSError]
    assert made.take_commit() is None


async def test_a_full_partition_says_so_and_asks_for_more_when_half_is_done() -> None:
    handler = Handler()
    room: list[int] = []
    made = PartitionLanes(7, handler, lambda _: None, room.append)
    for offset in range(MAX_SPAN):
        made.take(record(offset, str(offset).encode()))
    assert made.full
    made.paused = True
    await settle()
    for offset in range(MAX_SPAN // 2 - 1):
        handler.let_go(offset)
    await settle()
    assert room == []
    handler.let_go(MAX_SPAN // 2 - 1)
    await settle()
    assert room == [7]
    await made.abandon()


async def test_draining_waits_for_what_is_in_flight_and_abandoning_does_not() -> None:
    handler = Handler()
    made = lanes(handler)
    made.take(record(1))
    draining = asyncio.create_task(made.drain(5.0))
    await settle()
    assert not draining.done()
    handler.let_go(1)
    assert await draining
    made.take(record(2))
    await settle()
    assert not await made.drain(0.01)
    assert made.take_commit() == 2
