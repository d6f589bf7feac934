"""Which of an account's triggers would mail a customer because of what we write. Pure.

Condition fields and operators: https://developer.zendesk.com/documentation/ticketing/reference-guides/conditions-reference/.
What is not understood counts as true: a warning too many is read in a minute, a mail too many is not taken back.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from agents.helpdesks import tags
from agents.helpdesks.wire import as_dict, as_list, as_text

_TO_CUSTOMER = frozenset({"requester_id", "requester_and_ccs", "all_ccs"})
_AGENT_ROLES = frozenset({"agent", "admin"})


def mails_on_create(trigger: Mapping[str, Any], *, public: bool) -> bool:
    """Whether the trigger can fire on our creating a ticket, and mails the requester then."""
    if trigger.get("active") is False or not any(_mails_customer(item) for item in _dicts(trigger.get("actions"))):
        return False
    conditions = as_dict(trigger.get("conditions"))
    every, some = _dicts(conditions.get("all")), _dicts(conditions.get("any"))
    return all(_may_hold(item, public=public) for item in every) and (
        not some or any(_may_hold(item, public=public) for item in some)
    )


def title(trigger: Mapping[str, Any]) -> str:
    """The trigger's name for a person."""
    return as_text(trigger.get("title")) or f"trigger {trigger.get('id')}"


def _mails_customer(action: Mapping[str, Any]) -> bool:
    if action.get("field") not in {"notification_user", "deflection"}:
        return False
    value = action.get("value")
    return (as_list(value) or [value])[0] in _TO_CUSTOMER


def _may_hold(condition: Mapping[str, Any], *, public: bool) -> bool:
    field, operator, value = condition.get("field"), condition.get("operator"), condition.get("value")
    positive = operator in {None, "is", "includes", "value"}
    if field == "update_type":
        return (value == "Create") == positive
    if field == "current_tags":
        ours = tags.ORIGIN in str(value or "").split()
        return not (ours and operator == "not_includes")
    if field == "role":
        return (str(value) in _AGENT_ROLES) == positive or str(value).isdecimal()
    if field == "ticket_is_public":
        return ((str(value) == "public") == public) == positive
    if field == "comment_is_public":
        wants_public = str(value).lower() in {"true", "requester_can_see_comment"}
        return public if wants_public else str(value).lower() != "false" or not public
    return True


def _dicts(value: Any) -> Iterable[Mapping[str, Any]]:
    return [as_dict(item) for item in as_list(value)]
