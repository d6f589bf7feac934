"""The engine job on Faust as its documentation shows it: a record, a table, an agent that takes one event at a time."""

import asyncio
import json
import tempfile
from typing import Any

import faust

from tests.bench.engine_job import NOTHING, command, count
from tests.bench.marks import Marks, Task


class Turn(faust.Record, serializer="json"):  # type: ignore[call-arg,misc] # Faust is untyped to us
    """The fields of an event that the job needs."""

    event_id: str
    conversation_id: str
    author: str
    confidence: float | None = None


def build(task: Task, marks: Marks, directory: str) -> Any:
    """The app; its table's changelog and its group are its own."""
    app = faust.App(
        task.group,
        broker=f"kafka://{task.bootstrap_servers}",
        store="memory://",
        topic_partitions=12,
        web_enabled=False,
        datadir=directory,
        consumer_auto_offset_reset="earliest",
    )
    table = app.Table("conversations", default=lambda: NOTHING)
    source = app.topic(task.source, key_type=bytes, value_type=Turn)
    commands = app.topic(task.commands, key_type=bytes, value_serializer="json")

    @app.agent(source)  # type: ignore[untyped-decorator] # Faust is untyped to us
    async def job(turns: Any) -> None:
        async for event in turns.events():
            if not marks.seen:
                marks.started()
            turn = event.value
            key = event.key.decode()
            at_ms = int(event.message.timestamp * 1000 + 0.5)
            table[key], fires = count(tuple(table[key]), at_ms, turn.author, turn.confidence)
            if fires:
                value = json.loads(command(turn.conversation_id, turn.event_id, table[key][1]))
                await commands.send(key=event.key, value=value)
            marks.seen += 1

    return app


async def until_done(app: Any, marks: Marks) -> None:
    """Start, wait for the last event and for what it left in the producer, stop."""
    await app.start()
    while not marks.complete:
        await asyncio.sleep(0.01)
    await app.producer.flush()
    marks.done()
    await app.stop()


async def run(task: Task) -> None:
    """The whole run."""
    marks = Marks(task.events)
    with tempfile.TemporaryDirectory(prefix="bench-faust-") as directory:
        await until_done(build(task, marks, directory), marks)


if __name__ == "__main__":
    asyncio.run(run(Task.from_argv()))
