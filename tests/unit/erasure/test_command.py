"""`handoff erase` refuses what it cannot do in one line, before it asks the brokers for anything."""

from pathlib import Path

import pytest

from tests.support.cli import handoff

KEY = "sixteen characters and more"


@pytest.fixture
def config(tmp_path: Path) -> str:
    return _config(tmp_path, f"erasure: {{key: '{KEY}'}}\n")


def _config(folder: Path, more: str) -> str:
    path = folder / "handoff.yaml"
    path.write_text(f"kafka: {{bootstrap_servers: '127.0.0.1:1'}}\ntenants: {{acme: {{}}}}\n{more}")
    return str(path)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ((), "say who"),
        (("--email", "nobody"), "--email: not an address"),
        (("--email", " "), "--email: empty"),
        (("--phone", "12"), "--phone: too few digits"),
        (("--conversation", "a|b"), "--conversation: not an id"),
        (("--customer-id", "-"), "--customer-id: empty"),
        (("--email", "a@b.example", "--wait", "x"), "no number of seconds"),
    ],
)
def test_who_is_not_said_well_enough_is_refused(config: str, arguments: tuple[str, ...], said: str) -> None:
    assert said in handoff("erase", "--tenant", "acme", *arguments, "--config", config).refusal


def test_a_tenant_nobody_knows_is_refused(config: str) -> None:
    refusal = handoff("erase", "--tenant", "birch", "--email", "a@b.example", "--config", config).refusal
    assert refusal == "no tenant `birch`; there are: acme"


@pytest.mark.parametrize("more", ["", "erasure: {key: short}\n"])
def test_without_a_good_key_nothing_is_erased(tmp_path: Path, more: str) -> None:
    refusal = handoff(
        "erase", "--tenant", "acme", "--email", "a@b.example", "--config", _config(tmp_path, more)
    ).refusal
    assert "erasure.key" in refusal
    assert "a@b" not in refusal
