"""The engine job on Quix Streams, as its documentation shows it: a dataframe, state in RocksDB, a changelog topic.

Runs in an environment of its own (`.bench/venv`).
"""

import json
import tempfile
from typing import Any

from quixstreams import Application, State  # type: ignore[import-not-found] # it has an environment of its own

from tests.bench.engine_job import NOTHING, command, count
from tests.bench.marks import Marks, Task


def main() -> None:
    """Run until the last event; leaving the run commits and flushes."""
    task = Task.from_argv()
    marks = Marks(task.events)
    with tempfile.TemporaryDirectory(prefix="bench-quix-") as directory:
        app = Application(
            broker_address=task.bootstrap_servers,
            consumer_group=task.group,
            auto_offset_reset="earliest",
            state_dir=directory,
            producer_extra_config={"compression.type": "lz4"},
            loglevel="WARNING",
        )

        def job(value: Any, _key: Any, timestamp: int, _headers: Any, state: State) -> list[Any]:
            if not marks.seen:
                marks.started()
            before = state.get("counted", NOTHING)
            after, fires = count(tuple(before), timestamp, value["author"], value.get("confidence"))
            state.set("counted", after)
            marks.seen += 1
            if marks.complete:
                app.stop()
            return [json.loads(command(value["conversation_id"], value["event_id"], after[1]))] if fires else []

        frame = app.dataframe(app.topic(task.source, value_deserializer="json"))
        frame = frame.apply(job, stateful=True, metadata=True, expand=True)
        frame.to_topic(app.topic(task.commands, value_serializer="json"))
        app.run()
        marks.done()


if __name__ == "__main__":
    main()
