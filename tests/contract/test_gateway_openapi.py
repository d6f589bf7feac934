"""The gateway keeps to its own OpenAPI document, whatever it is sent."""

import ast
import asyncio
import json
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, given, seed, settings
from hypothesis import strategies as st
from schemathesis import Case, GenerationMode
from schemathesis.specs.openapi import checks

from agents import health_document
from agents.gateway import openapi, reasons
from agents.gateway.routing import METHODS
from agents.health import AdminServer, Probes
from agents.observability.metrics import Metrics
from agents.platforms import registry
from agents.platforms.documented import SENDERS
from streams.kafka.producer import DeliveryFailed
from tests.support.gateway import PLATFORMS, START, MemoryWriter, Running, Written, running, signed, tenant

EXAMPLES = 30
"""Per platform and kind of body; some fifteen seconds of work in all."""

CONFORMS = [
    checks.status_code_conformance,
    checks.content_type_conformance,
    checks.response_headers_conformance,
    checks.response_schema_conformance,
]
PLAY_SETTINGS = settings(max_examples=EXAMPLES, deadline=None, database=None, suppress_health_check=list(HealthCheck))


def _seeded(test: Callable[..., None]) -> Callable[..., None]:
    return seed(20260711)(PLAY_SETTINGS(test))


SCHEMA = schemathesis.openapi.from_dict(openapi.document("1"))
POSTS = [
    *[(f"/v1/webhooks/{platform}/{{tenant}}", platform) for platform in PLATFORMS],
    ("/v1/events/{tenant}", "custom-llm"),
]


UNLIMITED = {"acme": tenant(limits={"webhooks_per_second": 1_000_000})}


@dataclass
class Brokers(MemoryWriter):
    """Brokers that can be away."""

    away: bool = False
    answered: Counter[int] = field(default_factory=Counter)

    async def acknowledge(self, record: Written) -> None:
        if self.away:
            raise DeliveryFailed(record.topic)


def _send(gateway: Running, case: Case[Any], headers: Mapping[str, str] | None) -> requests.Response:
    """The request that schemathesis made, as bytes; signed unless `headers` say otherwise."""
    base = f"http://127.0.0.1:{gateway.port}"
    made = requests.Request(**case.as_transport_kwargs(base_url=base)).prepare()
    raw = made.body.encode() if isinstance(made.body, str) else made.body or b""
    assert isinstance(raw, bytes)
    for name in {header for sender in SENDERS.values() for way in sender.proofs for header in way}:
        made.headers.pop(name, None)
    platform = case.operation.tags[0] if case.operation.tags else ""
    made.headers.update(signed(platform, raw, START) if headers is None else headers)
    with requests.Session() as session:
        session.trust_env = False
        return session.send(made, timeout=10)


def _play(gateway: Running, brokers: Brokers, path: str, mode: GenerationMode) -> None:
    operation = SCHEMA[path]["POST"]
    codes = registry.inbound(dict(POSTS)[path]).codes

    @_seeded
    @given(operation.as_strategy(mode, path_parameters={"tenant": "acme"}), st.sampled_from([False] * 5 + [True]))
    def play(case: Case[Any], away: bool) -> None:
        brokers.away, before = away, len(brokers.written)
        response = _send(gateway, case, None)
        brokers.answered[response.status_code] += 1
        case.validate_response(response, checks=CONFORMS)
        if away and response.status_code == codes.retry_later:
            assert response.json() == {"error": "not_acknowledged"}
        else:
            assert response.status_code < 500
        if away or response.status_code != 200:
            assert len(brokers.written) == before

    play()


@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE])
@pytest.mark.parametrize("path", [path for path, _ in POSTS])
async def test_whatever_is_posted_the_answer_is_one_the_document_declares(path: str, mode: GenerationMode) -> None:
    brokers = Brokers()
    async with running(writer=brokers, tenants=UNLIMITED) as gateway:
        await asyncio.to_thread(_play, gateway, brokers, path, mode)
    assert brokers.answered[200] or mode is GenerationMode.NEGATIVE, "some were taken"


@pytest.mark.parametrize(("path", "platform"), POSTS)
async def test_what_is_not_signed_is_refused_whatever_it_says(path: str, platform: str) -> None:
    brokers, operation = Brokers(), SCHEMA[path]["POST"]
    proofs: list[Mapping[str, str]] = [{}, signed(platform, b"another body", START, "another's secret")]

    @settings(PLAY_SETTINGS, max_examples=8)
    @seed(20260711)
    @given(operation.as_strategy(path_parameters={"tenant": "acme"}))
    def play(case: Case[Any]) -> None:
        for headers in proofs:
            response = _send(gateway, case, headers)
            case.validate_response(response, checks=CONFORMS)
            assert response.status_code == 401

    async with running(writer=brokers, tenants=UNLIMITED) as gateway:
        await asyncio.to_thread(play)
    assert not brokers.written


