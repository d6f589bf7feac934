"""What happens in the demo: one row per conversation, what is said in it, and how it has to end. Data alone."""

from dataclasses import dataclass, field
from typing import Any, Literal

Moment = Literal["", "accepted", "opened", "told"]
"""What a beat waits for: our promise, the ticket, or both messages with the customer. None: the beat before."""


@dataclass(frozen=True)
class Beat:
    """One step in a simulated chat (see `simulators.chat_side.step.Step`), once `after` has come about."""

    step: dict[str, Any]
    after: Moment = ""
    again: bool = False
    """Deliver the webhook of this step a second time, byte for byte."""


@dataclass(frozen=True)
class Ending:
    """How a conversation has to end."""

    tickets: int = 0
    reason: str | None = None
    group: str | None = None
    appended: int = 0
    told: int = 2
    """Messages of ours the customer sees: the promise, and the number. None at all without a ticket."""
    outcome: str | None = None
    quiet: bool = True
    """The AI no longer answers: paused or ended, or people hold the chat."""


@dataclass(frozen=True)
class Row:
    """One conversation of the demo."""

    label: str
    platform: str
    account: str
    conversation_id: str
    beats: tuple[Beat, ...]
    ending: Ending = field(default_factory=Ending)
    shown_on: str | None = None
    """The platform on which the customer sees the chat, where another one tells of it."""


def says(author: str, text: str, **more: Any) -> dict[str, Any]:
    """A step in which somebody says something."""
    keys = ("html", "name", "confidence", "intent", "extra")
    say = {"author": author, "text": text} | {key: more.pop(key) for key in keys if key in more}
    return {"say": say} | more


def customer(text: str, **more: Any) -> dict[str, Any]:
    """The customer says something."""
    return says("customer", text, **more)


def ai(text: str, **more: Any) -> dict[str, Any]:
    """The AI says something."""
    return says("ai", text, **more)


MAYA = {"id": "user_48213", "external_id": "user_48213", "name": "Maya Okafor", "email": "maya.okafor@example.com"}
JONAS = {"id": "user_7741", "external_id": "user_7741", "name": "Jonas Weber", "email": "jonas.weber@example.com"}
LENA = {"id": "user_9002", "external_id": "user_9002", "name": "Lena Duarte", "email": "lena.duarte@example.com"}
NOBODY = {"anonymous": True}


def person(number: int, name: str) -> dict[str, Any]:
    """A customer of their own, so that no row attaches to another row's ticket."""
    slug = name.lower().replace(" ", ".")
    return {"id": f"user_{number}", "external_id": f"user_{number}", "name": name, "email": f"{slug}@example.com"}


def beats(*steps: dict[str, Any] | Beat) -> tuple[Beat, ...]:
    """Steps one after the other."""
    return tuple(step if isinstance(step, Beat) else Beat(step) for step in steps)


