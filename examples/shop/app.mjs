// A shop that sells tokens by subscription: a small web application, as Stripe's guides tell to write one.
//
// - Subscribing, by Checkout, and provision: https://docs.stripe.com/billing/subscriptions/build-subscriptions and
//   https://docs.stripe.com/checkout/fulfillment
// - Webhooks, their signatures, events that come twice or late: https://docs.stripe.com/webhooks
// - Usage: https://docs.stripe.com/billing/subscriptions/usage-based/implementation-guide
// - Customers who change their card or cancel: https://docs.stripe.com/customer-management/integrate-customer-portal
//
// It reads its settings from the environment: STRIPE_API_KEY, STRIPE_WEBHOOK_SECRET (of the webhook endpoint /webhook), DATABASE
// (a file of lines of JSON) and PORT. STRIPE_API_BASE is for a local Stripe; without it, the shop talks to Stripe.
//
//     npm install && node app.mjs
import { randomUUID } from "node:crypto";
import { closeSync, existsSync, fsyncSync, openSync, readFileSync, truncateSync, writeSync } from "node:fs";
import { createServer } from "node:http";
import Stripe from "stripe";

// The lookup keys of the two prices that a customer subscribes to, and what the meter of the second one counts.
const [fee, tokens, eventName] = ["shop_fee", "shop_tokens", "shop_tokens"];
const hasAccess = ["active", "trialing"];

const { STRIPE_API_KEY, STRIPE_WEBHOOK_SECRET, DATABASE, PORT = "4242" } = process.env;
const { protocol, hostname, port } = new URL(process.env.STRIPE_API_BASE ?? "https://api.stripe.com");
const stripe = new Stripe(STRIPE_API_KEY, { protocol: protocol.slice(0, -1), host: hostname, port: port || undefined });

// What the shop knows: whatever was written, line by line. A line is an event and all that it changed, or it is not there.

const known = { events: new Set(), accounts: new Map(), invoices: new Map(), messages: new Map() };

const change = {
  account: ({ customer, user, subscription, status }) =>
    known.accounts.set(customer, { customer, user: user ?? known.accounts.get(customer)?.user ?? null, subscription, status }),
  invoice: ({ id, customer, total }) => known.invoices.has(id) || known.invoices.set(id, { id, customer, total }),
  message: ({ about, customer, text }) => known.messages.has(about) || known.messages.set(about, { customer, text }),
};

function carryOut({ event, changes }) {
  if (event) known.events.add(event);
  for (const [what, values] of changes) change[what](values);
}

function readAll() {
  const text = existsSync(DATABASE) ? readFileSync(DATABASE, "utf8") : "";
  const whole = text.slice(0, text.lastIndexOf("\n") + 1);
  if (whole.length < text.length) truncateSync(DATABASE, Buffer.byteLength(whole));
  for (const line of whole.split("\n")) if (line) carryOut(JSON.parse(line));
}

function keep(record) {
  const file = openSync(DATABASE, "a");
  writeSync(file, `${JSON.stringify(record)}\n`);
  fsyncSync(file);
  closeSync(file);
  carryOut(record);
}

function accountOf(user) {
  const account = [...known.accounts.values()].find((one) => one.user === user);
  if (!account) return null;
  const theirs = (kept) => [...kept.values()].filter((one) => one.customer === account.customer);
  const invoices = theirs(known.invoices).map(({ id, total }) => ({ id, total }));
  return { ...account, invoices, messages: theirs(known.messages).map(({ text }) => text) };
}

// What events change

// Gives a customer what they subscribed to, however often, and by whomever, this is asked for.
async function provision(sessionId) {
  const session = await stripe.checkout.sessions.retrieve(sessionId, { expand: ["line_items", "subscription"] });
  if (session.payment_status === "unpaid") return [];
  const { customer, client_reference_id: user, subscription } = session;
  const text = `Welcome. You have: ${session.line_items.data.map((item) => item.description).join(", ")}`;
  return [
    ["account", { customer, user, subscription: subscription.id, status: subscription.status }],
    ["message", { about: session.id, customer, text }],
  ];
}

// Events may come late, and in another order: what counts is what Stripe says now.
async function statusNow(subscriptionId) {
  const { id, customer, status } = await stripe.subscriptions.retrieve(subscriptionId);
  return [["account", { customer, subscription: id, status }]];
}

const subscriptionOf = (invoice) => invoice.parent.subscription_details.subscription;