@pytest.mark.parametrize(("path", "platform"), POSTS)
async def test_the_documents_example_is_taken_and_each_proof_is_needed_whole(path: str, platform: str) -> None:
    sender, body = SENDERS[platform], json.dumps(SENDERS[platform].example).encode()
    proof = {name.lower(): value for name, value in signed(platform, body, START).items()}
    writer, target = MemoryWriter(), path.format(tenant="acme")
    assert tuple(proof) in sender.proofs, "what senders of this platform send is documented"
    async with running(writer=writer) as gateway:
        for name in proof:
            rest = {key: value for key, value in proof.items() if key != name}
            refused = await gateway.post(platform, body, rest, path=target)
            assert (refused.status, refused.json) == (401, {"error": "missing_signature"})
        assert not writer.written
        answer = await gateway.post(platform, body, proof, path=target)
        assert (answer.status, answer.json["ignored"]) == (200, 0)
    assert len(writer.written) == answer.json["accepted"] > 0


@pytest.mark.parametrize("path", ["/", "/v1", "/v1/webhooks/intercom", "/healthz", "/metrics", "/v1/events/acme/more"])
async def test_what_is_not_in_the_document_is_not_there(path: str) -> None:
    async with running(writer=MemoryWriter()) as gateway:
        answer = await gateway.request("GET", path)
        assert (answer.status, answer.json) == (404, {"error": "not_found"})
        wrong = await gateway.request("PUT", "/v1/webhooks/intercom/acme", b"{}", {})
        assert (wrong.status, wrong.json) == (405, {"error": "method_not_allowed"})
        assert wrong.headers["Allow"] == "HEAD, POST"


def test_the_document_names_every_route_and_no_other() -> None:
    routes = {(method, route) for route, methods in METHODS.items() for method in methods}
    documented = {
        (method.upper(), path.replace(f"/{platform}/", "/{platform}/"))
        for path, operations in openapi.document("1")["paths"].items()
        for method in operations
        if method != "parameters"
        for platform in (path.split("/")[3],)
    }
    assert documented == routes


@pytest.mark.parametrize("platform", PLATFORMS)
async def test_a_probe_is_answered_as_the_document_says(platform: str) -> None:
    documented = openapi.document("1")["paths"][f"/v1/webhooks/{platform}/{{tenant}}"]["head"]["responses"]
    async with running(writer=MemoryWriter()) as gateway:
        known = await gateway.request("HEAD", f"/v1/webhooks/{platform}/acme")
        unknown = await gateway.request("HEAD", f"/v1/webhooks/{platform}/nobody")
    assert {str(known.status), str(unknown.status)} == set(documented)


def test_every_reason_in_the_code_is_documented_and_no_other() -> None:
    found = {slug for folder in ("gateway", "platforms") for slug in _slugs(Path("agents") / folder)}
    assert found | {"body_too_slow", "body_broken"} == set(reasons.ALL)


def _slugs(folder: Path) -> Iterator[str]:
    """The literals with which refusals are made: by the name of the call, and the argument that is the slug."""
    places = {"BadBody": 0, "Unauthorized": 0, "NotStrictJson": 0, "Refusal": 1, "later": 1, "_again": 2}
    for path in sorted(folder.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call):
                name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
                if name in places and len(node.args) > places[name]:
                    yield from _literals(node.args[places[name]])
            elif isinstance(node, ast.Dict) and path.name == "telling.py":
                yield from (
                    slug
                    for key, value in zip(node.keys, node.values, strict=True)
                    if isinstance(key, ast.Constant) and key.value == "error"
                    for slug in _literals(value)
                )


def _literals(node: ast.expr) -> Iterator[str]:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value
    elif isinstance(node, ast.IfExp):
        yield from _literals(node.body)
        yield from _literals(node.orelse)


@pytest.mark.parametrize("problem", [None, "stalled"])
async def test_the_admin_listener_keeps_to_its_document(problem: str | None) -> None:
    schema = schemathesis.openapi.from_dict(health_document.document("1"))
    server = AdminServer("127.0.0.1", 0, Probes(lambda: problem, lambda: problem), Metrics())
    await server.start()

    def ask(path: str) -> int:
        case = schema[path]["GET"].Case()
        response = case.call(base_url=f"http://127.0.0.1:{server.port}")
        case.validate_response(response, checks=CONFORMS)
        return int(response.status_code)

    try:
        codes = [await asyncio.to_thread(ask, path) for path in ("/healthz", "/readyz", "/metrics")]
    finally:
        await server.stop()
    assert codes == ([200, 200, 200] if problem is None else [503, 503, 200])
