"""Carrying a plan out: per step INTENT, look, do, OUTCOME, each ledger write acknowledged before the next move.

1. An OUTCOME stands: nothing is done.
2. An INTENT stands: an attempt may have arrived. Once none can be under way any more, we look for our message.
   (Where newer news made it old we send nothing and look for nothing: OUTCOME `unknown`.)
   Found: OUTCOME `found`. A mail is repeated under its Message-ID. Where nobody can look: OUTCOME `unknown`.
3. INTENT, with the very words; then the call.
4. Refused: OUTCOME, and the next channel. Certainly not done: INTENT is tombstoned, and tried again later.
   Uncertain: INTENT stays, and the next pass is at 2.
5. OUTCOME.

Everything outside is behind `World`, so that a test can stop it at every await.
"""

from dataclasses import replace
from typing import Literal, TypedDict

from agents.notifier.channels import Telling
from agents.notifier.history import TOLD, History
from agents.notifier.plan import Act, Letter, Plan, Words
from agents.notifier.world import START_WITHIN, Again, Holder, World
from agents.outbound import Ambiguous, NotSent
from agents.platforms.port import CallFailed, Unsupported
from streams.contracts.notification_ledger import Step, StepIntent, StepOutcome, StepResult

MAX_ATTEMPTS = 3
"""Mails with one Message-ID that may have arrived; then the step is `unknown`."""


async def carry_out(plan: Plan, history: History, world: World, *, impatient: bool = False) -> tuple[Again, ...]:
    """Try every step that is not settled once, in order; what is returned has to be tried again.

    `impatient`: a channel that stays away is given up for the next one.
    """
    carrying = _Carrying(plan, history, world, impatient=impatient)
    left = []
    telling = await carrying.tell()
    if telling is not None:
        left.append(telling)
    for act in plan.acts:
        if act == "close" and telling is not None:
            left.append(Again("close", "waits_for_telling", telling.retry_after_seconds))
            continue
        again = await carrying.act(act)
        if again is not None:
            left.append(again)
    return tuple(left)


class _Fields(TypedDict):
    tenant: str
    conversation_id: str
    escalation_id: str
    notification_id: str
    step: Step


