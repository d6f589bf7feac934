"""Where and when a run took place."""

import os
import platform
import re
import subprocess
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
BENCH = ROOT / ".bench"
_DEPENDENCY = re.compile(r"<artifactId>(kafka-streams|kafka_[\d.]+)</artifactId>\s*<version>([^<]+)</version>")
IDLE_LOAD = 0.5
"""Per CPU. More than that, and something else takes part in the measurement."""


def described(load: float) -> dict[str, Any]:
    """The facts that stand above every figure. `load`: the one-minute average before the bench began."""
    return {
        "at": datetime.now(UTC).isoformat(timespec="minutes"),
        "revision": _revision(),
        "machine": _machine(),
        "versions": versions(),
        "load": round(load, 2),
        "idle": idle(load),
    }


def versions() -> dict[str, str]:
    """Of what takes part: installed here, locked for the other environment, named in the poms."""
    found = {name: version(name) for name in ("faust-streaming", "confluent-kafka", "msgspec", "pydantic")}
    locked = (ROOT / "tests" / "bench" / "requirements.in").read_text()
    found |= dict(line.split("==") for line in locked.splitlines() if "==" in line)
    for pom in (ROOT / "tests" / "bench" / "kafka-streams" / "pom.xml", ROOT / "deploy" / "kafka" / "pom.xml"):
        found |= dict(_DEPENDENCY.findall(pom.read_text()))
    return found


def idle(load: float) -> bool:
    """Whether the machine was free enough for figures to hold."""
    return load <= IDLE_LOAD * (os.cpu_count() or 1)


def _machine() -> str:
    model = next(
        (line.partition(":")[2].strip() for line in _lines("/proc/cpuinfo") if line.startswith("model name")),
        platform.machine(),
    )
    kilobytes = next((int(line.split()[1]) for line in _lines("/proc/meminfo") if line.startswith("MemTotal")), 0)
    return f"{os.cpu_count()} CPUs ({model}), {kilobytes / 2**20:.0f} GiB, Linux, Python {platform.python_version()}"


def _lines(path: str) -> list[str]:
    try:
        return Path(path).read_text().splitlines()
    except OSError:
        return []


def _revision() -> str:
    asked = subprocess.run(
        ["git", "describe", "--always", "--dirty"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    return asked.stdout.strip() or "unknown"
