"""Each signal: what fires it, what falls just short, what is measured either way."""

import pytest

from agents.escalation.decision import Measure
from tests.support.talking import SIMPLE, Talk, rules

MINUTE = 60


def measured(talk: Talk, signal: str) -> Measure:
    """What the last decision measured for that signal."""
    return next(m for m in talk.decisions[-1].measures if m.signal == signal)


def test_two_uncertain_answers_in_a_row_escalate() -> None:
    talk = Talk()
    talk.customer("how do I pair it?", 0)
    talk.ai("Maybe like this.", 1, confidence=0.49)
    assert talk.verdicts[-1] == "not_escalated"
    talk.ai("Or like that.", 2, confidence=0.31)
    assert talk.opened[0].reason == "low_confidence"
    evidence = talk.opened[0].evidence[0]
    assert (evidence.value, evidence.threshold, evidence.event_ids) == (2, 2, ("e1", "e2"))
    assert evidence.detail == "confidence 0.49, 0.31; low is below 0.5"


@pytest.mark.parametrize("between", [0.5, 0.9])
def test_a_certain_answer_breaks_the_row_and_the_limit_itself_is_certain(between: float) -> None:
    talk = Talk()
    talk.customer("how do I pair it?", 0)
    for at, confidence in enumerate([0.4, between, 0.4], start=1):
        talk.ai(f"Answer number {at}", at, confidence=confidence)
    assert talk.opened == []
    assert measured(talk, "low_confidence").value == 1


def test_answers_without_a_figure_neither_count_nor_break_the_row() -> None:
    talk = Talk()
    talk.customer("how do I pair it?", 0)
    talk.ai("Unsure one", 1, confidence=0.4)
    talk.ai("One moment please", 2)
    talk.ai("Unsure two", 3, confidence=0.4)
    assert len(talk.opened) == 1


def test_a_late_uncertain_answer_completes_a_row() -> None:
    talk = Talk()
    talk.customer("how do I pair it?", 0)
    talk.ai("Unsure one", 1, confidence=0.4)
    talk.ai("Certain", 3, confidence=0.9)
    talk.ai("Unsure two", 2, confidence=0.4)
    assert len(talk.opened) == 1


def test_a_late_certain_answer_retracts_nothing() -> None:
    talk = Talk()
    talk.customer("how do I pair it?", 0)
    talk.ai("Unsure one", 1, confidence=0.4)
    talk.ai("Unsure two", 3, confidence=0.4)
    talk.ai("Certain", 2, confidence=0.9)
    assert len(talk.opened) == 1


@pytest.mark.parametrize(("last", "fires"), [(10 * MINUTE, True), (10 * MINUTE + 0.001, False)])
def test_turns_are_counted_in_a_window_that_holds_both_its_ends(last: float, fires: bool) -> None:
    talk = Talk()
    for at, text in [(0, "it makes noise"), (60, "since yesterday"), (120, "a loud one"), (last, "like a kettle")]:
        talk.customer(text, at)
    assert bool(talk.opened) is fires
    assert measured(talk, "too_many_turns").value == (4 if fires else 3)


def test_a_late_turn_completes_a_window_that_lies_behind() -> None:
    talk = Talk()
    for at in (0, 60, 540, 1200):
        talk.customer(f"about thing number {at}", at)
    assert talk.opened == []
    talk.customer("and one that came late", 300)
    assert talk.opened[0].reason == "too_many_turns"
    assert talk.opened[0].evidence[0].event_ids == ("e0", "e1", "e4", "e2")


def test_a_customer_who_says_thanks_is_not_one_turn_too_many() -> None:
    talk = Talk()
    for at in range(3):
        talk.customer(f"about thing number {at}", at)
    assert talk.customer("perfect, thank you", 4).verdict == "not_escalated"
    assert measured(talk, "too_many_turns").value == 4


def test_thanks_that_overtook_the_turn_too_many_do_not_take_it_back() -> None:
    talk = Talk()
    for at in (0, 1, 2, 4):
        talk.customer("perfect, thank you" if at == 4 else f"about thing number {at}", at)
    assert talk.opened == []
    talk.customer("about the last thing", 3)
    assert talk.opened[0].reason == "too_many_turns"
    assert talk.opened[0].evidence[0].event_ids == ("e0", "e1", "e2", "e4")


