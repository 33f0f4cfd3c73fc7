// Makes each call that a line of input names by the method of Stripe's Node client that goes there, and shows what it makes of the answer.
import readline from "node:readline";
import Stripe from "stripe";

let sent, send;
const httpClient = Stripe.createFetchHttpClient(async (url, init) => {
  sent = { method: init.method, path: new URL(url).pathname };
  return send(new URL(process.env.STRIPE_LOCAL_URL + new URL(url).pathname + new URL(url).search), init);
});
const client = (key) => new Stripe(key, { httpClient, maxNetworkRetries: 0, telemetry: false });

// The methods, by where they go; found by a call of each that is not sent.
const methods = {};
const seen = new Set();
async function find(place, holder) {
  for (const [name, resource] of Object.entries(holder)) {
    if (name.startsWith("_") || !(resource instanceof Object) || seen.has(resource)) continue;
    seen.add(resource);
    const own = resource instanceof Stripe.StripeResource ? Object.getOwnPropertyNames(Object.getPrototypeOf(resource)) : [];
    for (const method of own.filter((method) => method !== "constructor")) {
      const ids = Array.from({ length: Math.max(resource[method].length - 2, 0) }, (_, index) => `id${index}`);
      sent = undefined;
      await Promise.resolve(resource[method](...ids, {})).catch(() => undefined);
      if (sent) methods[`${sent.method} ${sent.path.replace(/\bid\d\b/g, "{}")}`] ??= [...place, name, method];
    }
    await find([...place, name], resource);
  }
}
send = () => Promise.reject(new Error("not sent"));
const unsent = client("sk_test_none");
seen.add(unsent);
await find([], unsent);
send = fetch;

// Where the client leaves decimal numbers as the words that they are in JSON, although its types say otherwise.
const WORDS = /(\.data\.object|\.pending_update)\..*_decimal$/;
// Recorded: of this list only `data` is shown as it was, where the types want a whole one.
const IN_PART = /\.previous_attributes\.entitlements$/;

// A value as TypeScript has it, each field on a line that says where it is.
// Version 2 of the API shows as null what the types let be absent. Lists in objects are counted, as Stripe's are, and no type says so.
function literal(value, place, version) {
  if (typeof value === "function") return "method";
  if (value?.constructor.name === "DecimalImpl" || (typeof value === "string" && WORDS.test(place))) return "decimal";
  if (value === null && version === 2 && !place.endsWith("_page_url")) return "undefined";
  if (Array.isArray(value)) return `[${value.map((one) => literal(one, `${place}[]`, version)).join(", ")}]`;
  if (!(value instanceof Object)) return JSON.stringify(value);
  // The methods of an event are those of one that is read, although the types have them in the answer to a ping as well.
  if (value.object === "v2.core.event" && value.related_object) value = { fetchRelatedObject: () => undefined, ...value };
  const counted = value.object === "list" && place !== "";
  const fields = Object.entries(value).filter(([name, field]) => field !== undefined && !(counted && name === "total_count"));
  const lines = fields.map(([name, field]) => {
    const here = `${place}.${name}`;
    return `${JSON.stringify(name)}: ${literal(field, here, version)}${IN_PART.test(here) ? " as any" : ""}, // ${here}\n`;
  });
  return `{ // ${place}\n${lines.join("")}}`;
}

for await (const line of readline.createInterface({ input: process.stdin })) {
  const { method, template, ids, params, key } = JSON.parse(line);
  const place = methods[`${method} ${template}`];
  const stripe = client(key);
  const told = {};
  try {
    let answer;
    if (place) {
      told.method = place.join(".");
      const resource = place.slice(0, -1).reduce((holder, name) => holder[name], stripe);
      answer = await resource[place.at(-1)](...ids, params);
    } else {
      const path = ids.reduce((path, id) => path.replace("{}", encodeURIComponent(id)), template);
      answer = await stripe.rawRequest(method, path, method === "POST" ? params : undefined);
    }
    const version = template.startsWith("/v2/") ? 2 : 1;
    told.answer = literal(answer, "", version);
    told.arguments = literal([...ids, params], "arguments", 1);
  } catch (error) {
    told.error = { kind: error.constructor.name, status: error.statusCode ?? null, message: error.message };
  }
  console.log(JSON.stringify(told));
}
