"""A filled state for the page: five conversations in different phases, one of them hostile."""

from agents.demo.page.views import Comment, Conversation, Entry, Message, Signal, State, Ticket

START = 1_783_764_000.0
_WANTED = "I was charged twice for July: 49.00 on the 3rd and again on the 4th. Please send one of them back."
_PROMISE = "You will hear from us within 4 business hours, by Monday 11:00 at the latest."
_NOTE = (
    '<div class="zd-comment" dir="auto"><p><strong>What the customer wants</strong></p><blockquote><p>I was charged '
    "twice for July: 49.00 on the 3rd and again on the 4th. Please send one of them back.</p></blockquote>"
    "<p><strong>What the AI answered last</strong></p><blockquote><p>I could not find a duplicate charge. Refunds "
    "take 3 to 5 business days.</p></blockquote><p><strong>Why this came to a person</strong></p><p>The customer asked "
    "for a person: “can I talk to someone please”.</p><p><strong>Key data</strong></p><p>Order: A-20418<br>"
    "Plan: Pro<br>Channel: web<br>Platform: intercom<br>Language: en</p><p><strong>Chat</strong></p>"
    "<p>https://app.intercom.com/a/inbox/x9k2m1ab/conversation/215470000000110</p><p><strong>Transcript</strong></p>"
    "<p>From the chat, times in UTC.</p><p><strong>2026-07-11 10:00:00 · Maya Okafor</strong></p><p>Hi, I was charged "
    "twice for July: 49.00 on the 3rd and again on the 4th. Please send one of them back.</p>"
    "<p><strong>2026-07-11 10:00:08 · AI</strong></p><p>Let me check that for you.</p>"
    "<p><strong>2026-07-11 10:00:12 · AI</strong></p><p>I could not find a duplicate charge. Refunds take 3 to 5 "
    "business days.</p><p><strong>2026-07-11 10:00:47 · Maya Okafor</strong></p><p>that is not what I asked. can I "
    "talk to someone please</p><p><em>Handoff reference: 9fcf89bd-33fd-57a2-bb58-3e26fd4c9184</em></p></div>"
)
_EVIDENCE = (
    "<p><strong>Why Handoff opened this ticket</strong></p><p><strong>Signals</strong></p><p>human_requested: fired; "
    "“can I talk to someone please”<br>low_confidence: 1 of 2<br>repetition: 0.31 of 0.80</p><p><strong>Decision"
    "</strong></p><p>Reason: human_requested<br>Routing rule: billing<br>Group: Billing<br>Priority: high</p>"
)


def filled_state() -> State:
    """What a running demo would show."""
    return {
        "title": "Handoff demo",
        "note": "14 conversations over six platforms, all ended as they should. Write to any of them.",
        "conversations": [_billing(), _messaging(), _waiting(), _resolved(), _hostile()],
    }


def _message(number: int, author: str, name: str | None, text: str, after: float) -> Message:
    return {"id": str(number), "author": author, "author_name": name, "text": text, "at": START + after}  # type: ignore[typeddict-item]  # a literal in the caller


def _comment(number: int, author: str, html: str, after: float, *, public: bool, customer: bool = False) -> Comment:
    return {
        "id": number,
        "author": author,
        "by_customer": customer,
        "public": public,
        "html_body": html,
        "created_at": START + after,
    }


def _signal(name: str, *, fired: bool, **more: str) -> Signal:
    return {"name": name, "fired": fired, **more}  # type: ignore[typeddict-item]  # optional keys by name


def _billing() -> Conversation:
    ticket: Ticket = {
        "helpdesk": "zendesk",
        "id": 10_432,
        "subject": "Billing: charged twice for July",
        "status": "new",
        "priority": "high",
        "group": "Billing",
        "tags": ["handoff", "handoff_ai_escalation", "handoff_reason_human_requested", "billing", "via_intercom"],
        "requester": {"name": "Maya Okafor", "email": "maya.okafor@example.com", "phone": None},
        "created_at": START + 48.2,
        "comments": [
            _comment(
                1,
                "Maya Okafor",
                f"<p>{_WANTED}</p>",
                48.2,
                public=True,
                customer=True,
            ),
            _comment(2, "Handoff", _NOTE, 48.5, public=False),
            _comment(3, "Handoff", _EVIDENCE, 48.7, public=False),
        ],
    }
    timeline: list[Entry] = [
        {"stage": "event", "at": START + 47, "title": "Customer wrote", "detail": "4th message, over Intercom"},
        {
            "stage": "decision",
            "at": START + 47.1,
            "title": "Escalate: human requested",
            "tone": "good",
            "evidence": [
                _signal("human_requested", fired=True, quote="can I talk to someone please"),
                _signal("intent", fired=True, value="billing", quote="charged twice"),
                _signal("low_confidence", fired=False, value="1", threshold="2"),
                _signal("repetition", fired=False, value="0.31", threshold="0.80"),
            ],
        },
        {
            "stage": "ticket",
            "at": START + 48.2,
            "title": "Zendesk #10432 opened",
            "detail": "Billing, high; two notes added",
            "tone": "good",
        },
        {"stage": "notification", "at": START + 47.9, "title": "A person is coming", "tone": "good"},
        {"stage": "notification", "at": START + 49.1, "title": "Number and time", "detail": "#10432, 4 business hours"},
        {"stage": "session", "at": START + 49.6, "title": "Fin is quiet", "detail": "conversation handed to Billing"},
    ]
    name = "Acme Support"
    return {
        "key": "intercom/acme/215470000000110",
        "platform": "intercom",
        "title": "Charged twice for July",
        "customer": {"name": "Maya Okafor", "email": "maya.okafor@example.com"},
        "state": "with a person",
        "tone": "good",
        "holder": "human",
        "ai": "paused",
        "can_write": True,
        "messages": [
            _message(
                1,
                "customer",
                "Maya Okafor",
                f"Hi, {_WANTED}",
                0,
            ),
            _message(2, "ai", "Fin", "Let me check that for you.", 8),
            _message(3, "ai", "Fin", "I could not find a duplicate charge. Refunds take 3 to 5 business days.", 12),
            _message(4, "customer", "Maya Okafor", "that is not what I asked. can I talk to someone please", 47),
            _message(
                5,
                "human",
                name,
                "Of course. I am bringing in a colleague from billing; you do not have to repeat anything.",
                47.9,
            ),
            _message(
                6,
                "human",
                name,
                f"Your request is number 10432. {_PROMISE}",
                49.1,
            ),
        ],
        "tickets": [ticket],
        "timeline": timeline,
    }


