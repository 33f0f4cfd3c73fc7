// Subscribe, change within a period, try, end a trial, cancel: through Stripe's Node client, against the URL in STRIPE_LOCAL_URL.
import Stripe from "stripe";

const url = new URL(process.env.STRIPE_LOCAL_URL);
const stripe = new Stripe(process.env.STRIPE_API_KEY, {
  host: url.hostname,
  port: url.port,
  protocol: "http",
  maxNetworkRetries: 0,
  telemetry: false,
});
const card = "pm_card_visa";
const expand = ["latest_invoice"];
const prorated = ({ parent }) => (parent.subscription_item_details ?? parent.invoice_item_details).proration;
const billed = (invoice) => ({
  status: invoice.status,
  total: invoice.total,
  lines: invoice.lines.data.map((line) => [line.amount, prorated(line)]),
});
const shown = (subscription) => ({ status: subscription.status, invoice: billed(subscription.latest_invoice) });
const days = ({ trial_start, trial_end }) => (trial_end - trial_start) / 86400;

const product = await stripe.products.create({ name: "Seats" });
const price = async (unit_amount) =>
  (await stripe.prices.create({ currency: "usd", unit_amount, product: product.id, recurring: { interval: "month" } })).id;
const [basic, pro] = [await price(3000), await price(9000)];
const customer = await stripe.customers.create({
  payment_method: card,
  invoice_settings: { default_payment_method: card },
});

const subscribed = await stripe.subscriptions.create({ customer: customer.id, items: [{ price: basic }], expand });
const [item] = subscribed.items.data;
const change = {
  items: [{ id: item.id, price: pro }],
  proration_behavior: "always_invoice",
  proration_date: (item.current_period_start + item.current_period_end) / 2,
};
const preview = await stripe.invoices.createPreview({ subscription: subscribed.id, subscription_details: change });
const changed = await stripe.subscriptions.update(subscribed.id, { ...change, expand });
const trial = await stripe.subscriptions.create({
  customer: customer.id,
  items: [{ price: basic }],
  trial_period_days: 14,
  expand,
});
const ended = await stripe.subscriptions.update(trial.id, { trial_end: "now", expand });
const canceled = await stripe.subscriptions.cancel(subscribed.id, { invoice_now: true, prorate: true, expand });
const refused = await stripe.subscriptions
  .update(trial.id, { items: [{ price: "price_none" }] })
  .catch((error) => ({ status: error.statusCode, code: error.code, param: error.param }));
console.log(
  JSON.stringify({
    subscribed: shown(subscribed),
    preview: billed(preview),
    changed: shown(changed),
    trial: { ...shown(trial), days: days(trial) },
    ended: shown(ended),
    canceled: shown(canceled),
    refused,
  }),
);