def test_a_late_turn_after_which_too_few_were_asked_before_the_thanks_changes_nothing() -> None:
    talk = Talk()
    for at, text in [(0, "about one thing"), (2, "perfect, thank you"), (3, "ok, thanks"), (1, "about another thing")]:
        assert talk.customer(text, at).verdict == "not_escalated"
    assert measured(talk, "too_many_turns").value == 4


def test_untimed_turns_are_not_in_any_window() -> None:
    talk = Talk()
    for at in range(8):
        talk.customer(f"about thing number {at}", at / 1000, untimed=True)
    assert talk.opened == []


def test_the_ais_and_a_machines_turns_are_not_counted() -> None:
    talk = Talk()
    for at in range(3):
        talk.customer(f"about thing number {at}", at)
        talk.ai(f"about answer number {at}", at + 0.5)
        talk.customer("I am out of the office", at + 0.6, automatic=True)
    assert talk.opened == []


def test_the_customer_who_says_it_three_times_is_heard() -> None:
    talk = Talk()
    talk.customer("Where is my parcel?", 0)
    talk.customer("where is my parcel???", 3600)
    talk.customer("Where is my parcel now", 7200)
    assert talk.opened[0].reason == "repetition"
    assert talk.opened[0].evidence[0].value == 3


@pytest.mark.parametrize("word", ["yes", "no", "ok", "thanks", "55", "123456"])
def test_short_answers_repeat_without_meaning_it(word: str) -> None:
    talk = Talk()
    for at in range(3):
        talk.customer(word, at * 3600)
    assert talk.opened == []


def test_an_ai_that_gives_one_answer_three_times_is_noticed() -> None:
    talk = Talk()
    talk.customer("my device crashed", 0)
    for at in range(3):
        talk.ai("Please restart the device and try again.", 60 * at + 1)
    assert talk.opened[0].reason == "repetition"
    assert talk.opened[0].evidence[0].detail == "the ai says it again"


def test_a_trigger_phrase_names_its_list_and_its_span() -> None:
    talk = Talk()
    talk.customer("I will ask My  Lawyer about this", 0)
    evidence = talk.opened[0].evidence[0]
    assert (evidence.signal, evidence.value, evidence.span) == ("trigger_phrase", "legal", "My  Lawyer")


@pytest.mark.parametrize(
    ("locale", "fires"), [("de-AT", True), (None, True), ("en", False)], ids=["its language", "unknown", "another"]
)
def test_a_phrase_of_one_word_counts_only_in_its_language(locale: str | None, fires: bool) -> None:
    talk = Talk()
    talk.customer("Ich rufe meine Schwester an", 0, locale=locale)
    assert talk.opened == []
    talk.customer("und den Anwalt auch", 1, locale=locale)
    assert bool(talk.opened) is fires


def test_a_button_is_a_request() -> None:
    talk = Talk()
    assert talk.tell("human_requested", 0, how="button").verdict == "escalated"
    assert talk.opened[0].evidence[0].value == "button"


def test_a_yes_to_an_offered_person_is_a_request() -> None:
    talk = Talk()
    talk.customer("my device is dead", 0)
    talk.ai("I am sorry. Would you like to talk to a human agent?", 1)
    talk.customer("yes please", 2)
    assert talk.opened[0].reason == "human_requested"
    assert talk.opened[0].evidence[0].event_ids == ("e1", "e2")


@pytest.mark.parametrize("answer", ["no thanks", "yes but tell me the price first"])
def test_another_answer_to_an_offered_person_is_none(answer: str) -> None:
    talk = Talk()
    talk.customer("my device is dead", 0)
    talk.ai("I am sorry. Would you like to talk to a human agent?", 1)
    talk.customer(answer, 2)
    assert talk.opened == []


def test_a_yes_that_overtook_the_offer_is_a_request() -> None:
    talk = Talk()
    talk.customer("my device is dead", 0)
    talk.customer("yes please", 2)
    talk.ai("I am sorry. Would you like to talk to a human agent?", 1)
    assert talk.opened[0].evidence[0].event_ids == ("e2", "e1")


