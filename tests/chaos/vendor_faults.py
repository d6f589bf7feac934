"""Faults of helpdesks and chat platforms, and deaths at the moments that only a vendor can hold still."""

import asyncio
import signal
from collections.abc import Awaitable, Callable, Iterator
from functools import partial
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tests.chaos.faults import Context

Made = tuple[str, Callable[["Context"], Awaitable[str]], bool]

CREATES = {"zendesk": "zendesk.create_ticket", "freshdesk": "freshdesk.create_ticket"}
COMMENTS = {"zendesk": "zendesk.update_ticket", "freshdesk": "freshdesk.add_note"}
REPLIES = {"llm": "llm.reply", "intercom": "intercom.reply"}
TENANT = {"zendesk": "acme", "freshdesk": "birch"}

ANSWERS: dict[str, dict[str, Any]] = {
    "commit_then_timeout": {"kind": "commit_then_timeout"},
    "commit_then_reset": {"kind": "commit_then_reset"},
    "reset_before_commit": {"kind": "reset_before_commit"},
    "429": {"kind": "status", "status": 429, "retry_after_seconds": 2},
    "503": {"kind": "status", "status": 503},
    "503_committed": {"kind": "status", "status": 503, "commits": True},
    "500_page": {"kind": "status", "status": 500, "body": "html"},
    "slow": {"kind": "slow", "seconds": 2.0},
    "slower_than_we_wait": {"kind": "slow", "seconds": 6.0},
    "login_page": {"kind": "html_200"},
    "cut_off": {"kind": "truncated_body"},
    "empty": {"kind": "empty"},
}
"""Each meets the next few requests of an operation."""


async def answers(operation: str, tenant: str | None, fault: dict[str, Any], context: "Context") -> str:
    """A vendor that answers badly for a while, to `operation` or to everything that matches it."""
    count = context.random.randint(1, 4)
    await context.cluster.fault(fault | {"operation": operation, "next": count})
    if tenant is not None:
        context.load.begin(kind="appends", tenant=tenant)
    await asyncio.sleep(4.0)
    return f"{operation}: the next {count} calls meet {fault['kind']} {fault.get('status', '')}".rstrip()


async def lag(helpdesk: str, context: "Context") -> str:
    """What was just created is not shown yet, and the answer is lost."""
    seconds = context.random.uniform(3.0, 9.0)
    await context.cluster.fault(
        {"kind": "lookup_lag", "operation": f"{helpdesk}.*", "next": 3, "seconds": seconds},
        {"kind": "commit_then_reset", "operation": CREATES[helpdesk], "next": 2},
        {"kind": "lookup_lag", "operation": CREATES[helpdesk], "next": 2, "seconds": seconds},
    )
    context.load.begin(kind="request", tenant=TENANT[helpdesk])
    await asyncio.sleep(4.0)
    return f"{helpdesk}: look-ups lag by {seconds:.0f} s, answers are lost"


async def outage(operations: str, seconds: float, context: "Context") -> str:
    """Away for longer than we wait in place: commands are parked, customers are told."""
    await context.cluster.fault(
        {"kind": "status", "operation": operations, "status": 503, "next": 100_000, "body": "html"}
    )
    await asyncio.sleep(seconds)
    return f"{operations}: away for {seconds:.0f} s"


async def kill_while_held(operation: str, tenant: str | None, hop: str, context: "Context") -> str:
    """The vendor has done it and has not answered: SIGKILL, then its answer goes nowhere."""
    held = await _hold(operation, tenant, context)
    await asyncio.sleep(context.random.choice((0.0, 0.2, 2.0)))  # the last: an interval of commits has passed
    context.cluster.signal(hop, signal.SIGKILL)
    await context.cluster.ask("POST", "/_holds/release", {})
    return f"SIGKILL to {hop} after {operation} was done and before it was answered" if held else "nothing was held"


