"""Secrets known by their form, taken out of any text that is shown or logged.

``bot.model.quote.visible`` and the log pass through here, so whatever quotes
a repository does. Only what has the form of a secret, or stands in the place
of one, is taken: names, versions, shas, digests of images and generated names
stay. No name that Kubernetes takes has one of these forms, because each needs
a capital, an underscore or a place such as ``Authorization:``.
"""

from __future__ import annotations

import re
from functools import lru_cache
from string import ascii_lowercase
from typing import Final

REDACTED: Final = "[redacted]"

_GAP = r"(?:\s|\\[nrt])"
_KEY = r"(?:[A-Z0-9]+ )*PRIVATE KEY(?: BLOCK)?-----"
# Possessive: a text that is nearly a key must not be tried in every way.
_PEM = re.compile(
    rf"-----BEGIN {_KEY}(?:{_GAP}*+(?:Proc-Type|DEK-Info|Version|Comment): [^\n\\]*+)*+"
    rf"(?:{_GAP}*+[A-Za-z0-9+/=]{{40,}}+)*+(?:{_GAP}*+[A-Za-z0-9+/=]++)?+(?:{_GAP}*+-----END {_KEY})?"
)
_PEM_END = re.compile(
    rf"(?<![A-Za-z0-9+/=])(?:[A-Za-z0-9+/=]{{40,}}+{_GAP}*+)*+(?:[A-Za-z0-9+/=]++{_GAP}*+)?+-----END {_KEY}"
)

_GITLAB: Final = ("pat", "oas", "dt", "rt", "cbt", "ptt", "ft", "imt", "agent", "soat", "ffct")
_FORMS: Final = (
    # GitHub: 36 characters since 2021; tokens of installations may be ghs_APP_JWT of any length.
    r"\bgh[a-z]_(?:[A-Za-z0-9]{20,}|[0-9]+_)[A-Za-z0-9_.-]*",
    r"\bgithub_pat_[A-Za-z0-9_]{16,}",
    r"\bv1\.[0-9a-f]{40}(?![0-9a-f])",
    # A JWT, signed or encrypted, also one that was cut off.
    r"\beyJ[A-Za-z0-9_-]{10,}(?:\.[A-Za-z0-9_-]*){1,4}",
    r"\bAGE-SECRET-KEY-[0-9A-Za-z-]{8,}",
    r"\bENC\[[A-Z0-9_]+,[^\]\s]*\]?",
    r"\b(?:AKIA|ASIA|ABIA|ACCA)[A-Z0-9]{16}(?![A-Za-z0-9])",
    r"\bxox[a-z](?:-[A-Za-z0-9]+){2,}",
    r"\bxapp-[0-9]-[A-Za-z0-9-]{10,}",
    rf"\bgl(?:{'|'.join(_GITLAB)})-(?=[a-z0-9_.-]*[A-Z])[A-Za-z0-9_.-]{{16,}}",
    r"\bnpm_[A-Za-z0-9]{30,}",
    r"\bpypi-AgE[A-Za-z0-9_-]{10,}",
    r"\bAIza[A-Za-z0-9_-]{35}",
    r"\bya29\.[A-Za-z0-9_-]{20,}",
    r"\bGOCSPX-[A-Za-z0-9_-]{20,}",
    r"\bdckr_[a-z]+_[A-Za-z0-9_-]{16,}",
    r"\b[srp]k_(?:live|test)_[A-Za-z0-9]{10,}",
    r"\bwhsec_[A-Za-z0-9+/=]{16,}",
    r"\bsk-(?=[a-z0-9_-]*[A-Z])[A-Za-z0-9_-]{20,}",
    r"\bSG\.[A-Za-z0-9_-]{16,}\.[A-Za-z0-9_-]{16,}",
    r"\bgl(?:sa|c)_[A-Za-z0-9_=+/-]{20,}",
    r"\bhv[sbr]\.[A-Za-z0-9_-]{20,}",
    r"\bdo[opr]_v1_[0-9a-f]{32,}",
    r"\bhf_[A-Za-z0-9]{30,}",
    r"\b[A-Za-z0-9]{14}\.atlasv1\.[A-Za-z0-9_=-]{40,}",
)

