"""What every hop refuses to start on, in one line that names the place and shows no value."""

from pathlib import Path
from typing import Any

import pytest

from agents.commands.checks import refuse_wrong, wrong
from agents.demo.setting import Ports, configuration
from agents.settings import Settings
from streams.errors import Refused
from tests.support.cli import handoff


def settings(**acme: Any) -> Settings:
    outbound = acme.pop("outbound", {})
    return Settings.model_validate({"tenants": {"acme": acme}, "outbound": outbound})


def only(found: Settings) -> str:
    lines = list(wrong(found))
    assert len(lines) == 1, lines
    return lines[0].removeprefix("tenants.acme.")


def helpdesk(**changes: Any) -> dict[str, Any]:
    return {"name": "zendesk", "base_url": "https://acme.zendesk.com"} | changes


def test_the_defaults_and_the_demo_are_right(tmp_path: Path) -> None:
    from agents.commands.policies import read_policy
    from agents.demo.setting import policy_text

    policy = tmp_path / "policy.yaml"
    policy.write_text(policy_text(read_policy(None).text))
    ports = Ports(1, 2, 3, {})
    refuse_wrong(Settings())
    refuse_wrong(Settings.model_validate(configuration(ports, "127.0.0.1:9", str(policy), embedded=True)))


def test_a_platform_there_is_none_of_is_named_with_what_was_meant() -> None:
    said = only(settings(platforms={"intercm": {"secrets": ["s3cret"]}}))
    assert said == "platforms.intercm: there is no such platform; did you mean `intercom`?"
    assert "one of: intercom, " in only(settings(platforms={"x": {}}))


@pytest.mark.parametrize(
    ("platform", "options", "said"),
    [
        ("intercom", {"regoin": "eu"}, "options.regoin: Extra inputs are not permitted"),
        ("intercom", {"region": "mars"}, "options.region: Input should be 'us', 'eu' or 'au'"),
        ("fin-agent-api", {"close_with": "x"}, "options.close_with: "),
        ("zendesk-sunco", {"subdomain": "Not A Name"}, "options.subdomain: "),
        ("zendesk-events", {"sunshine": {"handover": "x"}}, "options.sunshine.handover: "),
        ("zendesk-ai-agents-advanced", {"widget": "perhaps"}, "options.widget: "),
        ("custom-llm", {"bodies": "all"}, "options.bodies: "),
    ],
)
def test_options_the_platform_does_not_know_are_refused(platform: str, options: dict[str, Any], said: str) -> None:
    assert only(settings(platforms={platform: {"options": options}})).startswith(f"platforms.{platform}.{said}")


def test_options_the_helpdesk_does_not_know_are_refused() -> None:
    assert only(settings(helpdesk=helpdesk(options={"brand": 1}))).startswith("helpdesk.options.brand: ")


@pytest.mark.parametrize(
    "base_url",
    [
        "http://acme.zendesk.com",
        "https://desk.acme.example",
        "https://user:pw@acme.zendesk.com",
        "acme",
        "https://10.0.0.1",
    ],
)
def test_an_address_that_may_not_be_called_is_refused_without_being_shown(base_url: str) -> None:
    said = only(settings(helpdesk=helpdesk(base_url=base_url)))
    assert said.startswith("helpdesk.base_url: may not be called")
    assert base_url not in said


@pytest.mark.parametrize(
    ("platform", "options", "place"),
    [
        ("custom-llm", {"reply_url": "https://chat.acme.example/{conversation_id}"}, "reply_url"),
        ("custom-llm", {"close_url": "https://chat.acme.example/x"}, "close_url"),
        ("intercom", {"base_url": "http://127.0.0.1:1"}, "base_url"),
        ("zendesk-events", {"sunshine": {"base_url": "https://x.example/sc"}}, "sunshine.base_url"),
    ],
)
def test_addresses_of_platforms_are_looked_at_too(platform: str, options: dict[str, Any], place: str) -> None:
    assert only(settings(platforms={platform: {"options": options}})).startswith(
        f"platforms.{platform}.options.{place}: "
    )


def test_a_listed_address_is_right() -> None:
    options = {"reply_url": "https://chat.acme.example/{conversation_id}/reply"}
    for outbound in ({"allow_hosts": ["chat.acme.example"]}, {"private_hosts": ["chat.acme.example"]}):
        assert not list(wrong(settings(platforms={"custom-llm": {"options": options}}, outbound=outbound)))


@pytest.mark.parametrize(
    ("acme", "said"),
    [
        ({"calendars": {"c": {"timezone": "Mars/Olympus"}}}, "calendars.c.timezone: no such time zone"),
        ({"calendars": {"c": {"hours": {"mon": ["9-17"]}}}}, "calendars.c.hours.mon: expected HH:MM-HH:MM"),
        ({"calendars": {"c": {"holidays": ["Christmas"]}}}, "calendars.c.holidays: expected YYYY-MM-DD"),
        ({"templates": "/no/such/file.yaml"}, "/no/such/file.yaml: No such file"),
        ({"email": {"from_address": "not an address"}}, ""),
        ({"policy": "/no/such/policy.yaml"}, "/no/such/policy.yaml: No such file or directory"),
    ],
)
def test_calendars_texts_sender_and_policy_are_read_before_the_start(acme: dict[str, Any], said: str) -> None:
    line = only(settings(**acme))
    assert said in line


def test_every_problem_of_a_policy_is_a_line_of_its_own(tmp_path: Path) -> None:
    policy = tmp_path / "policy.yaml"
    policy.write_text("version: 1\nlocales: [en]\nrules: []\nrouting: []\nnonsense: 1\n")
    lines = list(wrong(settings(policy=str(policy))))
    assert lines
    assert all(line.startswith(f"tenants.acme.policy: {policy}:") for line in lines)


def test_the_refusal_is_one_line_and_counts_the_rest() -> None:
    with pytest.raises(Refused) as caught:
        refuse_wrong(settings(platforms={"nope": {}, "neither": {}}, helpdesk=helpdesk(base_url="x")))
    assert "\n" not in str(caught.value)
    assert str(caught.value).endswith("(and 2 more: `handoff doctor` shows them)")


@pytest.mark.parametrize("hop", ["gateway", "escalation", "ticketing", "notifier"])
def test_no_hop_starts_on_it(hop: str, tmp_path: Path) -> None:
    config = tmp_path / "handoff.yaml"
    config.write_text("tenants: {acme: {platforms: {intercm: {}}}}\n")
    assert "intercm" in handoff(hop, "--config", str(config)).refusal


@pytest.mark.parametrize("hop", ["gateway", "escalation", "ticketing", "notifier"])
def test_no_hop_starts_with_kafka_settings_librdkafka_does_not_take(hop: str, tmp_path: Path) -> None:
    config = tmp_path / "handoff.yaml"
    config.write_text("kafka: {security: {security.protocol: s3cret}}\ngateway: {host: 127.0.0.1, port: 0}\n")
    ran = handoff(hop, "--config", str(config), "--admin-port", "0")
    assert "security.protocol" in ran.err
    assert "s3cret" not in ran.err
    assert ran.code == 2


def test_a_log_level_there_is_none_of_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HANDOFF_LOG_LEVEL", "LOUD")
    assert "HANDOFF_LOG_LEVEL" in handoff("gateway").refusal
