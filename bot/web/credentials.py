"""Where the credentials of a new App are kept: files that nobody else may read, or a Secret of Kubernetes."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Protocol

from bot.github.registering import Registered
from bot.ports import BadQuestion

FILES: Final = ("app-id", "private-key.pem", "webhook-secret", "client-id", "client-secret")
"""The files, and the keys of the Secret."""


class Keeper(Protocol):
    """Keeps the credentials of one App, once."""

    def prepare(self) -> None:
        """Raise BadQuestion where nothing can be kept here; GitHub shows the credentials once, later is too late."""

    def keep(self, app: Registered) -> tuple[str, ...]:
        """Keep them; what a person has to know about it, a line each. Nothing of them is in it. Raise BadQuestion."""


@dataclass(frozen=True, slots=True)
class FolderKeeper:
    """A file for each, below a folder of their own; all for their owner alone."""

    folder: Path

    def prepare(self) -> None:
        """Make the folder, and see that it can be written to and holds no App yet."""
        there = [name for name in FILES if (self.folder / name).exists()]
        if there:
            raise BadQuestion(f"{self.folder} holds the credentials of an App already ({there[0]}); it is not replaced")
        try:
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            probe = self.folder / ".setup"
            _write(probe, "")
            probe.unlink()
        except OSError as problem:
            raise BadQuestion(f"cannot write below {self.folder}: {problem.strerror}") from problem

    def keep(self, app: Registered) -> tuple[str, ...]:
        """Write the files; that of the App's number last, so where it is, all are."""
        try:
            for name, text in reversed(tuple(_texts(app).items())):
                _write(self.folder / name, text)
        except OSError as problem:
            raise BadQuestion(f"cannot write below {self.folder}: {problem.strerror}") from problem
        return (f"Its credentials are in {self.folder}, readable by their owner alone.",)


@dataclass(frozen=True, slots=True)
class SecretKeeper:
    """The manifest of a Secret, in a file for its owner alone, as ``deploy/kustomize`` wants it."""

    file: Path
    namespace: str
    name: str = "fluxbot"

    def prepare(self) -> None:
        """See that the file can be made."""
        try:
            _write(self.file, "")
            self.file.unlink()
        except FileExistsError as problem:
            raise BadQuestion(f"{self.file} is there already; it is not replaced") from problem
        except OSError as problem:
            raise BadQuestion(f"cannot write {self.file}: {problem.strerror}") from problem

    def keep(self, app: Registered) -> tuple[str, ...]:
        """Write the manifest."""
        try:
            _write(self.file, self._manifest(app))
        except OSError as problem:
            raise BadQuestion(f"cannot write {self.file}: {problem.strerror}") from problem
        return (
            f"Its credentials are in the Secret {self.namespace}/{self.name}, in {self.file}.",
            "They are not encrypted yet: run sops --encrypt --in-place on the file before it goes to git.",
        )

    def _manifest(self, app: Registered) -> str:
        # JSON's strings are YAML's as well, so nothing has to be known about what is in them.
        data = "".join(f"  {name}: {json.dumps(text)}\n" for name, text in _texts(app).items())
        return (
            "apiVersion: v1\nkind: Secret\n"
            f"metadata:\n  name: {json.dumps(self.name)}\n  namespace: {json.dumps(self.namespace)}\n"
            f"type: Opaque\nstringData:\n{data}"
        )


def _texts(app: Registered) -> Mapping[str, str]:
    values = (str(app.id), app.private_key, app.webhook_secret, app.client_id, app.client_secret)
    return dict(zip(FILES, values, strict=True))


def _write(path: Path, text: str) -> None:
    """A new file that its owner alone may read, from its first byte on. FileExistsError where there is one."""
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
