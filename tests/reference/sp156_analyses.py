#!/usr/bin/env python3
"""What analyses over the SP156 export come to, counted without any code of this project, as JSON on standard output.

    python3 tests/reference/sp156_analyses.py [--data FOLDER]

Only the standard library is used (and the package `tzdata` where the system has no time zones). How a row is read is told in
sp156.py beside this file; beyond that:

- The stamps end in Z and are local time of São Paulo. A time that the clocks showed twice is the first of them; one that they
  left out is as much later as they jumped. A month is that of the local time.
- A row whose status is not AGUARDANDO ATENDIMENTO is a case that was resolved, at its answer's stamp, or when it was opened
  where there is none. Some answers lie before the opening: their time to answer is negative, and `answers_before_opening` says
  how many there are. Percentiles are given three times: of all as they are (`ms`), with those taken as zero
  (`ms_from_zero`), and without them (`ms_without_negative`).
- A percentile is the least number that so many hundredths of all do not go over. `low` and `high` are the numbers at the ranks
  around it, between which every usual definition lies.
- A customer is an address, white space closed up; a row without a street or a number is a customer of its own.
- A complaint is followed by another when the same customer raised one after the answer and at most 30 days after it. A raised
  one is a case of its own; the earliest after the answer counts.
"""

import argparse
import bisect
import collections
import datetime
import json
import math
import pathlib
import sys
import unicodedata
import zoneinfo

sys.dont_write_bytecode = True

from sp156 import address_of, channel_of, feedback_of, rows, state_of  # noqa: E402

AGAIN_DAYS = 30
DAY_MS = 24 * 60 * 60 * 1000
EPOCH = datetime.datetime(1970, 1, 1, tzinfo=datetime.timezone.utc)

Case = collections.namedtuple(
    "Case", "opened_ms answered_ms month channel department district customer complaint"
)


def moment_ms(stamp, zone):
    """Milliseconds of UTC of a stamp that says Z and means local time."""
    local = datetime.datetime.strptime(stamp, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=zone)
    return (local - EPOCH) // datetime.timedelta(milliseconds=1)


def customer_of(row, number):
    address = address_of(row)
    if address is None:
        return number
    return unicodedata.normalize("NFC", " ".join(address.split()))


def read_case(row, number, zone):
    opened, answered = row["data_abertura"].strip(), row["data_parecer"].strip()
    resolved = state_of(row) != "open"
    channel = channel_of(row)
    return Case(
        opened_ms=moment_ms(opened, zone),
        answered_ms=moment_ms(answered or opened, zone) if resolved else None,
        month=opened[:7],
        channel="other(integration)" if channel == "other" else channel,
        department=row["orgao"].strip() or None,
        district=row["distrito"].strip() or None,
        customer=customer_of(row, number),
        complaint=feedback_of(row) == "complaint",
    )


def percentile(ordered, hundredths):
    """The number at its rank, and those at the ranks around it."""
    count = len(ordered)
    if count == 0:
        return None
    rank = max(1, math.ceil(hundredths * count / 100))
    between = hundredths * (count - 1) / 100
    around = {rank - 1, math.floor(between), math.ceil(between)}
    return {"ms": ordered[rank - 1], "low": ordered[min(around)], "high": ordered[max(around)]}


def percentiles(numbers):
    ordered = sorted(numbers)
    shown = {f"p{hundredths}": percentile(ordered, hundredths) for hundredths in (50, 90, 95)}
    return {"over": len(ordered), "mean": sum(ordered) / len(ordered) if ordered else None, **shown}


def answers_of(cases):
    times = [case.answered_ms - case.opened_ms for case in cases if case.answered_ms is not None]
    return {
        "cases": len(cases),
        "resolved": len(times),
        "resolved_share": len(times) / len(cases),
        "answers_before_opening": sum(time < 0 for time in times),
        "ms": percentiles(times),
        "ms_from_zero": percentiles(max(time, 0) for time in times),
        "ms_without_negative": percentiles(time for time in times if time >= 0),
    }


def complaints(cases):
    counts = collections.Counter((case.month, case.channel) for case in cases if case.complaint)
    return [{"month": month, "channel": channel, "complaints": n} for (month, channel), n in sorted(counts.items())]


def by_department(cases):
    groups = collections.defaultdict(list)
    for case in cases:
        groups[case.department].append(case)
    shown = [{"department": name, **answers_of(group)} for name, group in groups.items()]
    return sorted(shown, key=lambda each: (-each["cases"], each["department"] or ""))


def complain_again(cases):
    raised = collections.defaultdict(list)
    for number, case in enumerate(cases):
        if case.complaint:
            raised[case.customer].append((case.opened_ms, number))
    for openings in raised.values():
        openings.sort()

    def next_after(number, case):
        openings = raised[case.customer]
        at = bisect.bisect_right(openings, (case.answered_ms, len(cases)))
        return next((opened for opened, other in openings[at:] if other != number), None)

    totals, again, any_later = collections.Counter(), collections.Counter(), collections.Counter()
    for number, case in enumerate(cases):
        if not case.complaint or case.answered_ms is None:
            continue
        group = (case.district, case.channel)
        later = next_after(number, case)
        totals[group] += 1
        any_later[group] += later is not None
        again[group] += later is not None and later - case.answered_ms <= AGAIN_DAYS * DAY_MS
    groups = sorted(totals, key=lambda group: (group[0] or "", group[1]))
    rows = [
        {"district": group[0], "channel": group[1], "cases": totals[group], "again": again[group], "later": any_later[group]}
        for group in groups
    ]
    return {
        "days": AGAIN_DAYS,
        "cases": sum(totals.values()),
        "again": sum(again.values()),
        "later": sum(any_later.values()),
        "groups": rows,
    }


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=pathlib.Path, default=pathlib.Path("../shared/data/sp156"))
    args = parser.parse_args()

    try:
        zone = zoneinfo.ZoneInfo("America/Sao_Paulo")
    except zoneinfo.ZoneInfoNotFoundError:
        raise SystemExit("this system has no time zones: install the system's tzdata, or python3 -m pip install tzdata")
    cases = [read_case(row, number, zone) for number, (_, row) in enumerate(rows(args.data))]
    answer = {
        "rows": len(cases),
        "complaints_by_month_and_channel": complaints(cases),
        "answers": answers_of(cases),
        "answers_by_department": by_department(cases),
        "complain_again": complain_again(cases),
    }
    json.dump(answer, sys.stdout, ensure_ascii=False, indent=2)
    print()


if __name__ == "__main__":
    main()
