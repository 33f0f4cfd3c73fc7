// What each section shows of an overview. Every function is given its part of the data, and fills its part of the page.

import { figure } from "./chart.js";
import { choose, h, replace, table } from "./dom.js";
import { distance, moment } from "./times.js";

const $ = (id) => document.getElementById(id);
const GOOD = new Set(["active", "trialing", "paid"]);
const badge = (text, kind) => h("span", { class: `badge ${kind ?? ""}` }, text);
const id = (text) => h("code", { class: "id" }, text);
const empty = (text) => h("p", { class: "empty" }, text);
const more = (shown, all) => (all > shown ? h("p", { class: "note" }, `The newest ${shown} of ${all} are shown.`) : null);
const called = (customer) => customer.name || customer.email || customer.id;

export function catalogue({ products, meters, counts }) {
  $("start").hidden = products.length + meters.length > 0;
  const rows = products.map((product) => {
    const active = product.prices.filter((price) => price.active), archived = product.prices.filter((price) => !price.active);
    return [
      [h("span", { class: "name" }, product.name), product.active ? null : badge("archived"), h("div", {}, id(product.id))],
      [
        active.length ? active.map(inWords) : h("span", { class: "empty" }, "no price"),
        archived.length
          ? h("details", { "data-key": `archived-${product.id}` },
              h("summary", { "data-key": `summary-${product.id}` }, `${archived.length} archived`), archived.map(inWords))
          : null,
      ],
    ];
  });
  replace($("products"), rows.length ? table("Products", ["Product", "Price"], rows) : empty("No products yet."),
    more(products.length, counts.product));
  const counted = meters.map((meter) => [
    [h("span", { class: "name" }, meter.name), h("div", {}, id(meter.event_name))],
    meter.counts,
    badge(meter.active ? "active" : "inactive", meter.active ? "good" : ""),
  ]);
  replace($("meters"), counted.length ? table("Meters", ["Meter", "Counts", "Status"], counted) : null,
    more(meters.length, counts["billing.meter"]));
}

function inWords(price) {
  const [first, ...rest] = price.words;
  const notes = [...(price.meter ? [`counted by ${price.meter}`] : []), ...(price.also.length ? [`also in ${price.also.join(", ")}`] : [])];
  return h("div", { class: "price" }, h("strong", {}, first), rest.map((line) => h("div", {}, line)),
    notes.length ? h("div", { class: "note" }, notes.join("; ")) : null,
    price.lookup_key ? h("div", {}, id(price.lookup_key)) : null);
}

export function customers({ customers, counts }, show) {
  const rows = customers.map((customer) => [
    [h("span", { class: "name" }, called(customer)), customer.name && customer.email ? h("div", { class: "note" }, customer.email) : null,
      h("div", {}, id(customer.id))],
    customer.subscriptions.length ? customer.subscriptions.map(subscription) : h("span", { class: "empty" }, "no subscription"),
    h("button", { type: "button", "data-key": `show-${customer.id}`, "aria-label": `Show ${called(customer)}`, onclick: () => show(customer) }, "Show"),
  ]);
  replace($("customer-list"), rows.length ? table("Customers", ["Customer", "Subscriptions", h("span", { class: "hidden" }, "Details")], rows, {}, true) : empty("No customers yet."),
    more(customers.length, counts.customer));
}

function subscription(one) {
  const until = one.cancels ? `ends ${moment(one.cancels, "date")}` : `until ${moment(one.period_end, "date")}`;
  return h("div", { class: "price" }, h("strong", {}, one.products.join(", ")), " ", badge(one.status.replaceAll("_", " "), GOOD.has(one.status) ? "good" : "bad"),
    h("div", { class: "note" }, `${moment(one.period_start, "day")} ${until}`));
}

