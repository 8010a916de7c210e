"""Several conversations held as one."""

from __future__ import annotations

from collections.abc import Mapping

from bot.load.together import together
from bot.model.ask import Answer, Ask, Build, Conversation, Refused
from tests.example_tree import blob


def ask(name: str) -> Build:
    return Build("", {"kustomization.yaml": blob(name)})


def asking(*rounds: tuple[str, ...]) -> Conversation[list[str]]:
    """Asks for these builds, round by round, and returns what it was told of them."""
    heard: list[str] = []
    for names in rounds:
        answers = yield tuple(ask(name) for name in names)
        assert set(answers) == {ask(name).key for name in names}
        heard += [answer.message for answer in answers.values() if isinstance(answer, Refused)]
    return heard


def held(conversations: Mapping[str, Conversation[list[str]]]) -> tuple[dict[str, list[str]], list[list[str]]]:
    """The results, and the texts that each round asked for."""
    conversation = together(conversations)
    rounds: list[list[str]] = []
    try:
        asks: tuple[Ask, ...] = next(conversation)
        while True:
            texts = [
                blob.data.decode() for one in asks if isinstance(one, Build) for blob in one.files.values() if blob.data
            ]
            rounds.append(texts)
            answers: dict[str, Answer] = {
                one.key: Refused(f"about {text}") for one, text in zip(asks, texts, strict=True)
            }
            asks = conversation.send(answers)
    except StopIteration as done:
        return done.value, rounds


def test_the_questions_of_all_are_asked_at_once() -> None:
    results, rounds = held({"one": asking(("a",), ("b",)), "two": asking(("c",))})

    assert results == {"one": ["about a", "about b"], "two": ["about c"]}
    assert rounds == [["a", "c"], ["b"]]


def test_a_question_that_two_have_is_asked_once() -> None:
    results, rounds = held({"one": asking(("a", "b")), "two": asking(("b", "a"))})

    assert results == {"one": ["about a", "about b"], "two": ["about b", "about a"]}
    assert rounds == [["a", "b"]]


def test_a_question_that_was_answered_before_is_not_asked_again() -> None:
    results, rounds = held({"one": asking(("a",)), "two": asking(("b",), ("a",), ("c",))})

    assert results == {"one": ["about a"], "two": ["about b", "about a", "about c"]}
    assert rounds == [["a", "b"], ["c"]]


def test_one_that_asks_nothing_is_done_at_once() -> None:
    results, rounds = held({"one": asking(), "two": asking()})

    assert results == {"one": [], "two": []}
    assert rounds == []


def test_a_round_without_questions_is_answered_with_nothing() -> None:
    results, rounds = held({"one": asking((), ("a",))})

    assert results == {"one": ["about a"]}
    assert rounds == [["a"]]


def test_the_results_stand_in_the_order_of_the_conversations() -> None:
    results, _ = held({"late": asking(("a",), ("b",), ("c",)), "early": asking()})

    assert list(results) == ["late", "early"]
