"""Why a request is not taken: every slug a sender can be told, and what it means. A test compares it with the code."""

from collections.abc import Mapping

NOT_FOUND: Mapping[str, str] = {
    "unknown_platform": "the path names no chat platform",
    "unknown_tenant": "there is no such tenant, or it has no connection to this platform",
    "not_found": "there is nothing at this path",
}
METHOD_NOT_ALLOWED: Mapping[str, str] = {"method_not_allowed": "webhooks are posted; see `Allow`"}
UNAUTHORIZED: Mapping[str, str] = {
    "missing_signature": "a header that proves the sender is missing",
    "bad_signature": "the proof does not fit the body, or none of the configured secrets",
    "stale_timestamp": "the signature is good and of another time",
}
NOT_JSON: Mapping[str, str] = {
    "content_encoding": "compressed bodies are not taken",
    "not_utf8": "the body is not UTF-8",
    "not_json": "the body is not JSON",
    "not_a_number": "the body holds NaN or Infinity",
    "number_too_long": "the body holds a number too long to be one",
    "duplicate_key": "an object has the same key twice",
    "too_deep": "arrays and objects are nested deeper than the limit",
}
NOT_THIS_PLATFORMS: Mapping[str, str] = {
    "missing_field": "a field the body cannot do without is missing; `detail` names it",
    "wrong_type": "such a field is of another type; `detail` names it",
    "unusable_id": "an id is too long, or holds what no record key may; `detail` names the field",
    "unknown_body": "the body is of none of the kinds this platform sends",
    "merged_with_itself": "a conversation is said to have been merged into itself",
    "topic_event": "an event of the topic's own form: those go to the topic",
    "tick_refused": "ticks are written by escalation alone",
    "tick_not_accepted": "what Handoff alone writes: ticks and erasures",
    "too_many_messages": "the body holds more turns than the limit",
    "too_many_events": "the body would become more events than the limit",
}
TOO_LARGE: Mapping[str, str] = {
    "too_large": "the body is larger than the limit",
    "event_too_large": "one event of the body is larger than a record may be",
}
TOO_MANY: Mapping[str, str] = {"rate_limited": "the tenant is above its `webhooks_per_second`"}
LATER: Mapping[str, str] = {
    "draining": "the process is about to stop",
    "overloaded": "too many requests, or too many bytes, are under way",
    "body_too_slow": "the body did not arrive in time",
    "body_broken": "the connection or its framing broke before the body was whole",
    "not_acknowledged": "the brokers have not acknowledged every event in time",
    "internal_error": "a fault on our side, logged by its type",
}

ALL: Mapping[str, str] = {
    **NOT_FOUND,
    **METHOD_NOT_ALLOWED,
    **UNAUTHORIZED,
    **NOT_JSON,
    **NOT_THIS_PLATFORMS,
    **TOO_LARGE,
    **TOO_MANY,
    **LATER,
}
