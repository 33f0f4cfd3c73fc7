// An invoice, the portal, or a payment that waits for its customer. Everything from the server goes in as text.

const address = `/_local/hosted${location.pathname}`;
const find = (name) => document.getElementById(name);
const day = (seconds) => new Date(seconds * 1000).toISOString().slice(0, 10);

function made(tag, content = "", name = "") {
  const one = document.createElement(tag);
  one.textContent = content;
  one.className = name;
  return one;
}

function section(title, ...children) {
  const one = made("section", "", "card");
  one.append(made("h2", title), ...children);
  return one;
}

async function ask(body) {
  const options = body && { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) };
  const answer = await fetch(address, options);
  const found = await answer.json();
  if (!answer.ok) throw new Error(found.error.message);
  return found;
}

async function act(body) {
  find("trouble").textContent = "";
  try {
    const found = await ask(body);
    if (found.redirect) {
      location.assign(found.redirect);
      return;
    }
    show(found);
    find("trouble").textContent = found.trouble ?? "";
  } catch (error) {
    find("trouble").textContent = error.message;
  }
}

function button(words, body) {
  const one = made("button", words);
  one.type = "button";
  one.addEventListener("click", () => act(body()));
  return one;
}

function choice(label, options) {
  const select = made("select");
  select.append(...options.map(([value, words]) => new Option(words, value)));
  const around = made("label", `${label} `);
  around.append(select);
  return { around, value: () => select.value };
}

function showInvoice(invoice) {
  const lines = made("ul", "", "items");
  for (const line of invoice.lines) {
    const row = made("li");
    row.append(made("span", line.name, "name"), made("p", line.amount, "price"));
    lines.append(row);
  }
  const parts = [lines, made("p", `Total ${invoice.total}`, "due")];
  if (invoice.due_date) parts.push(made("p", `Due on ${day(invoice.due_date)}`, "note"));
  const cards = Object.entries(invoice.cards);
  if (cards.length > 0) {
    const card = choice("Test card", cards);
    parts.push(card.around, button(`Pay ${invoice.due}`, () => ({ payment_method: card.value() })));
  }
  return [section(`This invoice is ${invoice.status}`, ...parts)];
}

function showPayment(payment) {
  if (payment.status !== "requires_action") return [section("Nothing is asked of you", made("p", `The payment: ${payment.status}`))];
  const yes = button("Complete", () => ({ succeeds: true }));
  const no = button("Fail", () => ({ succeeds: false }));
  return [section("Is this card yours?", made("p", "3-D Secure, as a bank would ask for it.", "note"), yes, no)];
}

function showSubscription(subscription) {
  const parts = subscription.items.map((item) => made("p", `${item.quantity > 1 ? `${item.quantity} × ` : ""}${item.name}`));
  const of = { subscription: subscription.id };
  if (subscription.ends) parts.push(made("p", `Ends on ${day(subscription.ends)}`, "note"));
  if (subscription.plans.length > 0) {
    const plan = choice("Plan", subscription.plans.map((price) => [price.id, price.name]));
    parts.push(plan.around, button("Change plan", () => ({ action: "change", price: plan.value(), ...of })));
  }
  if (subscription.can_cancel) {
    parts.push(subscription.ends ? button("Keep it", () => ({ action: "keep", ...of })) : button("Cancel", () => ({ action: "cancel", ...of })));
  }
  return section(subscription.status, ...parts);
}

function showPortal(portal) {
  const found = portal.subscriptions.map(showSubscription);
  const cards = Object.entries(portal.cards);
  if (cards.length > 0) {
    const card = choice("Test card", cards);
    found.push(section("How you pay", card.around, button("Use this card", () => ({ action: "card", payment_method: card.value() }))));
  }
  if (portal.invoices.length > 0) {
    const list = made("ul", "", "items");
    for (const invoice of portal.invoices) {
      const row = made("li");
      const link = made("a", `${invoice.number} · ${day(invoice.created)}`);
      link.href = invoice.url;
      row.append(link, made("p", `${invoice.total}, ${invoice.status}`, "price"));
      list.append(row);
    }
    found.push(section("Invoices", list));
  }
  if (portal.return_url) {
    const back = made("a", "Back");
    back.href = portal.return_url;
    found.push(back);
  }
  return found;
}

const SHOW = { invoice: showInvoice, payment: showPayment, portal: showPortal };

function show(found) {
  document.title = `${found.title} · Local Stripe`;
  find("title").textContent = found.title;
  find("mode").textContent = found.livemode ? "Live mode" : "Test mode";
  find("content").replaceChildren(...SHOW[found.kind](found));
}

act();
