// The guide's seven steps through Stripe's Node client, against the URL in STRIPE_LOCAL_URL.
import Stripe from "stripe";

const url = new URL(process.env.STRIPE_LOCAL_URL);
const stripe = new Stripe(process.env.STRIPE_API_KEY, {
  host: url.hostname,
  port: url.port,
  protocol: "http",
  maxNetworkRetries: 0,
  telemetry: false,
});

const meter = await stripe.billing.meters.create({
  display_name: "Hypernian tokens",
  event_name: "hypernian_tokens",
  default_aggregation: { formula: "sum" },
  customer_mapping: { event_payload_key: "stripe_customer_id", type: "by_id" },
  value_settings: { event_payload_key: "value" },
});
const price = await stripe.prices.create({
  currency: "usd",
  unit_amount: 4,
  billing_scheme: "per_unit",
  transform_quantity: { divide_by: 100, round: "up" },
  recurring: { usage_type: "metered", interval: "month", meter: meter.id },
  product_data: { name: "Hypernian tokens" },
});
const customer = await stripe.customers.create({ name: "John Doe" });
const subscription = await stripe.subscriptions.create({
  customer: customer.id,
  items: [{ price: price.id }],
});
await stripe.billing.meterEvents.create({
  event_name: "hypernian_tokens",
  payload: { stripe_customer_id: customer.id, value: "25" },
});
const preview = await stripe.invoices.createPreview({ subscription: subscription.id });
const minute = Math.floor(Date.now() / 60000) * 60;
let aggregated = 0;
for await (const summary of stripe.billing.meters.listEventSummaries(meter.id, {
  customer: customer.id,
  start_time: minute - 600,
  end_time: minute + 600,
})) {
  aggregated += summary.aggregated_value;
}
console.log(JSON.stringify({ total: preview.total, aggregated }));