async def kill_before_done(operation: str, tenant: str | None, hop: str, context: "Context") -> str:
    """The request is with the vendor, who carries it out only after its sender is dead."""
    await context.cluster.fault({"kind": "slow", "operation": operation, "seconds": 2.5, "next": 1})
    context.load.begin(kind="appends", tenant=tenant)
    async with asyncio.timeout(15):
        while not await _fired(context):
            await asyncio.sleep(0.05)
    context.cluster.signal(hop, signal.SIGKILL)
    return f"SIGKILL to {hop} while {operation} was under way; carried out afterwards"


async def zombie_while_held(operation: str, tenant: str | None, hop: str, seconds: float, context: "Context") -> str:
    """Stopped in the middle of a call for longer than its session; another worker takes over; it wakes up."""
    await context.cluster.start_hop(f"{hop}.2")
    await asyncio.sleep(3.0)
    held = await _hold(operation, tenant, context)
    context.cluster.signal(hop, signal.SIGSTOP)
    await asyncio.sleep(seconds + 1.0)
    await context.cluster.ask("POST", "/_holds/release", {})
    context.cluster.signal(hop, signal.SIGCONT)
    await asyncio.sleep(2.0)
    await context.cluster.stop_hop(f"{hop}.2")
    return f"{hop} stopped beyond its session with {operation} done and unanswered" if held else "nothing was held"


async def _hold(operation: str, tenant: str | None, context: "Context") -> bool:
    await context.cluster.fault({"kind": "commit_then_hold", "operation": operation})
    context.load.begin(kind="appends", tenant=tenant)
    answer = await context.cluster.ask("GET", f"/_holds/wait?operation={operation}&timeout_seconds=15")
    return bool(answer["holds"])


async def _fired(context: "Context") -> bool:
    planned = await context.cluster.ask("GET", "/_faults")
    return any(entry["fired"] for entry in planned["faults"])


def catalogue(zombie_seconds: float) -> Iterator[Made]:
    """(name, how it is played, whether it may leave a call in doubt for minutes)."""
    for helpdesk, tenant in TENANT.items():
        keyless = helpdesk == "freshdesk"
        for name, fault in ANSWERS.items():
            yield f"helpdesk.{helpdesk}.create.{name}", partial(answers, CREATES[helpdesk], tenant, fault), keyless
        for name in ("commit_then_timeout", "commit_then_reset", "reset_before_commit", "503", "429"):
            yield (
                f"helpdesk.{helpdesk}.comment.{name}",
                partial(answers, COMMENTS[helpdesk], tenant, ANSWERS[name]),
                True,
            )
        for name in ("503", "429", "login_page", "slower_than_we_wait"):
            yield f"helpdesk.{helpdesk}.any.{name}", partial(answers, f"{helpdesk}.*", tenant, ANSWERS[name]), True
        yield f"helpdesk.{helpdesk}.lag", partial(lag, helpdesk), keyless
        yield f"helpdesk.{helpdesk}.outage", partial(outage, f"{helpdesk}.*", 20.0), True
        for what, operations in (("create", CREATES), ("comment", COMMENTS)):
            name, at = f"{helpdesk}.{what}", operations[helpdesk]
            yield f"call.ticketing.{name}.after", partial(kill_while_held, at, tenant, "ticketing"), False
            yield f"call.ticketing.{name}.before", partial(kill_before_done, at, tenant, "ticketing"), True
            zombie = partial(zombie_while_held, at, tenant, "ticketing", zombie_seconds)
            yield f"zombie.ticketing.{name}", zombie, keyless
    for chat, operation in REPLIES.items():
        for name in ("commit_then_timeout", "commit_then_reset", "reset_before_commit", "503", "429", "slow"):
            yield f"chat.{chat}.{name}", partial(answers, operation, None, ANSWERS[name]), False
        yield f"chat.{chat}.outage", partial(outage, f"{chat}.*", 15.0), False
        yield f"call.notifier.{chat}.after", partial(kill_while_held, operation, None, "notifier"), False
        yield f"call.notifier.{chat}.before", partial(kill_before_done, operation, None, "notifier"), False
        zombie = partial(zombie_while_held, operation, None, "notifier", zombie_seconds)
        yield f"zombie.notifier.{chat}", zombie, False
