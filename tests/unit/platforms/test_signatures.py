"""Proofs of origin: the published vectors, rotation, and every way of being refused."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr

from agents.platforms import registry
from agents.platforms.port import Delivery, Unauthorized
from agents.platforms.signatures import check_base64, check_hex, check_shared, check_standard, sign_standard
from tests.support.deliveries import SAMPLES, delivery

VECTORS = json.loads((SAMPLES / "signature_vectors.json").read_text())
PLATFORM = {"sunco": "zendesk-sunco"}
SECRET = SecretStr("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
NOW = datetime(2026, 7, 11, 10, 0, tzinfo=UTC)


@pytest.mark.parametrize("vector", VECTORS, ids=[vector["scheme"] for vector in VECTORS])
def test_a_published_vector_holds_alone_and_beside_another_secret_and_not_over_changed_bytes(
    vector: dict[str, object],
) -> None:
    scheme = str(vector["scheme"])
    adapter = registry.inbound(PLATFORM.get(scheme, scheme))
    body = (SAMPLES / str(vector["file"])).read_bytes()
    assert isinstance(vector["headers"], dict)
    headers = {name.lower(): value for name, value in vector["headers"].items()}
    at = NOW + timedelta(seconds=12)
    secret, other = SecretStr(str(vector["secret"])), SecretStr("another secret")
    adapter.verify(delivery(body, headers, at), [secret])
    adapter.verify(delivery(body, headers, at), [other, secret])
    with pytest.raises(Unauthorized):
        adapter.verify(delivery(body, headers, at), [other])
    if "nothing" not in str(vector["signed"]):
        with pytest.raises(Unauthorized):
            adapter.verify(delivery(body + b" ", headers, at), [secret])


def test_the_vector_of_the_standard_webhooks_specification_holds() -> None:
    body = b'{"test": 2432232314}'
    headers = {
        "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
        "webhook-timestamp": "1614265330",
        "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
    }
    at = datetime.fromtimestamp(1614265330, UTC)
    check_standard(Delivery(body, headers, at), [SECRET])


def signed(body: bytes = b"{}", *, at: datetime = NOW, received: datetime = NOW) -> Delivery:
    return Delivery(body, sign_standard(SECRET, message_id="msg_1", at=at, body=body), received)


@given(st.binary(max_size=200), st.text(min_size=1, max_size=30))
def test_what_we_sign_we_accept_whatever_the_secret_is_made_of(body: bytes, secret: str) -> None:
    if not secret.strip():
        return
    key = SecretStr(secret)
    headers = sign_standard(key, message_id="m", at=NOW, body=body)
    padded = [SecretStr(secret)]
    try:
        check_standard(Delivery(body, headers, NOW), padded)
    except Unauthorized:
        assert secret != secret.strip(), "only surrounding blanks are taken off"


@pytest.mark.parametrize("seconds", [-301, 301])
def test_a_timestamp_further_off_than_five_minutes_is_stale_both_ways(seconds: int) -> None:
    check_standard(signed(received=NOW + timedelta(seconds=299)), [SECRET])
    with pytest.raises(Unauthorized) as refused:
        check_standard(signed(received=NOW + timedelta(seconds=seconds)), [SECRET])
    assert refused.value.reason == "stale_timestamp"


def test_one_good_signature_among_several_is_enough_and_other_versions_prove_nothing() -> None:
    good = signed().headers["webhook-signature"]
    for offered, accepted in (
        (f"v1,AAAA {good}", True),
        (f"v1a,xyz {good}", True),
        (good.replace("v1,", "v2,"), False),
        (good.removeprefix("v1,"), False),
    ):
        headers = {**signed().headers, "webhook-signature": offered}
        if accepted:
            check_standard(Delivery(b"{}", headers, NOW), [SECRET])
        else:
            with pytest.raises(Unauthorized):
                check_standard(Delivery(b"{}", headers, NOW), [SECRET])


@pytest.mark.parametrize("missing", ["webhook-id", "webhook-timestamp", "webhook-signature"])
def test_each_of_the_three_headers_is_needed(missing: str) -> None:
    headers = {name: value for name, value in signed().headers.items() if name != missing}
    with pytest.raises(Unauthorized) as refused:
        check_standard(Delivery(b"{}", headers, NOW), [SECRET])
    assert refused.value.reason == "missing_signature"


@pytest.mark.parametrize("timestamp", ["soon", "-1", "1e9", "９９９", "1" * 40])
def test_a_timestamp_that_is_no_number_is_refused(timestamp: str) -> None:
    with pytest.raises(Unauthorized):
        check_standard(Delivery(b"{}", {**signed().headers, "webhook-timestamp": timestamp}, NOW), [SECRET])


@pytest.mark.parametrize("secrets", [[], [SecretStr("")], [SecretStr("  ")]])
def test_without_a_secret_nobody_gets_in(secrets: list[SecretStr]) -> None:
    checks: list[Callable[[], None]] = [
        lambda: check_standard(signed(), secrets),
        lambda: check_hex(b"{}", "sha1=", secrets, algorithm="sha1", prefix="sha1="),
        lambda: check_base64(b"{}", "", secrets),
        lambda: check_shared("", secrets),
        lambda: check_shared("  ", secrets),
    ]
    for check in checks:
        with pytest.raises(Unauthorized):
            check()


@pytest.mark.parametrize("given_value", ["é", "\udcff", "sha1=é", "sha1=" + "é" * 40])
def test_a_signature_of_strange_characters_is_refused_and_breaks_nothing(given_value: str) -> None:
    secrets = [SecretStr("secret")]
    for check in (check_base64, lambda s, g, k: check_hex(s, g, k, algorithm="sha1", prefix="sha1=")):
        with pytest.raises(Unauthorized):
            check(b"{}", given_value, secrets)
    with pytest.raises(Unauthorized):
        check_shared(given_value, secrets)


def test_hex_is_read_in_either_case() -> None:
    vector = VECTORS[0]
    body = (SAMPLES / vector["file"]).read_bytes()
    given_value = vector["headers"]["X-Hub-Signature"].upper()
    check_hex(body, given_value, [SecretStr(vector["secret"])], algorithm="sha1", prefix="sha1=")
