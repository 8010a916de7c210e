"""What the environment says, read once.

The commands that read a tree take only the place of the cache and the limits
from it, and where they fetch, from which hosts and with which passwords. The
server takes all of the settings, a ``.env`` file in the working directory, and
``NAME_FILE`` beside each secret, for a file that holds it. A ``.env`` is never
read by the commands for trees: they are called inside of trees of others.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from functools import partial
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from bot.environment import BadSettings, Reader, dotenv
from bot.fetch.credentials import HostCredentials, host_credentials
from bot.model.limits import DEEPEST_YAML, LIMIT, LIMITS, MEBIBYTE, Limits, is_size, setting
from bot.model.quote import visible
from bot.model.traffic import RATES, Rates, scaled

_HOST: Final = re.compile(r"(?:(?:\*\.)?[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?|\[::1\])(?::[0-9]{1,5})?")
_APP: Final = {
    "FLUXBOT_APP_ID": "app-id",
    "FLUXBOT_PRIVATE_KEY": "private-key.pem",
    "FLUXBOT_WEBHOOK_SECRET": "webhook-secret",
}
"""Who the App is, and the files in which setup keeps it."""
_SECRETS: Final = (
    *("FLUXBOT_PRIVATE_KEY", "FLUXBOT_WEBHOOK_SECRET", "FLUXBOT_DATABASE_URL"),
    "FLUXBOT_HOST_CREDENTIALS",
)
_FEWEST_POINTS: Final = 100
_LARGEST_LIMIT: Final = 100_000_000
_LOOPBACK: Final = ("127.0.0.1", "localhost", "::1")


@dataclass(frozen=True, slots=True)
class Settings:
    """``cache`` is the folder for what builds gave, None for the user's own place."""

    cache: Path | None = None
    limits: Limits = LIMITS


def settings(environment: Mapping[str, str] = os.environ) -> Settings:
    """The settings of this process. ``FLUXBOT_DATA_DIR`` holds the cache where it is set. Raise BadSettings."""
    reader = Reader(environment)
    limits = _limits(reader)
    if reader.problems:
        raise BadSettings(tuple(reader.problems))
    folder = environment.get("FLUXBOT_DATA_DIR", "")
    return Settings(Path(folder, "cache") if folder else None, limits)


@dataclass(frozen=True, slots=True)
class Fetching:
    """What the operator says about charts of other places. Passwords are not in its ``repr``."""

    allowed_hosts: tuple[str, ...] | None = None
    """Hosts that charts may come from; None for every public one. Repositories only narrow it."""
    credentials: HostCredentials = field(default_factory=HostCredentials)


@dataclass(frozen=True, slots=True)
class ServerSettings:
    """All that the server and the worker are told. Secrets are not in its ``repr``."""

    app_id: int
    private_key: str = field(repr=False)
    webhook_secrets: tuple[str, ...] = field(repr=False)
    """Any of them may have signed a webhook."""
    data: Path
    database_url: str | None = field(default=None, repr=False)
    """None for the embedded PostgreSQL below ``data``."""
    github_url: str = "https://github.com"
    host: str = "127.0.0.1"
    port: int = 8080
    """0 for any that is free."""
    public_url: str | None = None
    fetching: Fetching = field(default_factory=Fetching)
    """For pull requests of the same repository; for those from forks nothing is fetched."""
    log: str = "json"
    limits: Limits = LIMITS
    rates: Rates = RATES
    """How often GitHub may be asked."""


