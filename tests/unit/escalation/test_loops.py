"""What a machine wrote, or what quotes us, starts nothing, and is counted."""

from agents.escalation.replay import replay
from streams.ids import escalation_id
from tests.support.talking import SIMPLE, START, Talk, rules

NOTICE = "a person will take over. your ticket number is"
OURS = rules(own_sentences=(NOTICE,))
REPLY = "Your message has reached us and we will get back to you"


def test_an_automatic_message_opens_nothing_even_if_it_asks_for_a_human() -> None:
    talk = Talk()
    decision = talk.customer("I am away. For a human contact reception: talk to a human", 0, automatic=True)
    assert decision.verdict == "ignored_automatic"
    assert decision.brakes == ("automatic",)
    assert talk.state is not None
    assert talk.state.head.open is None


def test_automatic_requests_and_verdicts_open_nothing() -> None:
    talk = Talk()
    assert talk.tell("human_requested", 0, automatic=True).brakes == ("automatic",)
    assert talk.verdict("escalated", 1, automatic=True).brakes == ("automatic",)
    assert talk.opened == []


def test_an_automatic_message_amid_an_episode_stands_in_the_ticket_and_counts_for_nothing() -> None:
    talk = Talk()
    talk.customer("my device is dead", 0)
    talk.customer("I am out of the office, talk to a human", 1, automatic=True)
    talk.customer("get me a human", 2)
    assert [(turn.text, turn.automatic) for turn in talk.opened[0].turns][1] == (
        "I am out of the office, talk to a human",
        True,
    )


def test_an_automatic_message_is_not_appended() -> None:
    talk = Talk()
    talk.customer("get me a human", 0)
    assert talk.customer("I am out of the office", 60, automatic=True).verdict == "ignored_automatic"
    assert talk.appended == []


def test_the_same_words_twice_after_our_notice_are_a_machines() -> None:
    talk = Talk()
    talk.customer("get me a human", 0)
    assert talk.customer(REPLY, 60).verdict == "appended"
    decision = talk.customer(REPLY, 120)
    assert (decision.verdict, decision.brakes) == ("ignored_automatic", ("identical_text",))
    assert len(talk.appended) == 1


def test_a_customer_who_asks_again_is_no_machine() -> None:
    talk = Talk()
    talk.customer("please get me a human", 0)
    assert talk.customer("please get me a human", 5).verdict == "appended"


def test_the_same_words_twice_before_any_notice_are_a_customers() -> None:
    talk = Talk()
    talk.customer("my parcel has not come yet", 0)
    assert talk.customer("my parcel has not come yet", 60).brakes == ()


def test_a_machine_that_goes_on_after_the_ticket_is_closed_opens_nothing() -> None:
    talk = Talk()
    talk.customer("get me a human", 0)
    talk.customer(REPLY, 60)
    talk.ended("human", 600)
    decision = talk.customer(REPLY, 700)
    assert (decision.verdict, decision.brakes) == ("ignored_automatic", ("identical_text",))
    assert talk.state is not None
    assert talk.state.head.open is None


def test_a_mail_that_answers_our_notice_at_once_is_marked_and_still_reaches_the_ticket() -> None:
    talk = Talk(common={"channel": "email"})
    talk.customer("get me a human", 0)
    decision = talk.customer("We have received your message", 12)
    assert decision.brakes == ("too_fast",)
    assert talk.appended[0].turn.automatic
    assert talk.customer("I forgot the order number: 77", 30).brakes == ()


def test_a_chat_is_typed_as_fast_as_people_type() -> None:
    talk = Talk(common={"channel": "web"})
    talk.customer("get me a human", 0)
    assert talk.customer("please hurry", 2).brakes == ()
    assert not talk.appended[0].turn.automatic


def test_our_own_notice_that_comes_back_as_a_customers_message_opens_nothing() -> None:
    talk = Talk(OURS)
    talk.customer("hello", 0)
    decision = talk.customer("A person will take over. Your ticket number is 10432. Talk to a human?", 5)
    assert (decision.verdict, decision.brakes) == ("ignored_automatic", ("quotes_our_notice",))
    assert talk.opened == []


def test_an_answer_above_our_quoted_notice_is_read_and_the_notice_is_not() -> None:
    talk = Talk(OURS)
    talk.customer("hello", 0)
    long_answer = "The lamp has been blinking since Monday and nothing in the manual explains it. " * 4
    quoted = f"{long_answer}\nOn Tuesday you wrote:\nA person will take over. Your ticket number is 1. Talk to a human."
    assert talk.customer(quoted, 5).verdict == "not_escalated"
    assert talk.customer("Get me a human. " + quoted, 6).verdict == "escalated"


def test_a_text_with_our_escalation_id_is_known_as_ours_without_any_wording() -> None:
    talk = Talk()
    talk.customer("get me a human", 0, event_id="first")
    ours = escalation_id("acme", "c1", "first")
    talk.ended("human", 600)
    assert talk.customer(f"Re: [{ours}] talk to a human", 700).brakes == ("quotes_our_notice",)


def test_an_echo_of_our_notice_as_a_humans_message_is_not_a_human_holding_the_chat() -> None:
    talk = Talk(OURS)
    talk.customer("get me a human", 0)
    assert talk.human("A person will take over. Your ticket number is 10432.", 5).brakes == ("quotes_our_notice",)
    assert talk.customer("my order is 77", 10).verdict == "appended"


def test_ten_rounds_with_an_autoresponder_open_one_ticket() -> None:
    talk = Talk(OURS, common={"channel": "email"})
    talk.customer("I want to talk to a human", 0)
    for number in range(10):
        talk.human("A person will take over. Your ticket number is 10432.", 10 + 60 * number)
        talk.customer(f"{REPLY}. Talk to a human if it is urgent.", 20 + 60 * number)
    talk.ended("human", 1000)
    for number in range(5):
        talk.customer(f"{REPLY}. Talk to a human if it is urgent.", 1100 + 60 * number)
    assert len(talk.opened) == 1
    assert len(talk.appended) == 1


def test_brakes_are_the_same_in_a_replay() -> None:
    talk = Talk(rules(SIMPLE))
    talk.customer("get me a human", 0)
    assert [d.brakes for _, d in replay([], lambda _: talk.rules, until=START)] == []
