"""A tenant's settings as the values its adapters are given. Pure."""

from agents.helpdesks.port import Account
from agents.platforms.port import Address, Connection
from agents.settings import TenantSettings
from streams.contracts.escalation_commands import AnyCommand


def account(name: str, tenant: TenantSettings) -> Account | None:
    """The tenant's helpdesk account; None where none is configured."""
    helpdesk = tenant.helpdesk
    if helpdesk is None:
        return None
    return Account(
        tenant=name,
        helpdesk=helpdesk.name,
        base_url=helpdesk.base_url.rstrip("/"),
        tokens=helpdesk.tokens,
        groups=helpdesk.groups,
        options=helpdesk.options,
        first_comment=helpdesk.first_comment,
    )


def address(command: AnyCommand, tenant: TenantSettings) -> Address | None:
    """Where the command's conversation is; None where its platform is not configured."""
    platform = tenant.platforms.get(command.platform)
    if platform is None:
        return None
    connection = Connection(
        tenant=command.tenant,
        platform=command.platform,
        secrets=platform.secrets,
        own_ids=platform.own_ids,
        tokens=platform.tokens,
        options=platform.options,
        mask_email=platform.mask_email,
        mask_phone=platform.mask_phone,
    )
    return Address(
        connection, command.conversation_id, command.channel, command.customer, command.route, command.escalation_id
    )
