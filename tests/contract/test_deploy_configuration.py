"""The shipped configurations: read by the real loader, checked as every hop checks before it starts."""

import re
from pathlib import Path

import pytest
import yaml

from agents.commands.checks import wrong
from agents.commands.policies import read_policy
from agents.settings_file import connection
from tests.support.configurations import read

EXAMPLE = Path("deploy/example/handoff.yaml")
COMPOSE = Path("deploy/compose/handoff.yaml")
FILES = sorted([EXAMPLE, COMPOSE, *Path("deploy/kustomize").rglob("handoff.yaml")])


@pytest.mark.parametrize("path", FILES, ids=str)
def test_a_configuration_is_read_and_nothing_in_it_is_wrong(path: Path, tmp_path: Path) -> None:
    assert list(wrong(read(path, tmp_path))) == []


@pytest.mark.parametrize("path", FILES, ids=str)
def test_a_shipped_configuration_touches_nobody(path: Path, tmp_path: Path) -> None:
    for tenant in read(path, tmp_path).tenants.values():
        assert tenant.mode == "observe"


@pytest.mark.parametrize("path", FILES, ids=str)
def test_no_secret_stands_in_a_configuration(path: Path) -> None:
    def walk(node: object, where: str) -> None:
        if isinstance(node, dict):
            for key, item in node.items():
                walk(item, f"{where}.{key}")
        elif isinstance(node, list):
            for item in node:
                walk(item, where)
        elif re.search(r"\.(secrets|tokens\.\w+|password|username|sasl\.username|sasl\.password)$", where):
            assert str(node).startswith(("env:", "file:")), where

    walk(yaml.safe_load(path.read_text()), "")


def test_the_example_maps_every_group_that_the_shipped_policy_routes_to(tmp_path: Path) -> None:
    tenant = read(EXAMPLE, tmp_path).tenants["acme"]
    assert tenant.helpdesk is not None
    routed = set(
        re.findall(r"^\s+(?:group|.*\bgroup): ([\w ]+?)\s*(?:[,}#].*)?$", read_policy(None).text, re.MULTILINE)
    )
    assert routed
    assert routed <= set(tenant.helpdesk.groups)


def test_an_empty_instance_id_means_no_static_membership(tmp_path: Path) -> None:
    text = EXAMPLE.read_text()
    assert "instance_id: env:HANDOFF_INSTANCE_ID" in text
    made = connection(read(EXAMPLE, tmp_path), "handoff-ticketing")
    assert made.group_consumer("any")["group.instance.id"]
    settings = read(EXAMPLE, tmp_path)
    without = settings.model_copy(update={"kafka": settings.kafka.model_copy(update={"instance_id": ""})})
    assert "group.instance.id" not in connection(without, "handoff-ticketing").group_consumer("any")
