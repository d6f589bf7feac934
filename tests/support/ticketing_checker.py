"""What must hold when a schedule has come to its end. Looks at topics and database alone, never at memory."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace

from streams import ids
from streams.contracts.escalation_ledger import Intent, Outcome
from tests.support.ticketing_helpdesk import Ticket
from tests.support.ticketing_schedule import Ran

ATTACHES = frozenset({"attach", "held_by_people"})


def violations(ran: Ran) -> list[str]:
    """Everything that is wrong, each in one line; empty: all promises were kept."""
    if ran.scenario == "attach" and any(_own(ran, escalation_id) for escalation_id in ran.escalations):
        # The requester's tickets could not be listed in good time: a new one is right then, and only one.
        ran = replace(ran, scenario="appends") if ran.sim.trouble or ran.sim.was_away else ran
    found = [*ran.sim.wrong, *_all_done(ran)]
    if ran.scenario == "observe":
        return found + list(_nothing_touched(ran))
    for escalation_id, events in ran.escalations.items():
        found.extend(_tickets(ran, escalation_id))
        found.extend(_contents(ran, escalation_id, events))
        found.extend(_news(ran, escalation_id))
    return found + list(_ledger(ran))


def _all_done(ran: Ran) -> Iterator[str]:
    brokers = ran.sim.brokers
    if brokers.committed != len(brokers.commands):
        yield f"commands committed to {brokers.committed} of {len(brokers.commands)}"
    if brokers.committed_parked != len(brokers.parked):
        yield f"parked committed to {brokers.committed_parked} of {len(brokers.parked)}"
    allowed = {"helpdesk_refused", "no_ticket"} if ran.scenario == "refused" else set()
    for _, reason in brokers.dead:
        if reason not in allowed:
            yield f"dead letter: {reason}"


def _nothing_touched(ran: Ran) -> Iterator[str]:
    if ran.sim.database.effects or ran.sim.brokers.notifications or ran.sim.brokers.ledger:
        yield "an observing tenant touched somebody"


def _own(ran: Ran, escalation_id: str) -> list[Ticket]:
    return [ticket for ticket in ran.sim.database.tickets.values() if ticket.escalation_id == escalation_id]


def _tickets(ran: Ran, escalation_id: str) -> Iterator[str]:
    wanted = 0 if ran.scenario in {"refused", "attach", "held_by_people"} else 1
    firsts = [ticket for ticket in _own(ran, escalation_id) if ticket.follows is None]
    if len(firsts) < wanted:
        yield "ticket lost"
    if len(firsts) > wanted and not _excused(ran, creating=True):
        yield f"{len(firsts)} tickets"
    if len(firsts) > wanted and ran.scenario != "closing" and sum(not ticket.closed for ticket in firsts) != wanted:
        yield "several open tickets after the reconciler"
    follow_ups = Counter(ticket.follows for ticket in _own(ran, escalation_id) if ticket.follows)
    if any(count > 1 for count in follow_ups.values()) and not _excused(ran, creating=True):
        yield f"several follow-ups: {dict(follow_ups)}"


def _contents(ran: Ran, escalation_id: str, events: list[str]) -> Iterator[str]:
    """Appends exactly once and in order; notes once per ticket; an attached escalation once."""
    if ran.scenario == "refused":
        return
    tickets = _own(ran, escalation_id)
    if ran.scenario in ATTACHES:
        tickets = [ran.sim.database.tickets["1"]]
        attached = sum(comment.says == f"attach-{escalation_id}" for comment in tickets[0].comments)
        if attached != 1 and not _excused(ran):
            yield f"attached {attached} times"
    told: list[str] = []
    for ticket in tickets:
        told.extend([ticket.holds] if ticket.follows else [])
        told.extend(comment.says for comment in ticket.comments if comment.says in events)
        notes = sum(comment.says == "note" for comment in ticket.comments)
        if notes > 1 and not _excused(ran):
            yield f"{notes} notes in one ticket"
        if ran.scenario == "files":
            yield from _files(ran, escalation_id, ticket)
        if ran.scenario == "messaging":
            notes += sum(comment.says == f"attach-{escalation_id}" for comment in ticket.comments)
        if notes == 0 and ran.scenario not in {*ATTACHES, "closing"} and not _excused(ran):
            yield "no note"
    if told != events and not _excused(ran):
        yield f"appends {told} instead of {events}"
    if set(told) != set(events):
        yield f"appends lost: {sorted(set(events) - set(told))}"


def _files(ran: Ran, escalation_id: str, ticket: Ticket) -> Iterator[str]:
    """Each file once: itself, or a note that says why not."""
    for number in (1, 2):
        action_id = ids.action_id(escalation_id, f"file{number}")
        told = [comment.says for comment in ticket.comments if comment.action_id == action_id]
        if len(told) != 1 and not _excused(ran):
            yield f"file {number} told of {len(told)} times"


def _excused(ran: Ran, *, creating: bool = False) -> bool:
    """Only where a process was stopped in the very window, and no key guards the call."""
    return bool(ran.sim.excused) and not (creating and ran.sim.database.keyed)


def _news(ran: Ran, escalation_id: str) -> Iterator[str]:
    own = [news for news in ran.sim.brokers.notifications if news.escalation_id == escalation_id]
    by_kind: dict[str, set[str]] = {}
    for news in own:
        by_kind.setdefault(news.kind, set()).add(news.notification_id)
    last = {"refused": "failed", "attach": "attached", "held_by_people": "attached"}.get(ran.scenario, "opened")
    for kind in ("accepted", last):
        if len(by_kind.get(kind, ())) != 1:
            yield f"{len(by_kind.get(kind, ()))} notifications `{kind}`"
    unexpected = set(by_kind) - {"accepted", "delayed", last}
    if unexpected:
        yield f"unexpected notifications {sorted(unexpected)}"
    named = {news.ticket.id for news in own if news.kind in {"opened", "attached"}}
    if len(named) > 1 and not _excused(ran):
        yield f"the customer was told of tickets {sorted(named)}"
    effects = [kind for kind, subject in ran.sim.database.effects if subject == escalation_id]
    if "ticket" in effects and effects.index("accepted") > effects.index("ticket"):
        yield "the helpdesk was called before the customer was told"


def _ledger(ran: Ran) -> Iterator[str]:
    entries = [entry for _, _, entry in ran.sim.brokers.compacted()]
    done = {entry.action_id for entry in entries if isinstance(entry, Outcome)}
    for entry in entries:
        if isinstance(entry, Intent) and entry.action_id not in done and not _excused(ran):
            yield f"INTENT of `{entry.action}` without OUTCOME"
    tickets: dict[str, set[str]] = {}
    for entry in entries:
        if isinstance(entry, Outcome) and entry.action in {"open", "minimal", "attach"}:
            tickets.setdefault(entry.escalation_id, set()).add(entry.ticket_id)
    for escalation_id, named in tickets.items():
        if len(named) > 1 and not _excused(ran, creating=True):
            yield f"OUTCOMEs name tickets {sorted(named)} of {escalation_id}"
    for escalation_id in ran.escalations:
        if ran.scenario != "refused" and escalation_id not in tickets:
            yield "no OUTCOME"
