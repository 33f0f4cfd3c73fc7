// The page of one Checkout session: shows it, and completes it. Everything from the server goes in as text.

const id = decodeURIComponent(location.pathname.split("/").pop());
const address = `/_local/checkout/${encodeURIComponent(id)}`;
const find = (name) => document.getElementById(name);

const OVER = {
  complete: ["You have subscribed", "This session is complete; there is nothing more to do."],
  expired: ["This link has expired", "Ask for another one: a session is open for at most a day."],
};

function text(tag, content, name = "") {
  const made = document.createElement(tag);
  made.textContent = content;
  made.className = name;
  return made;
}

async function ask(options, path = "") {
  const answer = await fetch(address + path, options);
  const body = await answer.json();
  if (!answer.ok) throw new Error(body.error.message);
  return body;
}

function showItem(item) {
  const row = document.createElement("li");
  row.append(text("span", item.name, "name"));
  if (item.description) row.append(text("p", item.description, "note"));
  for (const line of item.words) row.append(text("p", line, "price"));
  if (item.metered) row.append(text("p", "Billed for what was used, at the end of each period.", "note"));
  return row;
}

function showOver(title, words) {
  find("form-section").hidden = true;
  find("over").hidden = false;
  find("over-title").textContent = title;
  find("over-text").textContent = words;
}

function show(session) {
  find("mode").textContent = session.livemode ? "Live mode" : "Test mode";
  find("items").replaceChildren(...session.items.map(showItem));
  find("due").textContent = session.due_now;
  for (const [name, words] of [["off", "Discount"], ["tax", "Tax"]]) {
    find(name).textContent = `${words} ${session[name]}`;
    find(name).hidden = !session[name];
  }
  find("code-form").hidden = session.status !== "open" || !session.takes_codes;
  find("code").value = session.code ?? "";
  if (session.trial) {
    const until = session.trial.end ? `until ${new Date(session.trial.end * 1000).toISOString().slice(0, 10)}` : `for ${session.trial.days} days`;
    find("trial").textContent = `Free ${until}.`;
    find("trial").hidden = false;
  }
  if (session.status !== "open") {
    showOver(...OVER[session.status]);
    return;
  }
  find("form-section").hidden = false;
  if (session.customer) {
    for (const label of document.querySelectorAll(".new")) label.hidden = true;
    find("email").required = false;
    const { id: customer, name, email } = session.customer;
    find("customer").textContent = `For ${[name, email].filter(Boolean).join(", ") || customer}`;
    find("customer").hidden = false;
  } else if (session.email) {
    find("email").value = session.email;
    find("email").readOnly = true;
  }
  const cards = Object.entries(session.cards);
  find("card-field").hidden = cards.length === 0;
  find("card").replaceChildren(...cards.map(([value, name]) => new Option(name, value)));
  if (session.cancel_url) {
    find("cancel").href = session.cancel_url;
    find("cancel").hidden = false;
  }
}

function posted(form) {
  const wanted = Object.fromEntries([...new FormData(form)].filter(([, value]) => value !== ""));
  return { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(wanted) };
}

async function redeem(event) {
  event.preventDefault();
  find("code-trouble").textContent = "";
  try {
    show(await ask(posted(find("code-form")), "/promotion_code"));
  } catch (error) {
    find("code-trouble").textContent = error.message;
  }
}

async function subscribe(event) {
  event.preventDefault();
  find("subscribe").disabled = true;
  find("trouble").textContent = "";
  try {
    const done = await ask(posted(find("form")));
    location.assign(done.redirect);
  } catch (error) {
    find("trouble").textContent = error.message;
    find("subscribe").disabled = false;
  }
}

find("form").addEventListener("submit", subscribe);
find("code-form").addEventListener("submit", redeem);
try {
  show(await ask());
} catch (error) {
  showOver("There is no such session", error.message);
}
