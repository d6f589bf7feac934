"""The alerts as a resource of the Prometheus operator, from the very files that Prometheus reads itself."""

from pathlib import Path

import yaml

RULES = Path("deploy/prometheus/rules")
_HEAD = "# Written by `make docs` from deploy/prometheus/rules; `make check` finds drift.\n"


class _Readable(yaml.SafeDumper):
    """Expressions as blocks, as they stand in the rule files."""


def _text(dumper: yaml.SafeDumper, value: str) -> yaml.ScalarNode:
    return dumper.represent_scalar("tag:yaml.org,2002:str", value, style="|" if "\n" in value else None)


_Readable.add_representer(str, _text)


def rules_file() -> str:
    """One PrometheusRule with every group."""
    groups = [group for path in sorted(RULES.glob("*.yaml")) for group in yaml.safe_load(path.read_text())["groups"]]
    resource = {
        "apiVersion": "monitoring.coreos.com/v1",
        "kind": "PrometheusRule",
        "metadata": {"name": "handoff", "labels": {"app.kubernetes.io/part-of": "handoff"}},
        "spec": {"groups": groups},
    }
    return _HEAD + yaml.dump(resource, Dumper=_Readable, sort_keys=False, width=120)
