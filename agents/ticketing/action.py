"""One action at the helpdesk, exactly once: steps 4 to 6 of a command. Every action goes through here.

4. INTENT with the very bytes that will be sent, acknowledged.
5. The call. A definite refusal tombstones the INTENT again. An answer that leaves open what happened, or an INTENT
   of a former life: look up first, and follow `doubt` when nothing is found.
6. OUTCOME, acknowledged; then INTENT's tombstone, which for a new ticket waits until its news is on the way.
"""

from collections.abc import Callable
from datetime import datetime, timedelta

from agents.helpdesks.port import Answer, HelpdeskUnavailable, Requester, TicketKey, TicketRef
from agents.ticketing.doubt import DoubtRules, LookAgain, SendAgain, after_empty
from agents.ticketing.job import Action, C, Job, NotShownYet
from agents.ticketing.ledger import CREATES, intent_key, outcome_key
from agents.ticketing.patience import Patience
from agents.ticketing.world import MustSkip, MustWait, RefusedByHelpdesk
from streams import ids
from streams.contracts.escalation_commands import AnyCommand
from streams.contracts.escalation_ledger import MAX_REQUEST_BYTES, Intent, Outcome
from streams.errors import InvalidRecord

BUSY_SECONDS = 3.0
"""How long an admitted call may wait for its turn at its helpdesk before it is given up unsent."""

DEADLINE_MARGIN_SECONDS = 5.0
"""Added to the longest attempt before anybody may believe that it is over: more than two clocks ever differ by."""

KEYLESS_SETTLE_SECONDS = 60.0
KEYLESS_APART_SECONDS = 60.0
"""Of calls without a key: longer than any list endpoint lags behind what its helpdesk has stored."""

SINCE_MARGIN = timedelta(hours=1)
"""A look-up lists tickets from this long before the first attempt: more than the helpdesk's clock is ever off."""


