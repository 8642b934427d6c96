#!/usr/bin/env python3
"""Writes any number of merchant orders as NDJSON, made from the sample orders, the same for the same seed.

    orders.py --orders 1000000 --targets targets.json | pesanan import orders - --data DIR

The orders are one store's, oldest first, spread evenly over five years. A customer has about ten of them; where there
are enough orders, one has 25 and one has 2,000. One in fifty has an integer for its id. The targets file says which
orders of which customers a measurement can ask for.
"""

import argparse
import base64
import datetime
import json
import os
import random
import re
import sys

SAMPLES = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../Tests/TestFixtures/Files/orders.ndjson")
STORE = "store_Zl2CePvzZaqLXj4sxrvXFcqg"

FIRST_DAY = datetime.date(2021, 1, 1).toordinal()
DAYS = 5 * 365
EPOCH_DAY = datetime.date(1970, 1, 1).toordinal()
# Dates this many days after the order's own move with it; others, such as the day a payment code expires, stay.
SHIFTED = range(100)
DATE = re.compile(r"\b(20\d\d-\d\d-\d\d)(?=T\d\d:\d\d)")

# Apart from the ids of the sample customers (200,000 and up) and from each other.
BUSY_CUSTOMER, PAGE_CUSTOMER, FIRST_CUSTOMER = 900_000, 900_001, 1_000_000
BUSY_ORDERS, PAGE_ORDERS = 2_000, 25
TARGETS = 64
# A merchant order of at most this size becomes an answer of 3 to 6 KB, as most are.
TYPICAL_BYTES = 9_000

LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"

# Marks a replaced value in a split sample; a date is an int, its distance in days from the order's first day.
ID, ORDER_ID, SLUG, CUSTOMER = object(), object(), object(), object()


class Sample:
    """A sample order cut at everything that changes from order to order."""

    def __init__(self, line):
        order = json.loads(line)
        created = order["created_at"]
        self.day = datetime.date.fromisoformat(created[:10]).toordinal()
        moment = datetime.datetime.fromisoformat(created.replace("Z", "+00:00"))
        self.milliseconds = int(moment.timestamp() * 1000) - (self.day - EPOCH_DAY) * 86_400_000
        self.bytes = len(line.encode())

        self.customer, customer = self.cut_customer(line)
        pieces = [line]
        pieces = cut(pieces, '"customer": ' + customer, CUSTOMER)
        pieces = cut(pieces, '{"id": ' + json.dumps(order["id"]) + ',', ID, once=True)
        pieces = cut(pieces, json.dumps(order["order_id"]), ORDER_ID)
        pieces = cut(pieces, order["secret_slug"], SLUG)
        self.pieces = []
        for piece in pieces:
            if not isinstance(piece, str):
                self.pieces.append(piece)
                continue
            for index, text in enumerate(DATE.split(piece)):
                days = datetime.date.fromisoformat(text).toordinal() - self.day if index % 2 else -1
                self.pieces.append(days if days in SHIFTED else text)

    @staticmethod
    def cut_customer(line):
        """The customer as (before the id, between id and email, after the email), and as it stands in the line."""
        start = line.index('"customer": ') + len('"customer": ')
        customer, end = json.JSONDecoder().raw_decode(line, start)
        text = line[start:end]
        head, rest = text.split('"id": %d,' % customer["id"], 1)
        middle, tail = rest.split(json.dumps(customer["email"]), 1)
        return (head + '"id": ', "," + middle, tail), text


def cut(pieces, text, mark, once=False):
    """The pieces with the text replaced by the mark, which has to be there."""
    result, found = [], 0
    for piece in pieces:
        if not isinstance(piece, str) or (once and found):
            result.append(piece)
            continue
        parts = piece.split(text, 1) if once else piece.split(text)
        found += len(parts) - 1
        result.append(parts[0])
        for part in parts[1:]:
            result += [mark, part]
    if found == 0:
        raise ValueError(f"a sample order has no {text[:60]}")
    return result


def read_samples():
    # Lines end at "\n" alone: the texts hold other line separators.
    with open(SAMPLES, encoding="utf-8", newline="\n") as file:
        lines = [line.rstrip("\n") for line in file]
    return [Sample(line) for line in lines if json.loads(line)["store"]["unique_id"] == STORE]


