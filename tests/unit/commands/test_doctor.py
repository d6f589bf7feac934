"""What `handoff doctor` says of accounts that are right, and of each thing that can be wrong, over the simulators."""

import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from agents.commands.doctor import Section, examine_tenant
from agents.demo.setting import Ports, configuration, simulator_settings
from agents.demo.simulators.settings import SimulatorSettings
from agents.helpdesks.finding import Finding
from agents.outbound_aiohttp import AiohttpClient
from agents.outbound_hosts import HostRules
from agents.settings import Settings
from streams.clock import SystemClock
from streams.kafka.embedded import EmbeddedBroker
from tests.support.cli import handoff
from tests.support.simulators import Simulators, running

EXAMPLE = Path(__file__).parents[3] / "agents/policy/example.yaml"
Change = Callable[[dict[str, Any]], None]


def nothing(_config: dict[str, Any]) -> None:
    """As the demo has it."""


def made(url: str, change: Change = nothing, servers: str = "127.0.0.1:1") -> dict[str, Any]:
    port = urlsplit(url).port
    assert port is not None
    config = configuration(Ports(1, port, 2, {}), servers, str(EXAMPLE), embedded=True)
    change(config)
    return config


def accounts() -> SimulatorSettings:
    """The demo's, with the custom field in Freshdesk that its configuration names."""
    found = simulator_settings(1)
    birch = found.accounts["birch"]
    freshdesk = birch.freshdesk.model_copy(update={"field_names": ("cf_handoff_escalation_id",)})
    made = found.accounts | {"birch": birch.model_copy(update={"freshdesk": freshdesk})}
    return found.model_copy(update={"accounts": made})


@asynccontextmanager
async def simulated(tmp_path: Path, settings: SimulatorSettings | None = None) -> AsyncIterator[Simulators]:
    async with running(tmp_path, settings or accounts(), SystemClock()) as simulators:
        yield simulators


async def examined(
    tmp_path: Path, change: Change = nothing, *, tenant: str = "acme", simulators: SimulatorSettings | None = None
) -> dict[str, Section]:
    """The sections of one tenant by what comes after its name: ``, `helpdesk zendesk`, `intercom`."""
    async with simulated(tmp_path, simulators) as there:
        settings = Settings.model_validate(made(there.url, change))
        client = AiohttpClient(HostRules(allow_loopback=True))
        try:
            sections = await examine_tenant(tenant, settings, client, SystemClock())
        finally:
            await client.close()
    return {section.title.removeprefix(f"tenant {tenant}").lstrip(", "): section for section in sections}


def said(section: Section, level: str) -> list[str]:
    return [f"{finding.subject}: {finding.text}" for finding in section.findings if finding.level == level]


def errors(sections: dict[str, Section]) -> list[str]:
    return [line for section in sections.values() for line in said(section, "error")]


def platform(config: dict[str, Any], name: str) -> dict[str, Any]:
    found: dict[str, Any] = config["tenants"]["acme"]["platforms"][name]
    return found


@pytest.mark.parametrize("tenant", ["acme", "birch", "cedar"])
async def test_the_demo_s_tenants_are_without_error(tenant: str, tmp_path: Path) -> None:
    sections = await examined(tmp_path, tenant=tenant)
    assert errors(sections) == []
    for section in sections.values():
        for finding in section.findings:
            assert finding.level == "ok" or finding.remedy, finding


async def test_every_group_of_the_policy_is_resolved_to_its_id(tmp_path: Path) -> None:
    helpdesk = (await examined(tmp_path))["helpdesk zendesk"]
    assert {"group Billing: id 360002, «Billing»", "group Support: id 360001, «Support»"} <= set(said(helpdesk, "ok"))


