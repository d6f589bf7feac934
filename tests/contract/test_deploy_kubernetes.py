"""The manifests: built by kustomize, valid by Kubernetes' own schemas, hardened, and fitting the code."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from agents.commands.processes import HOPS
from agents.commands.running import STOP_SECONDS
from agents.notifier.app import GROUP as NOTIFIER_GROUP
from agents.settings import AdminSettings, GatewaySettings
from agents.ticketing.app import GROUP as TICKETING_GROUP
from deploy.generate.rights import USERS
from streams.topology import ESCALATION_COMMANDS, NOTIFICATION_EVENTS, PARTITIONS
from tests.support.configurations import read
from tests.support.manifests import OPERATORS, Resource, built, component_of, pod_of, workloads
from tests.support.tools import need, output

PATHS = ("base", "overlays/production", "overlays/production-keda")
PRODUCTION = "deploy/kustomize/overlays/production"

tools = pytest.mark.tools
every_build = pytest.mark.parametrize("path", [f"deploy/kustomize/{path}" for path in PATHS])


def _named(resources: list[Resource], kind: str, name: str) -> Resource:
    return next(each for each in resources if (each["kind"], each["metadata"]["name"]) == (kind, name))


@tools
@every_build
def test_every_manifest_is_valid_by_kubernetes_own_schemas(path: str, tmp_path: Path) -> None:
    program = need("kubernetes-validate")
    ours = [each for each in built(path) if each["kind"] not in OPERATORS]
    target = tmp_path / "all.yaml"
    target.write_text(yaml.safe_dump_all(ours))
    code, said = output([program, "--strict", str(target)])
    assert code == 0, said


@tools
def test_the_validator_notices_a_wrong_key(tmp_path: Path) -> None:
    budget = next(each for each in built("deploy/kustomize/base") if each["kind"] == "PodDisruptionBudget")
    target = tmp_path / "wrong.yaml"
    target.write_text(yaml.safe_dump({**budget, "spec": {**budget["spec"], "maxUnavailible": 1}}))
    assert output([need("kubernetes-validate"), "--strict", str(target)])[0] != 0


@tools
@every_build
def test_escalation_is_a_stateful_set_with_static_membership_and_the_rest_are_deployments(path: str) -> None:
    found = {component_of(each): each for each in workloads(built(path))}
    assert set(found) == set(HOPS)
    assert {name: each["kind"] for name, each in found.items() if each["kind"] != "Deployment"} == {
        "escalation": "StatefulSet"
    }
    for name, workload in found.items():
        environment = {each["name"]: each for each in pod_of(workload)["containers"][0]["env"]}
        assert environment["HANDOFF_KAFKA_USER"]["value"] == f"handoff-{name}"
        instance = environment["HANDOFF_INSTANCE_ID"]
        if name == "escalation":
            assert instance["valueFrom"]["fieldRef"]["fieldPath"] == "metadata.name"
        else:
            assert instance["value"] == ""


@tools
@every_build
def test_pods_may_do_nothing_they_need_not(path: str) -> None:
    for workload in workloads(built(path)):
        pod = pod_of(workload)
        container = pod["containers"][0]
        assert pod["automountServiceAccountToken"] is False
        assert pod["securityContext"]["runAsNonRoot"] is True
        assert pod["securityContext"]["runAsUser"] >= 10_000
        assert pod["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
        assert container["securityContext"] == {
            "allowPrivilegeEscalation": False,
            "readOnlyRootFilesystem": True,
            "capabilities": {"drop": ["ALL"]},
        }
        assert {"cpu", "memory"} <= set(container["resources"]["requests"])
        assert "memory" in container["resources"]["limits"]


@tools
@every_build
def test_probes_ask_the_admin_listener_and_the_grace_period_outlasts_the_drain(path: str) -> None:
    for workload in workloads(built(path)):
        pod = pod_of(workload)
        container = pod["containers"][0]
        ports = {port["name"]: port["containerPort"] for port in container["ports"]}
        assert ports["admin"] == AdminSettings().port
        assert container["livenessProbe"]["httpGet"] == {"path": "/healthz", "port": "admin"}
        assert container["readinessProbe"]["httpGet"] == {"path": "/readyz", "port": "admin"}
        start = container["startupProbe"]
        assert start["httpGet"]["path"] == "/healthz", "alive while it recovers, however long that takes"
        assert start["periodSeconds"] * start["failureThreshold"] >= 300
        drained_after = STOP_SECONDS + (5 if "lifecycle" in container else 0)
        assert pod["terminationGracePeriodSeconds"] > drained_after + 10


@tools
@every_build
def test_every_hop_survives_a_drained_node_and_a_lost_zone(path: str) -> None:
    resources = built(path)
    for workload in workloads(resources):
        name = component_of(workload)
        budget = _named(resources, "PodDisruptionBudget", f"handoff-{name}")
        assert budget["spec"]["maxUnavailable"] == 1
        assert budget["spec"]["selector"] == workload["spec"]["selector"]
        spread = pod_of(workload)["topologySpreadConstraints"]
        assert {each["topologyKey"] for each in spread} == {"topology.kubernetes.io/zone", "kubernetes.io/hostname"}
        assert all(each["labelSelector"] == workload["spec"]["selector"] for each in spread)


@tools
@every_build
def test_nothing_is_reachable_but_what_a_policy_names(path: str) -> None:
    policies = [each for each in built(path) if each["kind"] == "NetworkPolicy"]
    denied = next(each["spec"] for each in policies if each["metadata"]["name"] == "default-deny")
    assert denied == {"podSelector": {}, "policyTypes": ["Ingress", "Egress"]}
    incoming = {port["port"] for each in policies for rule in each["spec"].get("ingress", ()) for port in rule["ports"]}
    assert incoming == {GatewaySettings().port, AdminSettings().port}
    vendors = next(each["spec"] for each in policies if each["metadata"]["name"] == "vendors-out")
    assert "escalation" not in str(vendors["podSelector"])
    assert "169.254.0.0/16" in vendors["egress"][0]["to"][0]["ipBlock"]["except"]


@tools
def test_every_file_that_the_configuration_names_is_mounted(tmp_path: Path) -> None:
    resources = built(PRODUCTION)
    text = _named(resources, "ConfigMap", "handoff-config")["data"]["handoff.yaml"]
    assert text == Path("deploy/example/handoff.yaml").read_text()
    named = {word.strip("\"'[],").removeprefix("file:") for word in text.split() if "file:/run" in word}
    kafka = read(Path("deploy/example/handoff.yaml"), tmp_path).kafka
    named.add(kafka.security["ssl.ca.location"].get_secret_value())
    for workload in workloads(resources):
        mounts = [each["mountPath"] for each in pod_of(workload)["containers"][0]["volumeMounts"]]
        for name in named:
            assert any(name.startswith(f"{mount}/") for mount in mounts), name
        volumes = {each["name"]: each for each in pod_of(workload)["volumes"]}
        assert volumes["kafka-login"]["secret"]["secretName"] in USERS


@tools
def test_no_secret_is_made_by_the_manifests() -> None:
    for path in PATHS:
        for each in built(f"deploy/kustomize/{path}"):
            if each["kind"] == "Secret":
                assert each["stringData"] == {"username": "handoff-operator"}


@tools
def test_keda_owns_the_replicas_of_the_hops_that_keep_little() -> None:
    resources = built("deploy/kustomize/overlays/production-keda")
    scaled = {each["spec"]["scaleTargetRef"]["name"] for each in resources if each["kind"] == "ScaledObject"}
    assert scaled == {"handoff-gateway", "handoff-ticketing", "handoff-notifier"}
    for workload in workloads(resources):
        assert ("replicas" in workload["spec"]) == (workload["metadata"]["name"] not in scaled)


def test_keda_reads_the_lag_of_the_groups_and_topics_there_are() -> None:
    documents = yaml.safe_load_all(Path("deploy/kustomize/components/keda/scaling.yaml").read_text())
    found: dict[tuple[str, str], Any] = {}
    for each in documents:
        for trigger in each.get("spec", {}).get("triggers", ()):
            if trigger["type"] == "kafka":
                found[trigger["metadata"]["consumerGroup"], trigger["metadata"]["topic"]] = each["spec"]
    assert set(found) == {
        (TICKETING_GROUP, ESCALATION_COMMANDS.name),
        (NOTIFIER_GROUP, NOTIFICATION_EVENTS.name),
    }
    assert all(spec["maxReplicaCount"] <= PARTITIONS for spec in found.values())


@tools
def test_the_operators_rules_are_rules_to_promtool(tmp_path: Path) -> None:
    rules = yaml.safe_load(Path("deploy/kustomize/components/prometheus-operator/rules.yaml").read_text())
    target = tmp_path / "rules.yaml"
    target.write_text(yaml.safe_dump(rules["spec"]))
    code, said = output([need("promtool"), "check", "rules", str(target)])
    assert code == 0, said


@tools
def test_the_topics_job_fits_every_overlay(tmp_path: Path) -> None:
    kustomization = {
        "apiVersion": "kustomize.config.k8s.io/v1beta1",
        "kind": "Kustomization",
        "components": ["../deploy/kustomize/components/topics-job"],
    }
    # Components are found relative to the file, so it has to stand inside the checkout.
    folder = Path(".tools") / tmp_path.name
    folder.mkdir(parents=True, exist_ok=True)
    try:
        (folder / "kustomization.yaml").write_text(yaml.safe_dump(kustomization).replace("../deploy", "../../deploy"))
        job = built(str(folder))[0]
    finally:
        (folder / "kustomization.yaml").unlink()
        folder.rmdir()
    target = tmp_path / "job.yaml"
    target.write_text(yaml.safe_dump(job))
    code, said = output([need("kubernetes-validate"), "--strict", str(target)])
    assert code == 0, said
    assert pod_of(job)["containers"][0]["args"] == ["topics", "apply"]
