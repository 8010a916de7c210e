"""Several conversations held as one, so that their questions are answered side by side."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeVar

from bot.model.ask import Ask, Conversation, Reply

K = TypeVar("K")
T = TypeVar("T")


def together(conversations: Mapping[K, Conversation[T]]) -> Conversation[dict[K, T]]:
    """The results of all, by key; in each round the open questions of all are asked at once, each only once."""
    results: dict[K, T] = {}
    waiting: dict[K, tuple[Ask, ...]] = {}
    known: dict[str, Reply] = {}

    def advance(key: K, answers: Mapping[str, Reply] | None) -> None:
        conversation = conversations[key]
        try:
            waiting[key] = next(conversation) if answers is None else conversation.send(answers)
        except StopIteration as done:
            waiting.pop(key, None)
            results[key] = done.value

    for key in conversations:
        advance(key, None)
    while waiting:
        asks = {ask.key: ask for some in waiting.values() for ask in some if ask.key not in known}
        if asks:
            known.update((yield tuple(asks.values())))
        for key, some in list(waiting.items()):
            advance(key, {ask.key: known[ask.key] for ask in some})
    return {key: results[key] for key in conversations}
