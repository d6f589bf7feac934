"""One account over the real adapter and an HTTP port in memory: what is sent, and what each answer becomes."""

import asyncio
from collections.abc import Awaitable

import pytest
from pydantic import SecretStr

from agents.helpdesks.port import Account, HelpdeskUnavailable, TicketFile, TicketKey
from agents.helpdesks.zendesk.adapter import Zendesk
from agents.observability import catalogue
from agents.observability.metrics import Metrics
from agents.outbound import Ambiguous, HttpRequest, HttpResponse, NotSent
from agents.ticketing.bulkhead import Bulkhead
from agents.ticketing.limits import Bucket, Limits
from agents.ticketing.line import Line
from agents.ticketing.live_desk import LiveDesk
from streams.clock import ManualClock
from streams.contracts.escalation_ledger import PreparedRequest
from streams.kafka.lease import Lease, Slept
from tests.support.http import FakeHttp, Handler, answer, query, scripted
from tests.support.ticketing_values import NOW

CREATE = PreparedRequest(method="POST", path="/api/v2/tickets", body='{"ticket":{"é":1}}', idempotency_key="key-1")
CREATED = answer(201, {"ticket": {"id": 7, "url": "https://acme.zendesk.com/api/v2/tickets/7.json"}})


class Built:
    """A desk with everything around it in reach."""

    def __init__(self, handler: Handler, *, rate: float = 100.0, slots: int = 16, lease: float = 45.0) -> None:
        self.clock = ManualClock(NOW)
        self.http = FakeHttp(handler)
        self.metrics = Metrics()
        self.lease = Lease(lease)
        self.limits = Limits(Bucket(rate, rate), patience_seconds=10.0, probe_seconds=13.0)
        self.bulkhead = Bulkhead(
            http=self.http,
            limits=self.limits,
            slots=Line(slots),
            clock=self.clock,
            lease=self.lease,
            metrics=self.metrics,
            tenant="acme",
            helpdesk="zendesk",
            busy_seconds=0.05,
            line_seconds=0.1,
        )
        tokens = {"email": SecretStr("bot@example.com"), "api_token": SecretStr("t")}
        account = Account("acme", "zendesk", "https://acme.zendesk.com", tokens=tokens)
        self.desk = LiveDesk(Zendesk(self.clock), account, self.bulkhead, call_seconds=10.0, attempt_seconds=0.5)


async def test_the_very_bytes_and_the_key_are_sent() -> None:
    built = Built(scripted(CREATED))
    told = await built.desk.send(CREATE)
    request = built.http.requests[0]
    assert request.body == CREATE.body.encode()
    assert request.headers["idempotency-key"] == "key-1"
    assert request.headers["content-type"] == "application/json"
    assert request.url == "https://acme.zendesk.com/api/v2/tickets"
    assert told.verdict == "done"
    assert told.ticket is not None
    assert told.ticket.id == "7"


async def test_a_request_without_a_key_has_no_such_header() -> None:
    built = Built(scripted(answer(200, {"ticket": {"id": 7}})))
    await built.desk.send(CREATE.model_copy(update={"idempotency_key": None, "method": "PUT"}))
    assert "idempotency-key" not in built.http.requests[0].headers


@pytest.mark.parametrize(
    ("result", "verdict", "reason"),
    [
        (NotSent("dns"), "unavailable", "dns"),
        (NotSent("not_allowed"), "unavailable", "not_allowed"),
        (Ambiguous("timeout"), "ambiguous", "timeout"),
        (Ambiguous("reset"), "ambiguous", "reset"),
        (answer(500), "ambiguous", "http_500"),
        (answer(503, headers={"retry-after": "3"}), "ambiguous", "http_503"),
        (answer(409, {"error": "DatabaseConflict"}), "ambiguous", "conflict"),
        (answer(429, "slow down", {"retry-after": "7"}), "rate_limited", "rate_limited"),
        (answer(200, "<html>login</html>"), "ambiguous", "html_answer"),
        (answer(403), "unavailable", "forbidden"),
        (answer(400, {"error": "IdempotentRequestError"}), "key_reused", "idempotency_key_reused"),
        (
            answer(422, {"error": "RecordInvalid", "details": {"group": [{"description": "invalid"}]}}),
            "degradable",
            None,
        ),
        (answer(422, {"error": "RecordInvalid", "details": {"base": [{"description": "no"}]}}), "refused", None),
    ],
)
async def test_what_an_answer_means(result: HttpResponse | Exception, verdict: str, reason: str | None) -> None:
    told = await Built(scripted(result)).desk.send(CREATE)
    assert told.verdict == verdict
    if reason is not None:
        assert told.reason == reason


