"""What is said of text behind a closing quote, where a table is learned from and where one is asked
about."""

import csv


def is_behind_a_quote(error: csv.Error) -> bool:
    """Whether a strict reader gave up at such text."""
    return "expected after" in str(error)


def behind_a_quote(quote: str, row: str) -> str:
    """The end of a sentence about the row."""
    if f"\\{quote}" in row:  # as MySQL and Spark write one inside quotes
        return (
            f"has a backslash before a quote; write the quote twice instead:"
            f" sed 's/\\\\{quote}/{2 * quote}/g' < FILE > NEW.csv"
        )
    return f"has text behind a closing quote; write a quote inside quotes twice: {2 * quote}"
