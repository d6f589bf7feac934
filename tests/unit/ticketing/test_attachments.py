"""Files are copied from allowed hosts alone, and never in secret."""

import pytest

from agents.helpdesks.port import TicketFile
from agents.outbound import Ambiguous, HttpResponse, NotSent
from agents.settings import OutboundSettings
from agents.ticketing.attachments import fetch, refusal
from agents.ticketing.world import NotCopied
from streams.contracts.people import Attachment
from tests.support.http import FakeHttp, answer, scripted

RULES = OutboundSettings(attachment_hosts=("files.example.com",), max_attachment_bytes=1000)
URL = "https://files.example.com/a/invoice%20May.pdf?signature=x"


def file(url: str = URL, **fields: object) -> Attachment:
    return Attachment.model_validate({"url": url} | fields)


@pytest.mark.parametrize(
    ("attachment", "reason"),
    [
        (file("https://elsewhere.example.com/a"), "not_allowed"),
        (file("https://files.example.com.evil.example/a"), "not_allowed"),
        (file("http://files.example.com/a"), "not_allowed"),
        (file("https://files.example.com:8443/a"), "not_allowed"),
        (file("https://files.example.com:99999/a"), "not_allowed"),
        (file("ftp://files.example.com/a"), "not_allowed"),
        (file("file:///etc/passwd"), "not_allowed"),
        (file("http://127.0.0.1/a"), "not_allowed"),
        (file("not a url"), "not_allowed"),
        (file("https://[::1/a"), "not_allowed"),
        (file(private=True), "private"),
        (file(size_bytes=1001), "too_large"),
        (file("https://FILES.example.com/a"), None),
        (file(size_bytes=1000), None),
    ],
)
def test_what_is_not_even_asked_for(attachment: Attachment, reason: str | None) -> None:
    assert refusal(RULES, attachment) == reason


def test_loopback_is_for_the_demo_alone() -> None:
    assert refusal(OutboundSettings(allow_loopback=True), file("http://127.0.0.1:8000/a")) is None


async def test_a_file_comes_with_its_name_and_type() -> None:
    http = FakeHttp(scripted(answer(200, b"%PDF", {"content-type": "application/pdf; charset=binary"})))
    found = await fetch(http, RULES, file())
    assert found == TicketFile("invoice May.pdf", "application/pdf", b"%PDF")
    assert http.requests[0].max_response_bytes == 1000
    assert dict(http.requests[0].headers) == {}


async def test_what_the_platform_says_of_a_file_wins() -> None:
    http = FakeHttp(scripted(answer(200, b"x", {"content-type": "text/html"})))
    found = await fetch(http, RULES, file(name="a.png", media_type="image/png"))
    assert found == TicketFile("a.png", "image/png", b"x")


@pytest.mark.parametrize(
    ("result", "reason"),
    [
        (answer(404), "http_404"),
        (answer(302, headers={"location": "http://169.254.169.254/"}), "http_302"),
        (answer(200), "empty"),
        (Ambiguous("too_large"), "too_large"),
        (Ambiguous("timeout"), "no_answer"),
        (NotSent("not_allowed"), "not_allowed"),
        (NotSent("dns"), "no_answer"),
    ],
)
async def test_what_cannot_be_copied_says_why(result: HttpResponse | Exception, reason: str) -> None:
    assert await fetch(FakeHttp(scripted(result)), RULES, file()) == NotCopied(reason)


async def test_a_host_that_is_not_allowed_is_not_called() -> None:
    http = FakeHttp(scripted())
    assert await fetch(http, RULES, file("https://internal.example/a")) == NotCopied("not_allowed")
    assert http.requests == []
