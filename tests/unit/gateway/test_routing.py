"""Which paths there are, and what a sender that waits for a word before its body gets to hear."""

import asyncio

import pytest

from agents.gateway.routing import EVENTS, WEBHOOKS, Place, place
from tests.support.gateway import BODIES, MemoryWriter, running, signed


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/v1/webhooks/intercom/acme", Place(WEBHOOKS, "intercom", "acme")),
        ("/v1/webhooks/custom%2Dllm/acme", Place(WEBHOOKS, "custom-llm", "acme")),
        ("/v1/webhooks/a%2Fb/acme", Place(WEBHOOKS, "a/b", "acme")),
        ("/v1/events/acme", Place(EVENTS, "custom-llm", "acme")),
        *((path, None) for path in ("", "/", "//", "/v1/events", "/v1/events/", "/v1/events/acme/", "/v1/webhooks/x/")),
        *((path, None) for path in ("/v1/webhooks//acme", "v1/webhooks/intercom/acme", "/v2/webhooks/intercom/acme")),
        ("/x/v1/webhooks/intercom/acme", None),
    ],
)
def test_a_path_names_a_platform_and_a_tenant_or_nothing(path: str, expected: Place | None) -> None:
    assert place(path) == expected


async def _asked(port: int, head: str, body: bytes) -> list[bytes]:
    """The status lines of what is answered, the body being sent once a first answer is there."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(head.encode())
    lines = [await reader.readline()]
    writer.write(body)
    if b" 100 " in lines[0]:
        await reader.readline()
        lines.append(await reader.readline())
    writer.close()
    await writer.wait_closed()
    return lines


@pytest.mark.parametrize(
    ("expectation", "statuses"), [("100-continue", [100, 200]), ("100-Continue", [100, 200]), ("more", [417])]
)
async def test_who_waits_to_be_told_to_go_on_is_told(expectation: str, statuses: list[int]) -> None:
    body = BODIES["custom-llm"]
    async with running(writer=MemoryWriter()) as gateway:
        headers = signed("custom-llm", body, gateway.clock.now())
        headers |= {"Host": "x", "Content-Length": str(len(body)), "Expect": expectation}
        lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        async with asyncio.timeout(5):
            told = await _asked(gateway.port, f"POST /v1/events/acme HTTP/1.1\r\n{lines}\r\n", body)
    assert [int(line.split()[1]) for line in told] == statuses


async def test_no_answer_names_the_software_it_comes_from() -> None:
    async with running(writer=MemoryWriter()) as gateway:
        answers = [
            await gateway.post("custom-llm", BODIES["custom-llm"]),
            await gateway.request("HEAD", "/v1/webhooks/intercom/acme"),
            await gateway.request("GET", "/nowhere"),
            await gateway.request("PUT", "/v1/events/acme", b"{}", {}),
            await gateway.post("custom-llm", b"{}", {}),
        ]
    assert [answer.headers["Server"] for answer in answers] == ["handoff"] * 5