def server_settings(environment: Mapping[str, str] = os.environ, folder: Path = Path()) -> ServerSettings:
    """The settings of the server; what ``folder``/.env says counts where the environment is silent.

    Raise BadSettings with all mistakes at once. No value of a secret is quoted.
    """
    values = {**dotenv(folder / ".env", _SECRETS), **environment}
    data = _data(values)
    reader = Reader({**values, **_kept(values, data)})
    app_id = reader.secret("FLUXBOT_APP_ID", _app_id, needed=True)  # none, but setup keeps it beside them
    key = reader.secret("FLUXBOT_PRIVATE_KEY", _private_key, needed=True)
    secrets = reader.secret("FLUXBOT_WEBHOOK_SECRET", _secrets, needed=True)
    found = {
        "database_url": reader.secret("FLUXBOT_DATABASE_URL", _database),
        "github_url": reader.read("FLUXBOT_GITHUB_URL", _github),
        "host": reader.read("FLUXBOT_HOST", str),
        "port": reader.read("FLUXBOT_PORT", _port),
        "public_url": reader.read("FLUXBOT_PUBLIC_URL", _public),
        "fetching": _fetching(reader),
        "log": reader.read("FLUXBOT_LOG", _log),
        "limits": _limits(reader),
        "rates": reader.read("FLUXBOT_POINTS_PER_MINUTE", _rates),
    }
    if reader.problems or app_id is None or key is None or secrets is None:
        raise BadSettings(tuple(reader.problems))
    given = {name: value for name, value in found.items() if value is not None}
    return ServerSettings(app_id, key, secrets, data, **given)  # type: ignore[arg-type] # each of its reader's type


@dataclass(frozen=True, slots=True)
class SetupSettings:
    """What has to be known before there is an App."""

    data: Path
    public_url: str | None = None
    """Where GitHub will reach the server."""
    github_url: str = "https://github.com"
    host: str = "127.0.0.1"
    port: int = 8080

    @property
    def app(self) -> Path:
        """Where the credentials are kept unless another place is named; the server looks there by itself."""
        return app_folder(self.data)


def setup_settings(environment: Mapping[str, str] = os.environ, folder: Path = Path()) -> SetupSettings:
    """What the setup is told, from the same places as the server. Raise BadSettings with all mistakes at once."""
    values = {**dotenv(folder / ".env", _SECRETS), **environment}
    reader = Reader(values)
    found = {
        "public_url": reader.read("FLUXBOT_PUBLIC_URL", _public),
        "github_url": reader.read("FLUXBOT_GITHUB_URL", _github),
        "host": reader.read("FLUXBOT_HOST", str),
        "port": reader.read("FLUXBOT_PORT", _port),
    }
    if reader.problems:
        raise BadSettings(tuple(reader.problems))
    given = {name: value for name, value in found.items() if value is not None}
    return SetupSettings(_data(values), **given)  # type: ignore[arg-type] # each of its reader's type


def own_database(environment: Mapping[str, str] = os.environ, folder: Path = Path()) -> Path | None:
    """The data folder whose database is fluxbot's own; None where another PostgreSQL is used."""
    values = {**dotenv(folder / ".env", _SECRETS), **environment}
    named = any(values.get(f"FLUXBOT_DATABASE_URL{end}", "").strip() for end in ("", "_FILE"))
    return None if named else _data(values)


def lacks_app(environment: Mapping[str, str] = os.environ, folder: Path = Path()) -> bool:
    """Whether nothing at all says which App the server is: no setting, and nothing that setup kept."""
    values = {**dotenv(folder / ".env", _SECRETS), **environment}
    return not _names_app(values) and not _kept(values, _data(values))


def app_folder(data: Path) -> Path:
    """Where the credentials of an App are kept that setup created."""
    return data / "app"


def _names_app(values: Mapping[str, str]) -> bool:
    return any(values.get(f"{name}{end}", "").strip() for name in _APP for end in ("", "_FILE"))


def _kept(values: Mapping[str, str], data: Path) -> Mapping[str, str]:
    """The settings that setup left in files; nothing where the App is named otherwise."""
    if _names_app(values) or not (app_folder(data) / _APP["FLUXBOT_APP_ID"]).exists():
        return {}
    return {f"{name}_FILE": str(app_folder(data) / file) for name, file in _APP.items()}


def fetch_settings(environment: Mapping[str, str] = os.environ) -> Fetching:
    """What this process may fetch. Raise BadSettings with all mistakes at once."""
    reader = Reader(environment)
    found = _fetching(reader)
    if reader.problems:
        raise BadSettings(tuple(reader.problems))
    return found


def _fetching(reader: Reader) -> Fetching:
    hosts = reader.read("FLUXBOT_ALLOWED_HOSTS", _hosts)
    known = reader.secret("FLUXBOT_HOST_CREDENTIALS", host_credentials)
    return Fetching(hosts, known or HostCredentials())


