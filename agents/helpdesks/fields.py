"""What of a draft goes into tags, groups and custom fields, whatever the helpdesk. Pure."""

from collections.abc import Mapping
from math import isfinite
from typing import Protocol, TypeVar

from agents.helpdesks import tags
from agents.helpdesks.port import Account, Draft
from agents.helpdesks.safe_text import title
from streams import ids

MAX_VALUE_CHARS = 255
Value = str | int | float | bool
Target = TypeVar("Target", covariant=True)  # noqa: PLC0105 - the name reads better without `_co`


class Wanted(Protocol[Target]):
    """Which custom field each value goes to: an id at Zendesk, a name at Freshdesk."""

    @property
    def escalation_id(self) -> Target | None: ...
    @property
    def conversation(self) -> Target | None: ...
    @property
    def reason(self) -> Target | None: ...
    @property
    def intent(self) -> Target | None: ...
    @property
    def platform(self) -> Target | None: ...
    @property
    def attributes(self) -> Mapping[str, Target]: ...


def field_values(wanted: Wanted[Target], draft: Draft) -> list[tuple[Target, Value]]:
    """(field, value) of every field that is configured and has a value."""
    command = draft.command
    candidates = [
        (wanted.escalation_id, command.escalation_id),
        (wanted.conversation, ids.conversation_key(command.tenant, command.conversation_id)),
        (wanted.reason, command.reason),
        (wanted.intent, command.intent),
        (wanted.platform, command.platform),
        *((field, command.attributes.get(name)) for name, field in wanted.attributes.items()),
    ]
    known = [(field, value) for field, value in candidates if field is not None and value is not None]
    return [
        (field, title(value, MAX_VALUE_CHARS) if isinstance(value, str) else value)
        for field, value in known
        if not isinstance(value, float) or isfinite(value)
    ]


def ticket_tags(account: Account, draft: Draft, *extra: str, max_chars: int) -> list[str]:
    """All tags of a ticket; one more where the policy's group leads nowhere."""
    missing = (tags.GROUP_MISSING,) if group_missing(account, draft) else ()
    return list(tags.tags(draft.command, *extra, *missing, max_chars=max_chars))


def group_id(account: Account, draft: Draft) -> int | None:
    """The id of the policy's group, where the account knows it."""
    return account.groups.get(draft.command.routing.group or "")


def group_missing(account: Account, draft: Draft) -> bool:
    """Whether the policy names a group that the account does not map to an id."""
    group = draft.command.routing.group
    return group is not None and group not in account.groups


def words_are_public(account: Account) -> bool:
    """Whether the first comment is public and holds the customer's words: the default (see the packages)."""
    return account.first_comment != "private"
