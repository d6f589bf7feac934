"""What the parts of a conversation say, as events: who wrote what, who holds it, what Fin made of it."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from agents.platforms import reading
from agents.platforms.buttons import asks_for_a_person
from agents.platforms.cleaning import Cleaning
from agents.platforms.framing import Frame, in_order
from agents.platforms.intercom.options import IntercomOptions
from agents.platforms.intercom.parts import Part
from agents.platforms.intercom.verdict import Verdict, ai_took_part, verdict_of
from agents.platforms.port import Connection, Normalized
from agents.text.automatic import suspected
from streams.contracts.conversation_events import (
    AiOutcome,
    AnyEvent,
    ControlChanged,
    Ended,
    HumanRequested,
    Message,
)

_MAIL_CHANNELS = frozenset({"email", "sms", "whatsapp"})
"""Where autoresponders answer; a Messenger conversation may be answered by mail, which its part tells."""

_BOUNCERS = ("mailer-daemon@", "postmaster@")


class Story:
    """Collects the events of one body. The order of the calls is the order within one instant."""

    def __init__(
        self,
        conversation: Mapping[str, Any],
        frame: Frame,
        parts: Sequence[Part],
        connection: Connection,
        options: IntercomOptions,
        at: datetime,
    ) -> None:
        own = {*connection.own_ids, *([options.admin_id] if options.admin_id else [])}
        self.conversation = conversation
        self.frame = frame
        self.cleaning = Cleaning.of(connection)
        self.options = options
        self.at = at
        self.events: list[AnyEvent] = []
        self.ignored: list[str] = []
        self._own = own
        self._own_parts = [part for part in parts if _is_own(part, own)]
        self.parts = [part for part in parts if part not in self._own_parts]
        self.ignored.extend("own_echo" for _ in self._own_parts)
        self._after: list[AnyEvent] = []

    def told(self, also_ignored: str | None = None) -> Normalized:
        """The events in order: messages, then verdicts, then who holds the conversation, then its end."""
        if also_ignored:
            self.ignored.append(also_ignored)
        events = in_order([*self.events, *self._after])
        ignored = tuple(self.ignored) if events or self.ignored else ("nothing_said",)
        return Normalized(events, ignored)

    def tell_parts(self) -> None:
        """Every visible part as a message, a click for a person as a request, and who holds it after that."""
        self.tell_messages()
        for part in self.parts:
            if (holder := self._holder_after(part)) is not None:
                fields = self.frame.fields(f"{part.id}:control_changed", part.at)
                self._after.append(ControlChanged(**fields, holder=holder))

    def tell_messages(self) -> None:
        for part in self.parts:
            if part.visible:
                self._tell_message(part)
            else:
                self.ignored.append(_why_silent(part))

    def tell_verdict(self, *, beside_customer: bool) -> None:
        """Fin's verdict, told once per part it stood beside, whatever topic or poll shows it.

        A teammate's part bears none: the state beside it is old news. An assignment by a bot, with no state
        told though Fin has answered, is itself the handing over. `beside_customer`: where Fin has not said a
        word, the customer's newest part bears it.
        """
        verdict = verdict_of(self.conversation)
        bearer = self._bearer(beside_customer=beside_customer)
        if verdict is not None and bearer is not None:
            self._outcome(verdict, *bearer)
        elif verdict is None and self._answered():
            handed = [part for part in self._written() if self._holder_after(part) == "human"]
            if handed:
                self._outcome(Verdict("escalated", "assigned"), handed[-1].id, handed[-1].at)

    def tell_assigned(self) -> None:
        """Who holds the conversation, where no part of the body says whom it went to."""
        if self._after or any(part.assigned_to for part in (*self.parts, *self._own_parts)):
            return
        for key in ("admin_assignee_id", "team_assignee_id"):
            assignee = reading.reference(self.conversation, key)
            if assignee not in {None, "0", *self._own, *self.options.ai_assignee_ids}:
                event_id = f"{self.frame.conversation_id}:assigned:{assignee}:{int(self.at.timestamp())}"
                fields = self.frame.fields(f"{event_id}:control_changed", self.at)
                self._after.append(ControlChanged(**fields, holder="human"))
                return

    def tell_closed(self, *, by_topic: bool) -> None:
        """The end of the session, with Fin's verdict before it where only the closing brings it to light."""
        closing = _newest_close(self.parts)
        ours = _newest_close(self._own_parts)
        if ours is not None and (closing is None or closing.at <= ours.at):
            return
        closer = closing.author if closing else self._closer(by_topic=by_topic)
        if closer is None:
            return
        at = closing.at if closing else self._last_at()
        bearer_id = closing.id if closing else self.frame.conversation_id
        verdict = verdict_of(self.conversation)
        if verdict is None and ai_took_part(self.conversation):
            verdict = Verdict("unresolved", "closed_without_resolution")
        told = any(event.kind == "ai_outcome" for event in self.events)
        if verdict and not told and not (closer == "human" and verdict.outcome == "escalated"):
            self._outcome(verdict, bearer_id, at)
        suffix = "" if closing else f":{int(at.timestamp())}"
        fields = self.frame.fields(f"{bearer_id}:ended{suffix}", at)
        self._after.append(Ended(**fields, by=closer))

    def _tell_message(self, part: Part) -> None:
        cleaned = self.cleaning.body(part.body or "", self.options.body_format)
        author = part.author
        suspicion = self._suspicion(part, cleaned.text) if author == "customer" else None
        self.events.append(
            Message(
                **{**self.frame.fields(part.id, part.at), "attachments": part.attachments},
                author=author,
                author_name=self.cleaning.line(part.speaker.name),
                text=cleaned.text,
                original_format=cleaned.original_format,
                redactions=cleaned.redactions,
                automatic=suspicion is not None,
                automatic_reason=suspicion,
            )
        )
        if author == "customer" and part.quick_reply and self._asks_for_a_person(part, cleaned.text):
            fields = self.frame.fields(f"{part.id}:human_requested", part.at)
            self.events.append(HumanRequested(**fields, how="button"))

    def _asks_for_a_person(self, part: Part, label: str) -> bool:
        return part.quick_reply in self.options.human_button_uuids or asks_for_a_person(label)

    def _suspicion(self, part: Part, text: str) -> str | None:
        if (part.speaker.email or "").lower().startswith(_BOUNCERS):
            return "bounce"
        if not part.email and self.frame.channel not in _MAIL_CHANNELS:
            return None
        subject = reading.text(part.email, "subject")
        if subject is None and part.kind == "source":
            subject = reading.text(self.conversation, "source", "subject")
        return suspected(self.cleaning.line(subject, None), text)

    def _holder_after(self, part: Part) -> str | None:
        """Who holds the conversation once `part` is there; None where it changes nothing.

        A teammate who writes or reopens holds it, assigned or not: Fin stops when a teammate writes. One that
        only begins a conversation, or closes it, does not.
        """
        if part.assigned_to is not None:
            kind, assignee = part.assigned_to
            if kind == "bot" or assignee in self.options.ai_assignee_ids:
                return "ai"
            if assignee in self._own or self._is_sorting(part, kind):
                return None
            return "human"
        if part.author != "human" or part.kind == "source" or part.closes or part.internal:
            return None
        return "human" if part.visible or part.kind == "open" else None

    def _is_sorting(self, part: Part, assignee_kind: str) -> bool:
        """A bot puts the conversation into a team's inbox before Fin, which takes part, has answered."""
        if part.author == "human" or assignee_kind != "team" or not ai_took_part(self.conversation):
            return False
        return verdict_of(self.conversation) is None and not self._answered()

    def _written(self) -> list[Part]:
        return [part for part in self.parts if part.author == "ai"]

    def _bearer(self, *, beside_customer: bool) -> tuple[str, datetime] | None:
        """Id and time of the part that bears Fin's verdict: Fin's newest words, else its newest part of any kind."""
        written = self._written()
        spoken = [part for part in written if part.visible] or written
        if not spoken and beside_customer:
            spoken = [part for part in self.parts if part.author == "customer" and part.visible]
            if not self.parts:
                at = reading.any_time(self.conversation, "updated_at") or self.at
                return f"{self.frame.conversation_id}:{int(at.timestamp())}", at
        return (spoken[-1].id, spoken[-1].at) if spoken else None

    def _answered(self) -> bool:
        return reading.name(self.conversation, "ai_agent", "last_answer_type") is not None

    def _outcome(self, verdict: Verdict, bearer_id: str, at: datetime) -> None:
        fields = self.frame.fields(f"{bearer_id}:ai_outcome:{verdict.outcome}", at)
        self.events.append(AiOutcome(**fields, outcome=verdict.outcome, reason=self.cleaning.line(verdict.reason)))

    def _closer(self, *, by_topic: bool) -> str | None:
        """Who closed it, where no part tells: the statistics, else a teammate, whom the topic is named after."""
        closer = reading.object_(self.conversation, "statistics", "last_closed_by")
        if reading.reference(closer, "id") in self._own:
            return None
        kind = reading.name(closer, "type")
        if kind is None:
            return "human" if by_topic else "ai"
        return {"admin": "human", "team": "human", "bot": "ai"}.get(kind, "customer")

    def _last_at(self) -> datetime:
        return max((part.at for part in self.parts), default=self.at)


def _newest_close(parts: Sequence[Part]) -> Part | None:
    return next((part for part in reversed(parts) if part.closes), None)


def _is_own(part: Part, own: set[str]) -> bool:
    if part.speaker.is_customer:
        return False
    return part.speaker.id in own or part.app_code in own


def _why_silent(part: Part) -> str:
    if part.internal:
        return "internal_note"
    return "redacted" if part.redacted else "no_text"