ROWS: tuple[Row, ...] = (
    Row(
        "resolved by the AI",
        "custom-llm",
        "acme",
        "sess-resolved",
        beats(
            customer("How do I change my password?", customer=person(101, "Ada Lindqvist")),
            ai("Settings, then Security, then Change password.", confidence=0.97),
            customer("That worked, thanks!"),
            {"verdict": "resolved", "end": "customer"},
        ),
        Ending(outcome="resolved", told=0, quiet=False),
    ),
    Row(
        "asks for a person",
        "intercom",
        "acme",
        "215470000000201",
        beats(
            customer("My parcel never arrived, order 88231.", customer=person(102, "Maya Okafor")),
            ai("Parcels take five days on average."),
            customer("That does not help. Can I talk to a real person please?"),
            Beat(customer("The tracking number is 00340434161094042557."), after="opened"),
        ),
        Ending(tickets=1, reason="human_requested", group="Logistics", appended=1),
    ),
    Row(
        "low confidence",
        "zendesk-ai-agents-advanced",
        "acme",
        "chat-20260711-0003",
        beats(
            ai("Could you tell me a little more?", confidence=0.31, customer=person(103, "Sven Holm")),
            ai("I believe your contract allows this.", confidence=0.22),
        ),
        Ending(tickets=1, reason="low_confidence"),
    ),
    Row(
        "too many turns",
        "custom-llm",
        "birch",
        "sess-turns",
        beats(
            customer("The lamp I ordered flickers.", customer=person(104, "Jonas Weber")),
            *(
                step
                for number, (question, answer) in enumerate(
                    (
                        ("It flickers in every room.", "Have you tried another bulb?"),
                        ("Three different bulbs, the same.", "Is the switch a dimmer?"),
                        ("No dimmer anywhere here.", "Which socket do you use?"),
                        ("A plain wall socket.", "Does it hum as well?"),
                        ("It hums a little, yes.", "Since when does it do that?"),
                        ("Since the day it came.", "Is the cable damaged?"),
                        ("The cable looks fine to me.", "Could you describe the plug?"),
                    )
                )
                for step in (ai(f"{answer} ({number + 1})", confidence=0.8), customer(question))
            ),
        ),
        Ending(tickets=1, reason="too_many_turns"),
    ),
    Row(
        "trigger phrase",
        "custom-llm",
        "acme",
        "sess-trigger",
        beats(
            customer("I want to cancel my account today.", customer=person(105, "Lena Duarte")),
            ai("I am sorry to hear that.", confidence=0.9),
        ),
        Ending(tickets=1, reason="trigger_phrase", group="Customer Care"),
    ),
    Row(
        "ended unresolved",
        "custom-llm",
        "acme",
        "sess-unresolved",
        beats(
            customer("My export has been stuck for two hours.", customer=person(106, "Tom Adeyemi")),
            ai("Please try again later.", confidence=0.7),
            {"verdict": "unresolved", "end": "ai", "reason": "no_answer"},
        ),
        Ending(tickets=1, reason="unresolved"),
    ),
    Row(
        "silence",
        "custom-llm",
        "birch",
        "sess-silence",
        beats(
            customer("Which of your mattresses suits a bad back?", customer=person(107, "Ines Caballero")),
            ai("I could not find anything about that.", confidence=0.4),
        ),
        Ending(tickets=1, reason="silence"),
    ),
    Row(
        "anonymous visitor",
        "intercom",
        "birch",
        "215470000000208",
        beats(
            customer("hello? is anyone there", customer=NOBODY | {"id": "6a50f3c1d2e4b7000188bb02"}),
            ai("Hi! How can I help?"),
            customer("I need a human, not a bot"),
            Beat(customer("you can write to me at visitor.nine@example.com"), after="told"),
        ),
        Ending(tickets=1, reason="human_requested", appended=1),
    ),
    Row(
        "HTML, and a hostile one",
        "intercom",
        "acme",
        "215470000000209",
        beats(
            customer(
                "Hi, my account was hacked.\nCard 4111 1111 1111 1111",
                html="<p>Hi, my account <b>was hacked</b>.<br>Card 4111 1111 1111 1111</p><script>steal()</script>"
                '<img src="https://evil.example/pixel.gif"><a href="javascript:alert(1)">click</a>',
                customer=person(109, "Petra Novak"),
            ),
        ),
        Ending(tickets=1, reason="account_security", group="Security"),
    ),
    Row(
        "markdown",
        "custom-llm",
        "birch",
        "sess-markdown",
        beats(
            customer(
                "**Urgent**: see [this](https://evil.example/login) and ![x](https://evil.example/p.png)\n\n"
                "- item one\n- item two",
                facts={"body_format": "markdown"},
                customer=person(110, "Olu Bello"),
            ),
            ai("I can see **two items**.", confidence=0.8, facts={"body_format": "markdown"}),
            customer("Please connect me with an agent", facts={"body_format": "markdown"}),
        ),
        Ending(tickets=1, reason="human_requested"),
    ),
    Row(
        "autoresponder loop",
        "intercom",
        "acme",
        "215470000000211",
        beats(
            customer(
                "I would like to speak to somebody about my contract.",
                customer=person(111, "Sam Field"),
                facts={"channel": "email", "subject": "My contract"},
            ),
            Beat(
                customer(
                    "Automatic reply: I am out of the office until Monday. If you need a human contact the front desk."
                ),
                after="told",
            ),
            Beat(
                customer(
                    "Automatic reply: I am out of the office until Monday. If you need a human contact the front desk."
                )
            ),
        ),
        Ending(tickets=1, reason="human_requested"),
    ),
    Row(
        "delivered twice",
        "intercom",
        "birch",
        "215470000000212",
        beats(
            customer("Which shops do you have in Porto?", customer=person(112, "Rui Tavares")),
            Beat(customer("Let me speak to a person"), again=True),
        ),
        Ending(tickets=1, reason="human_requested"),
    ),
    Row(
        "billing, by the words alone",
        "intercom",
        "acme",
        "215470000000213",
        beats(
            customer("I was charged twice for my July invoice 5521.", customer=person(113, "Aisha Rahman")),
            ai("Refunds take three to five days."),
            ai("I am passing you to our team now.", verdict="escalated", reason="User asked for a human"),
        ),
        Ending(tickets=1, reason="platform_escalated", group="Billing"),
    ),
    Row(
        "technical, Zendesk Messaging",
        "zendesk-sunco",
        "acme",
        "f52b01137aa6c250bc7251fa",
        beats(
            customer("The app crashes with an error message when I log in.", customer=person(114, "Kenji Mori")),
            ai("Have you tried reinstalling it?"),
            customer("Yes, twice. I want to talk to a human."),
        ),
        Ending(tickets=1, reason="human_requested", group="Tier 2"),
    ),
    Row(
        "Fin, asked for a person",
        "fin-agent-api",
        "acme",
        "ext-7741",
        beats(
            ai("Here is what I found about your refund.", customer=person(115, "Nora Lind")),
            {"asks_for_person": True},
        ),
        Ending(tickets=1, reason="human_requested"),
    ),
    Row(
        "Zendesk event webhook",
        "zendesk-events",
        "acme",
        "67ab5f53a96f98663935c3f2",
        beats(
            ai("Hi there. How can I help you today?", customer=person(116, "Elif Kaya")),
            customer("I want a human"),
        ),
        Ending(tickets=1, reason="human_requested"),
        shown_on="zendesk-sunco",
    ),
    Row(
        "observed only",
        "custom-llm",
        "cedar",
        "sess-observed",
        beats(customer("human please", customer=person(117, "Otto Krantz"))),
        Ending(reason="human_requested", told=0, quiet=False),
    ),
)

LAST_ACT = Row(
    "killed after the commit",
    "custom-llm",
    "acme",
    "sess-killed",
    beats(
        customer("Invoice 9917 is wrong, I need a person.", customer=person(118, "Marta Kowal")),
    ),
    Ending(tickets=1, reason="human_requested"),
)
"""Ticketing dies after the helpdesk has committed and before it has answered."""
