"""What the environment says to the server."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.settings import BadSettings, ServerSettings, server_settings

KEY = "-----BEGIN RSA PRIVATE KEY-----\nMIIE\n-----END RSA PRIVATE KEY-----"
GOOD = {"FLUXBOT_APP_ID": "42", "FLUXBOT_PRIVATE_KEY": KEY, "FLUXBOT_WEBHOOK_SECRET": "one", "HOME": "/home/me"}


def problems(changed: dict[str, str], folder: Path) -> tuple[str, ...]:
    with pytest.raises(BadSettings) as bad:
        server_settings({**GOOD, **changed}, folder)
    return bad.value.problems


def test_all_settings_are_read(tmp_path: Path) -> None:
    told = {
        **GOOD,
        "FLUXBOT_WEBHOOK_SECRET": "new, old,",
        "FLUXBOT_DATABASE_URL": "postgresql://me:word@db/fluxbot",
        "FLUXBOT_DATA_DIR": "/var/lib/elsewhere",
        "FLUXBOT_GITHUB_URL": "http://127.0.0.1:9999/",
        "FLUXBOT_HOST": "127.0.0.2",
        "FLUXBOT_PORT": "0",
        "FLUXBOT_PUBLIC_URL": "https://bot.example.org/",
        "FLUXBOT_ALLOWED_HOSTS": "ghcr.io, *.Example.org",
        "FLUXBOT_LOG": "text",
    }

    assert server_settings(told, tmp_path) == ServerSettings(
        app_id=42,
        private_key=KEY + "\n",
        webhook_secrets=("new", "old"),
        data=Path("/var/lib/elsewhere"),
        database_url="postgresql://me:word@db/fluxbot",
        github_url="http://127.0.0.1:9999",
        host="127.0.0.2",
        port=0,
        public_url="https://bot.example.org",
        allowed_hosts=("ghcr.io", "*.example.org"),
        log="text",
    )


def test_no_secret_is_printed(tmp_path: Path) -> None:
    told = {**GOOD, "FLUXBOT_WEBHOOK_SECRET": "hidden", "FLUXBOT_DATABASE_URL": "postgresql://me:hidden@db/x"}

    shown = repr(server_settings(told, tmp_path))

    assert "hidden" not in shown
    assert "MIIE" not in shown


def test_the_environment_counts_before_the_dotenv_file(tmp_path: Path) -> None:
    lines = ("# mine", "", "export FLUXBOT_PORT=81", "FLUXBOT_HOST='127.0.0.9' ", "FLUXBOT_LOG=text # why", "")
    (tmp_path / ".env").write_text("\n".join(lines))

    found = server_settings({**GOOD, "FLUXBOT_PORT": "82"}, tmp_path)

    assert (found.port, found.host, found.log) == (82, "127.0.0.9", "text")


def test_a_line_of_the_dotenv_file_that_is_no_setting_is_named_and_not_quoted(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("FLUXBOT_PORT=81\nhidden\n")

    assert problems({}, tmp_path) == (".env:2 is not NAME=value",)


def test_a_key_comes_from_a_file_that_only_its_owner_reads(tmp_path: Path) -> None:
    file = tmp_path / "key.pem"
    file.write_text(KEY + "\n")
    file.chmod(0o600)

    found = server_settings({**GOOD, "FLUXBOT_PRIVATE_KEY": "", "FLUXBOT_PRIVATE_KEY_FILE": str(file)}, tmp_path)

    assert found.private_key == KEY + "\n"


def test_a_key_that_others_may_read_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "key.pem"
    file.write_text(KEY)
    file.chmod(0o640)

    said = problems({"FLUXBOT_PRIVATE_KEY": "", "FLUXBOT_PRIVATE_KEY_FILE": str(file)}, tmp_path)

    assert said == (f"FLUXBOT_PRIVATE_KEY_FILE: {file} may be read by others (mode 640); make it 600",)


def test_every_mistake_is_one_line_without_the_value_of_a_secret(tmp_path: Path) -> None:
    said = problems(
        {
            "FLUXBOT_APP_ID": "fluxbot",
            "FLUXBOT_PRIVATE_KEY": "hidden",
            "FLUXBOT_WEBHOOK_SECRET": "",
            "FLUXBOT_DATABASE_URL": "mysql://hidden",
            "FLUXBOT_PORT": "tcp://10.0.0.1:8080",
            "FLUXBOT_GITHUB_URL": "http://github.example.org",
            "FLUXBOT_LOG": "xml",
            "FLUXBOT_ALLOWED_HOSTS": "https://ghcr.io",
        },
        tmp_path,
    )

    assert [line.split()[0] for line in said] == [
        "FLUXBOT_APP_ID",
        "FLUXBOT_PRIVATE_KEY",
        "FLUXBOT_WEBHOOK_SECRET",
        "FLUXBOT_DATABASE_URL",
        "FLUXBOT_GITHUB_URL",
        "FLUXBOT_PORT",
        "FLUXBOT_ALLOWED_HOSTS",
        "FLUXBOT_LOG",
    ]
    assert "enableServiceLinks: false" in said[5]
    assert not any("hidden" in line or "\n" in line for line in said)


def test_a_secret_and_its_file_together_are_a_mistake(tmp_path: Path) -> None:
    said = problems({"FLUXBOT_WEBHOOK_SECRET_FILE": "secret"}, tmp_path)

    assert said == ("FLUXBOT_WEBHOOK_SECRET and FLUXBOT_WEBHOOK_SECRET_FILE are both set; set one",)


def test_a_file_that_is_not_there_is_a_mistake(tmp_path: Path) -> None:
    said = problems({"FLUXBOT_WEBHOOK_SECRET": "", "FLUXBOT_WEBHOOK_SECRET_FILE": "/nowhere/secret"}, tmp_path)

    assert said == ("FLUXBOT_WEBHOOK_SECRET_FILE: /nowhere/secret cannot be read: No such file or directory",)
