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
const amounts = (invoice) => invoice.lines.data.map((line) => line.amount);
const shown = (subscription) => ({
  status: subscription.status,
  invoice: subscription.latest_invoice.status,
  amounts: amounts(subscription.latest_invoice),
});

const product = await stripe.products.create({ name: "Seats" });
const price = async (unit_amount) =>
  (await stripe.prices.create({ currency: "usd", unit_amount, product: product.id, recurring: { interval: "month" } })).id;
const [basic, pro] = [await price(3000), await price(9000)];
const customer = await stripe.customers.create({
  payment_method: card,
  invoice_settings: { default_payment_method: card },
});

const subscribed = await stripe.subscriptions.create({
  customer: customer.id,
  items: [{ price: basic }],
  expand: ["latest_invoice"],
});
const [item] = subscribed.items.data;
const change = {
  items: [{ id: item.id, price: pro }],
  proration_behavior: "always_invoice",
  proration_date: (item.current_period_start + item.current_period_end) / 2,
};
const preview = await stripe.invoices.createPreview({ subscription: subscribed.id, subscription_details: change });
const changed = await stripe.subscriptions.update(subscribed.id, { ...change, expand: ["latest_invoice"] });
const trial = await stripe.subscriptions.create({
  customer: customer.id,
  items: [{ price: basic }],
  trial_period_days: 14,
  expand: ["latest_invoice"],
});
const ended = await stripe.subscriptions.update(trial.id, { trial_end: "now", expand: ["latest_invoice"] });
const canceled = await stripe.subscriptions.cancel(subscribed.id, {
  invoice_now: true,
  prorate: true,
  expand: ["latest_invoice"],
});
console.log(
  JSON.stringify({
    subscribed: shown(subscribed),
    preview: amounts(preview),
    changed: shown(changed),
    trial: shown(trial),
    ended: shown(ended),
    canceled: shown(canceled),
  }),
);