def uuid7(milliseconds, rng):
    bits = rng.getrandbits(74)
    text = f"{milliseconds:012x}7{bits >> 62:03x}{0x8000000000000000 | bits & 0x3FFFFFFFFFFFFFFF:016x}"
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"


def code(number, letters, length):
    """A number as text of that length: different for different numbers."""
    result = []
    for _ in range(length):
        number, digit = divmod(number, len(letters))
        result.append(letters[digit])
    return "".join(result)


def generate(count, seed, write):
    """Writes the orders and returns the targets: store, busy customers and (customer, order) pairs."""
    rng = random.Random(seed)
    samples = read_samples()
    dates = [datetime.date.fromordinal(FIRST_DAY + day).isoformat() for day in range(DAYS + len(SHIFTED))]

    busy = BUSY_ORDERS if count >= 10 * BUSY_ORDERS else 0
    page = PAGE_ORDERS if count >= 10 * PAGE_ORDERS else 0
    busy_step = count // BUSY_ORDERS if busy else 0
    page_step = count // PAGE_ORDERS if page else 0
    customers = max(1, (count - busy - page) // 10)
    target_step = max(1, count // TARGETS)

    targets, asked = [], set()
    lines = []
    for index in range(count):
        sample = samples[rng.randrange(len(samples))]
        day = FIRST_DAY + index * DAYS // count
        milliseconds = (day - EPOCH_DAY) * 86_400_000 + sample.milliseconds + rng.randrange(1000)
        legacy = rng.randrange(50) == 0
        new_id = 10_000_000 + index if legacy else uuid7(milliseconds, rng)

        if busy and index % busy_step == 0 and index // busy_step < BUSY_ORDERS:
            customer = BUSY_CUSTOMER
        elif page and index % page_step == 1 and index // page_step < PAGE_ORDERS:
            customer = PAGE_CUSTOMER
        else:
            customer = FIRST_CUSTOMER + rng.randrange(customers)
            if (not legacy and len(targets) < TARGETS and index >= len(targets) * target_step
                    and sample.bytes <= TYPICAL_BYTES and customer not in asked):
                asked.add(customer)
                targets.append({"customer": customer, "order": new_id})

        # A customer's name and the rest stay the same from order to order.
        head, middle, tail = samples[customer % len(samples)].customer
        first = day - FIRST_DAY
        line = []
        for piece in sample.pieces:
            if piece.__class__ is str:
                line.append(piece)
            elif piece.__class__ is int:
                line.append(dates[first + piece])
            elif piece is ID:
                line.append(f'{{"id": {new_id},' if legacy else f'{{"id": "{new_id}",')
            elif piece is ORDER_ID:
                date = dates[first]
                line.append(f'"{date[2:4]}{date[5:7]}{date[8:]}{code(index, LETTERS, 6)}"')
            elif piece is SLUG:
                line.append(base64.urlsafe_b64encode(rng.randbytes(30)).decode())
            else:
                line.append(f'"customer": {head}{customer}{middle}"buyer.{customer}@example.com"{tail}')
        line.append("\n")
        lines.append("".join(line))
        if len(lines) == 512:
            write("".join(lines).encode())
            lines.clear()
    write("".join(lines).encode())
    listed = [
        {"id": customer, "orders": there} for customer, there in ((BUSY_CUSTOMER, busy), (PAGE_CUSTOMER, page)) if there
    ]
    return {"store": STORE, "listed": listed, "orders": targets}


def main():
    parser = argparse.ArgumentParser(description="Writes merchant orders as NDJSON to standard output.")
    parser.add_argument("--orders", type=int, default=20_000, help="how many (20,000)")
    parser.add_argument("--seed", type=int, default=7, help="other orders for another seed")
    parser.add_argument("--targets", help="the file to write the orders to ask for to, as JSON")
    options = parser.parse_args()
    if options.orders < 1000:
        parser.error("--orders has to be 1000 or more")

    targets = generate(options.orders, options.seed, sys.stdout.buffer.write)
    if options.targets:
        with open(options.targets, "w", encoding="utf-8") as file:
            json.dump(targets, file)


if __name__ == "__main__":
    main()
