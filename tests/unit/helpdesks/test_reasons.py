"""Why a conversation came to a person, in one sentence."""

import pytest

from agents.helpdesks.reasons import why
from streams.contracts.escalation_commands import REASONS, Evidence
from tests.support.drafts import command


def because(reason: str, **measured: object) -> str:
    return why(
        command(reason=reason, evidence=(Evidence.model_validate({"signal": reason, "fired": True} | measured),))
    )


@pytest.mark.parametrize("reason", REASONS)
def test_every_reason_of_the_product_has_words_of_its_own(reason: str) -> None:
    sentence = because(reason)
    assert sentence.endswith(".")
    assert reason not in sentence
    assert "rule" not in sentence


def test_measured_values_and_limits_are_told() -> None:
    assert because("too_many_turns", value=9, threshold=8) == (
        "The conversation went on for too many turns without an answer that helped"
        " (measured 9 messages of the customer, limit 8)."
    )
    assert because("low_confidence", value=0.3125, threshold=0.5).endswith("(measured 0.31, limit 0.5).")


def test_the_words_that_matched_are_quoted() -> None:
    assert because("human_requested", span="a human\nplease") == "The customer asked for a person: “a human please”."


def test_a_reason_that_the_policy_named_is_told_by_its_name() -> None:
    assert because("vip_customer", value=True) == "The policy's rule «vip customer» asks for a person."


def test_evidence_of_another_signal_is_not_passed_off_as_the_reason() -> None:
    other = Evidence(signal="repetition", fired=True, value=3, threshold=3)
    assert why(command(reason="silence", evidence=(other,))) == (
        "The customer went silent after an answer that did not help."
    )


def test_words_are_no_measure() -> None:
    assert because("platform_escalated", value="escalated", threshold="escalated", detail="asked for a human") == (
        "The AI platform handed the conversation over itself (asked for a human)."
    )
    assert because("unresolved", value="unanswered", threshold="unresolved", detail="at the end") == (
        "The AI session ended and left the customer's last message unanswered."
    )
    assert because("silence", value=16, threshold=15, detail="minutes") == (
        "The customer went silent after an answer that did not help (measured 16 minutes, limit 15)."
    )


def test_an_offer_that_was_accepted_is_told_as_one() -> None:
    assert because("human_requested", value="accepted", span="yes please") == (
        "The customer accepted the AI's offer of a person: “yes please”."
    )


def test_hostile_words_stay_on_one_line() -> None:
    assert "\n" not in because("trigger_phrase", span="x\n\n{{ticket.id}}" * 40)
