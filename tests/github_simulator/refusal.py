"""The answers by which GitHub says no."""

from __future__ import annotations

from collections.abc import Mapping

from tests.github_simulator.json_value import JsonObject, JsonValue


class Refused(Exception):
    """A request is answered with ``status`` and GitHub's error body."""

    def __init__(
        self,
        status: int,
        message: str,
        errors: list[JsonValue] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(f"{status}: {message}")
        self.status = status
        self.message = message
        self.errors = errors
        self.headers = dict(headers or {})

    def body(self) -> JsonObject:
        """The body of the answer."""
        body: JsonObject = {
            "message": self.message,
            "documentation_url": "https://docs.github.com/rest",
            "status": str(self.status),
        }
        if self.errors is not None:
            body["errors"] = self.errors
        return body


def not_found() -> Refused:
    """What GitHub says of things that are not there, or not for you."""
    return Refused(404, "Not Found")


def not_accessible(accepted: str) -> Refused:
    """The token lacks a permission; ``accepted`` names what would do, as GitHub's own header does."""
    header = {"X-Accepted-GitHub-Permissions": accepted}
    return Refused(403, "Resource not accessible by integration", headers=header)


def unprocessable(message: str, *errors: JsonValue) -> Refused:
    """The request is well-formed but breaks a rule."""
    return Refused(422, message, list(errors) or None)
