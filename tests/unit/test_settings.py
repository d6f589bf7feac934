"""What a reload takes over, and what waits for a restart."""

from typing import Any

import pytest
from pydantic import ValidationError

from agents.settings import Settings, TenantBook, TenantSettings

ACME: dict[str, Any] = {
    "mode": "observe",
    "platforms": {
        "intercom": {
            "secrets": ["old"],
            "tokens": {"access_token": "old"},
            "own_ids": ["1"],
            "options": {"region": "us"},
        },
    },
    "helpdesk": {"name": "zendesk", "base_url": "https://acme.zendesk.com", "tokens": {"client_id": "old"}},
    "policy": "a.yaml",
}


def tenant(**changes: Any) -> TenantSettings:
    return TenantSettings.model_validate(ACME | changes)


def book() -> TenantBook:
    return TenantBook({"acme": tenant()})


@pytest.mark.parametrize(
    "change",
    [
        {"mode": "live"},
        {"share": 0.25},
        {"kill_switch": True},
        {"limits": {"tickets_per_hour": 3}},
    ],
)
def test_modes_limits_and_the_kill_switch_are_taken_over(change: dict[str, Any]) -> None:
    tenants = book()
    assert tenants.replace({"acme": tenant(**change)}) == ()
    assert tenants.get("acme") == tenant(**change)


def test_secrets_and_tokens_are_taken_over() -> None:
    tenants = book()
    platforms = {
        "intercom": ACME["platforms"]["intercom"] | {"secrets": ["new", "old"], "tokens": {"access_token": "n"}}
    }
    helpdesk = ACME["helpdesk"] | {"tokens": {"client_id": "new"}}
    assert tenants.replace({"acme": tenant(platforms=platforms, helpdesk=helpdesk)}) == ()
    found = tenants.get("acme")
    assert found is not None
    assert [one.get_secret_value() for one in found.platforms["intercom"].secrets] == ["new", "old"]
    assert found.platforms["intercom"].tokens["access_token"].get_secret_value() == "n"
    assert found.helpdesk is not None
    assert found.helpdesk.tokens["client_id"].get_secret_value() == "new"


@pytest.mark.parametrize(
    "change",
    [
        {"policy": "b.yaml"},
        {"locales": ["de"]},
        {"platforms": {}},
        {"platforms": ACME["platforms"] | {"custom-llm": {"secrets": ["x"]}}},
        {"platforms": {"intercom": ACME["platforms"]["intercom"] | {"own_ids": ["1", "2"]}}},
        {"platforms": {"intercom": ACME["platforms"]["intercom"] | {"options": {"region": "eu"}}}},
        {"helpdesk": None},
        {"helpdesk": ACME["helpdesk"] | {"base_url": "https://other.zendesk.com"}},
        {"helpdesk": ACME["helpdesk"] | {"groups": {"Support": 1}}},
        {"templates": "t.yaml"},
    ],
)
def test_the_rest_stays_as_at_the_start_and_is_said_to_wait(change: dict[str, Any]) -> None:
    tenants = book()
    assert tenants.replace({"acme": tenant(mode="live", **change)}) == ("acme",)
    assert tenants.get("acme") == tenant(mode="live"), "what can be taken over is, the rest is not"


def test_a_new_tenant_waits_for_all_hops_to_know_it() -> None:
    tenants = book()
    assert tenants.replace({"acme": tenant(), "birch": tenant()}) == ("birch",)
    assert tenants.get("birch") is None
    assert tenants.names() == ("acme",)


def test_a_tenant_that_left_the_file_goes_on_until_the_restart() -> None:
    """Its conversations are on the topics: without it they would all become dead letters."""
    tenants = book()
    assert tenants.replace({}) == ("acme",)
    assert tenants.get("acme") == tenant()


def test_production_only_observes_until_it_is_told_otherwise() -> None:
    assert TenantSettings().mode == "observe"
    assert not TenantSettings().kill_switch


def test_settings_cannot_be_changed_in_passing() -> None:
    with pytest.raises(ValidationError):
        Settings().gateway.port = 1  # type: ignore[misc] # what the test is about
