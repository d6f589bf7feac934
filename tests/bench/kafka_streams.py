"""The contender on the JVM: built by Maven once, kept in `.bench/kafka-streams`."""

import hashlib
import shutil
import subprocess
from functools import cache

from tests.bench.machine import BENCH, ROOT
from tests.bench.marks import Task

SOURCE = ROOT / "tests" / "bench" / "kafka-streams"
BUILT = BENCH / "kafka-streams"
LIBS = BUILT / f"libs-{hashlib.sha256((SOURCE / 'pom.xml').read_bytes()).hexdigest()[:12]}"
"""Of this very pom: two versions of a library on one class path would be neither."""


@cache
def missing() -> str | None:
    """Build it if its source is newer than what stands there; why it cannot run here, or None."""
    if shutil.which("java") is None:
        return "Java is missing"
    jar = BUILT / "bench.jar"
    newest = max(path.stat().st_mtime for path in SOURCE.rglob("*") if path.is_file())
    if LIBS.exists() and jar.exists() and jar.stat().st_mtime >= newest:
        return None
    if shutil.which("mvn") is None:
        return "Maven is missing"
    goals = ["package", "dependency:copy-dependencies", f"-DoutputDirectory={LIBS}"]
    done = subprocess.run(
        ["mvn", "-q", "-B", "-f", str(SOURCE / "pom.xml"), *goals],
        check=False,
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
    )
    return f"Maven could not build it: {(done.stdout + done.stderr).strip()[:300]}" if done.returncode else None


def command_line(task: Task) -> list[str]:
    """One thread, RocksDB, cache on."""
    where = [task.bootstrap_servers, task.source, task.commands, task.group, str(task.events)]
    return ["java", "-cp", f"{BUILT}/bench.jar:{LIBS}/*", "handoff.bench.Main", *where]
