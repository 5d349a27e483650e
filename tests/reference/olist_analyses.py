#!/usr/bin/env python3
"""What analyses over the Olist files come to, counted without any code of this project, as JSON on standard output.

    python3 tests/reference/olist_analyses.py [--data FOLDER]

Only the standard library is used. Months are those of the files' own times, which are local.

- Satisfaction: a review is one answer, in the month of `review_answer_timestamp`; 4 and 5 of 1 to 5 are the top two.
- The funnel: a lead enters acquisition at its first contact, a deal enters activation when it is won, an order enters revenue
  when it is placed. A customer is a lead (`mql_id`), a seller or one who orders (`customer_unique_id`); a deal names a lead and
  a seller, which makes one customer of the two. A customer counts once in a month, and once in all, however often they entered.
"""

import argparse
import collections
import json
import pathlib
import sys

sys.dont_write_bytecode = True

from olist import rows  # noqa: E402

STAGES = ("acquisition", "activation", "revenue")


class Customers:
    """Identifiers that belong together (union by the root of a tree)."""

    def __init__(self):
        self.parent = {}

    def of(self, identifier):
        root = identifier
        while (above := self.parent.setdefault(root, root)) != root:
            root = above
        self.parent[identifier] = root
        return root

    def link(self, one, other):
        self.parent[self.of(one)] = self.of(other)

    def largest(self):
        """How many identifiers the largest customer has."""
        sizes = collections.Counter(self.of(identifier) for identifier in list(self.parent))
        return max(sizes.values(), default=0)


def satisfaction(folder):
    scores = collections.defaultdict(list)
    for review in rows(folder, "order_reviews"):
        scores[review["review_answer_timestamp"][:7]].append(int(review["review_score"]))

    def shown(found):
        top = sum(score >= 4 for score in found)
        return {"responses": len(found), "top_two": top, "csat": top / len(found), "mean": sum(found) / len(found)}

    everything = [score for found in scores.values() for score in found]
    return {"total": shown(everything), "months": [{"month": month, **shown(scores[month])} for month in sorted(scores)]}


def entries(folder):
    """Every entry: the stage, when, and the identifiers that it names."""
    for lead in rows(folder, "marketing_qualified_leads"):
        yield "acquisition", lead["first_contact_date"], [("lead", lead["mql_id"])]
    for deal in rows(folder, "closed_deals"):
        yield "activation", deal["won_date"], [("lead", deal["mql_id"]), ("seller", deal["seller_id"])]
    person = {row["customer_id"]: row["customer_unique_id"] for row in rows(folder, "customers")}
    for order in rows(folder, "orders"):
        yield "revenue", order["order_purchase_timestamp"], [("customer", person[order["customer_id"]])]


def funnel(folder):
    found, customers = list(entries(folder)), Customers()
    for _, _, identifiers in found:
        for other in identifiers[1:]:
            customers.link(identifiers[0], other)
    first, by_month, counts = {}, collections.defaultdict(set), collections.Counter()
    for stage, when, identifiers in found:
        customer = customers.of(identifiers[0])
        by_month[stage, when[:7]].add(customer)
        counts[stage, when[:7]] += 1
        counts[stage] += 1
        key = (stage, customer)
        first[key] = min(first.get(key, when), when)
    entered = {stage: {customer for s, customer in first if s == stage} for stage in STAGES}

    def in_both(stage, other):
        both = entered[stage] & entered[other]
        in_order = sum(first[other, customer] >= first[stage, customer] for customer in both)
        return {"from": stage, "to": other, "customers": len(both), "not_before": in_order}

    return {
        "identifiers_of_the_largest_customer": customers.largest(),
        "total": [{"stage": stage, "customers": len(entered[stage]), "entries": counts[stage]} for stage in STAGES],
        "went_on": [in_both(stage, other) for stage in STAGES for other in STAGES if stage != other],
        "months": [
            {"stage": stage, "month": month, "customers": len(by_month[stage, month]), "entries": counts[stage, month]}
            for stage, month in sorted(by_month)
        ],
    }


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=pathlib.Path, default=pathlib.Path("../shared/data/olist"))
    args = parser.parse_args()
    answer = {"satisfaction": satisfaction(args.data), "funnel": funnel(args.data)}
    json.dump(answer, sys.stdout, ensure_ascii=False, indent=2)
    print()


if __name__ == "__main__":
    main()