class _Carrying:
    """One pass."""

    def __init__(self, plan: Plan, history: History, world: World, *, impatient: bool) -> None:
        self._plan = plan
        self._history = history
        self._world = world
        self._impatient = impatient
        self._id = plan.notification.notification_id

    async def tell(self) -> Again | None:
        """Use the first channel that works; None once it is settled whether and how the customer was told."""
        if self._history.was_told(self._id):
            return None
        if self._plan.silent is not None:
            if self._history.settled(self._id, "reply") is None:
                begun = self._history.intent(self._id, "reply") is not None
                await self._settle("reply", "unknown" if begun else "skipped", self._plan.silent)
            return None
        fresh = False
        for position, channel in enumerate(self._plan.channels):
            if self._history.settled(self._id, channel.step) is not None:
                continue
            fresh = True
            if channel.missing is not None:
                await self._settle(channel.step, "skipped", channel.missing)
                continue
            again = await self._try(channel.step)
            if again is not None and self._may_leave(again, position):
                await self._settle(channel.step, "refused", f"away_{again.reason}")
            elif again is not None:
                return again
            elif self._history.was_told(self._id):
                return None
        if fresh:
            self._world.unreached()
        return None

    def _may_leave(self, again: Again, position: int) -> bool:
        later = self._plan.channels[position + 1 :]
        return self._impatient and not again.in_doubt and any(channel.missing is None for channel in later)

    async def _try(self, step: Telling) -> Again | None:
        """One channel: looked at, or tried once. None: settled, one way or the other."""
        words, attempt = self._plan.words, 1
        former = self._history.intent(self._id, step)
        if former is not None:
            words, attempt = _as_intended(words, former), former.attempt + 1
            looked = await self._look(step, words, former)
            if looked != "send":
                return looked
        text = words.notice.text if step == "reply" else words.letter.text
        try:
            async with self._world.admission(step):
                intent = StepIntent(**self._fields(step), recorded_at=self._world.now(), attempt=attempt, text=text)
                await self._world.record(intent)
                if self._world.now() - intent.recorded_at > START_WITHIN:
                    return await self._not_done(intent, former, "woke_up_late", None)
                return await self._send(step, words, intent, former)
        except NotSent as away:  # of the admission alone
            return Again(step, away.reason)

    async def _look(self, step: Telling, words: Words, intent: StepIntent) -> Again | Literal["send"] | None:
        """None: settled by what was found, or because nobody can look. `send`: it is certainly not there."""
        can_look = self._world.can_look(step)
        if can_look == "no" or (can_look == "repeats_safely" and intent.attempt >= MAX_ATTEMPTS):
            await self._settle(step, "unknown", "in_doubt", words)
            return None
        await self._world.outlast(intent)
        if can_look == "repeats_safely":
            return "send"
        try:
            async with self._world.admission(step):
                found = await self._world.find(words)
        except Unsupported:
            await self._settle(step, "unknown", "cannot_look", words)
            return None
        except CallFailed as failed:
            if failed.retryable:
                return Again(step, failed.reason, failed.retry_after_seconds, in_doubt=True)
            await self._settle(step, "unknown", f"look_up_{failed.reason}", words)
            return None
        except (NotSent, Ambiguous) as failed:
            return Again(step, failed.reason, in_doubt=True)
        if not found:
            return "send"
        await self._settle(step, "found", None, words)
        return None

    async def _send(self, step: Telling, words: Words, intent: StepIntent, former: StepIntent | None) -> Again | None:
        try:
            await self._world.tell(step, words)
        except Unsupported as refused:
            await self._settle(step, "refused", refused.reason)
        except NotSent as failed:
            return await self._not_done(intent, former, failed.reason, None)
        except CallFailed as failed:
            if failed.retryable:
                return await self._not_done(intent, former, failed.reason, failed.retry_after_seconds)
            await self._settle(step, "refused", failed.reason)
        except Ambiguous as failed:
            return Again(step, failed.reason, in_doubt=True)
        else:
            await self._settle(step, "done", None, words)
        return None

    async def _not_done(
        self, intent: StepIntent, former: StepIntent | None, reason: str, retry_after_seconds: float | None
    ) -> Again:
        """Nothing reached the customer by this attempt: whoever comes next may simply send.

        An attempt before it may have arrived all the same: its INTENT stands again, as if this one had not been.
        """
        if former is not None:
            await self._world.record(former)
            return Again(intent.step, reason, retry_after_seconds, in_doubt=True)
        await self._world.withdraw(intent)
        return Again(intent.step, reason, retry_after_seconds)

    async def act(self, step: Act) -> Again | None:
        """Pause or close. Both are safe to repeat, so an INTENT without OUTCOME is simply carried out again."""
        if self._history.settled(self._id, step) is not None:
            return None
        skip = self._plan.idle or ("human_holds" if step == "close" and self._plan.human_holds else None)
        if skip is not None:
            await self._settle(step, "skipped", skip)
            return None
        try:
            async with self._world.admission(step):
                if step == "pause":
                    await self._intend(step)
                    await self._world.quiet()
                elif not await self._close():
                    return None
        except Unsupported as refused:
            await self._settle(step, "skipped", refused.reason)
        except CallFailed as failed:
            if failed.retryable:
                return Again(step, failed.reason, failed.retry_after_seconds)
            await self._settle(step, "refused", failed.reason)
        except (NotSent, Ambiguous) as failed:
            return Again(step, failed.reason)
        else:
            await self._settle(step, "done", None)
        return None

    async def _close(self) -> bool:
        """Close after a look at who holds the conversation, the last thing before the call. False: left alone."""
        await self._intend("close")
        try:
            holder = await self._world.holder()
        except Unsupported:  # a platform without a transcript has no human queue that it could tell us of
            holder = Holder()
        if holder.human_holds or holder.closed:
            await self._settle("close", "skipped" if holder.human_holds else "found", _why_left(holder))
            return False
        await self._world.close()
        return True

    async def _intend(self, step: Step) -> None:
        if self._history.intent(self._id, step) is None:
            await self._world.record(StepIntent(**self._fields(step), recorded_at=self._world.now()))

    async def _settle(self, step: Step, result: StepResult, cause: str | None, words: Words | None = None) -> None:
        outcome = StepOutcome(
            **self._fields(step),
            recorded_at=self._world.now(),
            result=result,
            cause=cause,
            channel=self._plan.notification.channel,
            asked_for_address=words is not None and words.asks_for_address and result in TOLD,
        )
        await self._world.record(outcome)
        self._world.settled(outcome)

    def _fields(self, step: Step) -> _Fields:
        notification = self._plan.notification
        return {
            "tenant": notification.tenant,
            "conversation_id": notification.conversation_id,
            "escalation_id": notification.escalation_id,
            "notification_id": notification.notification_id,
            "step": step,
        }


def _why_left(holder: Holder) -> str:
    return "human_holds" if holder.human_holds else "closed_already"


def _as_intended(words: Words, intent: StepIntent) -> Words:
    """The words as the former attempt said them: a template may have changed since."""
    if intent.text is None:
        return words
    if intent.step == "email":
        letter = words.letter
        return replace(words, letter=Letter(letter.subject, intent.text, letter.language))
    return replace(words, notice=replace(words.notice, text=intent.text))