def test_a_yes_to_another_question_is_none() -> None:
    talk = Talk()
    talk.ai("Would you like to talk to a human agent?", 0)
    talk.ai("Or shall I search again?", 1)
    talk.customer("yes", 2)
    assert talk.opened == []


def test_the_platforms_word_is_kept_as_evidence() -> None:
    talk = Talk()
    talk.customer("hello", 0)
    talk.verdict("escalated", 1, reason="Escalation rule: vip")
    assert talk.opened[0].reason == "platform_escalated"
    assert talk.opened[0].evidence[0].detail == "Escalation rule: vip"


@pytest.mark.parametrize("outcome", ["resolved", "assumed_resolved", "abandoned"])
def test_other_verdicts_escalate_nothing(outcome: str) -> None:
    talk = Talk()
    talk.customer("hello", 0)
    assert talk.verdict(outcome, 1).verdict == "not_escalated"


def test_an_unresolved_verdict_escalates() -> None:
    talk = Talk()
    talk.customer("hello", 0)
    talk.verdict("unresolved", 1)
    assert talk.opened[0].reason == "unresolved"


@pytest.mark.parametrize(
    ("last", "by", "fires"),
    [
        ("where is it?", "ai", True),
        ("where is it?", "system", True),
        ("where is it?", "customer", False),
        ("where is it?", "human", False),
        ("thanks, found it", "ai", False),
    ],
)
def test_a_session_that_ends_on_the_customers_question_is_unresolved(last: str, by: str, fires: bool) -> None:
    talk = Talk()
    talk.customer("hello", 0)
    talk.ai("Hi!", 1)
    talk.customer(last, 2)
    talk.ended(by, 60)
    assert bool(talk.opened) is fires
    if fires:
        assert talk.opened[0].evidence[0].event_ids == ("e2", "e3")


def test_silence_after_an_unanswered_turn_is_recorded_once_and_only_when_its_time_has_come() -> None:
    talk = Talk()
    talk.customer("where is it?", 0)
    assert talk.pass_time(15 * MINUTE - 1) == []
    (decision,) = talk.pass_time(15 * MINUTE)
    assert decision.verdict == "recorded"
    assert talk.opened == []
    assert talk.pass_time(60 * MINUTE) == []
    talk.ended("customer", 61 * MINUTE)
    assert talk.outcomes[0].recorded == ("silence",)


def test_silence_is_nothing_after_a_good_answer_and_something_after_an_uncertain_one() -> None:
    for confidence, silent in [(0.9, False), (None, False), (0.3, True)]:
        talk = Talk()
        talk.customer("where is it?", 0)
        talk.ai("It is on its way.", 10, confidence=confidence)
        talk.pass_time(60 * MINUTE)
        assert ("recorded" in talk.verdicts) is silent


def test_a_customer_who_comes_back_is_not_silent() -> None:
    talk = Talk()
    talk.customer("where is it?", 0)
    talk.customer("found it, thanks", 14 * MINUTE)
    assert talk.pass_time(60 * MINUTE) == []


def test_a_tenant_that_opts_in_has_silence_transferred() -> None:
    talk = Talk(rules(SIMPLE.replace("action: record", "action: transfer")))
    talk.customer("where is it?", 0)
    talk.pass_time(15 * MINUTE)
    assert talk.opened[0].reason == "silence"
    assert talk.opened[0].evidence[0].value == 15
    assert talk.opened[0].evidence[0].event_ids == ("e0",)


def test_the_reason_is_the_first_of_the_policy_and_the_evidence_all_that_fired() -> None:
    talk = Talk()
    talk.customer("my lawyer wants to talk to a human", 0)
    assert talk.opened[0].reason == "human_requested"
    assert [e.signal for e in talk.opened[0].evidence if e.fired] == ["human_requested", "trigger_phrase"]
    reordered = SIMPLE.replace("  - reason: human_requested\n", "").replace(
        "    phrases: [legal]\n", "    phrases: [legal]\n  - reason: human_requested\n"
    )
    talk = Talk(rules(reordered))
    talk.customer("my lawyer wants to talk to a human", 0)
    assert talk.opened[0].reason == "trigger_phrase"


