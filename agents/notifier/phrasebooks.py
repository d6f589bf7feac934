"""Where the templates and the calendars come from: files of the package, and what a tenant adds."""

from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path

from agents.notifier.business_hours import Calendar, parse_calendar
from agents.notifier.template_file import Sheet, read_overrides, read_sheet
from agents.notifier.wording import Phrasebook
from agents.settings import TenantSettings
from streams.errors import Refused

MAX_FILE_BYTES = 1024 * 1024


def load_shipped() -> dict[str, Sheet]:
    """The texts that come with the product, by language."""
    folder = files("agents.notifier") / "templates"
    sheets = {}
    for file in sorted(folder.iterdir(), key=lambda entry: entry.name):
        if file.name.endswith(".yaml"):
            sheets[file.name.removesuffix(".yaml")] = read_sheet(file.read_text(encoding="utf-8"), file.name)
    return sheets


class Phrasebooks:
    """Texts and calendars of each tenant, read once and kept. A wrong file is `Refused` when it is first read."""

    def __init__(self, shipped: Mapping[str, Sheet]) -> None:
        """`shipped` is what every tenant falls back to."""
        self._shipped = shipped
        self._own: dict[str, Mapping[str, Sheet]] = {}
        self._calendars: dict[tuple[str, str], tuple[object, Calendar]] = {}

    def book(self, tenant: TenantSettings) -> Phrasebook:
        """The texts of `tenant`."""
        if tenant.templates is None:
            return Phrasebook(self._shipped, {})
        own = self._own.get(tenant.templates)
        if own is None:
            own = read_overrides(_read(tenant.templates), tenant.templates, shipped=frozenset(self._shipped))
            self._own[tenant.templates] = own
        return Phrasebook(self._shipped, own)

    def calendar(self, name: str, tenant_id: str, tenant: TenantSettings) -> Calendar | None:
        """The calendar `name` of `tenant`, or None where it has none of that name."""
        settings = tenant.calendars.get(name)
        if settings is None:
            return None
        kept = self._calendars.get((tenant_id, name))
        if kept is not None and kept[0] is settings:
            return kept[1]
        calendar = parse_calendar(name, settings)
        self._calendars[tenant_id, name] = (settings, calendar)
        return calendar

    def check(self, tenant_id: str, tenant: TenantSettings) -> None:
        """Read everything `tenant` names, or `Refused` with what is wrong and where."""
        try:
            self.book(tenant)
            for name in tenant.calendars:
                self.calendar(name, tenant_id, tenant)
        except Refused as refused:
            raise Refused(f"tenants.{tenant_id}: {refused}") from None


def _read(path: str) -> str:
    try:
        file = Path(path)
        if file.stat().st_size > MAX_FILE_BYTES:
            raise Refused(f"{path}: larger than {MAX_FILE_BYTES} bytes")
        return file.read_text(encoding="utf-8")
    except OSError as error:
        raise Refused(f"{path}: {error.strerror or 'cannot be read'}") from None
    except UnicodeDecodeError:
        raise Refused(f"{path}: not UTF-8") from None
