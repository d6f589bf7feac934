"""The `handoff` command inside the test's own process: arguments and standard input in, exit code and output out."""

import contextlib
import io
import json
import sys
from dataclasses import dataclass
from typing import Any

from agents.__main__ import main


@dataclass(frozen=True)
class Ran:
    """What a subcommand did."""

    code: int
    out: str
    err: str

    @property
    def lines(self) -> list[Any]:
        """Standard output as JSON lines."""
        return [json.loads(line) for line in self.out.splitlines()]

    @property
    def refusal(self) -> str:
        """The one line on standard error; fails where it was not refused in one line with exit code 2."""
        assert self.code == 2, (self.code, self.err)
        assert self.err.startswith("handoff: "), self.err
        assert self.err.count("\n") == 1, self.err
        assert "Traceback" not in self.err
        return self.err.removeprefix("handoff: ").rstrip("\n")


def handoff(*argv: str, stdin: bytes = b"") -> Ran:
    """Run `handoff ARGV` on `stdin`."""
    out, err = io.StringIO(), io.StringIO()
    before = sys.stdin
    sys.stdin = io.TextIOWrapper(io.BytesIO(stdin), encoding="utf-8")
    try:
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            code = main(list(argv))
    except SystemExit as left:  # --help and --version
        code = left.code if isinstance(left.code, int) else 1
    finally:
        sys.stdin = before
    return Ran(code, out.getvalue(), err.getvalue())
