// A storefront in a browser, as the public demo of the Storefront API calls it: plain fetch, no cookies, JSON.
//
//   node storefront.mjs BASE-URL STORE KEY ORIGIN EMAIL MAIL-FOLDER
//
// It goes through all that a buyer does, and ends with 0 if each answer was right.
import assert from "node:assert/strict";
import { readFile, readdir } from "node:fs/promises";

const [base, store, key, origin, email, mails] = process.argv.slice(2);
const root = `${base}/v3/stores/${store}`;

// What a page of this origin may read of an answer.
const readable = new Set(["content-type", "cache-control"]);

async function call(method, path, { token, body, headers = {} } = {}) {
  const given = { accept: "application/json", origin, ...headers };
  if (path.startsWith("/public/")) given["x-scalev-storefront-api-key"] = key;
  if (token) given.authorization = `Bearer ${token}`;
  if (body !== undefined) given["content-type"] = "application/json";
  const answer = await fetch(root + path, {
    method, headers: given, credentials: "omit", body: body === undefined ? undefined : JSON.stringify(body),
  });
  assert.equal(answer.headers.get("access-control-allow-origin"), origin, `${method} ${path}`);
  const exposed = (answer.headers.get("access-control-expose-headers") ?? "").toLowerCase().split(/, */);
  const read = (name) => (readable.has(name) || exposed.includes(name) ? answer.headers.get(name) : null);
  assert.ok(read("x-request-id") && read("x-request-id") === read("x-scalev-request-id"));
  const text = await answer.text();
  const json = text ? JSON.parse(text) : null;
  if (answer.status >= 400) assert.equal(json.message, json.error);
  return { status: answer.status, json, read };
}

async function preflight(path, method, names) {
  const answer = await fetch(root + path, {
    method: "OPTIONS",
    headers: { origin, "access-control-request-method": method, "access-control-request-headers": names.join(",") },
  });
  assert.equal(answer.status, 204);
  assert.equal(answer.headers.get("access-control-allow-origin"), origin);
  const allowed = answer.headers.get("access-control-allow-headers").toLowerCase().split(/, */);
  for (const name of names) assert.ok(allowed.includes(name), name);
}

async function code() {
  for (let turn = 0; turn < 100; turn++) {
    // A mail that is being written has a hidden name.
    for (const name of (await readdir(mails).catch(() => [])).filter((name) => !name.startsWith("."))) {
      const mail = (await readFile(`${mails}/${name}`, "utf8")).replaceAll("\r\n", "\n");
      if (mail.includes(`To: <${email}>`)) return mail.match(/\n {4}(\d{6})\n/)[1];
    }
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error("no mail came");
}

const names = ["authorization", "content-type", "x-scalev-storefront-api-key", "x-scalev-guest-token"];
await preflight("/public/auth/otp/send", "POST", names);
await preflight("/customers/me/orders", "GET", names);

// Sign in.
assert.equal((await call("POST", "/public/auth/otp/send", { body: { email: "x", login_as: "customer" } })).status, 400);
assert.equal((await call("POST", "/public/auth/otp/send", { body: { email, login_as: "owner" } })).status, 400);
const sent = await call("POST", "/public/auth/otp/send", { body: { email, login_as: "customer" } });
assert.equal(sent.status, 200);
assert.ok(sent.json.message);
const signedIn = await call("POST", "/public/auth/otp/verify", { body: { email, otp: ` ${await code()}\n` } });
assert.equal(signedIn.status, 200);
assert.equal(signedIn.json.token_type, "Bearer");

// Refresh, as when a page is opened again.
const refreshed = await call("POST", "/public/auth/jwt/refresh", { body: { refresh: signedIn.json.refresh } });
assert.equal(refreshed.status, 200);
const token = refreshed.json.access;

// Orders, page by page and back.
const orders = [];
let page = await call("GET", "/customers/me/orders?page_size=1", { token });
while (true) {
  assert.equal(page.status, 200);
  assert.ok(page.json.is_paginated && page.json.data.length === 1);
  orders.push(page.json.data[0]);
  if (!page.json.has_next) break;
  page = await call("GET", `/customers/me/orders?page_size=1&next_cursor=${page.json.next_cursor}`, { token });
}
assert.ok(orders.length > 1);
assert.equal(new Set(orders.map((order) => order.id)).size, orders.length);
const back = await call("GET", `/customers/me/orders?page_size=1&previous_cursor=${page.json.previous_cursor}`, { token });
assert.equal(back.json.data[0].id, orders.at(-2).id);

// One order, and again while it has not changed.
const order = await call("GET", `/customers/me/orders/${orders[0].id}`, { token });
assert.deepEqual(order.json, orders[0]);
const again = await call("GET", `/customers/me/orders/${orders[0].id}`, { token, headers: { "if-none-match": order.read("etag") } });
assert.equal(again.status, 304);
assert.equal(again.json, null);
assert.equal((await call("GET", "/customers/me/orders/1", { token })).json.error_code, "order_not_found");

// Sign out.
const out = await call("POST", "/public/auth/jwt/blacklist", { body: { tokens: [token, refreshed.json.refresh] } });
assert.equal(out.status, 204);
assert.equal((await call("GET", "/customers/me/orders", { token })).status, 401);
assert.equal((await call("POST", "/public/auth/jwt/refresh", { body: { refresh: refreshed.json.refresh } })).status, 401);
console.log(`${orders.length} orders`);
