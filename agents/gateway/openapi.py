"""The OpenAPI 3.1 document of the gateway, generated from what answers.

Specification: https://spec.openapis.org/oas/v3.1.1.html
"""

from collections.abc import Mapping

from pydantic import TypeAdapter

from agents.gateway import reasons
from agents.gateway.intake import MAX_EVENTS_PER_BODY
from agents.platforms import registry
from agents.platforms.documented import SENDERS, Sender
from agents.platforms.port import Inbound, StatusCodes
from agents.settings import GatewaySettings, LimitSettings
from streams.contracts.base import JsonObject, TenantId
from streams.kafka.producer import MAX_VALUE_BYTES

CUSTOM = "custom-llm"

_INTRO = """\
Webhooks of chat platforms in; a 2xx means that the brokers have acknowledged every event of the body.

Each tenant has one path per platform, and a secret per connection (several while one is rotated). Bodies are JSON in
UTF-8, not compressed, without duplicate keys, NaN or Infinity. What a platform adds to its bodies is passed over.

What cannot be accepted is answered with a JSON object: `error` is a slug of the list below, `detail` names fields and
never repeats contents. 4xx other than 409 and 429 will be refused again; the code for "come again" is the one that
the platform in question retries. Repeats are absorbed: events have ids derived from the body.
"""

_LIMITS = """\
By default (`gateway.*` in the configuration): {body} bytes per body, nested at most {depth} deep, to arrive within
{seconds:g} s; {events} events per body, {record} bytes per event; {requests} requests and {memory} bytes of bodies
under way in one process; {rate} requests per second and tenant (`limits.webhooks_per_second`), in bursts of two
seconds' worth.
"""


def document(version: str) -> JsonObject:
    """The gateway's own document: what strangers can reach."""
    paths: JsonObject = {}
    for name in registry.NAMES:
        paths[f"/v1/webhooks/{name}/{{tenant}}"] = _path(name, _identifier(name))
    paths["/v1/events/{tenant}"] = {
        "parameters": [{"$ref": "#/components/parameters/tenant"}],
        "post": _post(CUSTOM, "post_events", "The same as `/v1/webhooks/custom-llm/{tenant}`, in fewer words"),
    }
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Handoff gateway",
            "version": version,
            "description": f"{_INTRO}\n{_limits()}\n{_slugs()}",
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "tags": [{"name": name, "description": SENDERS[name].title} for name in registry.NAMES],
        "paths": paths,
        "components": {
            "parameters": {"tenant": _tenant()},
            "securitySchemes": _security_schemes(),
            "headers": {"retry_after": {"description": "seconds", "schema": {"type": "integer", "minimum": 0}}},
            "schemas": {"accepted": _accepted()} | {_identifier(name): _body(SENDERS[name]) for name in registry.NAMES},
        },
    }


def _identifier(name: str) -> str:
    return name.replace("-", "_")


def _limits() -> str:
    from_code = GatewaySettings()
    return _LIMITS.format(
        body=from_code.max_body_bytes,
        depth=from_code.max_json_depth,
        seconds=from_code.body_timeout_seconds,
        events=MAX_EVENTS_PER_BODY,
        record=MAX_VALUE_BYTES,
        requests=from_code.max_in_flight,
        memory=from_code.max_in_flight_bytes,
        rate=LimitSettings().webhooks_per_second,
    )


def _slugs() -> str:
    rows = [f"| `{slug}` | {meaning} |" for slug, meaning in reasons.ALL.items()]
    return "\n".join(["| `error` | meaning |", "|---|---|", *rows, ""])


def _tenant() -> JsonObject:
    return {
        "name": "tenant",
        "in": "path",
        "required": True,
        "description": "the tenant's name in the configuration",
        "schema": TypeAdapter(TenantId).json_schema(),
        "example": "acme",
    }


def _security_schemes() -> JsonObject:
    headers = sorted({header for sender in SENDERS.values() for way in sender.proofs for header in way})
    return {_identifier(header): {"type": "apiKey", "in": "header", "name": header} for header in headers}