const handlers = {
  // A customer has subscribed.
  "checkout.session.completed": ({ id }) => provision(id),
  // A period is paid: the customer keeps access.
  "invoice.paid": async (invoice) => {
    const { id, customer, total } = invoice;
    return [["invoice", { id, customer, total }], ...(await statusNow(subscriptionOf(invoice)))];
  },
  // A payment failed: the customer is told where another card can be given.
  "invoice.payment_failed": async (invoice) => {
    const { id, customer, attempt_count: attempt, amount_remaining: left } = invoice;
    const amount = `${Math.floor(left / 100)}.${String(left % 100).padStart(2, "0")} ${invoice.currency.toUpperCase()}`;
    const text = `We could not charge ${amount}. Please give another card, or pay here: ${invoice.hosted_invoice_url}`;
    const message = { about: `${id}, attempt ${attempt}`, customer, text };
    return [["message", message], ...(await statusNow(subscriptionOf(invoice)))];
  },
  "customer.subscription.updated": ({ id }) => statusNow(id),
  "customer.subscription.deleted": ({ id }) => statusNow(id),
};

// Does what an event asks for, once, though Stripe may send it several times.
async function handle(event) {
  if (!(event.type in handlers) || known.events.has(event.id)) return;
  const changes = await handlers[event.type](event.data.object);
  if (!known.events.has(event.id)) keep({ event: event.id, changes });
}

// Its pages

const answer = (status, body = "", headers = {}) => ({ status, body, headers });
const page = (body) => answer(200, body, { "Content-Type": "text/html" });
const data = (value) => answer(200, JSON.stringify(value), { "Content-Type": "application/json" });
const goTo = (url) => answer(303, "", { Location: url });
const form = (body) => Object.fromEntries(new URLSearchParams(body.toString()));

const pages = {
  // What is sold, and a button.
  "GET /": () =>
    page(
      "<h1>Tokens</h1><p>20 dollars a month, and 4 cents for each 100 tokens.</p>" +
        '<form action="/create-checkout-session" method="post"><input name="user"><button>Subscribe</button></form>',
    ),
  // The button: on to the page where a customer subscribes.
  "POST /create-checkout-session": async ({ body, base }) => {
    const found = await stripe.prices.list({ lookup_keys: [fee, tokens], active: true });
    const price = (key) => found.data.find((one) => one.lookup_key === key).id;
    const session = await stripe.checkout.sessions.create({
      mode: "subscription",
      line_items: [{ price: price(fee), quantity: 1 }, { price: price(tokens) }],
      client_reference_id: form(body).user,
      success_url: `${base}/success?session_id={CHECKOUT_SESSION_ID}`,
      cancel_url: `${base}/`,
    });
    return goTo(session.url);
  },
  // Where a customer comes back to, maybe before the webhook has come.
  "GET /success": async ({ query }) => {
    keep({ changes: await provision(query.get("session_id")) });
    return page("<p>Thank you.</p>");
  },
  // On to the page where a customer changes the card, or cancels.
  "POST /create-portal-session": async ({ body, base }) => {
    const account = accountOf(form(body).user);
    if (!account) return answer(402, "Subscribe first.");
    const session = await stripe.billingPortal.sessions.create({ customer: account.customer, return_url: `${base}/` });
    return goTo(session.url);
  },
  // What is sold: somebody's tokens are used, and reported to Stripe. The identifier makes it count once.
  "POST /work": async ({ body }) => {
    const { user, tokens: used } = form(body);
    const account = accountOf(user);
    if (!hasAccess.includes(account?.status)) return answer(402, "Subscribe first, or pay what is due.");
    const payload = { stripe_customer_id: account.customer, value: used };
    await stripe.billing.meterEvents.create({ event_name: eventName, identifier: randomUUID(), payload });
    return answer(200, "Done.");
  },
  // What the shop knows of a user, as data.
  "GET /account": ({ query }) => data(accountOf(query.get("user"))),
  // Where Stripe sends events. Whatever is not answered with 2xx is sent again.
  "POST /webhook": async ({ body, headers }) => {
    let event;
    try {
      event = stripe.webhooks.constructEvent(body, headers["stripe-signature"], STRIPE_WEBHOOK_SECRET);
    } catch {
      return answer(400, "This is not from Stripe.");
    }
    await handle(event);
    return data({ received: true });
  },
};

async function respond(request, response) {
  const parts = [];
  for await (const part of request) parts.push(part);
  const base = `http://${request.headers.host}`;
  const url = new URL(request.url, base);
  const found = pages[`${request.method} ${url.pathname}`] ?? (() => answer(404, "There is nothing here."));
  const asked = { body: Buffer.concat(parts), base, query: url.searchParams, headers: request.headers };
  const { status, body, headers } = await found(asked);
  response.writeHead(status, headers).end(body);
}

readAll();
const server = createServer((request, response) =>
  respond(request, response).catch((error) => {
    console.error(error);
    response.writeHead(500).end();
  }),
);
server.listen(Number(PORT), "127.0.0.1", () => console.log(`shop is ready on http://127.0.0.1:${server.address().port}`));
