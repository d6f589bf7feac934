"""`python -m deploy.generate --write|--check`, at the top of a checkout."""

import argparse
import json
import sys
from collections.abc import Iterator
from pathlib import Path

from deploy.generate.hops_inward import ESCALATION, GATEWAY
from deploy.generate.hops_outward import NOTIFIER, TICKETING
from deploy.generate.operator_rules import rules_file
from deploy.generate.overview import OVERVIEW
from deploy.generate.panels import render
from deploy.generate.strimzi import topics_file, users_file

DEPLOY = Path("deploy")


def files() -> Iterator[tuple[Path, str]]:
    """Every generated file: its path and its text."""
    for dashboard in (OVERVIEW, GATEWAY, ESCALATION, TICKETING, NOTIFIER):
        text = json.dumps(render(dashboard), indent=2, ensure_ascii=False) + "\n"
        yield DEPLOY / "grafana" / "dashboards" / f"{dashboard.uid}.json", text
    yield DEPLOY / "strimzi" / "topics.yaml", topics_file()
    yield DEPLOY / "strimzi" / "users.yaml", users_file()
    yield DEPLOY / "kustomize" / "components" / "prometheus-operator" / "rules.yaml", rules_file()


def stale() -> list[Path]:
    """The files that are not as the code would write them."""
    return [path for path, text in files() if not path.exists() or path.read_text(encoding="utf-8") != text]


def main() -> int:
    """Write or check."""
    parser = argparse.ArgumentParser(prog="python -m deploy.generate", description=__doc__)
    which = parser.add_mutually_exclusive_group(required=True)
    which.add_argument("--write", action="store_true")
    which.add_argument("--check", action="store_true")
    if parser.parse_args().write:
        for path, text in files():
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        return 0
    for path in (found := stale()):
        sys.stderr.write(f"{path} is stale: run `make docs`\n")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
