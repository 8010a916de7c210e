"""Which texts are secrets by their form, and which only look so."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.model.quote import code, shortened, visible
from bot.model.redaction import REDACTED, redacted
from bot.report import escape

HEX = "0123456789abcdef0123456789abcdef01234567"
TEXT = "aB3dE5fG7hI9jK1lM3nO5pQ7rS9tU1vW3xY5zA7bC9dE1fG3hI5jK7lM9nO1pQ3rS5tU7vW9"
JWT = f"eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiI0MiIsInN1YiI6InNvbWVib2R5In0.{TEXT}"
LINES = "\n".join([TEXT[:64], TEXT[8:72], TEXT[4:68], TEXT[:20] + "=="])
PEM = f"-----BEGIN RSA PRIVATE KEY-----\n{LINES}\n-----END RSA PRIVATE KEY-----"

SECRETS = {
    "github-classic": f"ghp_{TEXT[:36]}",
    "github-oauth": f"gho_{TEXT[:36]}",
    "github-user": f"ghu_{TEXT[:36]}",
    "github-installation": f"ghs_{TEXT[:36]}",
    "github-refresh": f"ghr_{TEXT[:70]}",
    "github-stateless": f"ghs_1234567_{JWT}",
    "github-stateless-long": f"ghs_1234567_{JWT}{TEXT * 8}",
    "github-fine-grained": f"github_pat_11ABCDEFG0{TEXT[:12]}_{TEXT[:59]}",
    "github-v1": f"v1.{HEX}",
    "github-40-hex-as-password": f"https://x-access-token:{HEX}@github.com/acme/fleet",
    "github-40-hex-as-user": f"https://{HEX}@github.com/acme/fleet",
    "github-40-hex-in-header": f"Authorization: token {HEX}",
    "github-40-hex-as-parameter": f"https://example.org/x?access_token={HEX}",
    "jwt": JWT,
    "jwt-cut-off": JWT[:60],
    "jwe": f"eyJhbGciOiJSU0EtT0FFUCJ9.{TEXT}.{TEXT[:16]}.{TEXT}.{TEXT[:22]}",
    "pem": PEM,
    "pem-on-one-line": PEM.replace("\n", "\\n"),
    "pem-with-blanks": PEM.replace("\n", " "),
    "pem-first-half": PEM[: len(PEM) // 2],
    "pem-last-half": PEM[len(PEM) // 2 :],
    "pem-pkcs8": PEM.replace("RSA ", ""),
    "pem-ec": PEM.replace("RSA ", "EC "),
    "pem-openssh": PEM.replace("RSA ", "OPENSSH "),
    "pem-encrypted": PEM.replace("KEY-----\n", f"KEY-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-256-CBC,{HEX}\n\n", 1),
    "pgp": PEM.replace("RSA PRIVATE KEY", "PGP PRIVATE KEY BLOCK"),
    "age": f"AGE-SECRET-KEY-1{TEXT[:58].upper()}",
    "sops": f"ENC[AES256_GCM,data:{TEXT}=,iv:{TEXT}=,tag:{TEXT}==,type:str]",
    "sops-cut-off": f"ENC[AES256_GCM,data:{TEXT}",
    "url-password": f"postgresql://me:{TEXT}@db.example.org/x",
    "url-password-with-a-slash": f"postgresql://me:p/{TEXT}@db.example.org/x",
    "url-password-with-an-at": f"postgresql://me:p@{TEXT}@db.example.org/x",
    "url-token": f"https://{TEXT}@git.example.org/x.git",
    "url-token-of-git": f"https://git:{TEXT}@git.example.org/x.git",
    "parameter-token": f"https://example.org/x?a=b&token={TEXT}&c=d",
    "parameter-sig": f"https://x.blob.core.windows.net/y?sv=2024&sig={TEXT}",
    "parameter-aws": f"https://s3.example.org/x?X-Amz-Signature={TEXT}",
    "parameter-aws-credential": f"https://s3.example.org/x?X-Amz-Credential={TEXT}",
    "parameter-aws-session": f"https://s3.example.org/x?a=b&X-Amz-Security-Token={TEXT}",
    "parameter-goog": f"https://storage.example.org/x?X-Goog-Signature={TEXT}",
    "connection-string": f"host=db user=me password={TEXT} dbname=x",
    "azure": f"AccountName=x;AccountKey={TEXT}==;EndpointSuffix=y",
    "aws-key": "AKIAIOSFODNN7EXAMPLE",
    "aws-session-key": "ASIAIOSFODNN7EXAMPLE",
    "aws-secret": f"aws_secret_access_key = {TEXT[:40]}",
    "aws-secret-yaml": f"secretAccessKey: {TEXT[:40]}",
    "slack-bot": "xoxb-123456789012-1234567890123-aB3dE5fG7hI9jK1lM3nO5pQ7",
    "slack-app": f"xapp-1-A0123456789-1234567890123-{HEX}",
    "slack-hook": "https://hooks.slack.com/services/T00000000/B00000000/aB3dE5fG7hI9jK1lM3nO5pQ7",
    "discord-hook": f"https://discord.com/api/webhooks/123456789012345678/{TEXT}",
    "gitlab": "glpat-aB3dE5fG7hI9jK1lM3nO",
    "gitlab-routable": "glpat-aB3dE5fG7hI9jK1lM3nO5pQ7.01.0a1b2c3d4",
    "npm": f"npm_{TEXT[:36]}",
    "pypi": f"pypi-AgEIcHlwaS5vcmcC{TEXT}",
    "google": f"AIza{TEXT[:35]}",
    "google-oauth": f"ya29.{TEXT}",
    "docker": f"dckr_pat_{TEXT[:27]}",
    "stripe": f"sk_live_{TEXT[:24]}",
    "stripe-restricted": f"rk_test_{TEXT[:24]}",
    "stripe-webhook": f"whsec_{TEXT[:32]}",
    "grafana": f"glsa_{TEXT[:32]}_0a1b2c3d",
    "vault": f"hvs.{TEXT}",
    "digitalocean": f"dop_v1_{HEX}0123456789abcdef01234567",
    "bearer": f"bearer {TEXT}",
    "basic": "Basic dXNlcjpwYXNzd29yZDEyMw==",
    "header": f"Authorization: {TEXT}",
    "header-in-json": f'{{"authorization": "Bearer {TEXT}"}}',
}

NAMES = [
    "app-5f6c7d8b9",
    "app-config-7g8m5h2k9d",
    "grafana-dashboards-mf5b9bdb2c",
    HEX,
    "0123456789abcdef" * 4,
    f"sha256:{'0123456789abcdef' * 4}",
    f"ghcr.io/acme/app@sha256:{'0123456789abcdef' * 4}",
    f"oci://ghcr.io/acme/app@sha256:{'0123456789abcdef' * 4}",
    f"oci://registry.example.org:5000/acme/app@sha256:{'0123456789abcdef' * 4}",
    f"docker://nginx@sha256:{'0123456789abcdef' * 4}",
    "v1.2.3",
    "v1.33.4+k3s1",
    "1.2.3-rc.1+build.5",
    f"main@sha1:{HEX}",
    "arn:aws:iam::123456789012:role/external-secrets",
    "arn:aws:kms:eu-west-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab",
    "ssh://git@github.com/acme/fleet.git",
    "git@github.com:acme/fleet.git",
    "https://github.com/acme/fleet?ref=v1.2.3&timeout=90s",
    "https://github.com/acme/fleet//base?ref=main",
    "https://example.org:8443/x",
    "http://[::1]:8080/x@y",
    "oci://ghcr.io/acme/charts",
    "someone@example.org",
    "mailto:someone@example.org",
    "Secret/flux-system/github-token",
    "ExternalSecret.external-secrets.io/v1",
    "age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kudkqqqqqqqqqqq",
    "-----BEGIN CERTIFICATE-----",
    "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIHxxxx",
    "Basic authentication is off",
    "bearer token authentication",
    "the token of the GitRepository is not in the tree",
    "glpat-mirror-of-the-production-registry",
    "pypi-mirror-production-server-two",
    "sk-learn-training-job-for-the-cluster",
    "xoxo-love",
    "key=value",
    "config.kubernetes.io/origin",
    "kustomize.toolkit.fluxcd.io/v1",
    "12345678-1234-1234-1234-123456789012",
    "c3VwZXJsb25nLWdlbmVyYXRlZC1uYW1lLW9mLWEtdGhpbmc",
    "`apps` waits for `infra`, which never becomes ready.",
    "ghs-runner-scale-set",
    "gha_runner_scale_set.yaml",
    "npm_config_cache",
    "${GITHUB_TOKEN}",
    "password",
    "passwordSecretRef",
]


def hidden(shown: str, secret: str) -> bool:
    """Whether no run of 12 characters of the secret's random part is left."""
    return not any(part in shown for part in (TEXT[:12], TEXT[20:32], TEXT[40:52], HEX[:12], TEXT[:12].upper())) and (
        secret not in shown
    )


