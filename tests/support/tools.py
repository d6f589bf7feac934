"""Programs that validate what is in deploy/, where this machine has them.

`python -m tests.support.tools` says in one line which ones it lacks.
"""

import os
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
CACHE = ROOT / ".tools" / "bin"

HOW = {
    "promtool": "Debian's package `prometheus` has it: apt-get install prometheus",
    "prometheus": "Debian's package `prometheus` has it: apt-get install prometheus",
    "kustomize": "`make tools` builds it with Go",
    "kubernetes-validate": "`make tools` installs it from PyPI",
    "hadolint": "`make tools` installs it from PyPI",
    "docker": "Docker with its compose plugin",
    "chromium": "Debian's package `chromium` has it: apt-get install chromium",
}


def found(name: str) -> str | None:
    """Where the program is: in the checkout's own folder, else on the path."""
    return shutil.which(name, path=f"{CACHE}{os.pathsep}{os.environ.get('PATH', '')}")


def need(name: str) -> str:
    """The program, or a skip that says in one line how to get it."""
    path = found(name)
    if path is None:
        pytest.skip(f"{name} is missing, so nothing was checked with it. {HOW[name]}")
    return path


def lacking() -> str:
    """One line: what is missing here, so that nothing was checked with it, and how to get it."""
    missing = [f"{name} ({how})" for name, how in HOW.items() if found(name) is None]
    docker = found("docker")
    if docker is not None and output([docker, "compose", "version"])[0] != 0:
        missing.append(f"docker compose ({HOW['docker']})")
    return (
        "Missing here, so nothing was checked with it: " + "; ".join(missing) if missing else "No validator is missing."
    )


def output(command: Sequence[str], *, cwd: Path = ROOT) -> tuple[int, str]:
    """Exit code, and all that was written."""
    done = subprocess.run(
        list(command), cwd=cwd, check=False, capture_output=True, text=True, timeout=300, stdin=subprocess.DEVNULL
    )
    return done.returncode, done.stdout + done.stderr


if __name__ == "__main__":
    print(lacking())  # noqa: T201 # for `make check`
