"""The conversation that ends in a Review with fixes; what makes them is loaded where there is something to mend."""

from __future__ import annotations

from bot.engine import Question, examine
from bot.model.ask import Conversation
from bot.wanted import Offer, Wanted, worth_a_fix


def offered(question: Question, wanted: Wanted) -> Conversation[Offer]:
    """The review of a question, with a fix for each finding that is ``wanted`` and that has one."""
    examination = yield from examine(question)
    if not worth_a_fix(examination, wanted):
        return Offer(examination, question.head)
    from bot.fixing import with_fixes  # noqa: PLC0415 - a tenth of all that is loaded, and most changes need none of it

    return (yield from with_fixes(question, examination, wanted))
