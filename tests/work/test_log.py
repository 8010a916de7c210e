"""What may stand in a log."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from bot.ports import NotPermitted
from bot.work.log import explained, redacted

_PRELUDE = """
import asyncio, gc, logging, threading
from bot.work.log import LogFormat, logger, loop_problem, start_log
start_log(LogFormat.JSON)
"""

_LEAKS = {
    "a-bug-that-nobody-caught": "raise ValueError('kind: Secret')",
    "a-bug-in-a-thread": """
def fail(): raise ValueError('kind: Secret')
thread = threading.Thread(target=fail); thread.start(); thread.join()
""",
    "a-bug-in-a-destructor": """
class Thing:
    def __del__(self): raise ValueError('kind: Secret')
Thing(); gc.collect()
""",
    "a-task-that-nobody-awaited": """
async def fail(): raise ValueError('kind: Secret')
async def main():
    asyncio.get_running_loop().set_exception_handler(loop_problem)
    task = asyncio.create_task(fail())
    await asyncio.sleep(0)
    del task
    gc.collect()
asyncio.run(main())
""",
    "a-task-of-a-loop-without-our-handler": """
async def fail(): raise ValueError('kind: Secret')
async def main():
    task = asyncio.create_task(fail())
    await asyncio.sleep(0)
    del task
    gc.collect()
asyncio.run(main())
""",
    "a-library-that-quotes": "logging.getLogger('psycopg').warning('lost %s', 'kind: Secret')",
    "a-library-that-put-it-together": "logging.getLogger('aiohttp.server').error(f'broke on {\"kind: Secret\"}')",
    "a-library-with-an-exception": """
try: raise ValueError('kind: Secret')
except ValueError: logging.getLogger('aiohttp.server').exception('Error handling %s', 'kind: Secret')
""",
    "ours-with-an-exception": """
try: raise ValueError('kind: Secret')
except ValueError: logger('bot.work').exception('job.broke')
""",
}


@pytest.mark.parametrize("program", _LEAKS.values(), ids=_LEAKS)
def test_one_line_of_json_says_what_broke_without_its_words(program: str) -> None:
    process = subprocess.run((sys.executable, "-c", _PRELUDE + program), capture_output=True, text=True, check=False)

    (line,) = process.stderr.splitlines()
    assert {"event", "level", "timestamp"} <= json.loads(line).keys()
    assert "Secret" not in line + process.stdout


def test_the_sentence_of_a_library_is_told_before_anything_was_put_into_it() -> None:
    program = "logging.getLogger('psycopg.pool').warning('error connecting in %r: %s', 'pool-1', 'password=x')"

    process = subprocess.run((sys.executable, "-c", _PRELUDE + program), capture_output=True, text=True, check=False)

    said = json.loads(process.stderr)
    assert (said["event"], said["logger"]) == ("error connecting in %r: %s", "psycopg.pool")


def test_tokens_and_passwords_are_taken_out_of_every_text() -> None:
    event: dict[str, object] = {
        "event": "said ghs_4242_eyJhbGciOi.J9.x-y_z",
        "urls": ["postgresql://me:word@db/x", "https://example.org/a"],
        "more": {"jwt": "Bearer eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiI0MiJ9.c2ln"},
    }

    assert redacted(None, "info", event) == {
        "event": "said [redacted]",
        "urls": ["postgresql://[redacted]@db/x", "https://example.org/a"],
        "more": {"jwt": "Bearer [redacted]"},
    }


def test_a_token_that_a_long_text_is_cut_in_is_taken_out() -> None:
    event: dict[str, object] = {"event": "x" * 1_990 + " ghp_" + "a1" * 18}

    assert "ghp_" not in str(redacted(None, "info", event)["event"])


def test_an_exception_of_others_is_told_by_kind_and_place_and_not_in_its_words() -> None:
    with pytest.raises(ValueError, match="Secret") as raised:
        int("kind: Secret")

    told = explained(None, "error", {"event": "x", "exc_info": raised.value})

    assert told["problem"] == "ValueError"
    assert "test_log.py" in str(told["at"])
    assert "Secret" not in str(told)


def test_an_exception_of_ours_is_told_in_its_words() -> None:
    told = explained(None, "error", {"event": "x", "exc_info": NotPermitted("checks: write")})

    assert told == {"event": "x", "problem": "NotPermitted", "reason": "not permitted: checks: write is missing"}
