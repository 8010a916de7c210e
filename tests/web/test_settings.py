"""What the environment says to the server."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from dataclasses import replace
from pathlib import Path

import pytest

from bot.environment import BadSettings
from bot.model.limits import LIMITS
from bot.settings import Fetching, ServerSettings, fetch_settings, server_settings

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
        fetching=Fetching(("ghcr.io", "*.example.org")),
        log="text",
    )


def test_no_secret_is_printed(tmp_path: Path) -> None:
    told = {**GOOD, "FLUXBOT_WEBHOOK_SECRET": "hidden", "FLUXBOT_DATABASE_URL": "postgresql://me:hidden@db/x"}
    told |= {"FLUXBOT_HOST_CREDENTIALS": '{"auths": {"a.test": {"username": "me", "password": "hidden"}}}'}

    shown = repr(server_settings(told, tmp_path))

    assert "hidden" not in shown
    assert "MIIE" not in shown
    assert "bWU6aGlkZGVu" not in shown


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


SECRETS = {
    "FLUXBOT_PRIVATE_KEY": KEY,
    "FLUXBOT_WEBHOOK_SECRET": "hidden",
    "FLUXBOT_DATABASE_URL": "postgresql://me:hidden@db/x",
}


@pytest.mark.parametrize("mode", [0o604, 0o640, 0o644, 0o660, 0o602])
@pytest.mark.parametrize("name", SECRETS)
def test_a_file_of_any_secret_that_others_may_read_or_write_is_refused(tmp_path: Path, name: str, mode: int) -> None:
    file = tmp_path / "secret"
    file.write_text(SECRETS[name])
    file.chmod(mode)

    said = problems({name: "", f"{name}_FILE": str(file)}, tmp_path)

    assert said == (f"{name}_FILE: {file} may be read by others (mode {mode:o}); make it 600",)


@pytest.mark.parametrize("name", SECRETS)
def test_a_secret_comes_through_links_as_kubernetes_mounts_it(tmp_path: Path, name: str) -> None:
    (tmp_path / "..2026").mkdir()
    file = tmp_path / "..2026" / "secret"
    file.write_text(SECRETS[name])
    file.chmod(0o400)
    (tmp_path / "..data").symlink_to("..2026")
    (tmp_path / "secret").symlink_to("..data/secret")

    found = server_settings({**GOOD, name: "", f"{name}_FILE": str(tmp_path / "secret")}, tmp_path)

    assert found.app_id == 42


def test_the_mode_of_what_a_link_leads_to_counts(tmp_path: Path) -> None:
    (tmp_path / "target").write_text("hidden")
    (tmp_path / "target").chmod(0o644)
    (tmp_path / "link").symlink_to("target")

    said = problems({"FLUXBOT_WEBHOOK_SECRET": "", "FLUXBOT_WEBHOOK_SECRET_FILE": str(tmp_path / "link")}, tmp_path)

    assert "may be read by others (mode 644)" in said[0]


def test_a_pipe_or_a_directory_is_no_file_and_nobody_waits_for_it(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe", 0o600)
    (tmp_path / "directory").mkdir(0o700)

    said = problems(
        {
            "FLUXBOT_WEBHOOK_SECRET": "",
            "FLUXBOT_WEBHOOK_SECRET_FILE": str(tmp_path / "pipe"),
            "FLUXBOT_DATABASE_URL_FILE": str(tmp_path / "directory"),
        },
        tmp_path,
    )

    assert [line.rpartition("/")[2] for line in said] == ["pipe is no file", "directory cannot be read: Is a directory"]


_AS_NOBODY = """
import os, sys
from bot.environment import BadSettings
from bot.settings import server_settings
os.setgroups([]); os.setgid(65534); os.setuid(65534)
try: print(server_settings({**os.environ, "FLUXBOT_APP_ID": "42", "FLUXBOT_WEBHOOK_SECRET_FILE": sys.argv[1]}).app_id)
except BadSettings as bad: print(bad)
"""


@pytest.mark.skipif(os.geteuid() != 0, reason="only root gives files to others")
@pytest.mark.parametrize(
    ("owner", "mode", "said"),
    [
        (65534, 0o600, "42"),
        (0, 0o440, "42"),
        (0, 0o640, "42"),
        (0, 0o660, "may be read by others (mode 660); make it 600"),
        (0, 0o444, "may be read by others (mode 444); make it 600"),
        (65534, 0o640, "may be read by others (mode 640); make it 600"),
        (1234, 0o440, "belongs to another user (uid 1234); it must be fluxbot's or root's"),
    ],
)
def test_a_group_reads_what_root_gave_it_and_nobody_elses_file_is_trusted(owner: int, mode: int, said: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        file = Path(folder, "secret")
        file.write_text("hidden")
        os.chown(file, owner, 65534)
        file.chmod(mode)

        process = subprocess.run(
            (sys.executable, "-c", _AS_NOBODY, str(file)),
            env={"FLUXBOT_PRIVATE_KEY": KEY},
            cwd=Path(__file__).parents[2],
            capture_output=True,
            text=True,
            check=True,
        )

    assert process.stdout.rstrip("\n").endswith(said)


def test_a_dotenv_file_with_a_secret_that_others_may_read_is_refused(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("FLUXBOT_WEBHOOK_SECRET=hidden\n")
    (tmp_path / ".env").chmod(0o644)

    assert problems({}, tmp_path) == (
        ".env holds FLUXBOT_WEBHOOK_SECRET and may be read by others (mode 644); make it 600",
    )


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


def test_limits_are_settings_of_the_server_too_and_sizes_count_in_mebibytes(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("FLUXBOT_LIMIT_FILE_MIB=2\nFLUXBOT_LIMIT_BUILDS=7\n")

    found = server_settings({**GOOD, "FLUXBOT_LIMIT_BUILDS": "9"}, tmp_path)

    assert found.limits == replace(LIMITS, file_bytes=2 * 2**20, builds=9)


def test_limits_that_cannot_be_are_named_all_at_once(tmp_path: Path) -> None:
    told = {"FLUXBOT_LIMIT_BUILDS": "many", "FLUXBOT_LIMIT_YAML_DEPTH": "1000", "FLUXBOT_LIMIT_TYPO": "1"}

    assert problems(told, tmp_path) == (
        "FLUXBOT_LIMIT_TYPO is no limit of fluxbot",
        "FLUXBOT_LIMIT_YAML_DEPTH is not a number from 1 to 250",
        "FLUXBOT_LIMIT_BUILDS is not a number from 1 to 100,000,000",
    )


def test_hosts_may_be_this_machine_with_a_port() -> None:
    found = fetch_settings({"FLUXBOT_ALLOWED_HOSTS": "127.0.0.1:5000, [::1]:5001, ghcr.io"})

    assert found.allowed_hosts == ("127.0.0.1:5000", "[::1]:5001", "ghcr.io")


@pytest.mark.parametrize(("told", "hosts"), [("none", ()), ("None ", ()), ("", None)])
def test_no_host_at_all_is_not_every_host(told: str, hosts: tuple[str, ...] | None) -> None:
    assert fetch_settings({"FLUXBOT_ALLOWED_HOSTS": told}).allowed_hosts == hosts


def test_a_file_of_passwords_that_others_may_read_is_refused_without_a_word_of_it(tmp_path: Path) -> None:
    file = tmp_path / "hosts.json"
    file.write_text('{"auths": {"a.test": {"auth": "aGlkZGVuOmhpZGRlbg=="}}}')
    told = {"FLUXBOT_HOST_CREDENTIALS_FILE": str(file)}

    file.chmod(0o600)
    assert fetch_settings(told).credentials.of("a.test", 443) == "Basic aGlkZGVuOmhpZGRlbg=="

    file.chmod(0o640)
    with pytest.raises(BadSettings) as bad:
        fetch_settings(told)
    assert bad.value.problems == (
        f"FLUXBOT_HOST_CREDENTIALS_FILE: {file} may be read by others (mode 640); make it 600",
    )


def test_passwords_that_cannot_be_read_are_not_quoted() -> None:
    with pytest.raises(BadSettings) as bad:
        fetch_settings({"FLUXBOT_HOST_CREDENTIALS": "hidden"})

    assert bad.value.problems == ("FLUXBOT_HOST_CREDENTIALS is no JSON of the form of docker's config.json",)
