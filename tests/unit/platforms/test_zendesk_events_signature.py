"""The signature of Zendesk's webhooks, and how old it may be."""

import base64
import hashlib
import hmac
from datetime import UTC, datetime, timedelta

import pytest
from pydantic import SecretStr

from agents.platforms import registry
from agents.platforms.port import Delivery, Unauthorized
from agents.platforms.zendesk_events import ZendeskEventsInbound
from tests.support.deliveries import SAMPLES, sample

AT = datetime(2026, 7, 11, 10, 0, 20, tzinfo=UTC)
INBOUND = registry.inbound("zendesk-events")
VECTOR = next(one for one in sample("signature_vectors.json") if one["scheme"] == "zendesk-events")
HEADERS = {name.lower(): value for name, value in VECTOR["headers"].items()}
BODY = (SAMPLES / VECTOR["file"]).read_bytes()
SECRET = SecretStr(VECTOR["secret"])


def _signed(timestamp: str, body: bytes = b"{}") -> dict[str, str]:
    mac = hmac.new(b"key", timestamp.encode() + body, hashlib.sha256).digest()
    return {
        "x-zendesk-webhook-signature": base64.b64encode(mac).decode(),
        "x-zendesk-webhook-signature-timestamp": timestamp,
    }


def _refused(headers: dict[str, str], *, at: datetime = AT, body: bytes = b"{}") -> str:
    with pytest.raises(Unauthorized) as refused:
        INBOUND.verify(Delivery(body, headers, at), [SecretStr("key")])
    return refused.value.reason


def test_the_published_vector_is_accepted() -> None:
    INBOUND.verify(Delivery(BODY, HEADERS, AT), [SecretStr("another"), SECRET])


@pytest.mark.parametrize("spoilt", [BODY[:-1], BODY.replace(b"human", b"robot"), b""])
def test_another_body_under_the_same_signature_is_refused(spoilt: bytes) -> None:
    with pytest.raises(Unauthorized):
        INBOUND.verify(Delivery(spoilt, HEADERS, AT), [SECRET])


def test_the_time_is_signed_too() -> None:
    headers = HEADERS | {"x-zendesk-webhook-signature-timestamp": "2026-07-11T10:00:11Z"}
    with pytest.raises(Unauthorized) as refused:
        INBOUND.verify(Delivery(BODY, headers, AT), [SECRET])
    assert refused.value.reason == "bad_signature"


@pytest.mark.parametrize("missing", ["x-zendesk-webhook-signature", "x-zendesk-webhook-signature-timestamp"])
def test_both_headers_are_needed(missing: str) -> None:
    headers = _signed("2026-07-11T10:00:10Z")
    del headers[missing]
    assert _refused(headers) == "missing_signature"


@pytest.mark.parametrize("minutes", [-16, 16])
def test_a_signature_from_another_time_is_stale(minutes: int) -> None:
    headers = _signed("2026-07-11T10:00:20Z")
    assert _refused(headers, at=AT + timedelta(minutes=minutes)) == "stale_timestamp"


@pytest.mark.parametrize("minutes", [-14, 0, 14])
def test_a_retry_of_the_last_quarter_hour_is_accepted(minutes: int) -> None:
    delivery = Delivery(b"{}", _signed("2026-07-11T10:00:20Z"), AT + timedelta(minutes=minutes))
    INBOUND.verify(delivery, [SecretStr("key")])


@pytest.mark.parametrize("timestamp", ["yesterday", "1783764020", "2026-13-45T00:00:00Z", "9" * 400])
def test_a_time_that_cannot_be_read_is_stale(timestamp: str) -> None:
    assert _refused(_signed(timestamp)) == "stale_timestamp"


def test_a_time_without_offset_is_utc() -> None:
    INBOUND.verify(Delivery(b"{}", _signed("2026-07-11T10:00:10.254571515"), AT), [SecretStr("key")])


def test_the_window_can_be_narrowed() -> None:
    strict = ZendeskEventsInbound(tolerance_seconds=5)
    with pytest.raises(Unauthorized) as refused:
        strict.verify(Delivery(b"{}", _signed("2026-07-11T10:00:10Z"), AT), [SecretStr("key")])
    assert refused.value.reason == "stale_timestamp"


def test_an_empty_body_is_signed_like_any_other() -> None:
    INBOUND.verify(Delivery(b"", _signed("2026-07-11T10:00:10Z", b""), AT), [SecretStr("key")])


def test_please_come_again_is_409_here() -> None:
    assert INBOUND.codes.retry_later == 409
