"""Counts the tables of contacts, cases, conversations, transitions and visits in a folder with DuckDB and with Polars, and says what
each finds, as JSON on standard output.

    python3 derived.py FOLDER

Of each reader: by table, by a text of its rows, how many rows there are and the sum of a number of theirs.
"""

import json
import pathlib
import sys

import duckdb
import polars

# Table, the text that rows are grouped by, the number that is added up.
ASKED = [
    ("contacts", "channel", "messages"),
    ("cases", "channel", "contacts"),
    ("conversations", "channel", "contacts"),
    ("transitions", "of", "elapsed_ms"),
    ("visits", "channel", "events"),
]


def by_duckdb(folder, table, key, number):
    files = str(folder / table / "*" / "*.parquet")
    query = f"""SELECT coalesce("{key}", ''), count(*), coalesce(sum("{number}"), 0)
                FROM read_parquet('{files}', hive_partitioning = true) GROUP BY 1"""
    return {key: [count, total] for key, count, total in duckdb.connect().sql(query).fetchall()}


def by_polars(folder, table, key, number):
    rows = polars.scan_parquet(folder / table / "*" / "*.parquet", hive_partitioning=True)
    grouped = rows.group_by(polars.col(key).fill_null("")).agg(count=polars.len(), total=polars.col(number).sum()).collect()
    return {row[key]: [row["count"], row["total"]] for row in grouped.to_dicts()}


def main():
    folder = pathlib.Path(sys.argv[1])
    read = {"duckdb": by_duckdb, "polars": by_polars}
    found = {name: {asked[0]: by(folder, *asked) for asked in ASKED} for name, by in read.items()}
    json.dump(found, sys.stdout)


if __name__ == "__main__":
    main()
