"""The bench itself: on a small stream Handoff and the bare loop say what the stream says, in both jobs."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from streams.kafka.admin import create
from streams.topology import POLICY_VERSIONS
from tests.bench import engine, real
from tests.bench.contest import Job, Sizes, hold
from tests.bench.figures import Setting
from tests.bench.workload import put
from tests.support.kafka import RealKafka

SIZES = Sizes(events=12_000, short_events=8_000)


@pytest.fixture(scope="module")
def setting(java: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Setting]:
    folder: Path = tmp_path_factory.mktemp("bench")
    with RealKafka(folder / "kafka") as broker:
        connection = broker.connection()
        create(connection, (POLICY_VERSIONS,), replication=1, min_insync_replicas=1)
        found = Setting(connection, folder, lambda _: None, rounds=1, contenders=frozenset({"handoff", "bare"}))
        put(found, SIZES, whole=True)
        yield found


@pytest.mark.parametrize("job", [engine.JOB, real.JOB], ids=lambda job: job.name)
def test_a_round_gives_the_commands_of_the_stream_and_what_they_cost(setting: Setting, job: Job) -> None:
    outcomes = hold(job, setting, SIZES)
    assert {outcome.contender.slug for outcome in outcomes} == {"handoff", "bare"}
    for outcome in outcomes:
        assert outcome.commands > 5
        assert len(outcome.runs) == 1
        assert all(run.cpu_seconds > 0 and run.peak_rss_bytes > 10_000_000 for run in outcome.runs)