_PLACES: Final = (
    # The credentials of a URL, also of one that was taken for a path; a password may hold a slash. ``git@`` is no
    # secret, nor is the port of a host or the name of an image.
    r"(?:(?<=://)|(?<=:/)(?!/))(?!git@)[^\s/\"'`<>]{1,1000}(?=@(?!sha[0-9]+:))",
    r"(?:(?<=://)|(?<=:/)(?!/))(?!\[)[^\s/:@\"'`<>]{1,200}:(?![0-9]{1,5}/)[^\s\"'`<>]{1,1000}(?=@(?!sha[0-9]+:))",
    r"(?<=hooks\.slack\.com/)(?:services|workflows|triggers)/[\w/-]+",
    r"(?<=/api/webhooks/)[0-9]+/[\w-]+",
)

_SECRETS_NAME: Final = r"(?:token|secret|passw(?:or)?d|api[_-]?key|access[_-]?key|signature|credential)"
_NAMED: Final = rf"[\w.-]*{_SECRETS_NAME}[\w.-]*|sig|auth|pwd|key|code"
_KEYS: Final = (
    r"password|passwd|pwd|AccountKey|SharedAccessKey|SharedAccessSignature|client[_-]secret|"
    r"(?:aws_)?secret_access_key|(?:access|auth|api)[_-]?token|api[_-]?key"
)
_AFTER: Final = (
    # A parameter of a URL or of a connection string, by its name.
    rf"[?&;](?:{_NAMED})=",
    rf"\b(?:{_KEYS})\s?=\s?[\"']?",
    r"\b(?:aws_)?secret[_-]?access[_-]?key[\"']?\s*:\s*[\"']?(?=[A-Za-z0-9/+=]{40})",
    r"\b(?:Proxy-)?Authorization[\"']?\s*[:=]\s*[\"']?(?:(?:basic|bearer|token|digest|negotiate)\s+)?",
    r"\bbearer\s+(?=[A-Za-z0-9._~+/-]*[0-9])(?=[A-Za-z0-9._~+/-]{16})",
    r"\bbasic\s+(?=(?-i:[A-Za-z0-9+/]*(?:[0-9+/=]|[a-z][A-Z])))(?=[A-Za-z0-9+/]{8})",
)

_SECRET: Final = re.compile("|".join(_FORMS + _PLACES))
_VALUE: Final = re.compile(rf"({'|'.join(_AFTER)})(?!{re.escape(REDACTED)})[^\s&#\"'`,;]+", re.IGNORECASE)
_SIGNS: Final = re.compile(r"[A-Z_@=.:]|xox|xapp|asic\s|earer\s")
"""Without one of these no text holds a secret; most names have none."""

_MARKS: Final = (
    *(f"gh{letter}_" for letter in ascii_lowercase),
    *(f"gl{what}-" for what in _GITLAB),
    *("github_pat_", "v1.", "eyj", "age-secret-key-", "enc[", "akia", "asia", "abia", "acca", "xox", "xapp-"),
    *("npm_", "pypi-", "aiza", "ya29.", "gocspx-", "dckr_", "k_live_", "k_test_", "whsec_", "sk-", "sg."),
    *("glsa_", "glc_", "hvs.", "hvb.", "hvr.", "_v1_", "hf_", "atlasv1.", "@", "/services/", "/workflows/"),
    *("/triggers/", "/api/webhooks/", "=", "access", "authorization", "bearer", "basic", "-----"),
)
"""Every secret's form or place has one of these, in small letters; most prose has none, and trying all is dear."""

_SMALL: Final = str.maketrans("ıİſ", "iis")
"""Letters that a pattern takes for others where case does not count, and ``lower`` does not."""


_SHORT: Final = 400
"""Characters of a text that is remembered: the same names are shown thousands of times, in every form of a report."""


def redacted(text: str) -> str:
    """The text with every secret in it written as ``[redacted]``. To do it twice changes nothing."""
    return _remembered(text) if len(text) <= _SHORT else _redacted(text)


def _redacted(text: str) -> str:
    if not _SIGNS.search(text):
        return text
    small = text.lower() if text.isascii() else text.translate(_SMALL).lower()
    if not any(mark in small for mark in _MARKS):
        return text
    if "-----" in text:
        text = _PEM_END.sub(REDACTED, _PEM.sub(REDACTED, text))
    return _VALUE.sub(rf"\1{REDACTED}", _SECRET.sub(REDACTED, text))


_remembered: Final = lru_cache(maxsize=8_192)(_redacted)