async def test_an_answer_that_never_comes_is_ambiguous() -> None:
    async def never(_request: HttpRequest) -> HttpResponse:
        await asyncio.sleep(60)
        raise AssertionError("unreached")

    def handler(request: HttpRequest) -> Awaitable[HttpResponse]:
        return never(request)

    told = await Built(handler).desk.send(CREATE)
    assert (told.verdict, told.reason) == ("ambiguous", "timeout")


async def test_more_calls_than_slots_are_given_up_unsent() -> None:
    release = asyncio.Event()

    async def slow(_request: HttpRequest) -> HttpResponse:
        await release.wait()
        return CREATED

    built = Built(slow, slots=1)
    first = asyncio.create_task(built.desk.send(CREATE))
    await asyncio.sleep(0)
    second = await built.desk.send(CREATE)
    assert (second.verdict, second.reason) == ("unavailable", "busy")
    release.set()
    assert (await first).verdict == "done"
    assert len(built.http.requests) == 1


async def test_an_open_breaker_lets_nothing_out() -> None:
    built = Built(scripted(*[NotSent("refused")] * 5))
    for _ in range(5):
        await built.desk.send(CREATE)
    with pytest.raises(HelpdeskUnavailable) as told:
        await built.desk.admit()
    assert told.value.reason == "breaker_open"
    assert told.value.retry_after_seconds == 10.0
    with pytest.raises(HelpdeskUnavailable, match="breaker_open"):
        await built.desk.get_ticket("7")
    assert len(built.http.requests) == 5
    assert _value(built, catalogue.BREAKER.name, helpdesk="zendesk", tenant="acme") == 2


async def test_look_ups_that_get_no_answer_say_so() -> None:
    built = Built(scripted(Ambiguous("timeout"), answer(500), answer(200, "<html>"), NotSent("dns")))
    for reason in ("timeout", "http_500", "unusable_answer", "dns"):
        with pytest.raises(HelpdeskUnavailable, match=reason):
            await built.desk.find_ticket(TicketKey("e", None, NOW))


async def test_a_look_up_lists_by_our_id() -> None:
    built = Built(scripted(answer(200, {"tickets": [{"id": 7, "external_id": "e"}]})))
    found = await built.desk.find_ticket(TicketKey("e", None, NOW))
    assert [ticket.id for ticket in found] == ["7"]
    assert query(built.http.requests[0])["external_id"] == "e"


async def test_a_process_that_slept_sends_nothing_any_more() -> None:
    built = Built(scripted(), lease=45.0)
    built.lease.beat(built.clock.monotonic())
    built.clock.advance(46)
    with pytest.raises(Slept):
        await built.desk.send(CREATE)
    assert built.http.requests == []


async def test_a_file_whose_upload_got_no_answer_was_certainly_not_attached() -> None:
    built = Built(scripted(Ambiguous("timeout")))
    told = await built.desk.attach_file("7", TicketFile("a.txt", "text/plain", b"x"), "action-1")
    assert (told.verdict, told.reason) == ("unavailable", "upload_timeout")


async def test_retry_after_of_one_call_holds_the_next_one_back() -> None:
    built = Built(scripted(answer(429, headers={"retry-after": "90"})))
    assert (await built.desk.send(CREATE)).retry_after_seconds == 90
    with pytest.raises(HelpdeskUnavailable) as told:
        await built.desk.admit()
    assert (told.value.reason, told.value.retry_after_seconds) == ("rate_limited", 90.0)


async def test_calls_are_counted_by_operation_and_class() -> None:
    built = Built(scripted(CREATED, answer(429), answer(200, {"ticket": {"id": 7}}, {"x-rate-limit-remaining": "41"})))
    await built.desk.send(CREATE)
    await built.desk.send(CREATE)
    built.clock.advance(5)
    await built.desk.get_ticket("7")
    labels = {"helpdesk": "zendesk", "tenant": "acme"}
    name = catalogue.HELPDESK_CALLS.name
    assert _value(built, name, operation="create", code_class="2xx", **labels) == 1
    assert _value(built, name, operation="create", code_class="429", **labels) == 1
    assert _value(built, name, operation="look_up", code_class="2xx", **labels) == 1
    assert _value(built, catalogue.RATE_REMAINING.name, **labels) == 41


def _value(built: Built, name: str, **labels: str) -> float | None:
    return built.metrics.registry.get_sample_value(name, labels)
