// Asks for the overview again and again, shows what changed, and carries out what the buttons say.

import { choose } from "./dom.js";
import * as sections from "./sections.js";
import { moment } from "./times.js";

const EVERY = 500; // ms between two looks; a look when nothing changed costs next to nothing (304)
const REST = 4; // and at least this many times as long as the last one took, to leave a busy server in peace

const $ = (id) => document.getElementById(id);
const wish = { account: "", livemode: "false", customer: "", subscription: "", invoice: "", window: "day", errors: "false" };
const shown = {};
let tag = null, data = null, timer = null, asking = 0;

// Looking

// Without an account it is the default one.
const asked = ({ account, ...others }) => new URLSearchParams(account ? { account, ...others } : others);

async function look() {
  clearTimeout(timer);
  const mine = ++asking, began = performance.now();
  try {
    const answer = await fetch(`/_local/overview?${asked(wish)}`, {
      headers: tag ? { "If-None-Match": tag } : {}, cache: "no-store", signal: AbortSignal.timeout(15000),
    });
    if (mine !== asking) return;
    connected(answer.ok || answer.status === 304 ? "live" : "lost");
    if (answer.ok) {
      const read = await answer.json();
      if (mine !== asking) return;
      tag = answer.headers.get("ETag");
      show(read);
    }
  } catch {
    if (mine !== asking) return;
    tag = null;
    connected("lost");
  }
  if (!document.hidden) timer = setTimeout(look, Math.max(EVERY, REST * (performance.now() - began)));
}

function now() {
  tag = null;
  return look();
}

function connected(state) {
  const texts = { live: "Live: updates by itself", lost: "Not reachable: is it running?" };
  document.body.dataset.connection = state;
  if ($("connection").dataset.state === state) return;
  $("connection").dataset.state = state;
  $("connection").textContent = texts[state];
  if (state === "lost") announce(texts.lost);
}

// Showing

const PARTS = [
  [["products", "meters", "counts"], sections.catalogue],
  [["customers", "counts"], (read) => sections.customers(read, pick)],
  [["usage", "customers", "meters", "key"], (read) => sections.usage(read, width())],
  [["invoice", "customers"], (read) => sections.invoice(read, open)],
  [["requests"], sections.requests],
  [["faults"], sections.faults],
];

function show(read) {
  const before = data;
  read.key = wish.account ? "$KEY" : "sk_test_local"; // another account is shown by its id: its key is not known here
  data = { ...read, seen: performance.now() };
  accounts(read.accounts);
  $("start-command").textContent = `curl -u ${read.key}: ${location.origin}/v1/products -d name=Tokens`;
  for (const [names, section] of PARTS) {
    const text = JSON.stringify(names.map((name) => read[name]));
    if (shown[names] === text) continue;
    shown[names] = text;
    section(read);
  }
  tick();
  if (before) tell(before, read);
}

function tell(before, read) {
  const said = [];
  const known = before.requests[0]?.number ?? 0;
  const failed = read.requests.filter((one) => one.number > known && one.status >= 400);
  if (failed.length) said.push(`${failed.length} failed: ${failed[0].method} ${failed[0].path}, ${failed[0].status}.`);
  if (before.invoice.amount_due !== read.invoice.amount_due && read.invoice.amount_due) said.push(`Upcoming invoice: ${read.invoice.amount_due}.`);
  if (before.clock.offset !== read.clock.offset) said.push(`The clock shows ${moment(read.clock.now, "hour")}.`);
  if (before.faults.length !== read.faults.length) said.push(`${read.faults.length || "No"} faults on order.`);
  if (said.length) announce(said.join(" "));
}

function accounts(ids) {
  choose($("account"), ids.map((id, index) => (index ? [id, id] : ["", "default"])), wish.account);
  $("account").parentElement.hidden = ids.length < 2;
}

function announce(text) {
  $("announcements").textContent = text;
}

function tick() {
  if (data) sections.clock(Math.floor(data.clock.now + (performance.now() - data.seen) / 1000), data.clock.offset);
}

const width = () => Math.max($("charts").clientWidth, 200);

// Choosing

function pick(customer) {
  wish.customer = customer.id;
  wish.subscription = customer.subscriptions[0]?.id ?? "";
  now();
  $("usage").scrollIntoView();
}

function open(invoice) {
  wish.invoice = invoice;
  now();
}

for (const [id, event, name, value] of [
  ["account", "change", "account", (element) => element.value],
  ["mode", "change", "livemode", (element) => element.value],
  ["usage-customer", "change", "customer", (element) => element.value],
  ["invoice-subscription", "change", "subscription", (element) => element.value],
  ["only-errors", "change", "errors", (element) => String(element.checked)],
]) {
  $(id).addEventListener(event, (happened) => {
    wish[name] = value(happened.target);
    if (name === "account" || name === "livemode") wish.customer = wish.subscription = wish.invoice = "";
    now();
  });
}
for (const choice of document.querySelectorAll("input[name=window]")) {
  choice.addEventListener("change", () => {
    wish.window = choice.value;
    now();
  });
}

// Doing

async function control(method, path, body) {
  $("trouble").textContent = "";
  try {
    const answer = await fetch(`/_local/${path}?${asked({ account: wish.account })}`, { method, body: body && JSON.stringify(body) });
    if (!answer.ok) $("trouble").textContent = (await answer.json()).error.message;
  } catch {
    $("trouble").textContent = "The local Stripe did not answer.";
  }
  await now();
}

for (const button of document.querySelectorAll("[data-advance]")) {
  button.addEventListener("click", () => control("POST", "clock", { advance: Number(button.dataset.advance) }));
}
$("real-time").addEventListener("click", () => control("POST", "clock", { set: Math.round(Date.now() / 1000) }));
$("no-faults").addEventListener("click", () => control("DELETE", "faults"));

const FAULTS = {
  500: { status: 500 },
  "500-after": { status: 500, after_work: true },
  429: { status: 429, headers: { "Retry-After": "1" } },
  "lost-before": { lose_connection: "before_work" },
  "lost-after": { lose_connection: "after_work" },
  delay: { delay: 2 },
};

$("fault").addEventListener("submit", (event) => {
  event.preventDefault();
  const { what, path, times } = Object.fromEntries(new FormData(event.target));
  control("POST", "faults", { match: { path }, times: Number(times), ...FAULTS[what] });
});

$("address").textContent = location.origin;
document.addEventListener("visibilitychange", () => document.hidden || look());
new ResizeObserver(() => data && sections.usage(data, width())).observe($("charts"));
setInterval(tick, 1000);
look();