@pytest.mark.parametrize("secret", SECRETS.values(), ids=SECRETS)
def test_a_secret_is_taken_out_wherever_it_stands(secret: str) -> None:
    for text in (secret, f"it says {secret}, so", f"'{secret}'", f"({secret})", f"a\n{secret}\nb"):
        assert REDACTED in redacted(text)
        assert hidden(redacted(text), secret)


@pytest.mark.parametrize("secret", SECRETS.values(), ids=SECRETS)
def test_no_way_into_any_format_lets_a_secret_through(secret: str) -> None:
    text = f"before {secret} after"
    ways = [
        visible(text),
        code(text),
        code("x" * 280 + " " + secret),
        shortened("x" * 290 + " " + secret + " " + "y" * 600),
        escape.terminal(text),
        "\n".join(escape.block(text)),
        "\n".join(escape.block("x" * 7_990 + " " + secret)),
        escape.prose(text),
        escape.prose(f"before `{secret}` after"),
        escape.prose("x" * 1_890 + " " + secret + " " + "y" * 300),
        escape.plain(text),
        escape.fence(text),
        escape.mermaid(text),
        escape.dot(text),
        escape.html(text),
        escape.sarif(text),
        escape.command_data(text),
        escape.command_property(text),
        escape.json_text({"text": text, "list": [text]}),
    ]

    assert all(hidden(way, secret) for way in ways)


