"""Asking only the rules that can have something to say gives what asking every rule gives."""

from hypothesis import given
from hypothesis import strategies as st

from agents.escalation.asking import MAX_PLANS, measure
from agents.escalation.decision import Measure, Rules
from agents.escalation.hearing import Heard, hear_ai, hear_customer
from agents.escalation.learning import language_of
from agents.escalation.signals import SIGNALS, Situation
from agents.escalation.state import AI, CUSTOMER, Episode, Escalated, Head, Mark
from agents.escalation.window import inserted
from agents.policy.compiled import CompiledRule
from agents.policy.compiled import Occasion as When
from tests.support.talking import EXAMPLE, SIMPLE, rules

OWN = SIMPLE.replace(
    "rules:\n",
    """rules:
  - reason: vip
    when: {tags: [vip], customer_turns: 2}
    channels: [email]
  - reason: about_billing
    action: record
    when: {topics: [billing]}
  - reason: court
    when: {phrases: [legal]}
    channels: [web, email]
  - reason: unhappy
    when: {rating_at_most: 2}
""",
    1,
).replace("  - reason: repetition\n", "  - reason: repetition\n    ai_times: off\n", 1)
POLICIES = [rules(OWN), rules(SIMPLE), rules(EXAMPLE)]

TEXTS = st.sampled_from(
    ["where is it?", "get me a human", "yes", "thanks, bye", "my lawyer will write", "charged twice", "Anwältin", ""]
)
AI_TEXTS = st.sampled_from(["Here it is.", "Would you like to talk to a human agent?"])
OFFER, YES = (True, "", "Would you like to talk to a human agent?", None), (False, "yes", "", None)
TURNS = st.tuples(
    st.lists(st.tuples(st.booleans(), TEXTS, AI_TEXTS, st.sampled_from([None, 0.2, 0.5, 0.9])), max_size=12),
    st.sampled_from([(), (), (OFFER, YES), (YES, OFFER), (OFFER, OFFER)]),
).map(lambda parts: [*parts[0], *parts[1]])
ADDRESS = st.tuples(
    st.sampled_from([None, "web", "email", "x"]), st.sampled_from([None, "en", "de-AT", "xx"]), st.booleans()
)


def situation(
    decided: Rules, turns: list[tuple[bool, str, str, float | None]], when: When, head: Head, word: str, late: bool
) -> Situation:
    """The episode of those turns, at its last one, which may come late, or at an event of that name."""
    episode = Episode("e0", 0, 0, 0)
    heard, mark = Heard(""), None
    for number, (by_ai, text, answer, confidence) in enumerate(turns):
        language = language_of(head.locale)
        heard = hear_ai(answer) if by_ai else hear_customer(text, decided.policy, language)
        author = AI if by_ai else CUSTOMER
        spoken = confidence if by_ai else None
        ms = number * 1_000 - 1_500 * (late and number == len(turns) - 1)
        mark = Mark(ms, number, author, f"e{number}", heard.flags, spoken, heard.tokens)
        episode.marks = inserted(episode.marks, mark)
        episode.customer_turns += not by_ai
    if when not in {"customer", "ai"}:
        return Situation(when, decided.policy, head, episode, "now", 90_000, word=word, by="system", rating=2)
    heard = heard if when == "customer" else Heard("")
    return Situation(when, decided.policy, head, episode, "now", 90_000, mark=mark, heard=heard)


def asked_one_by_one(at: Situation) -> list[tuple[CompiledRule, Measure]]:
    """By the definition."""
    found = []
    for rule in at.policy.on[at.occasion]:
        if rule.holds_on(at.head.channel):
            params = rule.params_for(language_of(at.head.locale))
            measured = SIGNALS[type(rule.params)](rule, params, at)
            found += [(rule, measured)] if measured is not None else []
    return found


@given(
    st.sampled_from(POLICIES),
    TURNS,
    st.sampled_from([None, "request", "verdict", "learnt", "rated", "end", "silence"]),
    ADDRESS,
    st.sampled_from(["unresolved", "escalated", "button"]),
    st.booleans(),
)
def test_what_is_measured_is_what_every_rule_measures(
    decided: Rules,
    turns: list[tuple[bool, str, str, float | None]],
    other: When | None,
    address: tuple[str | None, str | None, bool],
    word: str,
    late: bool,
) -> None:
    channel, locale, vip = address
    head = Head("acme", "c", "direct", 0, "e0", 0, channel=channel, locale=locale, tags=("vip",) if vip else ())
    when: When = other or ("ai" if turns and turns[-1][0] else "customer")
    at = situation(decided, turns, when, head, word, late)
    if when in {"customer", "ai"} and at.mark is None:
        return
    expected = asked_one_by_one(at)
    measured = measure(at)
    assert measured.all == [found for _, found in expected]
    assert measured.fired == [(rule, found) for rule, found in expected if found.fired]


def test_what_is_remembered_of_a_policy_stays_within_its_bound() -> None:
    decided = rules()
    for number in range(2 * MAX_PLANS):
        head = Head("acme", "c", "direct", 0, "e0", 0, channel=f"channel-{number}")
        measure(Situation("silence", decided.policy, head, Episode("e0", 0, 0, 0), "now", 0))
    assert 0 < len(decided.policy.plans) <= MAX_PLANS


def test_nothing_that_changes_is_remembered() -> None:
    decided = rules()
    head = Head("acme", "c", "direct", 0, "e0", 0)
    episode = Episode("e0", 0, 0, 0, live=Escalated(0, 0, "x", "y"))
    first = measure(Situation("customer", decided.policy, head, episode, "e1", 0, mark=Mark(0, 0, CUSTOMER, "e1")))
    first.all.clear()
    again = measure(Situation("customer", decided.policy, head, episode, "e1", 0, mark=Mark(0, 0, CUSTOMER, "e1")))
    assert [found.signal for found in again.all] == [rule.reason for rule in decided.policy.on["customer"]]
