#!/usr/bin/env python3
"""Counts the Olist files without any code of this project, as JSON on standard output.

    python3 tests/reference/olist.py [--data FOLDER] [--top N] [--customer CUSTOMER_UNIQUE_ID]...

Only the standard library is used. A customer is `customer_unique_id`, reached from an order through `customer_id`.
"""

import argparse
import collections
import csv
import gzip
import json
import pathlib
import sys


def rows(folder, name):
    for path in (folder / f"olist_{name}_dataset.csv.gz", folder / f"olist_{name}_dataset.csv"):
        if path.exists():
            opener = gzip.open if path.suffix == ".gz" else open
            with opener(path, "rt", encoding="utf-8", newline="") as file:
                return list(csv.DictReader(file))
    raise SystemExit(f"there is no olist_{name}_dataset.csv.gz in {folder}; say where with --data")


def histogram(scores):
    counts = collections.Counter(scores)
    return {str(score): counts[score] for score in range(1, 6)}


def mean(scores):
    return round(sum(scores) / len(scores), 6) if scores else None


def customer_shown(customer, orders, scores):
    return {
        "customer": customer,
        "orders": orders[customer],
        "reviews": len(scores[customer]),
        "scores": histogram(scores[customer]),
        "mean_score": mean(scores[customer]),
    }


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=pathlib.Path, default=pathlib.Path("../shared/data/olist"))
    parser.add_argument("--top", type=int, default=10, help="how many customers with several reviews to list")
    parser.add_argument("--customer", action="append", default=[], help="a customer to count by itself")
    args = parser.parse_args()

    person = {row["customer_id"]: row["customer_unique_id"] for row in rows(args.data, "customers")}
    orders = rows(args.data, "orders")
    customer_of = {order["order_id"]: person.get(order["customer_id"]) for order in orders}
    orders_by_customer = collections.Counter(customer_of.values())
    reviews = rows(args.data, "order_reviews")
    scores, without_order = collections.defaultdict(list), 0
    for review in reviews:
        customer = customer_of.get(review["order_id"])
        without_order += customer is None
        if customer is not None:
            scores[customer].append(int(review["review_score"]))

    all_scores = [int(review["review_score"]) for review in reviews]
    several = sorted(
        (customer for customer in scores if len(scores[customer]) > 1),
        key=lambda customer: (-len(scores[customer]), customer),
    )
    leads, deals = rows(args.data, "marketing_qualified_leads"), rows(args.data, "closed_deals")
    answer = {
        "orders": len(orders),
        "orders_by_status": dict(collections.Counter(order["order_status"] for order in orders)),
        "orders_without_customer": sum(customer is None for customer in customer_of.values()),
        "customers": len(set(customer_of.values()) - {None}),
        "payments": len(rows(args.data, "order_payments")),
        "reviews": len(reviews),
        "reviews_distinct_ids": len({review["review_id"] for review in reviews}),
        "reviews_distinct_id_and_order": len({(review["review_id"], review["order_id"]) for review in reviews}),
        "reviews_without_order": without_order,
        "reviews_with_comment": sum(review["review_comment_message"] != "" for review in reviews),
        "reviews_with_comment_that_is_not_blank": sum(review["review_comment_message"].strip() != "" for review in reviews),
        "scores": histogram(all_scores),
        "mean_score": mean(all_scores),
        "customers_with_several_reviews": len(several),
        "top_customers": [customer_shown(customer, orders_by_customer, scores) for customer in several[: args.top]],
        "leads": len(leads),
        "leads_by_origin": dict(collections.Counter(lead["origin"] or "none" for lead in leads)),
        "closed_deals": len(deals),
        "closed_deals_of_known_leads": len({deal["mql_id"] for deal in deals} & {lead["mql_id"] for lead in leads}),
        "by_customer": {customer: customer_shown(customer, orders_by_customer, scores) for customer in args.customer},
    }
    json.dump(answer, sys.stdout, ensure_ascii=False, indent=2, sort_keys=True)
    print()


if __name__ == "__main__":
    main()