async def test_a_group_the_configuration_does_not_map_is_an_error_with_its_id(tmp_path: Path) -> None:
    def change(config: dict[str, Any]) -> None:
        config["tenants"]["acme"]["helpdesk"]["groups"] = {"Support": 360_001, "Tier 2": 999}

    helpdesk = (await examined(tmp_path, change))["helpdesk zendesk"]
    wrong = {finding.subject: finding for finding in helpdesk.findings if finding.level == "error"}
    assert wrong["group Billing"].remedy == "set groups: {Billing: 360002}"
    assert wrong["group Tier 2"].text == "id 999 is no group there"


@pytest.mark.parametrize(
    ("tenant", "tokens"),
    [("acme", {"client_id": "handoff", "client_secret": "wrong"}), ("birch", {"api_key": "wrong"})],
)
async def test_credentials_the_helpdesk_does_not_take_are_an_error(
    tenant: str, tokens: dict[str, str], tmp_path: Path
) -> None:
    def change(config: dict[str, Any]) -> None:
        config["tenants"][tenant]["helpdesk"]["tokens"] = tokens

    found = errors(await examined(tmp_path, change, tenant=tenant))
    assert len(found) == 1
    assert found[0].startswith("credentials: ")


async def test_too_small_a_scope_is_an_error(tmp_path: Path) -> None:
    def change(config: dict[str, Any]) -> None:
        config["tenants"]["acme"]["helpdesk"]["options"] = {"oauth_scope": "read"}

    assert any(line.startswith("scopes: no write access") for line in errors(await examined(tmp_path, change)))


async def test_a_trigger_that_would_mail_our_tickets_is_named(tmp_path: Path) -> None:
    warned = said((await examined(tmp_path))["helpdesk zendesk"], "warn")
    assert any("Notify requester of new proactive ticket" in line for line in warned)


async def test_intercom_s_token_teammate_and_own_ids_belong_together(tmp_path: Path) -> None:
    assert said((await examined(tmp_path))["intercom"], "ok") == [
        "secrets: 1 to prove webhooks with",
        "credentials: valid, of teammate 8120055 in workspace x9k2m1ab",
        "own_ids: 2 of ours are known",
    ]


@pytest.mark.parametrize(
    ("change", "level", "subject"),
    [
        (lambda one: one.update(secrets=[]), "error", "secrets"),
        (lambda one: one.update(secrets=["short"]), "warn", "secrets"),
        (lambda one: one["tokens"].clear(), "error", "credentials"),
        (lambda one: one.update(tokens={"access_token": "wrong"}), "error", "credentials"),
        (lambda one: one["options"].update(app_id="another"), "error", "workspace"),
        (lambda one: one["options"].update(admin_id="77"), "warn", "teammate"),
        (lambda one: (one.update(own_ids=[]), one["options"].pop("admin_id")), "error", "own_ids"),
        (lambda one: one.update(own_ids=["12345"]), "warn", "own_ids"),
        (lambda one: one["options"].update(handover="assign"), "error", "team"),
        (lambda one: one["options"].update(handover="assign", team_id="1"), "error", "team"),
        (lambda one: one["options"].update(handover="assign", team_id="5017691"), "ok", "team"),
    ],
)
async def test_what_can_be_wrong_with_intercom_is_found(change: Any, level: str, subject: str, tmp_path: Path) -> None:
    section = (await examined(tmp_path, lambda config: change(platform(config, "intercom"))))["intercom"]
    assert (level, subject) in {(finding.level, finding.subject) for finding in section.findings}