@pytest.mark.parametrize("name", NAMES)
def test_what_people_use_as_a_name_stays(name: str) -> None:
    for text in (name, f"`{name}`", f"it says {name}, so", f"{name}."):
        assert redacted(text) == text


@given(st.lists(st.sampled_from([*SECRETS.values(), *NAMES, " ", "@", "://", "`", "x"]) | st.text(max_size=5)))
def test_to_redact_twice_changes_nothing(pieces: list[str]) -> None:
    once = redacted("".join(pieces))

    assert redacted(once) == once


@given(st.lists(st.sampled_from([*SECRETS.values(), *NAMES, " ", "://", "`", "x"]) | st.text(max_size=5)))
def test_a_mark_elsewhere_in_the_text_finds_no_more_secrets(pieces: list[str]) -> None:
    """Texts without a mark are left as they are, unread: with one, nothing in them may turn out to be a secret."""
    text = "".join(pieces)

    assert redacted(f"{text}\n\n@") == f"{redacted(text)}\n\n@"


@pytest.mark.parametrize("letter", ["\N{LATIN SMALL LETTER LONG S}", "S"])
@pytest.mark.parametrize(
    "other", ["\N{LATIN CAPITAL LETTER I WITH DOT ABOVE}", "\N{LATIN SMALL LETTER DOTLESS I}", "i"]
)
def test_a_letter_that_a_pattern_takes_for_another_hides_no_secret(letter: str, other: str) -> None:
    assert redacted(f"ba{letter}{other}c dXNlcjpwYXNzd29yZDEyMw==x") == f"ba{letter}{other}c {REDACTED}"
    assert redacted(f"ba{letter}{other}c dXNlcjpwYXNzd29yZDEyMwx") == f"ba{letter}{other}c {REDACTED}"


@pytest.mark.parametrize(
    "piece",
    [
        "x",
        "A",
        "://",
        "-----BEGIN PRIVATE KEY-----",
        "A" * 64 + "\n",
        "?a",
        "eyJ.",
        "-----END ",
        "bearer ",
        "ghs_1_",
        "=",
        "y" * 600 + " ",
    ],
)
def test_a_text_made_to_take_long_does_not(piece: str) -> None:
    text = piece * (30_000 // len(piece)) + "-----END "
    began = time.process_time()

    redacted(text)

    assert time.process_time() - began < 2