def _limits(reader: Reader) -> Limits:
    """All limits, those that are not set or wrong at their default."""
    known = {setting(one.name): one.name for one in fields(Limits)}
    for name in sorted(reader.names() - known.keys()):
        if name.startswith(LIMIT):
            reader.problems.append(f"{visible(name)} is no limit of fluxbot")
    found = {limit: reader.read(name, partial(_limit, limit)) for name, limit in known.items()}
    return replace(LIMITS, **{limit: number for limit, number in found.items() if number is not None})


def _app_id(text: str) -> int:
    if not re.fullmatch(r"[0-9]{1,15}", text):
        raise ValueError("is not the App's number; its settings page shows it as App ID")
    return int(text)


def _private_key(text: str) -> str:
    key = text.replace("\\n", "\n") if "\n" not in text else text
    if not re.match(r"-----BEGIN (RSA )?PRIVATE KEY-----\n.*-----END (RSA )?PRIVATE KEY-----$", key, re.DOTALL):
        raise ValueError("is no private key in PEM form, as GitHub offers it for download")
    return key + "\n"


def _secrets(text: str) -> tuple[str, ...]:
    found = tuple(one for one in (part.strip() for part in text.split(",")) if one)
    if not found:
        raise ValueError("holds no secret")
    return found


def _database(text: str) -> str:
    if urlsplit(text).scheme not in ("postgresql", "postgres"):
        raise ValueError("does not begin with postgresql://")
    return text


def _github(text: str) -> str:
    parts = urlsplit(text)
    plain = parts.scheme == "http" and parts.hostname in _LOOPBACK
    if not parts.hostname or not (parts.scheme == "https" or plain) or parts.path.strip("/") or parts.query:
        raise ValueError("is no root of a GitHub: https and a host, nothing else (http only on this machine)")
    return text.rstrip("/")


def _public(text: str) -> str:
    parts = urlsplit(text)
    if parts.scheme not in ("https", "http") or not parts.hostname or parts.query or parts.fragment:
        raise ValueError("is no address that starts with https://")
    return text.rstrip("/")


def _port(text: str) -> int:
    if text.startswith("tcp://"):
        raise ValueError("was set by Kubernetes for a Service called fluxbot; set enableServiceLinks: false in the pod")
    if not re.fullmatch(r"[0-9]{1,5}", text) or int(text) >= 1 << 16:
        raise ValueError("is not a port: 0 to 65535")
    return int(text)


def _hosts(text: str) -> tuple[str, ...]:
    """The hosts in lower case; ``none`` is the empty list."""
    if text.lower() == "none":
        return ()
    found = tuple(part.strip().lower() for part in text.split(",") if part.strip())
    if not all(_HOST.fullmatch(one) for one in found):
        raise ValueError("is not a list of hosts, such as ghcr.io,*.example.org")
    return found


def _limit(limit: str, text: str) -> int:
    most = DEEPEST_YAML if limit == "yaml_depth" else _LARGEST_LIMIT
    if not re.fullmatch(r"[0-9]{1,9}", text) or not 1 <= int(text) <= most:
        raise ValueError(f"is not a number from 1 to {most:,}{' (MiB)' if is_size(limit) else ''}")
    return int(text) * (MEBIBYTE if is_size(limit) else 1)


def _rates(text: str) -> Rates:
    if not re.fullmatch(r"[0-9]{1,9}", text) or int(text) < _FEWEST_POINTS:
        raise ValueError(f"is not a number of at least {_FEWEST_POINTS}")
    return scaled(float(text))


def _log(text: str) -> str:
    if text not in ("json", "text"):
        raise ValueError("is neither json nor text")
    return text


def _data(environment: Mapping[str, str]) -> Path:
    """The data folder: as it is set, else as root a place that PostgreSQL's user can reach; else the user's own."""
    if given := environment.get("FLUXBOT_DATA_DIR", "").strip():
        return Path(given)
    if os.geteuid() == 0:
        return Path("/var/lib/fluxbot")
    named = environment.get("XDG_DATA_HOME", "")
    if Path(named).is_absolute():
        return Path(named, "fluxbot")
    return Path(environment.get("HOME", "."), ".local", "share", "fluxbot").absolute()