def test_what_fell_short_is_told_as_well() -> None:
    talk = Talk()
    talk.customer("it makes noise", 0)
    assert {m.signal: (m.fired, m.value, m.threshold) for m in talk.decisions[-1].measures} == {
        "human_requested": (False, None, None),
        "too_many_turns": (False, 1, 4),
        "repetition": (False, 1, 3),
        "trigger_phrase": (False, None, None),
    }
    assert [e.fired for e in talk.decisions[-1].evidence] == [False] * 4


OWN = """
  - reason: vip_waits
    when: {attributes: {plan: [gold]}, customer_turns: 2}
  - reason: bad_rating
    when: {rating_at_most: 2}
  - reason: device_bug
    when: {topics: [technical], tags: [beta]}
  - reason: money
    action: record
    when: {intents: [billing]}
"""


def own_rules() -> Talk:
    """A talk under rules with reasons of their own."""
    return Talk(rules(SIMPLE.replace("  - reason: platform_escalated\n", OWN + "  - reason: platform_escalated\n")))


def test_an_own_reason_needs_all_its_conditions() -> None:
    talk = own_rules()
    talk.customer("it makes noise", 0, attributes={"plan": "gold"})
    assert talk.opened == []
    assert measured(talk, "vip_waits").detail == "lacks customer_turns"
    talk.customer("still", 1)
    assert talk.opened[0].reason == "vip_waits"


def test_a_rating_can_be_a_reason_even_after_the_end() -> None:
    talk = own_rules()
    talk.customer("it makes noise", 0)
    talk.ai("Turn it off", 1)
    talk.ended("ai", 60)
    assert talk.tell("rated", 120, rating=3).verdict == "rated"
    assert talk.tell("rated", 130, rating=2).verdict == "escalated"
    assert talk.opened[0].reason == "bad_rating"


def test_a_topic_and_a_tag_can_be_a_reason() -> None:
    talk = own_rules()
    talk.customer("it crashed", 0)
    assert talk.opened == []
    talk.tell("identified", 1, tags=["beta"])
    assert talk.opened[0].reason == "device_bug"


def test_a_recorded_reason_is_told_once_and_opens_nothing() -> None:
    talk = own_rules()
    talk.customer("a question", 0, intent="billing.refund")
    talk.customer("another question", 1)
    assert talk.verdicts == ["recorded", "not_escalated"]
    assert talk.opened == []


def test_a_rule_for_other_channels_says_nothing() -> None:
    text = SIMPLE.replace("  - reason: too_many_turns\n", "  - reason: too_many_turns\n    channels: [email]\n")
    talk = Talk(rules(text), common={"channel": "web"})
    for at in range(5):
        talk.customer(f"about thing number {at}", at)
    assert talk.opened == []
    talk = Talk(rules(text), common={"channel": "email"})
    for at in range(5):
        talk.customer(f"about thing number {at}", at)
    assert len(talk.opened) == 1


def test_a_language_has_its_own_threshold() -> None:
    text = SIMPLE.replace("    within: 10m\n", "    within: 10m\n    by_locale: {de: {turns: 6}}\n")
    for locale, turns in [("de-CH", 6), ("en", 4)]:
        talk = Talk(rules(text), common={"locale": locale})
        for at in range(8):
            talk.customer(f"about thing number {at}", at)
        assert len(talk.opened[0].evidence[0].event_ids) == turns


def test_requests_in_text_can_be_switched_off_and_lists_of_own_wordings_added() -> None:
    text = SIMPLE.replace(
        "  - reason: human_requested\n", "  - reason: human_requested\n    in_text: false\n    phrases: [call]\n"
    ).replace("phrases:\n  legal", "phrases:\n  call: {en: [ring the bell]}\n  legal")
    talk = Talk(rules(text))
    talk.customer("get me a human", 0)
    assert talk.opened == []
    talk.customer("please ring the bell", 1)
    assert talk.opened[0].evidence[0].span == "ring the bell"
