"""The configuration read again while a process runs: secrets, modes, limits and the kill switch without a restart."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from agents.observability import catalogue
from agents.observability.log import Log
from agents.observability.metrics import Metrics
from agents.settings import Settings, TenantBook
from agents.settings_file import Loaded, load_with_files
from streams.errors import Refused

CHECK_SECONDS = 5.0

Stamp = tuple[int, int] | None


@dataclass
class Reloading:
    """What is read again, and how that is told. `loaded`: as at the start, with every file it was read from."""

    loaded: Loaded
    tenants: TenantBook
    metrics: Metrics
    log: Log

    def again(self) -> None:
        """Take over the reloadable part; a file that is wrong changes nothing."""
        if not self.loaded.files:
            return
        try:
            found = load_with_files(self.loaded.files[0])
        except Refused as error:
            self.metrics.count(catalogue.CONFIG_RELOADS, result="refused")
            self.metrics.set(catalogue.CONFIG_IN_USE, 0)
            self.log.error("config.refused", why=str(error))
            return
        tenants = self.tenants.replace(found.settings.tenants)
        self.loaded = Loaded(self.loaded.settings, found.files)
        self.metrics.count(catalogue.CONFIG_RELOADS, result="done")
        self.metrics.set(catalogue.CONFIG_IN_USE, 1)
        self.log.info("config.reloaded")
        others = _changed(self.loaded.settings, found.settings)
        if tenants or others:
            self.log.warning("config.needs_restart", tenants=list(tenants), settings=others)

    async def watch(self, check_seconds: float = CHECK_SECONDS) -> None:
        """Read again when one of the files changes (a mounted ConfigMap or Secret is swapped by symlink)."""
        if not self.loaded.files:
            return
        seen = _stamps(self.loaded.files)
        while True:
            await asyncio.sleep(check_seconds)
            files = self.loaded.files
            now = await asyncio.to_thread(_stamps, files)
            if now != seen:
                self.again()
                seen = now if self.loaded.files == files else _stamps(self.loaded.files)


def _changed(old: Settings, new: Settings) -> list[str]:
    """The groups that differ, and that only a restart takes over."""
    return [name for name in Settings.model_fields if name != "tenants" and getattr(old, name) != getattr(new, name)]


def _stamps(files: Sequence[Path]) -> list[tuple[Path, Stamp]]:
    return [(file, _stamp(file)) for file in files]


def _stamp(path: Path) -> Stamp:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_ino
