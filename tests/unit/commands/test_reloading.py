"""The configuration read again: on a signal, when its file or a secret's file changes, never half."""

import asyncio
from collections.abc import Callable
from pathlib import Path

from agents.commands.reloading import Reloading
from agents.observability.log import Log
from agents.observability.metrics import Metrics
from agents.settings import TenantBook
from agents.settings_file import load_with_files
from tests.support.gateway import logged


class Files:
    """A configuration whose webhook secret lies in a file of its own."""

    def __init__(self, folder: Path) -> None:
        self.secret = folder / "secret"
        self.config = folder / "handoff.yaml"
        self.secret.write_text("first")
        self.write(mode="observe")
        loaded = load_with_files(self.config)
        self.tenants = TenantBook(loaded.settings.tenants)
        self.metrics = Metrics()
        self.reloading = Reloading(loaded, self.tenants, self.metrics, Log("test"))

    def write(self, *, mode: str, more: str = "") -> None:
        platforms = f"platforms: {{intercom: {{secrets: ['file:{self.secret}']}}}}"
        replace(self.config, f"tenants:\n  acme:\n    mode: {mode}\n    {platforms}\n{more}")

    @property
    def mode(self) -> str:
        found = self.tenants.get("acme")
        assert found is not None
        return found.mode

    @property
    def webhook_secret(self) -> str:
        found = self.tenants.get("acme")
        assert found is not None
        return found.platforms["intercom"].secrets[0].get_secret_value()

    def counted(self, result: str) -> float:
        return self.metrics.registry.get_sample_value("handoff_config_reloads_total", {"result": result}) or 0.0

    @property
    def in_use(self) -> float | None:
        return self.metrics.registry.get_sample_value("handoff_config_in_use_state")


def replace(path: Path, text: str) -> None:
    """As a mounted ConfigMap or a careful editor does: another file takes the name."""
    fresh = path.with_suffix(".new")
    fresh.write_text(text)
    fresh.replace(path)


def test_a_changed_mode_is_taken_over(tmp_path: Path) -> None:
    files = Files(tmp_path)
    files.write(mode="live")
    files.reloading.again()
    assert (files.mode, files.counted("done"), files.in_use) == ("live", 1.0, 1.0)


def test_a_wrong_file_changes_nothing_and_says_so_until_it_is_mended(tmp_path: Path) -> None:
    files = Files(tmp_path)
    with logged() as log:
        files.write(mode="loud")
        files.reloading.again()
    assert (files.mode, files.counted("refused"), files.in_use) == ("observe", 1.0, 0.0)
    assert '"config.refused"' in log.getvalue()
    assert "tenants.acme.mode" in log.getvalue()
    files.write(mode="live")
    files.reloading.again()
    assert (files.mode, files.in_use) == ("live", 1.0)


def test_a_secret_that_is_gone_leaves_the_former_one_in_use(tmp_path: Path) -> None:
    files = Files(tmp_path)
    files.secret.unlink()
    files.write(mode="live")
    files.reloading.again()
    assert (files.mode, files.webhook_secret) == ("observe", "first")


def test_no_secret_is_logged_with_a_reload(tmp_path: Path) -> None:
    files = Files(tmp_path)
    with logged() as log:
        replace(files.secret, "second-secret")
        files.reloading.again()
        files.write(mode="loud")
        files.reloading.again()
    assert "second-secret" not in log.getvalue()


def test_what_needs_a_restart_is_said(tmp_path: Path) -> None:
    files = Files(tmp_path)
    with logged() as log:
        files.write(mode="live", more="  birch: {}\ngateway: {port: 1}\n")
        files.reloading.again()
    assert '"config.needs_restart"' in log.getvalue()
    assert '"tenants": ["birch"], "settings": ["gateway"]' in log.getvalue()


def test_without_a_file_there_is_nothing_to_read_again() -> None:
    from agents.settings import Settings
    from agents.settings_file import Loaded

    metrics = Metrics()
    Reloading(Loaded(Settings(), ()), TenantBook({}), metrics, Log("test")).again()
    assert metrics.registry.get_sample_value("handoff_config_reloads_total", {"result": "done"}) == 0


async def until(_what: str, holds: Callable[[], bool]) -> None:
    async with asyncio.timeout(5):
        while not holds():
            await asyncio.sleep(0.01)


async def test_the_watch_sees_the_file_and_every_secret_it_names(tmp_path: Path) -> None:
    files = Files(tmp_path)
    watching = asyncio.create_task(files.reloading.watch(0.02))
    try:
        await asyncio.sleep(0.05)
        assert files.counted("done") == 0, "nothing changed"
        replace(files.secret, "second")
        await until("a rotated secret", lambda: files.webhook_secret == "second")
        files.write(mode="live")
        await until("a changed file", lambda: files.mode == "live")
        files.write(mode="loud")
        await until("a wrong file", lambda: files.counted("refused") == 1)
        files.write(mode="observe")
        await until("a mended file", lambda: files.mode == "observe")
        third = tmp_path / "third"
        third.write_text("third")
        replace(files.config, files.config.read_text().replace(str(files.secret), str(third)))
        await until("another secret's file", lambda: files.webhook_secret == "third")
        replace(third, "fourth")
        await until("the new one is watched as well", lambda: files.webhook_secret == "fourth")
    finally:
        watching.cancel()


async def test_a_configmap_is_swapped_by_symlink_and_seen(tmp_path: Path) -> None:
    """Kubernetes: handoff.yaml -> ..data/handoff.yaml, ..data -> ..2026_1; the swap renames `..data`."""
    for version, mode in (("..2026_1", "observe"), ("..2026_2", "live")):
        (tmp_path / version).mkdir()
        (tmp_path / version / "handoff.yaml").write_text(f"tenants: {{acme: {{mode: {mode}}}}}\n")
    (tmp_path / "..data").symlink_to("..2026_1")
    (tmp_path / "handoff.yaml").symlink_to("..data/handoff.yaml")
    loaded = load_with_files(tmp_path / "handoff.yaml")
    tenants = TenantBook(loaded.settings.tenants)
    reloading = Reloading(loaded, tenants, Metrics(), Log("test"))
    watching = asyncio.create_task(reloading.watch(0.02))
    try:
        await asyncio.sleep(0.05)
        (tmp_path / "..data_tmp").symlink_to("..2026_2")
        (tmp_path / "..data_tmp").replace(tmp_path / "..data")
        await until("the swap", lambda: (found := tenants.get("acme")) is not None and found.mode == "live")
    finally:
        watching.cancel()
