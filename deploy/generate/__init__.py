"""Writes the deploy files that repeat what the code says: dashboards, Strimzi resources, the operator's rules.

`python -m deploy.generate --write` (in `make docs`), `--check` (in `make check`): exit 1 when one is stale.
"""
