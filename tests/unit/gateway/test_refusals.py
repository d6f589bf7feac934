"""What is not accepted: the status each platform needs, the reason it is told, and nothing on the topic."""

import gzip
import json
from datetime import timedelta
from typing import Any

import pytest

from agents.platforms import registry
from streams.contracts.conversation_events import AnyEvent, Erased, Tick
from tests.support.gateway import BODIES, PLATFORMS, SECRET, START, MemoryWriter, Says, running, signed, tenant

MALFORMED = {platform: registry.inbound(platform).codes.malformed for platform in PLATFORMS}


@pytest.mark.parametrize("platform", PLATFORMS)
async def test_a_good_body_is_accepted_under_the_old_secret_and_the_new(platform: str) -> None:
    writer = MemoryWriter()
    async with running(writer=writer) as gateway:
        for secret in ("another secret", SECRET):
            answer = await gateway.post(platform, BODIES[platform], signed(platform, BODIES[platform], START, secret))
            assert answer.status == 200, answer.body
    assert {record.event["conversation_id"] for record in writer.written} == {"c1"}
    assert {record.key for record in writer.written} == {"acme|c1"}


@pytest.mark.parametrize("platform", PLATFORMS)
@pytest.mark.parametrize("change", ["wrong secret", "no signature", "one byte more", "another body"])
async def test_what_the_platform_did_not_send_is_unauthorized(platform: str, change: str) -> None:
    writer, body = MemoryWriter(), BODIES[platform]
    headers = {
        "wrong secret": signed(platform, body, START, "not the secret"),
        "no signature": {},
        "one byte more": signed(platform, body + b" ", START, SECRET),
        "another body": signed(platform, b"{}", START, SECRET),
    }[change]
    if platform in {"zendesk-sunco", "zendesk-ai-agents-advanced"} and change in {"one byte more", "another body"}:
        headers = {"X-API-Key": SECRET + "x"}  # these sign nothing: the secret itself is the proof
    async with running(writer=writer) as gateway:
        answer = await gateway.post(platform, body, headers)
        assert answer.status == 401
        assert answer.json == {"error": "missing_signature" if change == "no signature" else "bad_signature"}
        assert gateway.counted(platform=platform, outcome="refused") == 1
    assert not writer.written


@pytest.mark.parametrize("platform", ["custom-llm", "zendesk-events"])
@pytest.mark.parametrize("shift", [timedelta(hours=-1), timedelta(hours=1)])
async def test_a_signature_of_another_time_is_stale(platform: str, shift: timedelta) -> None:
    writer = MemoryWriter()
    async with running(writer=writer) as gateway:
        answer = await gateway.post(platform, BODIES[platform], signed(platform, BODIES[platform], START + shift))
    assert (answer.status, answer.json) == (401, {"error": "stale_timestamp"})
    assert not writer.written


@pytest.mark.parametrize("platform", PLATFORMS)
async def test_a_tenant_without_a_secret_is_open_to_nobody(platform: str) -> None:
    bare = tenant(platforms={platform: {"secrets": ["", "  "]}})
    async with running(writer=MemoryWriter(), tenants={"acme": bare}) as gateway:
        for secret in ("", "  ", SECRET):
            answer = await gateway.post(platform, BODIES[platform], signed(platform, BODIES[platform], START, secret))
            assert answer.status == 401


@pytest.mark.parametrize(
    "path",
    [
        "/v1/webhooks/nobody/acme",
        "/v1/webhooks/intercom/nobody",
        "/v1/webhooks/intercom/ACME",
        "/v1/webhooks/intercom/acme%7Cx",
        "/v1/webhooks/intercom/..%2f..%2fetc",
        "/v1/webhooks/%F0%9F%92%A9/acme",
        "/v1/events/nobody",
    ],
)
async def test_who_is_not_configured_is_not_found_and_gets_no_label(path: str) -> None:
    async with running(writer=MemoryWriter()) as gateway:
        answer = await gateway.post("intercom", BODIES["intercom"], path=path)
        assert answer.status == 404
        assert answer.json["error"] in {"unknown_platform", "unknown_tenant"}
        assert gateway.counted(platform="unknown", tenant="unknown", outcome="refused") == 1
        assert gateway.counted() == 1


async def test_a_platform_the_tenant_has_not_looks_like_a_tenant_there_is_none_of() -> None:
    tenants = {"acme": tenant(platforms={"custom-llm": {"secrets": [SECRET]}})}
    async with running(writer=MemoryWriter(), tenants=tenants) as gateway:
        there = await gateway.post("intercom", BODIES["intercom"])
        nowhere = await gateway.post("intercom", BODIES["intercom"], tenant="nobody")
    assert (there.status, there.body) == (nowhere.status, nowhere.body)


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "PATCH"])
async def test_only_posts_are_taken(method: str) -> None:
    async with running(writer=MemoryWriter()) as gateway:
        answer = await gateway.request(method, "/v1/webhooks/intercom/acme", b"{}", {})
    assert answer.status == 405


@pytest.mark.parametrize("platform", PLATFORMS)
@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"", "not_json"),
        (b"<html>", "not_json"),
        (b'{"a": NaN}', "not_a_number"),
        (b'{"a": 1, "a": 2}', "duplicate_key"),
        (b'{"a": "\xff"}', "not_utf8"),
        (b"[" * 100 + b"]" * 100, "too_deep"),
    ],
)
async def test_what_is_no_strict_json_is_malformed(platform: str, body: bytes, reason: str) -> None:
    writer = MemoryWriter()
    async with running(writer=writer) as gateway:
        answer = await gateway.post(platform, body)
    assert (answer.status, answer.json["error"]) == (MALFORMED[platform], reason)
    assert not writer.written


