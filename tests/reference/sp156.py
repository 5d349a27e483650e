#!/usr/bin/env python3
"""Counts the SP156 export without any code of this project, as JSON on standard output.

    python3 tests/reference/sp156.py [--data FOLDER] [--top N] [--address "STREET|NUMBER"]...

Only the standard library is used. The rules are those of the data's own README:

- feedback comes from `servico` in lower case without accents, first match wins: elogio, sugestao or sugerir, reclam,
  denunc; anything else is a service request and no feedback;
- the address is upper(trim(logradouro)) + "|" + numero without ".0", where there is a street and numero is neither
  empty nor 0 (38 rows have a number and no street);
- a case is open as long as its status is AGUARDANDO ATENDIMENTO.
"""

import argparse
import collections
import csv
import gzip
import json
import pathlib
import sys
import unicodedata

FEEDBACK = [
    ("elogio", "praise"),
    ("sugestao", "suggestion"),
    ("sugerir", "suggestion"),
    ("reclam", "complaint"),
    ("denunc", "report"),
]
CHANNELS = [
    ("CENTRAL TELEF", "voice"),
    ("PORTAL ONLINE", "web"),
    ("APLICATIVO", "app"),
    ("PRA", "store"),
    ("DESCOMPLICA", "store"),
    ("INTEGRA", "other"),
]
STATES = {
    "FINALIZADA": "resolved",
    "INDEFERIDO": "refused",
    "CANCELADA": "cancelled",
    "AGUARDANDO ATENDIMENTO": "open",
}


def plain(text):
    """Lower case, without accents."""
    parts = unicodedata.normalize("NFD", text.lower())
    return "".join(c for c in parts if not unicodedata.combining(c))


def feedback_of(row):
    service = plain(row["servico"])
    return next((word for part, word in FEEDBACK if part in service), "none")


def channel_of(row):
    name = row["canal"].strip().upper()
    for start, channel in CHANNELS:
        if name.startswith(start):
            return channel
    raise SystemExit(f"a channel that the README does not name: {name!r}")


def state_of(row):
    return STATES[row["status"].strip().upper()]


def address_of(row):
    """The address key; None where the row has no street or no number."""
    number = row["numero"].strip()
    if number.endswith(".0"):
        number = number[:-2]
    street = row["logradouro"].strip().upper()
    if street == "" or number in ("", "0"):
        return None
    return street + "|" + number


def rows(folder):
    files = sorted(folder.glob("*.csv.gz")) + sorted(folder.glob("*.csv"))
    if not files:
        raise SystemExit(f"there is no *.csv.gz in {folder}; say where with --data")
    for path in files:
        opener = gzip.open if path.suffix == ".gz" else open
        with opener(path, "rt", encoding="utf-8", newline="") as file:
            for row in csv.DictReader(file):
                yield path.name, row


class Tally:
    """What is counted of any set of rows."""

    def __init__(self):
        self.rows = 0
        self.feedback = collections.Counter()
        self.channel = collections.Counter()
        self.channel_feedback = collections.Counter()
        self.state = collections.Counter()
        self.request_state = collections.Counter()
        self.first = self.last = None

    def add(self, row):
        feedback, channel, state = feedback_of(row), channel_of(row), state_of(row)
        self.rows += 1
        self.feedback[feedback] += 1
        self.channel[channel] += 1
        self.channel_feedback[f"{channel}/{feedback}"] += 1
        self.state[state] += 1
        if feedback == "none":
            self.request_state[state] += 1
        opened = row["data_abertura"]
        self.first = min(self.first or opened, opened)
        self.last = max(self.last or opened, opened)

    def shown(self):
        return {
            "contacts": self.rows,
            "by_feedback": dict(self.feedback),
            "by_channel": dict(self.channel),
            "by_channel_and_feedback": dict(self.channel_feedback),
            "cases": cases(self.state),
            "cases_of_service_requests_alone": cases(self.request_state),
            "first_opened": self.first,
            "last_opened": self.last,
        }


def cases(states):
    total = sum(states.values())
    return {"open": states["open"], "closed": total - states["open"], "by_status": dict(states)}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=pathlib.Path, default=pathlib.Path("../shared/data/sp156"))
    parser.add_argument("--top", type=int, default=10, help="how many addresses to list")
    parser.add_argument("--address", action="append", default=[], help="an address to count by itself")
    args = parser.parse_args()

    total, by_file, addresses = Tally(), collections.Counter(), collections.Counter()
    wanted = {address: Tally() for address in args.address}
    seen, repeated, before_opening, no_answer_stamp = set(), 0, 0, 0
    for name, row in rows(args.data):
        total.add(row)
        by_file[name] += 1
        address = address_of(row)
        if address is not None:
            addresses[address] += 1
        if address in wanted:
            wanted[address].add(row)
        answered = row["data_parecer"].strip()
        no_answer_stamp += answered == ""
        before_opening += "" < answered < row["data_abertura"]
        same = hash((row["data_abertura"], row["servico"], row["logradouro"], row["numero"]))
        repeated += same in seen
        seen.add(same)

    # The most contacts first; equal ones in the order of their names, so that the output is always the same.
    top = sorted(addresses.items(), key=lambda item: (-item[1], item[0]))[: args.top]
    answer = {
        "rows": total.rows,
        "rows_by_file": dict(by_file),
        "total": total.shown(),
        "addresses": {
            "rows_with_one": sum(addresses.values()),
            "distinct": len(addresses),
            "with_more_than_one_contact": sum(count > 1 for count in addresses.values()),
            "top": [{"address": address, "contacts": count} for address, count in top],
        },
        "traps": {
            "answers_before_the_opening": before_opening,
            "no_answer_stamp": no_answer_stamp,
            "rows_that_repeat_second_service_and_address": repeated,
        },
        "by_address": {address: tally.shown() for address, tally in wanted.items()},
    }
    json.dump(answer, sys.stdout, ensure_ascii=False, indent=2, sort_keys=True)
    print()


if __name__ == "__main__":
    main()
