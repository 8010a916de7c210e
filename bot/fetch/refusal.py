"""Why something is not fetched."""

from __future__ import annotations

from bot.ports import FluxbotError


class Refusal(FluxbotError):
    """A request is not made, or its answer not taken; one line without any secret.

    It never leaves this room: whoever asked for the chart is answered with
    its message.
    """
