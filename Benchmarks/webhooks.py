"""Webhooks of a mirrored store, signed, and the orders that they must end in."""

import base64
import datetime
import hmac
import json
import random
import time
import uuid

from servers import Failure

STORE = "store_ofTheMirror"
SECRET = "signing-secret-of-the-benchmark"
PATH, HEADER = f"/v3/stores/{STORE}/webhooks/scalev", "X-Scalev-Hmac-Sha256"
# So many orders change at a time, in turn at random.
OPEN = 200
# What happens to each order, a minute apart: the event, whether it has the whole order, and the statuses that it says.
STEPS = [
    ("order.created", True, {"status": "pending", "payment_status": "unpaid"}),
    ("order.status_changed", False, {"status": "confirmed"}),
    ("order.payment_status_changed", False, {"payment_status": "paid"}),
    ("order.updated", True, {"status": "shipped", "payment_status": "paid"}),
]


class Webhooks:
    def __init__(self):
        self.random, self.began, self.orders = random.Random(17), int(time.time()) - 86_400, 0
        self.open = []
        # The number of the order and of the step, by the id of the event.
        self.events = {}

    def more(self, count):
        """The next webhooks: the signature and the body of each."""
        made = []
        while len(made) < count:
            while len(self.open) < OPEN:
                self.open.append((self.orders, 0))
                self.orders += 1
            place = self.random.randrange(OPEN)
            order, step = self.open[place]
            if step + 1 < len(STEPS):
                self.open[place] = (order, step + 1)
            else:
                del self.open[place]
            body = json.dumps(self.event(order, step))
            made.append((base64.b64encode(hmac.digest(SECRET.encode(), body.encode(), "sha256")).decode(), body))
        return made

    def event(self, order, step):
        kind, is_whole, statuses = STEPS[step]
        event, at = f"event_{order}_{step}", moment(self.changed(order, step))
        self.events[event] = (order, step)
        data = {"id": self.id(order), "order_id": f"S-{order}", "last_updated_at": at, "notes": f"Langkah {step}", **statuses}
        if is_whole:
            data |= self.whole(order)
        return {"event": kind, "unique_id": event, "timestamp": at, "data": data}

    def whole(self, order):
        customer = order // 3
        return {
            "secret_slug": f"slug-of-a-mirrored-order-{order:08d}", "payment_method": "bank_transfer", "product_price": 85_000,
            "gross_revenue": "97000.00", "shipping_cost": 12_000, "created_at": moment(self.changed(order, 0)),
            "customer_id": 1 + customer, "business": {}, "store": {"name": "Toko"},
            "destination_address": {
                "name": f"Buyer {customer}", "phone": f"62812{customer:07d}", "email": f"mirrored.{customer}@example.com",
                "address": "Jalan Merdeka 17", "city": "Bandung", "province": "Jawa Barat", "postal_code": "40111"},
            "orderlines": [
                {"quantity": 1 + line, "product_name": f"Kopi Gayo {500 + 10 * line} g", "variant_price": 85_000,
                 "product_price": 85_000, "variant_sku": f"KG-{line}", "weight": 500} for line in range(1 + order % 2)]}

    def changed(self, order, step):
        return self.began + order % 3600 + 60 * step

    def id(self, order):
        return str(uuid.UUID(f"{self.changed(order, 0) * 1000:012x}7{order % 4096:03x}8{order:015x}"))

    @staticmethod
    def taken(loop):
        """How many events were taken."""
        return int(loop.ask(f"SELECT count(*) FROM mirror_event WHERE store_id = '{STORE}'")[0][0])

    def check(self, loop):
        """Each order has to be what the events that were taken say of it."""
        expected = {}
        for event, in loop.ask(f"SELECT id FROM mirror_event WHERE store_id = '{STORE}'"):
            order, step = self.events[event]
            expected.setdefault(order, set()).add(step)
        expected = {self.id(order): self.columns(order, steps) for order, steps in expected.items() if steps & {0, 3}}
        pending = f"SELECT count(*) FROM mirror_order WHERE store_id = '{STORE}' AND pending_since IS NOT NULL"
        for _ in range(300):
            if int(loop.ask(pending)[0][0]) == 0:
                break
            time.sleep(0.1)
        rows = loop.ask(
            f"SELECT {{text id}}, status, payment_status, last_updated_at FROM customer_order WHERE store_id = '{STORE}'")
        found = {str(uuid.UUID(id)): (status, paid, int(changed)) for id, status, paid, changed in rows}
        if found != expected:
            wrong = [id for id in expected.keys() | found.keys() if found.get(id) != expected.get(id)]
            examples = [(id, found.get(id), expected.get(id)) for id in wrong[:5]]
            raise Failure(f"{len(wrong):,} of {len(expected):,} orders are not what their events say: {examples}")

    def columns(self, order, steps):
        """The statuses of an order of which these steps are known, and when it was last changed, in microseconds."""
        statuses = {}
        for step in sorted(steps):
            statuses |= STEPS[step][2]
        return statuses["status"], statuses["payment_status"], self.changed(order, max(steps)) * 1_000_000


def moment(seconds):
    return datetime.datetime.fromtimestamp(seconds, datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