export function usage({ usage, customers, meters, key }, width) {
  choose($("usage-customer"), [["", "all together"], ...customers.map((one) => [one.id, called(one)])], usage.customer ?? "");
  replace($("charts"), usage.meters.length ? usage.meters.map((series) => figure(series, usage, width)) : empty("There is no meter yet; usage is counted by meters."));
  const meter = meters.find((one) => one.active), customer = customers.find((one) => one.id === usage.customer) ?? customers[0];
  $("send").hidden = !(meter && customer);
  if (!meter || !customer) return;
  const value = meter.value_key ? ` -d 'payload[${meter.value_key}]=25'` : "";
  $("send-command").textContent =
    `curl -u ${key}: ${location.origin}/v1/billing/meter_events \\\n  -d event_name=${meter.event_name} \\\n` +
    `  -d 'payload[${meter.customer_key}]=${customer.id}'${value}`;
}

export function invoice({ invoice, customers }, open) {
  const choices = customers.flatMap((one) => one.subscriptions.map((sub) => [sub.id, `${called(one)}: ${sub.products.join(", ")}`]));
  choose($("invoice-subscription"), choices.length ? choices : [["", "none"]], invoice.subscription ?? "");
  if (!invoice.subscription) {
    replace($("upcoming"), empty("Nobody has a subscription, so nothing will be billed."));
    replace($("issued"));
    replace($("opened"));
    return;
  }
  if (invoice.error) replace($("upcoming"), empty(invoice.error));
  else {
    replace($("upcoming"),
      h("p", { class: "amount" }, h("strong", {}, invoice.amount_due), ` on ${moment(invoice.due, "date")}`),
      bill(invoice, "upcoming"), notBilled("Usage that is not on it", invoice.elsewhere));
  }
  const { opened } = invoice;
  const issued = invoice.issued.map((one) => [
    h("button", { type: "button", class: "link", "data-key": `open-${one.id}`, "aria-expanded": String(opened?.id === one.id), "aria-controls": "opened",
      onclick: () => open(opened?.id === one.id ? "" : one.id) }, one.number ?? "draft"),
    `${moment(one.start, "day")} – ${moment(one.end, "date")}`, badge(one.status, GOOD.has(one.status) ? "good" : ""), one.total,
  ]);
  replace($("issued"), issued.length ? table("Invoices so far", ["Number", "Period", "Status", { number: "Total" }], issued) : null);
  replace($("opened"), opened
    ? [h("h3", {}, `Invoice ${opened.number ?? "draft"}`), bill(opened, opened.id), notBilled("Usage that came too late for it", opened.late)]
    : null);
}

// An invoice's lines, each with its arithmetic and the usage behind it.
function bill(invoice, key) {
  const rows = invoice.lines.map((line, index) => [
    [h("span", { class: "name" }, line.name), line.arithmetic ? h("div", { class: "sum" }, line.arithmetic) : null,
      h("div", { class: "note" }, `${moment(line.start, "date")} to ${moment(line.end, "date")} `, line.price ? id(line.price) : null),
      line.days.length
        ? h("details", { "data-key": `days-${key}-${index}` }, h("summary", { "data-key": `summary-days-${key}-${index}` }, "The usage by day"),
            table("Usage by day", ["Day", { number: "Used" }], line.days.map((day) => [moment(day.start, "date"), day.text]), {}, true))
        : null],
    line.amount,
  ]);
  return [
    table("Lines", ["What for", { number: "Amount" }], [...rows, [h("span", { class: "name" }, "Total"), invoice.total]], { class: "lines" }, true),
    invoice.balance ? h("p", { class: "note" }, `With the customer's balance of ${invoice.balance}, ${invoice.amount_due} is due.`) : null,
  ];
}

const WHY = {
  before: ({ at }) => `before ${moment(at, "whole")}, when the subscription began: nobody bills it`,
  earlier: ({ at }) => `before ${moment(at, "whole")}: of periods that are over`,
  later: ({ at }) => `from ${moment(at, "whole")} on: of a later period`,
  customers: () => "by other customers in the same time",
  no_price: () => "on a meter that no price of this customer's subscriptions bills by",
  subscription: ({ other }) => `billed by another subscription, ${other}`,
  late: () => "counted after the invoice was final: nobody bills it",
};

