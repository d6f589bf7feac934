"""The image and compose: what they are made of, what they may do, and that they fit the rest of deploy/."""

import fnmatch
import re
import shutil
import sys
import zipfile
from pathlib import Path
from typing import Any

import pytest
import yaml

from agents.commands.processes import HOPS
from tests.support.tools import found, need, output

DOCKERFILE = Path("deploy/Dockerfile")
COMPOSE = Path("deploy/compose.yaml")


def _compose() -> dict[str, Any]:
    made: dict[str, Any] = yaml.safe_load(COMPOSE.read_text())
    return made


def _instructions(name: str) -> list[str]:
    text = DOCKERFILE.read_text().replace("\\\n", " ")
    return [line.partition(" ")[2] for line in text.splitlines() if line.startswith(f"{name} ")]


def test_the_image_runs_as_nobody_in_particular_with_locked_dependencies() -> None:
    user, _, group = _instructions("USER")[-1].partition(":")
    assert int(user) >= 10_000
    assert int(group) >= 10_000
    assert any("--require-hashes -r requirements.lock" in line for line in _instructions("RUN"))
    assert _instructions("ENTRYPOINT") == ['["handoff"]']


def test_the_base_is_pinned_by_a_tag_and_by_no_digest_that_nobody_checked() -> None:
    base = _instructions("ARG")[0]
    assert re.fullmatch(r"BASE=python:3\.1[1-3]-slim-bookworm", base)
    assert re.search(r"^# .*--build-arg BASE=\S+@sha256:<", DOCKERFILE.read_text(), re.MULTILINE)
    for image in [base, *(service["image"] for service in _compose()["services"].values())]:
        assert "@sha256:" not in image
        assert not image.endswith((":latest", ":latest}"))


def test_what_the_image_copies_is_let_through_and_nothing_else_is() -> None:
    rules = [line for line in Path(".dockerignore").read_text().splitlines() if line and not line.startswith("#")]
    assert rules[0] == "*"
    let_through = {line.removeprefix("!") for line in rules if line.startswith("!")}
    copied = {
        source
        for line in _instructions("COPY")
        if "--from" not in line
        for source in line.split()[:-1]
        if source != "./"
    }
    assert copied == let_through
    assert all(Path(name).exists() for name in copied)
    assert any(fnmatch.fnmatch("agents/x/__pycache__", rule) for rule in rules)


def test_compose_runs_the_four_processes_alike_and_with_few_rights() -> None:
    services = _compose()["services"]
    for hop in HOPS:
        assert services[hop]["command"] == [hop]
        assert services[hop]["read_only"] is True
        assert services[hop]["cap_drop"] == ["ALL"]
        assert services[hop]["depends_on"]["topics"]["condition"] == "service_completed_successfully"
        assert "/readyz" in services[hop]["healthcheck"]["test"][-1]
    assert services["topics"]["command"] == ["topics", "apply"]


def test_compose_publishes_ports_on_this_machine_alone() -> None:
    for name, service in _compose()["services"].items():
        assert all(port.startswith("127.0.0.1:") for port in service.get("ports", ())), name


def test_what_compose_mounts_is_there() -> None:
    declared = _compose()["volumes"]
    for service in _compose()["services"].values():
        for volume in service.get("volumes", ()):
            source = volume.split(":")[0]
            assert (COMPOSE.parent / source).exists() if source.startswith(".") else source in declared, volume


def test_compose_brokers_and_configuration_name_each_other() -> None:
    kafka = _compose()["services"]["kafka"]["environment"]
    wanted = yaml.safe_load(Path("deploy/compose/handoff.yaml").read_text())["kafka"]["bootstrap_servers"]
    assert f"INSIDE://{wanted}" in kafka["KAFKA_ADVERTISED_LISTENERS"].split(",")
    assert kafka["KAFKA_AUTO_CREATE_TOPICS_ENABLE"] == "false"


def test_prometheus_scrapes_every_process_and_grafana_finds_prometheus_and_the_pages() -> None:
    services = _compose()["services"]
    scraped = yaml.safe_load(Path("deploy/prometheus/prometheus.yml").read_text())["scrape_configs"][0]
    assert scraped["static_configs"][0]["targets"] == [f"{hop}:9464" for hop in HOPS]
    source = yaml.safe_load(Path("deploy/grafana/provisioning/datasources/prometheus.yaml").read_text())["datasources"][
        0
    ]
    assert source["url"] == "http://prometheus:9090"
    provider = yaml.safe_load(Path("deploy/grafana/provisioning/dashboards/handoff.yaml").read_text())["providers"][0]
    mounted = [volume.split(":")[1] for volume in services["grafana"]["volumes"]]
    assert provider["options"]["path"] in mounted


@pytest.mark.tools
def test_hadolint_finds_nothing_in_the_dockerfile() -> None:
    code, said = output([need("hadolint"), str(DOCKERFILE)])
    assert code == 0, said


@pytest.mark.tools
def test_docker_compose_reads_the_file() -> None:
    docker = need("docker")
    if output([docker, "compose", "version"])[0] != 0:
        pytest.skip("Docker has no compose plugin here, so it did not read deploy/compose.yaml")
    code, said = output([docker, "compose", "-f", str(COMPOSE), "config", "--quiet"])
    assert code == 0, said


@pytest.mark.tools
def test_the_image_gets_every_file_that_a_process_reads(tmp_path: Path) -> None:
    source = tmp_path / "source"
    source.mkdir()
    for name in ("agents", "streams"):
        shutil.copytree(name, source / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(name, source)
    build = [sys.executable, "-m", "pip", "wheel", ".", "--no-deps", "--no-build-isolation", "-q", "-w", str(tmp_path)]
    code, said = output(build, cwd=source)
    assert code == 0, said
    with zipfile.ZipFile(next(tmp_path.glob("*.whl"))) as wheel:
        packed = set(wheel.namelist())
    for path in Path("agents").rglob("*"):
        if path.is_file() and "__pycache__" not in path.parts:
            assert path.as_posix() in packed, path


def test_a_tool_that_is_missing_is_told_of() -> None:
    assert found("no-such-program-anywhere") is None