@pytest.mark.parametrize(
    ("name", "change", "level", "subject"),
    [
        (
            "zendesk-sunco",
            lambda one: one.update(tokens={"key_id": "a", "key_secret": "wrong"}),
            "error",
            "credentials",
        ),
        ("zendesk-sunco", lambda one: one["tokens"].clear(), "error", "credentials"),
        ("zendesk-sunco", lambda one: one["options"].pop("app_id"), "warn", "credentials"),
        ("zendesk-sunco", lambda one: one["options"].update(handover="none"), "error", "handover"),
        ("zendesk-sunco", lambda _one: None, "ok", "credentials"),
        ("zendesk-events", lambda one: one["options"].clear(), "warn", "replies"),
        ("zendesk-events", lambda one: one.update(tokens={"key_id": "a", "key_secret": "b"}), "error", "credentials"),
        ("zendesk-events", lambda _one: None, "ok", "credentials"),
        ("zendesk-ai-agents-advanced", lambda one: one["tokens"].clear(), "error", "credentials"),
        ("zendesk-ai-agents-advanced", lambda one: one["options"].clear(), "error", "address"),
        ("custom-llm", lambda one: one["options"].clear(), "error", "replies"),
        ("custom-llm", lambda _one: None, "warn", "signature"),
        ("fin-agent-api", lambda one: one["options"].pop("reply_url"), "ok", "replies"),
        ("fin-agent-api", lambda one: one["options"].update(close_with="escalate"), "ok", "credentials"),
        (
            "fin-agent-api",
            lambda one: (one["options"].update(close_with="escalate"), one["tokens"].update(access_token="x")),
            "error",
            "credentials",
        ),
    ],
)
async def test_what_can_be_wrong_with_the_other_platforms_is_found(
    name: str, change: Any, level: str, subject: str, tmp_path: Path
) -> None:
    section = (await examined(tmp_path, lambda config: change(platform(config, name))))[name]
    assert (level, subject) in {(finding.level, finding.subject) for finding in section.findings}, section.findings


async def test_vendors_that_give_no_answer_are_errors_not_exceptions(tmp_path: Path) -> None:
    def elsewhere(config: dict[str, Any]) -> None:
        text = json.dumps(config["tenants"]).replace(
            f":{urlsplit(config['tenants']['acme']['helpdesk']['base_url']).port}/", ":1/"
        )
        config["tenants"] = json.loads(text)

    sections = await examined(tmp_path, elsewhere)
    assert {"helpdesk zendesk", "intercom", "zendesk-sunco"} <= {
        title for title, section in sections.items() if said(section, "error")
    }


async def test_faults_of_the_configuration_are_shown_and_not_asked_with(tmp_path: Path) -> None:
    def change(config: dict[str, Any]) -> None:
        config["tenants"]["acme"]["helpdesk"]["options"] = {"nonsense": 1}
        platform(config, "intercom")["options"]["region"] = "mars"
        config["tenants"]["acme"]["platforms"]["intercm"] = {}

    sections = await examined(tmp_path, change)
    assert len(said(sections[""], "error")) == 3
    assert not {"helpdesk zendesk", "intercom", "intercm"} & sections.keys()
    assert "zendesk-sunco" in sections


@pytest.mark.parametrize(
    ("change", "level", "subject"),
    [
        ({"kill_switch": True}, "warn", "kill_switch"),
        ({"helpdesk": None}, "error", "helpdesk"),
        ({"platforms": {}}, "warn", "platforms"),
        ({"calendars": {}}, "warn", "calendar business_hours"),
        ({"mode": "observe", "helpdesk": None}, "ok", "mode"),
    ],
)
async def test_what_the_settings_say_themselves(
    change: dict[str, Any], level: str, subject: str, tmp_path: Path
) -> None:
    own = (await examined(tmp_path, lambda config: config["tenants"]["acme"].update(change)))[""]
    assert (level, subject) in {(finding.level, finding.subject) for finding in own.findings}


async def test_every_webhook_still_to_be_pasted_is_printed_with_its_address(tmp_path: Path) -> None:
    def change(config: dict[str, Any]) -> None:
        config["gateway"]["public_url"] = "https://hooks.acme.example/"

    sections = await examined(tmp_path, change)
    pasted = {url: setup for section in sections.values() for url, setup in section.paste}
    base = "https://hooks.acme.example/v1"
    assert set(pasted) == {
        f"{base}/webhooks/intercom/acme",
        f"{base}/webhooks/fin-agent-api/acme",
        f"{base}/webhooks/zendesk-sunco/acme",
        f"{base}/webhooks/zendesk-events/acme",
        f"{base}/webhooks/zendesk-ai-agents-advanced/acme",
        f"{base}/events/acme",
    }
    assert all(setup.where and setup.proof for setup in pasted.values())


