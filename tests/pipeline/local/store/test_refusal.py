from __future__ import annotations

import pytest

from pipeline.local.store.refusal import refusal, refused, said

DENIED = "Access denied for user 'me'@'127.0.0.1' to database 'metadb'"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        # As ML Metadata 1.16 says it of MariaDB 10.11 and PostgreSQL 15.
        ("mysql_real_connect failed: errno: , error: ", ""),
        ("PostgreSQL metadata source error: connection pointer is NULL\n", ""),
        ("PostgreSQL metadata source error: ", ""),
        (f"mysql_query failed: errno: {DENIED}, error: {DENIED}", DENIED),
        (
            "PostgreSQL metadata source error: ERROR:  permission denied for schema public\n"
            "LINE 1:  CREATE TABLE IF NOT EXISTS Type(    id SERIAL PRIMARY KEY, ...\n      ^",
            "permission denied for schema public",
        ),
        (
            "PostgreSQL metadata source error: ERROR:  permission denied for table type\n",
            "permission denied for table type",
        ),
    ],
)
def test_the_words_of_the_database_are_told_once(text: str, words: str) -> None:
    assert said(text) == words


@pytest.mark.parametrize(
    ("words", "mend"),
    [
        (DENIED, "give this user all rights on that database"),
        ("permission denied for table type", "give this user all rights on that database"),
        ("INSERT command denied to user 'me'@'db' for table `a`.`Type`", "give this user all"),
        ("The MariaDB server is running with the --read-only option so it", "let it be written to"),
        ("cannot execute INSERT in a read-only transaction", "let it be written to"),
        ("Too many connections", "end what else is connected"),
        ("sorry, too many clients already", "end what else is connected"),
        ("remaining connection slots are reserved for roles with", "end what else is connected"),
        ("The table 'Artifact' is full", "make room on its disk"),
        ('could not extend file "base/5/1": No space left on device', "make room on its disk"),
        (
            'no pg_hba.conf entry for host "10.0.0.1", user "me", no encryption',
            "have the server let",
        ),
        ("MLMD database version 99 is greater than library version 10.", "name another database"),
        ("what nobody has met", "check user and database in metadata.store, and METADATA_PASSWORD"),
    ],
)
def test_what_mends_it_is_told(words: str, mend: str) -> None:
    sentence = refused("mysql://me@db:3306/metadb", words)
    assert f" ({words.rstrip('.')}): {mend}" in sentence
    assert sentence.endswith(".")
    assert "\n" not in sentence


def test_of_no_words_all_that_it_may_be_is_told() -> None:
    sentence = refused("mysql://me@db:3306/metadb", "")
    assert sentence.startswith("The metadata store mysql://me@db:3306/metadb refuses this user: ")
    assert sentence.endswith("also without TLS.")


def test_only_what_stays_so_is_not_waited_for() -> None:
    other = refusal("MLMD database version 4 is older than library version 10. Schema migration")
    assert other
    assert not other.waits
    for words in (DENIED, "Too many connections", "The table 'Event' is full"):
        found = refusal(words)
        assert found
        assert found.waits