@pytest.mark.parametrize("platform", PLATFORMS)
@pytest.mark.parametrize("body", [b"[]", b"null", b'"text"', b"7"])
async def test_json_of_another_shape_is_malformed(platform: str, body: bytes) -> None:
    async with running(writer=MemoryWriter()) as gateway:
        answer = await gateway.post(platform, body)
    assert answer.status == MALFORMED[platform], answer.body


@pytest.mark.parametrize("platform", PLATFORMS)
@pytest.mark.parametrize("encoding", ["gzip", "deflate", "br", "zstd", "gzip, identity", "GZIP"])
async def test_a_compressed_body_is_refused_and_never_unpacked(platform: str, encoding: str) -> None:
    bomb = gzip.compress(b"0" * 20_000_000)
    async with running(writer=MemoryWriter(), max_body_bytes=100_000) as gateway:
        answer = await gateway.post(platform, bomb, signed(platform, bomb, START) | {"Content-Encoding": encoding})
    assert (answer.status, answer.json) == (MALFORMED[platform], {"error": "content_encoding"})


async def test_an_identity_encoding_is_no_encoding() -> None:
    body = BODIES["intercom"]
    async with running(writer=MemoryWriter()) as gateway:
        answer = await gateway.post(
            "intercom", body, signed("intercom", body, START) | {"Content-Encoding": "Identity"}
        )
    assert answer.status == 200


@pytest.mark.parametrize("platform", PLATFORMS)
async def test_a_body_above_the_limit_is_too_large_before_it_is_read(platform: str) -> None:
    async with running(writer=MemoryWriter(), max_body_bytes=1_000) as gateway:
        answer = await gateway.post(platform, b"x" * 1_001)
        fits = await gateway.post(platform, b"x" * 1_000)
        assert gateway.counted(platform=platform, reason="too_large") == 1
    assert (answer.status, answer.json) == (413, {"error": "too_large"})
    assert fits.json == {"error": "not_json"}


OURS = {"event_id": "t", "tenant": "acme", "conversation_id": "c", "occurred_at": START}


@pytest.mark.parametrize("ours", [Tick(**OURS, episode="e", due_at=START), Erased(**OURS)], ids=["tick", "erased"])
async def test_what_handoff_alone_writes_is_not_taken_from_outside(ours: AnyEvent) -> None:
    """No adapter makes one; were one to, the gateway would still refuse it."""
    writer = MemoryWriter()
    async with running(writer=writer, inbound=lambda _name: Says(ours)) as gateway:
        answer = await gateway.post("custom-llm", BODIES["custom-llm"])
    assert (answer.status, answer.json["error"]) == (400, "tick_not_accepted")
    assert not writer.written


async def test_a_body_with_more_events_than_any_platform_sends_is_refused_whole() -> None:
    one = json.loads(BODIES["zendesk-sunco"])
    message = one["events"][0]
    elements = [
        message | {"id": f"e{index}", "payload": message["payload"] | {"message": _message(message, index)}}
        for index in range(1_001)
    ]
    body = json.dumps(one | {"events": elements}).encode()
    writer = MemoryWriter()
    async with running(writer=writer) as gateway:
        answer = await gateway.post("zendesk-sunco", body)
    assert (answer.status, answer.json["error"]) == (400, "too_many_events")
    assert not writer.written


def _message(element: dict[str, Any], index: int) -> dict[str, Any]:
    found: dict[str, Any] = element["payload"]["message"]
    return found | {"id": f"m{index}"}


@pytest.mark.parametrize(("platform", "status"), [("intercom", 503), ("fin-agent-api", 503), ("zendesk-sunco", 429)])
async def test_above_its_rate_a_tenant_is_told_so_in_its_platform_s_way(platform: str, status: int) -> None:
    slow = {"acme": tenant(limits={"webhooks_per_second": 1})}
    async with running(writer=MemoryWriter(), tenants=slow) as gateway:
        answers = [await gateway.post(platform, BODIES[platform]) for _ in range(3)]
        assert [answer.status for answer in answers] == [200, 200, status]
        gateway.clock.advance(1.0)
        assert (await gateway.post(platform, BODIES[platform])).status == 200


async def test_zendesk_is_asked_to_come_back_soon_or_it_would_never() -> None:
    """It repeats a 429 only with a short Retry-After."""
    slow = {"acme": tenant(limits={"webhooks_per_second": 1})}
    async with running(writer=MemoryWriter(), tenants=slow) as gateway:
        answers = [await gateway.post("zendesk-events", BODIES["zendesk-events"]) for _ in range(3)]
    assert (answers[2].status, answers[2].headers["Retry-After"]) == (429, "5")


async def test_requests_that_are_not_the_platform_s_cost_the_tenant_no_rate() -> None:
    slow = {"acme": tenant(limits={"webhooks_per_second": 1})}
    async with running(writer=MemoryWriter(), tenants=slow) as gateway:
        for _ in range(20):
            assert (await gateway.post("intercom", BODIES["intercom"], {})).status == 401
        assert (await gateway.post("intercom", BODIES["intercom"])).status == 200


async def test_header_bytes_that_are_no_text_prove_nothing() -> None:
    body = BODIES["custom-llm"]
    for name in ("webhook-id", "webhook-timestamp", "webhook-signature"):
        async with running(writer=MemoryWriter()) as gateway:
            headers = signed("custom-llm", body, START) | {name: "\udcff\udc80"}
            answer = await gateway.post("custom-llm", body, headers)
        assert answer.status == 401, (name, answer.body)