def test_the_command_prints_it_all_and_exits_with_1_on_an_error(tmp_path: Path) -> None:
    config = tmp_path / "handoff.yaml"
    config.write_text(json.dumps(made("http://127.0.0.1:1")))
    ran = handoff("doctor", "--config", str(config), "--offline")
    assert (ran.code, ran.err) == (0, "")
    assert "tenant acme\n  ok     mode: live\n" in ran.out
    assert ran.out.rstrip().splitlines()[-1].startswith("0 errors, ")
    wrong = json.loads(config.read_text())
    wrong["tenants"]["acme"]["helpdesk"] = None
    config.write_text(json.dumps(wrong))
    ran = handoff("doctor", "--config", str(config), "--offline", "--json")
    assert ran.code == 1
    row = next(row for row in ran.lines if row["level"] == "error")
    assert Finding(row["level"], row["subject"], row["text"], row["remedy"]).remedy
    assert {row["section"] for row in ran.lines} == {"configuration", "tenant acme", "tenant birch", "tenant cedar"}
    one = handoff("doctor", "--config", str(config), "--offline", "--json", "--tenant", "birch")
    assert one.code == 0
    assert {row["section"] for row in one.lines} == {"configuration", "tenant birch"}


def test_a_tenant_there_is_none_of_is_refused(tmp_path: Path) -> None:
    config = tmp_path / "handoff.yaml"
    config.write_text("tenants: {acme: {}}\n")
    assert (
        handoff("doctor", "--config", str(config), "--tenant", "nobody").refusal
        == "no tenant `nobody`; there are: acme"
    )


def test_brokers_are_asked_and_their_absence_is_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("streams.kafka.admin._TIMEOUT_SECONDS", 1.0)
    config = tmp_path / "handoff.yaml"
    with EmbeddedBroker() as broker:
        config.write_text(json.dumps({"kafka": {"bootstrap_servers": broker.bootstrap_servers, "embedded": True}}))
        ran = handoff("doctor", "--config", str(config))
        assert (ran.code, ran.err) == (0, "")
        assert f"ok     brokers: {broker.bootstrap_servers} answer" in ran.out
        config.write_text(
            json.dumps({"kafka": {"bootstrap_servers": broker.bootstrap_servers, "replication_factor": 1}})
        )
        ran = handoff("doctor", "--config", str(config))
        assert ran.code == 1
        assert "do: run `handoff topics apply`" in ran.out
        assert "warn   kafka: no kafka.security" in ran.out
    config.write_text(json.dumps({"kafka": {"bootstrap_servers": "127.0.0.1:1"}}))
    ran = handoff("doctor", "--config", str(config))
    assert (ran.code, ran.err) == (1, "")
    assert "error  brokers: the broker at 127.0.0.1:1 cannot be asked" in ran.out


def test_no_secret_is_printed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("streams.kafka.admin._TIMEOUT_SECONDS", 0.5)
    config = tmp_path / "handoff.yaml"
    content = made("http://127.0.0.1:1")
    secrets = {"canary-webhook-secret", "canary-token", "canary-kafka"}
    for one in content["tenants"].values():
        for chat in one["platforms"].values():
            chat["secrets"] = ["canary-webhook-secret"]
            chat["tokens"] = dict.fromkeys(chat.get("tokens", {}), "canary-token")
        one["helpdesk"]["tokens"] = dict.fromkeys(one["helpdesk"]["tokens"], "canary-token")
    content["kafka"]["security"] = {"sasl.password": "canary-kafka"}
    config.write_text(json.dumps(content))
    for form in ((), ("--json",)):
        ran = handoff("doctor", "--config", str(config), *form)
        assert ran.code == 1
        for secret in secrets:
            assert secret not in ran.out + ran.err
