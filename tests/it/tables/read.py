"""Reads the table of events in a folder with DuckDB and with Polars, and says what each finds, as JSON on standard output.

    python3 read.py FOLDER

Of each reader: `columns` (name and type), `rows` (all of them in the order of their positions; what is null is left out, moments are
microseconds since 1970, amounts are texts) and `totals` (as the reader's own engine counts them).
"""

import decimal
import json
import pathlib
import sys

import duckdb
import polars


def plain(value):
    if isinstance(value, decimal.Decimal):
        return str(value)
    return value


def said(row):
    """What a row says."""
    return {name: plain(value) for name, value in row.items() if value is not None}


def by_duckdb(folder):
    db = duckdb.connect()
    files = str(folder / "*" / "*.parquet")
    db.sql(f"CREATE VIEW events AS SELECT * FROM read_parquet('{files}', hive_partitioning = true)")
    columns = {name: kind for name, kind, *_ in db.sql("DESCRIBE events").fetchall()}
    shown = [f'epoch_us("{name}")' if kind.startswith("TIMESTAMP") else f'"{name}"' for name, kind in columns.items()]
    rows = db.sql(f"SELECT {', '.join(shown)} FROM events ORDER BY position").fetchall()

    def pairs(query):
        return {key: plain(value) for key, value in db.sql(query).fetchall()}

    region = "dimensions['region']"
    return {
        "columns": columns,
        "rows": [said(dict(zip(columns, row))) for row in rows],
        "totals": {
            "kinds": pairs("SELECT kind, count(*) FROM events GROUP BY 1"),
            "months": pairs("SELECT month, count(*) FROM events GROUP BY 1"),
            "talk_ms": pairs("SELECT channel, sum(talk_ms)::BIGINT FROM events WHERE talk_ms IS NOT NULL GROUP BY 1"),
            "amount": pairs("SELECT currency, sum(amount) FROM events WHERE amount IS NOT NULL GROUP BY 1"),
            "regions": pairs(f"SELECT {region}, count(*) FROM events WHERE {region} IS NOT NULL GROUP BY 1"),
        },
    }


def by_polars(folder):
    events = polars.scan_parquet(folder / "*" / "*.parquet", hive_partitioning=True)
    schema = events.collect_schema()
    moments = [polars.col(name).dt.epoch("us") for name, kind in schema.items() if kind == polars.Datetime("us", "UTC")]
    rows = events.with_columns(moments).sort("position").collect().to_dicts()

    def pairs(frame, key, value):
        grouped = frame.group_by(key).agg(value.alias("value")).collect()
        return {row[key]: plain(row["value"]) for row in grouped.to_dicts()}

    regions = events.select(region=polars.col("dimensions").map.get("region")).drop_nulls()
    count, talk, amount = polars.len(), polars.col("talk_ms"), polars.col("amount")
    return {
        "columns": {name: str(kind) for name, kind in schema.items()},
        "rows": [said(row) for row in rows],
        "totals": {
            "kinds": pairs(events, "kind", count),
            "months": pairs(events, "month", count),
            "talk_ms": pairs(events.filter(talk.is_not_null()), "channel", talk.sum()),
            "amount": pairs(events.filter(amount.is_not_null()), "currency", amount.sum()),
            "regions": pairs(regions, "region", count),
        },
    }


def main():
    folder = pathlib.Path(sys.argv[1])
    json.dump({"duckdb": by_duckdb(folder), "polars": by_polars(folder)}, sys.stdout)


if __name__ == "__main__":
    main()