class _Attempts:
    """One action under way in this life."""

    def __init__(self, job: Job[C], action: Action) -> None:
        self.job = job
        self.world = job.world
        self.ledger = job.ledger
        self.desk = job.desk
        self.command: AnyCommand = job.command
        self.allowed: Callable[[], None] = lambda: job.check(action.action_id, creates=action.ticket_id is None)
        self.action = action
        self.patience = Patience(job.world, job.world.settings.park_after_seconds)
        self.attempt_seconds = job.world.settings.call_timeout_seconds + BUSY_SECONDS
        self.key_spent = False

    async def run(self) -> Outcome:
        try:
            return await self._run()
        finally:
            self.desk.leave()

    async def _run(self) -> Outcome:
        known = self.ledger.outcome(self.action.action_id)
        intent = self.ledger.intent(self.action.action_id)
        if known is not None:
            if intent is not None:
                await self.job.write(intent_key(intent), None)
            return known
        suspect = intent is not None
        while True:
            if suspect and intent is not None:
                found, intent, suspect = await self._resolve(intent)
                if found is not None:
                    return await self._record(intent, found, self.action.found_result or self.action.result)
            await self._admitted(intent, suspect=suspect)
            intent = await self._covered(intent, suspect=suspect)
            answer = await self._call(intent)
            if answer.verdict == "done":
                return await self._record(intent, answer.ticket, self.action.result)
            suspect = await self._after(intent, answer, suspect=suspect)

    # 4. INTENT

    def _new_intent(self) -> Intent:
        action, now = self.action, self.world.now()
        request = action.render()
        if len(request.body.encode()) > MAX_REQUEST_BYTES:
            raise InvalidRecord("request_too_large", action.name)
        if request.idempotency_key is not None:
            request = request.model_copy(update={"idempotency_key": action.action_id})
        return Intent(
            **entry_fields(self.command, action),
            helpdesk=self.desk.helpdesk.name,
            request=request,
            written_at=now,
            deadline_at=self._deadline(now),
            first_attempt_at=now,
            ticket_id=action.ticket_id,
            requester_id=action.requester.id if action.requester else None,
        )

    def _deadline(self, now: datetime) -> datetime:
        return now + timedelta(seconds=self.attempt_seconds + DEADLINE_MARGIN_SECONDS)

    async def _write_intent(self, intent: Intent) -> Intent:
        await self.job.write(intent_key(intent), intent)
        return intent

    async def _covered(self, intent: Intent | None, *, suspect: bool) -> Intent:
        """An INTENT that covers an attempt beginning now. Mode, kill switch and cap are read before it and after."""
        if intent is None:
            self.allowed()
            intent = await self._write_intent(self._new_intent())
        now = self.world.now()
        if now + timedelta(seconds=self.attempt_seconds) > intent.deadline_at:
            update = {"deadline_at": self._deadline(now), "empty_look_up_at": None}
            intent = await self._write_intent(intent.model_copy(update=update))
        try:
            self.allowed()
        except (MustWait, MustSkip):
            await self._withdraw(intent, suspect=suspect)
            raise
        return intent

    async def _withdraw(self, intent: Intent | None, *, suspect: bool) -> None:
        """Nothing was carried out for certain: the INTENT goes. While in doubt it stays."""
        if intent is not None and not suspect:
            await self.job.write(intent_key(intent), None)

    async def _admitted(self, intent: Intent | None, *, suspect: bool) -> None:
        """The helpdesk takes a call now: bucket, breaker, and the bound on calls at a time."""
        while True:
            try:
                await self.desk.admit()
            except HelpdeskUnavailable as error:
                await self._pause_or_withdraw(intent, error.reason, error.retry_after_seconds, suspect=suspect)
            else:
                return

    # 5. The call, and doubt

    async def _call(self, intent: Intent) -> Answer:
        self.patience.tries += 1
        if self.action.call is not None:
            self.desk.leave()
            return await self.action.call(intent.request)
        return await self.desk.send(intent.request)

    async def _after(self, intent: Intent, answer: Answer, *, suspect: bool) -> bool:
        """What an answer other than `done` leads to: whether the next attempt has to look up first, or it raises."""
        if answer.verdict in {"refused", "degradable"}:
            await self.job.write(intent_key(intent), None)
            raise RefusedByHelpdesk(answer)
        if answer.verdict in {"ambiguous", "key_reused"}:
            self.key_spent = self.key_spent or answer.verdict == "key_reused"
            self.world.saw("in_doubt", action=self.action.name, reason=answer.reason, helpdesk=intent.helpdesk)
            return True
        await self._pause_or_withdraw(intent, answer.reason, answer.retry_after_seconds, suspect=suspect)
        return suspect

    async def _resolve(self, intent: Intent) -> tuple[TicketRef | None, Intent, bool]:
        """(what was found, the INTENT to go on with, whether it is still in doubt); waits as `doubt` says."""
        looks = 0
        while True:
            begun = self.world.now()
            try:
                found = await self._look_up(intent)
            except NotShownYet:
                if intent.empty_look_up_at is None:
                    intent = await self._write_intent(intent.model_copy(update={"empty_look_up_at": begun}))
                await self.patience.pause("not_shown", None)
                continue
            if found is not None:
                self.world.saw("resolved", action=self.action.name, how="found", helpdesk=intent.helpdesk)
                return found, intent, False
            if self.action.repeatable:
                if self.patience.tries:
                    await self.patience.pause("not_shown", None)
                return None, intent, True
            step = after_empty(intent, begun, self._rules(intent), key_spent=self.key_spent)
            if isinstance(step, SendAgain):
                return None, intent, True
            if isinstance(step, LookAgain):
                if step.remember:
                    intent = await self._write_intent(intent.model_copy(update={"empty_look_up_at": begun}))
                await self.patience.wait_until(step.at, looks)
                looks += 1
                continue
            self.world.saw("resolved", action=self.action.name, how="not_carried_out", helpdesk=intent.helpdesk)
            self.key_spent = False
            return None, await self._write_intent(self._anew(intent)), False

    def _anew(self, intent: Intent) -> Intent:
        now, attempt = self.world.now(), intent.attempt + 1
        request = intent.request
        if request.idempotency_key is not None:
            key = ids.derive("key", intent.action_id, str(attempt))
            request = request.model_copy(update={"idempotency_key": key})
        update = {
            "request": request,
            "attempt": attempt,
            "written_at": now,
            "first_attempt_at": now,
            "deadline_at": self._deadline(now),
            "empty_look_up_at": None,
        }
        return intent.model_copy(update=update)

    def _rules(self, intent: Intent) -> DoubtRules:
        settings = self.world.settings
        key_seconds = self.desk.helpdesk.idempotency_window_seconds
        keyed = key_seconds is not None and intent.request.idempotency_key is not None
        return DoubtRules(
            settle_seconds=settings.look_up_first_after_seconds if keyed else KEYLESS_SETTLE_SECONDS,
            apart_seconds=settings.look_up_again_after_seconds if keyed else KEYLESS_APART_SECONDS,
            call_seconds=self.attempt_seconds,
            key_seconds=key_seconds if keyed else None,
        )

    async def _look_up(self, intent: Intent) -> TicketRef | None:
        """What the helpdesk has of this action, or None where it surely shows nothing. No answer: wait."""
        while True:
            try:
                if self.action.look_up is not None:
                    return await self.action.look_up(intent)
                if intent.ticket_id is not None:
                    there = await self.desk.has_comment(intent.ticket_id, intent.action_id)
                    return TicketRef(intent.ticket_id) if there else None
                return await self._find_ticket(intent)
            except HelpdeskUnavailable as error:
                await self.patience.pause(error.reason, error.retry_after_seconds)

    async def _find_ticket(self, intent: Intent) -> TicketRef | None:
        requester = self.action.requester or (Requester(intent.requester_id) if intent.requester_id else None)
        since = (intent.first_attempt_at or intent.written_at) - SINCE_MARGIN
        found = await self.desk.find_ticket(TicketKey(intent.escalation_id, requester, since))
        known = self.ledger.own_ticket_ids(intent.escalation_id)
        new = [ticket for ticket in found if ticket.id not in known]
        if len(new) > 1:
            self.world.saw("duplicate_tickets", helpdesk=intent.helpdesk, escalation_id=intent.escalation_id)
        return new[0] if new else None

    async def _pause_or_withdraw(
        self, intent: Intent | None, reason: str, asked_seconds: float | None, *, suspect: bool
    ) -> None:
        try:
            await self.patience.pause(reason, asked_seconds)
        except MustWait:
            await self._withdraw(intent, suspect=suspect)
            raise

    # 6. OUTCOME

    async def _record(self, intent: Intent, ticket: TicketRef | None, result: str) -> Outcome:
        action = self.action
        ticket_id = intent.ticket_id or (ticket.id if ticket else None)
        if ticket_id is None:
            raise InvalidRecord("helpdesk_told_no_ticket", action.name)
        outcome = Outcome(
            **entry_fields(self.command, action),
            helpdesk=intent.helpdesk,
            ticket_id=ticket_id,
            ticket_url=(ticket.url if ticket else None) or action.ticket_url,
            result=result,
            degraded=action.degraded,
            recorded_at=self.world.now(),
        )
        await self.job.write(outcome_key(outcome), outcome)
        self.job.spent.append(intent)
        if action.name not in CREATES:  # of a new ticket the customer hears first
            await self.job.clear()
        return outcome


async def carry_out(job: Job[C], action: Action) -> Outcome:
    """Do it, or find that it was done; returns its OUTCOME, acknowledged.

    Raises `RefusedByHelpdesk` (definitely not done, never will be), `MustWait` (to be parked) or `MustSkip`.
    """
    return await _Attempts(job, action).run()


async def note_outcome(job: Job[C], action: Action, result: str) -> Outcome:
    """Record what came of an action without a call: left out for good, or done by another action."""
    outcome = Outcome(
        **entry_fields(job.command, action),
        helpdesk=job.desk.helpdesk.name,
        ticket_id=action.ticket_id or "",
        ticket_url=action.ticket_url,
        result=result,
        recorded_at=job.world.now(),
    )
    await job.write(outcome_key(outcome), outcome)
    return outcome


def entry_fields(command: AnyCommand, action: Action) -> dict[str, str | None]:
    """What INTENT and OUTCOME of an action share."""
    return {
        "tenant": command.tenant,
        "conversation_id": command.conversation_id,
        "escalation_id": command.escalation_id,
        "action_id": action.action_id,
        "action": action.name,
        "carries": action.carries,
    }