def _body(sender: Sender) -> JsonObject:
    return {"description": sender.title} | sender.body


def _path(name: str, identifier: str) -> JsonObject:
    inbound = registry.inbound(name)
    return {
        "parameters": [{"$ref": "#/components/parameters/tenant"}],
        "post": _post(name, f"post_{identifier}", SENDERS[name].title),
        "head": _head(name, inbound, f"head_{identifier}"),
    }


def _head(name: str, inbound: Inbound, operation: str) -> JsonObject:
    there = {"200": {"description": "the tenant has this platform"}} if inbound.probes_with_head else {}
    away = "no such tenant" if inbound.probes_with_head else "this platform does not look before it posts"
    return {
        "operationId": operation,
        "tags": [name],
        "summary": "Whether webhooks are taken here, for platforms that look first",
        "security": [],
        "responses": there | {"404": {"description": away}},
    }


def _post(name: str, operation: str, summary: str) -> JsonObject:
    sender = SENDERS[name]
    return {
        "operationId": operation,
        "tags": [name],
        "summary": summary,
        "description": f"Proof of the sender: {sender.proof}.",
        "security": [{_identifier(header): [] for header in way} for way in sender.proofs],
        "requestBody": {
            "required": True,
            "content": {
                "application/json": {
                    "schema": {"$ref": f"#/components/schemas/{_identifier(name)}"},
                    "example": sender.example,
                }
            },
        },
        "responses": _responses(name, registry.inbound(name).codes),
    }


def _responses(name: str, codes: StatusCodes) -> JsonObject:
    refused: dict[int, Mapping[str, str]] = {}
    for status, slugs in (
        (codes.malformed, reasons.NOT_JSON),
        (codes.malformed, reasons.NOT_THIS_PLATFORMS),
        (codes.unauthorized, reasons.UNAUTHORIZED),
        (404, reasons.NOT_FOUND),
        (413, reasons.TOO_LARGE),
        (codes.retry_later, reasons.LATER),
        (codes.too_many, reasons.TOO_MANY),
    ):
        refused[status] = {**refused.get(status, {}), **slugs}
    answers: JsonObject = {str(codes.accepted): _taken(name)}
    for status, slugs in sorted(refused.items()):
        again = codes.retry_after_seconds is not None and status in {codes.retry_later, codes.too_many}
        answers[str(status)] = _refusal(_MEANING.get(status, "come again later"), slugs, again=again)
    return answers


_MEANING = {400: "not acceptable, and never will be", 401: "not from the platform", 404: "not known", 413: "too large"}


def _refusal(description: str, slugs: Mapping[str, str], *, again: bool) -> JsonObject:
    schema = {
        "type": "object",
        "required": ["error"],
        "additionalProperties": False,
        "properties": {"error": {"type": "string", "enum": list(slugs)}, "detail": {"type": "string"}},
    }
    answer: JsonObject = {"description": description, "content": {"application/json": {"schema": schema}}}
    if again:
        answer["headers"] = {"Retry-After": {"$ref": "#/components/headers/retry_after"}}
    return answer


def _taken(name: str) -> JsonObject:
    schema: JsonObject = {"$ref": "#/components/schemas/accepted"}
    if name == "zendesk-ai-agents-advanced":
        asked = {
            "type": "object",
            "description": "the answer to `isTeamOnline`",
            "required": ["isOnline"],
            "additionalProperties": False,
            "properties": {"isOnline": {"type": "boolean"}},
        }
        schema = {"oneOf": [schema, asked]}
    return {
        "description": "every event of the body is acknowledged by the brokers",
        "content": {"application/json": {"schema": schema}},
    }


def _accepted() -> JsonObject:
    count = {"type": "integer", "minimum": 0}
    return {
        "type": "object",
        "required": ["accepted", "ignored"],
        "additionalProperties": False,
        "properties": {
            "accepted": count | {"maximum": MAX_EVENTS_PER_BODY, "description": "events, repeats included"},
            "ignored": count | {"description": "things in the body that are no events: pings, echoes, notes"},
        },
    }
