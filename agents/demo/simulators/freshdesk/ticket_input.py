"""What a request may say about a ticket, and the complaints, field by field.

Sources: developers.freshdesk.com, "Tickets": numbers for status, priority and source; defaults; mandatory parts.
"""

from typing import Any

from agents.demo.simulators.calls import Call
from agents.demo.simulators.freshdesk import errors
from agents.demo.simulators.store import Json

STATUSES, PRIORITIES, SOURCES = (2, 3, 4, 5), (1, 2, 3, 4), (1, 2, 3, 5, 6, 7, 8, 9, 10)
_REQUESTER = ("requester_id", "email", "phone", "unique_external_id", "facebook_id", "twitter_id")
_CHANGEABLE = {
    *("subject", "type", "status", "priority", "source", "group_id", "responder_id", "product_id", "tags"),
    *("custom_fields", "cc_emails", "email_config_id", "due_by", "fr_due_by", "description"),
}
_FIELDS = _CHANGEABLE | {
    *_REQUESTER,
    *("name", "attachments", "company_id", "parent_id", "related_ticket_ids", "internal_group_id", "lookup_parameter"),
}
_LONGEST_TAG = 32
_LONGEST_SUBJECT = 255


def checked(call: Call, given: Json, *, creating: bool) -> Json:
    """The body, or 400 with every complaint."""
    problems = _unknown(call, given) + _numbers(call, given) + _lists(given)
    if creating:
        problems += _missing(given)
    subject = given.get("subject")
    if isinstance(subject, str) and len(subject) > _LONGEST_SUBJECT:
        problems.append(errors.problem("subject", "Has 0 to 255 characters", "invalid_value"))
    if problems:
        raise errors.validation(*problems)
    return given


def fields_of(given: Json) -> Json:
    """What an update may change."""
    return {name: value for name, value in given.items() if name in _CHANGEABLE}


def _missing(given: Json) -> list[Json]:
    found = []
    if not any(given.get(name) for name in _REQUESTER):
        found.append(
            errors.problem(
                "requester_id", "Please fill at least 1 of requester_id, phone, email fields", "missing_field"
            )
        )
    if given.get("phone") and not given.get("email") and not given.get("name"):
        found.append(errors.problem("name", "Mandatory attribute missing", "missing_field"))
    return found + [
        errors.problem(name, "It should be a/an String", "missing_field")
        for name in ("subject", "description")
        if not isinstance(given.get(name), str) or not given[name].strip()
    ]


def _unknown(call: Call, given: Json) -> list[Json]:
    names = sorted(set(given) - _FIELDS)
    custom = given.get("custom_fields")
    known = call.settings.freshdesk.field_names
    if isinstance(custom, dict):
        names += [name for name in custom if not name.startswith("cf_") or (known is not None and name not in known)]
    return [errors.problem(name, "Unexpected/invalid field in request", "invalid_field") for name in names]


def _numbers(call: Call, given: Json) -> list[Json]:
    account = call.settings.freshdesk
    found = []
    for name, allowed in (("status", STATUSES), ("priority", PRIORITIES), ("source", SOURCES)):
        if name in given and not _one_of(given[name], allowed):
            listed = ",".join(str(number) for number in allowed)
            found.append(errors.problem(name, f"It should be one of these values: '{listed}'", "invalid_value"))
    for name, known in (("group_id", account.groups), ("product_id", account.products)):
        if given.get(name) is not None and given[name] not in known.values():
            kind = name.removesuffix("_id")
            found.append(errors.problem(name, f"There is no {kind} matching the given {name}", "invalid_value"))
    return found


def _lists(given: Json) -> list[Json]:
    found = []
    tags = given.get("tags")
    if tags is not None and not (isinstance(tags, list) and all(isinstance(tag, str) for tag in tags)):
        found.append(errors.problem("tags", "It should be a/an Array of String", "datatype_mismatch"))
    elif tags and any(len(tag) > _LONGEST_TAG or "," in tag for tag in tags):
        message = "It should only contain elements that have maximum of 32 characters"
        found.append(errors.problem("tags", message, "invalid_value"))
    if "custom_fields" in given and not isinstance(given["custom_fields"], dict):
        found.append(errors.problem("custom_fields", "It should be a/an key/value pair", "datatype_mismatch"))
    return found


def _one_of(value: Any, allowed: tuple[int, ...]) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value in allowed
