"""A name is resolved once, and the connection goes to the very address that was checked."""

import asyncio
import socket
import threading
from typing import Any

import pytest

from agents.outbound import HttpRequest, NotSent, OutboundError
from agents.outbound_aiohttp import AiohttpClient
from agents.outbound_hosts import HostRules
from tests.support.raw_server import Line, response, serving

NAME = "desk.acme.example"


class Names:
    """Stands for the system's resolver: each look-up takes the next answer."""

    def __init__(self, *answers: list[str]) -> None:
        self.left = list(answers)
        self.asked: list[str] = []

    def __call__(self, host: str, port: int, _family: socket.AddressFamily) -> list[Any]:
        self.asked.append(host)
        found = self.left.pop(0) if self.left else []
        if not found:
            raise socket.gaierror(socket.EAI_NONAME, "not known")
        return [
            (socket.AF_INET6 if ":" in one else socket.AF_INET, socket.SOCK_STREAM, 6, "", (one, port)) for one in found
        ]


async def refused(names: Names, rules: HostRules, url: str = f"https://{NAME}/x") -> str:
    client = AiohttpClient(rules, look_up=names)
    try:
        with pytest.raises(OutboundError) as caught:
            await client.send(HttpRequest("POST", url, {}, b"{}", 2.0))
    finally:
        await client.close()
    assert isinstance(caught.value, NotSent)
    return caught.value.reason


@pytest.mark.parametrize("address", ["127.0.0.1", "10.0.0.1", "169.254.169.254", "::1", "::ffff:10.0.0.1", "0.0.0.0"])
async def test_a_name_that_leads_inside_is_refused(address: str) -> None:
    names = Names([address])
    assert await refused(names, HostRules((NAME,))) == "not_allowed"
    assert names.asked == [NAME]


async def test_a_name_that_is_not_known_is_told_apart() -> None:
    assert await refused(Names(), HostRules((NAME,))) == "dns"


async def test_a_second_answer_that_leads_inside_is_never_asked_for() -> None:
    """Rebinding: harmless for the check, inner for the call. There is one look-up, and the call goes where it led."""
    names = Names(["198.18.0.1"], ["127.0.0.1"])
    reason = await refused(names, HostRules((NAME,)))
    assert names.asked == [NAME]
    assert reason == "not_allowed", "198.18/15 is for benchmarks: not global either"


async def test_of_several_addresses_only_those_that_may_be_called_are_tried() -> None:
    async def script(line: Line) -> None:
        await line.head()
        await line.say(response())

    async with serving(script) as server:
        names = Names(["10.0.0.1", "127.0.0.1"])
        client = AiohttpClient(HostRules(allow_loopback=True), look_up=names)
        try:
            answer = await client.send(HttpRequest("GET", server.url.replace("127.0.0.1", "localhost"), {}, None, 2.0))
        finally:
            await client.close()
    assert answer.status == 200
    assert names.asked == ["localhost"]
    assert server.connections == 1


async def test_a_name_that_moves_inside_later_stays_where_it_was_checked() -> None:
    """What is kept for the next connection is the checked address, not the name."""

    async def script(line: Line) -> None:
        await line.head()
        await line.say(response(b"{}", "200 OK", "Connection: close"))

    async with serving(script) as server:
        names = Names(["127.0.0.1"], ["10.0.0.1"])
        client = AiohttpClient(HostRules(allow_loopback=True), look_up=names)
        url = server.url.replace("127.0.0.1", "localhost")
        try:
            for _ in range(3):
                assert (await client.send(HttpRequest("GET", url, {}, None, 2.0))).status == 200
        finally:
            await client.close()
    assert server.connections == 3
    assert names.asked == ["localhost"]


async def test_a_name_server_that_hangs_is_a_timeout_before_anything_is_sent() -> None:
    hanging = threading.Event()

    def never(_host: str, _port: int, _family: socket.AddressFamily) -> list[Any]:
        hanging.wait(10)
        return []

    client = AiohttpClient(HostRules((NAME, "other.acme.example")), look_up=never)
    try:
        requests = [HttpRequest("POST", f"https://{NAME}/{index}", {}, b"{}", 0.2) for index in range(100)]
        failures = await asyncio.gather(*(client.send(request) for request in requests), return_exceptions=True)
        assert {(type(one), str(one)) for one in failures} == {(NotSent, "timeout")}
        assert await asyncio.wait_for(asyncio.to_thread(lambda: "free"), 1.0) == "free"
    finally:
        hanging.set()
        await client.close()


async def test_a_number_needs_no_look_up_and_is_checked_all_the_same() -> None:
    names = Names()
    assert await refused(names, HostRules(("10.0.0.5", "169.254.169.254")), "https://10.0.0.5/x") == "not_allowed"
    assert (
        await refused(names, HostRules(("10.0.0.5", "169.254.169.254")), "https://169.254.169.254/x") == "not_allowed"
    )
    assert names.asked == []
