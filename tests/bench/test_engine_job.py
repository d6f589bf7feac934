"""The engine job, as every Python contender runs it."""

import json

from tests.bench.engine_job import NOTHING, STREAK, WINDOW_MS, command, count


def test_turns_are_counted_within_a_window_and_anew_in_the_next() -> None:
    first, _ = count(NOTHING, WINDOW_MS, "customer", None)
    second, _ = count(first, WINDOW_MS + 1, "customer", None)
    third, _ = count(second, 2 * WINDOW_MS, "customer", None)
    assert [state[1] for state in (first, second, third)] == [1, 2, 1]


def test_it_fires_exactly_when_the_streak_is_full_and_not_again_while_it_lasts() -> None:
    state, fired = NOTHING, []
    for _ in range(STREAK + 2):
        state, fires = count(state, WINDOW_MS, "ai", 0.1)
        fired.append(fires)
    assert fired == [False, False, True, False, False]


def test_a_confident_answer_ends_the_streak_and_a_customer_does_not() -> None:
    low, _ = count(NOTHING, WINDOW_MS, "ai", 0.1)
    asked, _ = count(low, WINDOW_MS, "customer", None)
    sure, _ = count(asked, WINDOW_MS, "ai", 0.9)
    assert (asked[2], sure[2]) == (1, 0)


def test_a_command_is_json_with_its_event() -> None:
    assert json.loads(command("c", "e", 4)) == {"conversation_id": "c", "event_id": "e", "turns": 4}