def _short(
    key: str, name: str | None, title: str, state: str, tone: str, *messages: Message, holder: str = "ai"
) -> Conversation:
    return {
        "key": key,
        "platform": key.partition("/")[0],
        "title": title,
        "customer": {"name": name},
        "state": state,
        "tone": tone,  # type: ignore[typeddict-item]  # a literal in the caller
        "holder": holder,  # type: ignore[typeddict-item]  # a literal in the caller
        "ai": "active" if holder == "ai" else "paused",
        "can_write": True,
        "messages": list(messages),
        "tickets": [],
        "timeline": [],
    }


def _messaging() -> Conversation:
    made = _short(
        "zendesk-sunco/acme/f52b01137aa6c250bc7251fa",
        "Jonas Weber",
        "App stürzt nach dem Update ab",
        "with a person",
        "good",
        _message(1, "customer", "Jonas Weber", "Seit dem Update stürzt die App beim Start ab, Fehler 0x80070", 5),
        _message(2, "ai", "Acme Assistant", "Bitte installieren Sie die App neu.", 9),
        _message(3, "customer", "Jonas Weber", "Hab ich schon zweimal. Gleicher Fehler.", 31),
        _message(4, "human", "Acme Support", "Ein Techniker sieht sich das an. Vorgang 10433, Antwort bis 17 Uhr.", 33),
        holder="human",
    )
    made["tickets"] = [
        {
            "helpdesk": "zendesk",
            "id": 10_433,
            "subject": "Conversation with Jonas Weber",
            "status": "open",
            "priority": "normal",
            "group": "Tier 2",
            "tags": ["handoff"],
            "requester": {"name": "Jonas Weber", "email": None, "phone": None},
            "created_at": START + 33,
            "comments": [],
        }
    ]
    return made


def _waiting() -> Conversation:
    made = _short(
        "custom-llm/globex/s-7",
        None,
        "Where is my parcel?",
        "a person is coming",
        "warn",
        _message(1, "customer", None, "where is my parcel? third time I ask", 20),
        _message(2, "human", "Acme Support", "A person is taking over. Where can we reach you if the chat closes?", 22),
        holder="human",
    )
    made["timeline"] = [
        {"stage": "event", "at": START + 20, "title": "Customer wrote"},
        {"stage": "decision", "at": START + 20.2, "title": "Escalate: repetition"},
        {"stage": "ticket", "at": START + 21, "title": "Helpdesk away, waiting", "tone": "warn", "detail": "503"},
    ]
    return made


def _resolved() -> Conversation:
    return _short(
        "fin-agent-api/acme/ext-7741",
        "Aisha Rahman",
        "How do I change my address?",
        "solved by the AI",
        "plain",
        _message(1, "customer", "Aisha Rahman", "How do I change my delivery address?", 1),
        _message(2, "ai", "Fin", "Open Account, then Addresses. Did that help?", 4),
        _message(3, "customer", "Aisha Rahman", "yes, thanks!", 16),
    )


def _hostile() -> Conversation:
    made = _short(
        "zendesk-events/acme/67ab5f53a96f98663935c3f2",
        "<img src=x onerror=alert(1)>",
        "<script>alert(1)</script>",
        "with a person",
        "good",
        _message(1, "customer", "<b>x</b>", "<script>alert(1)</script> https://evil.test/" + "a" * 120, 2),
    )
    made["tickets"] = [
        {
            "helpdesk": "freshdesk",
            "id": 7,
            "subject": "<script>alert(1)</script>",
            "status": "open",
            "priority": "urgent",
            "group": None,
            "tags": [],
            "requester": None,
            "created_at": START + 3,
            "comments": [
                _comment(
                    1,
                    "<i>x</i>",
                    '<p onclick="window.hacked=1">kept<script>window.hacked=1</script></p>'
                    '<img src=x onerror="window.hacked=1"><a href="javascript:window.hacked=1">a link</a>'
                    "<style>body{display:none}</style><form><input></form>",
                    3,
                    public=True,
                )
            ],
        }
    ]
    return made
