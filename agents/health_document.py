"""The OpenAPI 3.1 document of the admin listener, generated.

Specification: https://spec.openapis.org/oas/v3.1.1.html
"""

from agents.observability.metrics import CONTENT_TYPE
from streams.contracts.base import JsonObject


def document(version: str) -> JsonObject:
    """The admin listener's document: for the kubelet and for Prometheus, on loopback unless configured otherwise."""
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Handoff admin listener",
            "version": version,
            "description": "Of every process; a listener of its own, `admin.host` and `admin.port`. No login, "
            "no ids of customers, no text.",
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "paths": {
            "/healthz": {"get": _probe("alive", "fails when the process makes no progress and a restart helps")},
            "/readyz": {"get": _probe("ready", "fails until its work is assigned and recovered, and while draining")},
            "/metrics": {
                "get": {
                    "operationId": "metrics",
                    "summary": "Prometheus text format; what is measured stands in deploy/metrics.md",
                    "responses": {
                        "200": {
                            "description": "all series",
                            "content": {CONTENT_TYPE: {"schema": {"type": "string", "minLength": 1}}},
                        }
                    },
                }
            },
        },
    }


def _probe(operation: str, summary: str) -> JsonObject:
    def answer(description: str, status: JsonObject) -> JsonObject:
        schema = {
            "type": "object",
            "required": ["status"],
            "additionalProperties": False,
            "properties": {"status": {"type": "string"} | status},
        }
        return {"description": description, "content": {"application/json": {"schema": schema}}}

    responses: JsonObject = {
        "200": answer("all is well", {"const": "ok"}),
        "503": answer("not, and why, as a slug", {"pattern": "^[a-z0-9_]+$", "not": {"const": "ok"}}),
    }
    return {"operationId": operation, "summary": summary, "responses": responses}
