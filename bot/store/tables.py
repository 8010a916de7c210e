"""Our own tables. A step that was released never changes; a change is a new step."""

from __future__ import annotations

from bot.store.migration import Step

# Identifiers of GitHub are bigint; what is stored of a delivery is what tells a repetition, never its payload.
STEPS = (
    Step(
        "fluxbot/0001",
        """
        CREATE TABLE fluxbot_delivery (
            id text PRIMARY KEY,
            event text NOT NULL,
            action text NOT NULL,
            installation bigint,
            repository bigint,
            received timestamptz NOT NULL DEFAULT now()
        );
        CREATE INDEX fluxbot_delivery_received ON fluxbot_delivery (received);
        CREATE INDEX fluxbot_delivery_installation ON fluxbot_delivery (installation);

        CREATE TABLE fluxbot_repository (
            id bigint PRIMARY KEY,
            installation bigint NOT NULL,
            owner text NOT NULL,
            name text NOT NULL,
            seen timestamptz NOT NULL DEFAULT now()
        );
        CREATE INDEX fluxbot_repository_installation ON fluxbot_repository (installation);

        CREATE TABLE fluxbot_published (
            repository bigint NOT NULL REFERENCES fluxbot_repository ON DELETE CASCADE,
            review_key text NOT NULL,
            pull bigint,
            head text NOT NULL,
            check_run bigint,
            comment bigint,
            conclusion text,
            changed timestamptz NOT NULL DEFAULT now(),
            PRIMARY KEY (repository, review_key)
        );
        CREATE INDEX fluxbot_published_pull ON fluxbot_published (repository, pull);
        CREATE INDEX fluxbot_published_changed ON fluxbot_published (changed);

        CREATE TABLE fluxbot_start (
            lock text NOT NULL,
            at timestamptz NOT NULL DEFAULT now()
        );
        CREATE INDEX fluxbot_start_lock ON fluxbot_start (lock, at);
        """,
    ),
    Step(
        "fluxbot/0002",
        """
        ALTER TABLE fluxbot_published ADD COLUMN branch text;

        CREATE TABLE fluxbot_accepted (
            repository bigint NOT NULL REFERENCES fluxbot_repository ON DELETE CASCADE,
            pull bigint NOT NULL,
            fingerprint text NOT NULL,
            reason text NOT NULL,
            login text NOT NULL,
            accepted date NOT NULL,
            PRIMARY KEY (repository, pull, fingerprint)
        );
        """,
    ),
    Step(
        "fluxbot/0003",
        """
        CREATE TABLE fluxbot_reads (
            repository bigint NOT NULL REFERENCES fluxbot_repository ON DELETE CASCADE,
            address text NOT NULL,
            PRIMARY KEY (repository, address)
        );
        CREATE INDEX fluxbot_reads_address ON fluxbot_reads (address);
        """,
    ),
    Step(
        "fluxbot/0004",
        """
        CREATE TABLE fluxbot_complete (
            one boolean PRIMARY KEY CHECK (one),
            until timestamptz NOT NULL
        );
        """,
    ),
    Step(
        "fluxbot/pages",
        """
        CREATE TABLE fluxbot_page (
            repository bigint NOT NULL REFERENCES fluxbot_repository ON DELETE CASCADE,
            pull bigint NOT NULL,
            head text NOT NULL,
            page bytea NOT NULL,
            made timestamptz NOT NULL DEFAULT now(),
            PRIMARY KEY (repository, pull, head)
        );
        CREATE INDEX fluxbot_page_made ON fluxbot_page (made);
        """,
    ),
    Step(
        "fluxbot/traffic",
        # What was spent a minute ago is of no worth after a crash, and would be written twice for every request.
        """
        CREATE UNLOGGED TABLE fluxbot_traffic (
            account bigint PRIMARY KEY,
            points_due timestamptz NOT NULL DEFAULT 'epoch',
            writes_due timestamptz NOT NULL DEFAULT 'epoch',
            held_until timestamptz NOT NULL DEFAULT 'epoch'
        );
        """,
    ),
)
