"""The log: one event a line on stderr, without anything that others wrote.

Messages of unexpected exceptions are left out, because the text of a library's
exception may hold what the library was given: a manifest, a payload, a token.
What an exception of bot/ports.py says was written by us, and stays. Of what a
library itself logs, the sentence is told without what was put into it.
"""

from __future__ import annotations

import asyncio
import logging
import sys
import threading
from collections.abc import Mapping, MutableMapping
from enum import StrEnum
from types import TracebackType
from typing import Final, cast

import structlog

from bot.model.redaction import redacted as without_secrets
from bot.ports import FluxbotError
from bot.report.crash import places

_LONGEST: Final = 2_000


class LogFormat(StrEnum):
    JSON = "json"
    TEXT = "text"


def start_log(form: LogFormat) -> None:
    """Send all logs of this process, those of libraries from warnings on, and its last words to stderr."""
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        explained,
        redacted,
    ]
    last: structlog.typing.Processor = (
        structlog.processors.JSONRenderer()
        if form is LogFormat.JSON
        else structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[foreign, *shared],
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, last],
            use_get_message=False,
            pass_foreign_args=True,
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.WARNING)
    logging.getLogger("bot").setLevel(logging.INFO)
    # Its records quote the arguments of jobs, and all that they say at this level is said by bot.work.
    logging.getLogger("procrastinate").setLevel(logging.CRITICAL)
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    _last_words()


def _last_words() -> None:
    """Log what Python would print with its message: an exception that nobody caught, whoever raised it."""
    told = logger("bot.work")
    sys.excepthook = lambda _kind, problem, _where: told.critical("process.broke", exc_info=problem)
    threading.excepthook = lambda given: told.error("thread.broke", exc_info=given.exc_value)
    sys.unraisablehook = lambda given: told.error("object.broke", exc_info=given.exc_value)


def loop_problem(_loop: asyncio.AbstractEventLoop, context: Mapping[str, object]) -> None:
    """Log what an event loop complains of. asyncio's own words hold the text of the exception."""
    logger("bot.work").error("loop.broke", complaint=context.get("message"), exc_info=context.get("exception"))


def logger(name: str) -> structlog.stdlib.BoundLogger:
    """The log of a module below ``bot``."""
    return cast("structlog.stdlib.BoundLogger", structlog.get_logger(name))


def foreign(_logger: object, _method: str, event: MutableMapping[str, object]) -> MutableMapping[str, object]:
    """Replace what a library logs by the sentence before anything was put into it, and where it said so.

    A sentence that was complete before it was logged is left out: nobody knows what is in it.
    """
    if not event.pop("positional_args", None):
        event["event"] = "library.said"
    record = event.get("_record")
    if isinstance(record, logging.LogRecord):
        event.update(logger=record.name, said_at=f"{record.module}:{record.lineno}")
    event.pop("stack_info", None)
    return event


def explained(_logger: object, _method: str, event: MutableMapping[str, object]) -> MutableMapping[str, object]:
    """Replace ``exc_info`` by what kind of exception it is and where it came from."""
    given = event.pop("exc_info", None)
    if given is True:
        given = sys.exc_info()
    problem = given[1] if isinstance(given, tuple) else given
    if isinstance(problem, BaseException):
        event.update(problem_fields(problem, problem.__traceback__))
    return event


def problem_fields(problem: BaseException, where: TracebackType | None = None) -> Mapping[str, object]:
    """What may be logged about an exception."""
    fields: dict[str, object] = {"problem": type(problem).__name__}
    if isinstance(problem, FluxbotError):
        fields["reason"] = str(problem)
    if where is not None:
        fields["at"] = places(where)
    return fields


def redacted(_logger: object, _method: str, event: MutableMapping[str, object]) -> Mapping[str, object]:
    """The event without tokens and passwords in any of its texts, and without texts of excessive length."""
    return {name: _clean(value) for name, value in event.items()}


def _clean(value: object) -> object:
    match value:
        case str():
            return without_secrets(value)[:_LONGEST]
        case bytes():
            return f"{len(value)} bytes"
        case list() | tuple():
            return [_clean(one) for one in value]
        case dict():
            return {name: _clean(one) for name, one in value.items()}
        case _:
            return value