function notBilled(title, usage) {
  return usage?.length
    ? h("div", { class: "elsewhere" }, h("h4", {}, title), h("ul", {}, usage.map((one) => h("li", {}, h("strong", {}, one.text), ` ${one.meter}, ${WHY[one.why](one)}`))))
    : null;
}

const BREAK = 5; // seconds without a request, after which another run begins

// Requests of one client that follow one another closely, as those of one `up` do.
function runs(requests) {
  const found = [];
  for (const one of requests) {
    const last = found.at(-1);
    if (last && last[0].client === one.client && last.at(-1).received - one.received <= BREAK) last.push(one);
    else found.push([one]);
  }
  return found;
}

export function requests({ requests }) {
  replace($("request-list"), requests.length ? runs(requests).map(run) : empty("None."));
}

const answered = (one) => (one.status === null ? (one.fault?.includes("lost") ? "lost" : "…") : String(one.status));
const failed = (one) => one.status === null || one.status >= 400;

function run(requests) {
  const first = requests.at(-1), last = requests[0], key = `run-${first.number}`, wrong = requests.filter(failed).length;
  const times = first.received === last.received ? moment(first.received, "clock") : `${moment(first.received, "clock")} – ${moment(last.received, "clock")}`;
  const who = first.client.match(/[^ /]+\/[^ ]+(?= \(|$)/)?.[0] ?? first.client;
  const said = `${requests.length} request${requests.length === 1 ? "" : "s"}${wrong ? `, ${wrong} failed` : ""}`;
  const rows = requests.map((one) => {
    const key = `request-${one.number}`;
    return [
      badge(answered(one), failed(one) ? "bad" : "good"),
      [
        h("details", { "data-key": key },
          h("summary", { "data-key": `summary-${key}` }, h("span", { class: "method" }, one.method), " ", h("span", { class: "path" }, one.path)),
          h("pre", {}, JSON.stringify(one.parameters, null, 2)), h("p", { class: "note" }, `${one.request_id}${one.idempotency_key ? `, idempotency key ${one.idempotency_key}` : ""}`)),
        one.error ? h("p", { class: "error" }, one.error.message, one.error.code ? h("code", {}, ` ${one.error.code}`) : null) : null,
        one.fault && !one.error?.message.startsWith("Fault") ? h("p", { class: "note" }, `Fault: ${one.fault}`) : null,
        one.replayed ? h("p", { class: "note" }, "Answered before: the same idempotency key.") : null,
        one.livemode ? badge("live mode") : null,
      ],
      h("time", {}, moment(one.received, "clock")),
    ];
  });
  return h("details", { class: "run", open: true, "data-key": key },
    h("summary", { "data-key": `summary-${key}` }, h("time", {}, times), ` ${who}: ${said}`),
    table(`Requests, ${times}`, ["Answer", "Request", { number: "UTC" }], rows, { class: "requests" }, true));
}

export function faults({ faults }) {
  const rows = faults.map((fault) => [
    what(fault), where(fault.match ?? {}), fault.remaining === null ? "until called off" : `${fault.remaining} to come`, String(fault.fired),
  ]);
  $("no-faults").disabled = !faults.length;
  replace($("fault-list"), rows.length ? table("Faults on order", ["What", "Where", "Left", { number: "Struck" }], rows) : null);
}

function where({ method, path }) {
  const named = [method, path === "/" ? null : path].filter(Boolean);
  return named.length ? h("code", {}, named.join(" ")) : "everything";
}

function what(fault) {
  const words = [];
  if (fault.hold) words.push("held until called off");
  if (fault.delay) words.push(`${fault.delay} s late`);
  if (fault.lose_connection) words.push(`connection lost ${fault.lose_connection.replace("_", " the ")}`);
  if (fault.status) words.push(`${fault.status}${fault.after_work ? " after the work" : ""}`);
  return words.join(", ") || "nothing";
}

export function clock(now, offset) {
  $("now").textContent = `${moment(now, "whole")} UTC`;
  $("now").dateTime = new Date(now * 1000).toISOString();
  $("offset").textContent = distance(offset);
  $("real-time").disabled = Math.abs(offset) < 2;
}
