"""What a tenant must have right before the notifier starts: better no start than a customer nobody tells."""

from collections.abc import Callable

from pydantic import ValidationError

from agents.notifier.phrasebooks import Phrasebooks
from agents.notifier.posting import check_sender
from agents.platforms.port import Outbound
from agents.settings import TenantSettings
from streams.errors import Refused


def check_tenant(
    tenant_id: str, tenant: TenantSettings, *, phrasebooks: Phrasebooks, outbounds: Callable[[str], Outbound]
) -> None:
    """`Refused` with one line that names the place: templates, calendars, the sender, each platform's options."""
    phrasebooks.check(tenant_id, tenant)
    check_sender(tenant_id, tenant)
    for name, settings in tenant.platforms.items():
        where = f"tenants.{tenant_id}.platforms.{name}"
        try:
            model = getattr(outbounds(name), "options_model", None)
        except Refused as refused:
            raise Refused(f"{where}: {refused}") from None
        if model is None:
            continue
        try:
            model.model_validate(dict(settings.options))
        except ValidationError as error:
            first = error.errors(include_url=False, include_input=False)[0]
            place = ".".join(str(part) for part in first["loc"])
            raise Refused(f"{where}.options.{place}: {first['msg']}") from None
