"""The real job on Faust as its documentation shows it: Handoff's own decision, a table, one event at a time.

The table holds the records of Handoff's own encoding: a head, and the chunk that the event added.
"""

import asyncio
import tempfile
from typing import Any

import faust

from agents.escalation.live import Live
from agents.escalation.state_records import records_of
from tests.bench.contenders.bare_real import decided, shipped_rules
from tests.bench.contenders.plain_faust import until_done
from tests.bench.marks import Marks, Task


def build(task: Task, marks: Marks, directory: str) -> Any:
    """The app; its table's changelog and its group are its own."""
    rules = shipped_rules()
    app = faust.App(
        task.group,
        broker=f"kafka://{task.bootstrap_servers}",
        store="memory://",
        topic_partitions=12,
        web_enabled=False,
        datadir=directory,
        consumer_auto_offset_reset="earliest",
    )
    table = app.Table("conversations", key_type=bytes, value_type=bytes)
    source = app.topic(task.source, key_type=bytes, value_type=bytes, value_serializer="raw")
    commands = app.topic(task.commands, key_type=bytes, value_type=bytes, value_serializer="raw")
    lives: dict[bytes, Live] = {}

    @app.agent(source)  # type: ignore[untyped-decorator] # Faust is untyped to us
    async def job(events: Any) -> None:
        async for event in events.events():
            if not marks.seen:
                marks.started()
            live = lives.get(event.key)
            if live is None:
                live = lives[event.key] = Live(event.key.decode(), event.message.partition)
            for value in decided(live, event.value, event.message.offset, rules):
                await commands.send(key=event.key, value=value)
            for record in records_of(live):
                if record.value is None:
                    table.pop(record.key, None)
                else:
                    table[record.key] = record.value
            marks.seen += 1

    return app


async def run(task: Task) -> None:
    """Start, wait for the last event, stop."""
    marks = Marks(task.events)
    with tempfile.TemporaryDirectory(prefix="bench-faust-") as directory:
        await until_done(build(task, marks, directory), marks)


if __name__ == "__main__":
    asyncio.run(run(Task.from_argv()))
