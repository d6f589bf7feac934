"""What kustomize makes of an overlay."""

from functools import cache
from typing import Any

import yaml

from tests.support.tools import need, output

Resource = dict[str, Any]

OPERATORS = {"PodMonitor", "PrometheusRule", "ScaledObject", "TriggerAuthentication"}
"""Kinds of operators, whose schemas Kubernetes does not have."""


def built(path: str) -> list[Resource]:
    """Every resource of `path`, or a skip where kustomize is missing."""
    return _built(need("kustomize"), path)


@cache
def _built(program: str, path: str) -> list[Resource]:
    code, said = output([program, "build", path])
    assert code == 0, said
    return [resource for resource in yaml.safe_load_all(said) if resource]


def workloads(resources: list[Resource]) -> list[Resource]:
    """Everything that runs pods."""
    return [each for each in resources if each["kind"] in {"Deployment", "StatefulSet", "Job"}]


def pod_of(workload: Resource) -> Resource:
    """Its pods' specification."""
    spec: Resource = workload["spec"]["template"]["spec"]
    return spec


def component_of(resource: Resource) -> str:
    """`gateway`, `escalation`, …"""
    return str(resource["metadata"]["labels"]["app.kubernetes.io/component"])
