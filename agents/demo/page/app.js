"use strict";

// The page of `handoff demo --serve`. It polls one state and draws it; everything said by anyone is set as text,
// and a ticket's markup is rebuilt from an allow-list of tags without attributes.

const POLL_MS = 700;
const query = new URLSearchParams(location.search);
const pane = query.get("pane");
const byId = (id) => document.getElementById(id);
const STAGES = [
  ["event", "Event"],
  ["decision", "Decision"],
  ["ticket", "Ticket"],
  ["notification", "Customer told"],
  ["session", "AI session"],
];
const PLATFORMS = {
  "custom-llm": "Own LLM app",
  intercom: "Intercom",
  "fin-agent-api": "Fin Agent API",
  "zendesk-sunco": "Zendesk Messaging",
  "zendesk-events": "Zendesk events",
  "zendesk-ai-agents-advanced": "Zendesk AI agents",
};
const HELPDESKS = { zendesk: "Zendesk", freshdesk: "Freshdesk" };
const TICKET_TAGS = new Set(
  "P BR DIV SPAN STRONG B EM I U UL OL LI BLOCKQUOTE PRE CODE HR TABLE THEAD TBODY TR TH TD H1 H2 H3 H4".split(" "),
);

let state = null;
let etag = null;
let selected = query.get("conversation");
let lost = false;

function node(tag, className, ...children) {
  const made = document.createElement(tag);
  if (className) made.className = className;
  for (const child of children) if (child !== null && child !== undefined) made.append(child);
  return made;
}

function icon(name, className) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  const use = document.createElementNS("http://www.w3.org/2000/svg", "use");
  svg.setAttribute("aria-hidden", "true");
  if (className) svg.setAttribute("class", className);
  use.setAttribute("href", `#i-${name}`);
  svg.append(use);
  return svg;
}

const clock = (at) => new Date(at * 1000).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
const named = (conversation) => conversation.customer.name || (conversation.customer.email ?? "Anonymous visitor");
const initials = (name) => name.split(/\s+/).slice(0, 2).map((word) => word[0] ?? "").join("").toUpperCase();
const hue = (text) => [...text].reduce((sum, char) => (sum * 31 + char.codePointAt(0)) % 6, 7);

function avatar(name) {
  const made = node("span", `avatar hue-${hue(name)}`, initials(name));
  made.setAttribute("aria-hidden", "true");
  return made;
}

function pill(text, tone) {
  return node("span", `pill ${tone || "plain"}`, text);
}

// What is drawn once is drawn again only when its own part of the state has changed.
const drawn = new Map();
function draw(id, value, paint) {
  const key = JSON.stringify(value);
  if (drawn.get(id) === key) return;
  drawn.set(id, key);
  paint(byId(id));
}

function current() {
  const all = state.conversations;
  return all.find((one) => one.key === selected || one.key.endsWith(`/${selected}`)) ?? all[0] ?? null;
}

function drawFigures() {
  const all = state.conversations;
  const tickets = new Set(all.flatMap((one) => one.tickets.map((ticket) => `${ticket.helpdesk} ${ticket.id}`)));
  const waits = all.map(firstWord).filter((seconds) => seconds !== null).sort((a, b) => a - b);
  const figures = [
    [String(all.length), all.length === 1 ? "conversation" : "conversations"],
    [String(tickets.size), tickets.size === 1 ? "ticket" : "tickets"],
    [waits.length ? `${waits[Math.floor(waits.length / 2)].toFixed(1)} s` : "–", "until the customer is told"],
  ];
  draw("figures", figures, (box) => {
    box.replaceChildren(...figures.map(([value, label]) => node("div", "", node("dt", "", label), node("dd", "", value))));
  });
}

function firstWord(conversation) {
  const decided = conversation.timeline.find((entry) => entry.stage === "decision");
  const told = conversation.timeline.find((entry) => entry.stage === "notification" && (!decided || entry.at >= decided.at));
  return decided && told ? told.at - decided.at : null;
}

function drawList(chosen) {
  const rows = state.conversations.map((one) => {
    const last = one.messages[one.messages.length - 1];
    return [one.key, named(one), one.title, one.platform, one.state, one.tone, last ? last.at : null, one === chosen];
  });
  draw("list", rows, (box) => {
    const focused = document.activeElement?.dataset?.key;
    box.replaceChildren(...rows.map(listRow));
    if (focused) box.querySelector(`[data-key="${CSS.escape(focused)}"]`)?.focus();
    if (chosen?.key !== box.dataset.shown) box.querySelector("[aria-current]")?.scrollIntoView({ block: "nearest", inline: "nearest" });
    box.dataset.shown = chosen?.key ?? "";
  });
}

function listRow([key, name, title, platform, stateText, tone, at, isChosen]) {
  const button = node(
    "button",
    "row",
    avatar(name),
    node(
      "span",
      "row-text",
      node("span", "row-top", node("strong", "", name), node("time", "", at ? clock(at) : "")),
      node("span", "row-title", title),
      node("span", "row-foot", pill(stateText, tone), node("span", "platform", PLATFORMS[platform] ?? platform)),
    ),
  );
  button.type = "button";
  button.dataset.key = key;
  if (isChosen) button.setAttribute("aria-current", "true");
  button.addEventListener("click", () => select(key));
  return node("li", "", button);
}

function select(key) {
  selected = key;
  const address = new URL(location.href);
  address.searchParams.set("conversation", key);
  history.replaceState(null, "", address);
  drawAll();
}

function drawChat(chosen) {
  const holder = chosen.holder === "human" ? "human" : chosen.ai === "active" ? "ai" : "nobody";
  const lines = {
    ai: "The AI assistant answers",
    human: "Handed to a person",
    nobody: chosen.tickets.length ? "Handed to a person" : chosen.state[0].toUpperCase() + chosen.state.slice(1),
  };
  draw("messenger-head", [chosen.key, holder, lines[holder]], (box) => {
    const face = node("span", `face ${holder}`, icon(holder === "ai" ? "spark" : "person"));
    const name = node("strong", "", "Acme Support");
    box.replaceChildren(face, node("span", "", name, node("span", `presence ${holder}`, lines[holder])));
  });
  draw("log", [chosen.key, chosen.messages], (box) => {
    const same = box.dataset.key === chosen.key;
    const atEnd = !same || box.scrollHeight - box.scrollTop - box.clientHeight < 80;
    const known = same ? box.childElementCount : Infinity;
    box.dataset.key = chosen.key;
    box.replaceChildren(...chosen.messages.map((message, index) => bubble(message, chosen.messages[index - 1])));
    [...box.children].slice(known).forEach((child) => child.classList.add("new"));
    if (atEnd) box.scrollTo({ top: box.scrollHeight, behavior: same ? "auto" : "instant" });
  });
  byId("composer").hidden = !chosen.can_write;
}

function bubble(message, before) {
  const follows = before && before.author === message.author && message.at - before.at < 90;
  const who = { customer: "You", ai: message.author_name || "AI assistant", human: message.author_name || "Acme Support" };
  const made = node("article", `message ${message.author}${follows ? " follows" : ""}`);
  if (message.author === "system") {
    made.append(node("p", "said", message.text));
    return made;
  }
  if (message.author !== "customer") made.append(node("span", `face small ${message.author}`, icon(message.author === "ai" ? "spark" : "person")));
  const time = node("time", "", clock(message.at));
  time.dateTime = new Date(message.at * 1000).toISOString();
  const by = node("p", "by", node("span", "", who[message.author]), time);
  made.append(node("div", "words", by, node("p", "said", message.text)));
  return made;
}

function drawTicket(chosen) {
  draw("ticket", [chosen.key, chosen.tickets, chosen.state], (box) => {
    const scroll = box.dataset.key === chosen.key ? box.scrollTop : 0;
    box.dataset.key = chosen.key;
    box.replaceChildren(...(chosen.tickets.length ? chosen.tickets.map(ticketCard) : [noTicket(chosen)]));
    box.scrollTop = scroll;
  });
}

function noTicket(chosen) {
  const text =
    chosen.tone === "warn"
      ? "On its way: the customer has been told, the ticket follows."
      : "No ticket. Nothing here calls for a person.";
  return node("div", "empty", icon("ticket"), node("p", "", text));
}

function ticketCard(ticket) {
  const subject = node("h3", "", ticket.subject || "(no subject)");
  const number = node("span", "number", `${HELPDESKS[ticket.helpdesk] ?? ticket.helpdesk} #${ticket.id}`);
  const facts = [
    ["Status", pill(ticket.status, ticket.status === "new" || ticket.status === "open" ? "warn" : "plain")],
    ["Priority", pill(ticket.priority || "–", { urgent: "bad", high: "bad" }[ticket.priority] || "plain")],
    ["Group", ticket.group || "–"],
    ["Requester", requester(ticket.requester)],
  ];
  const list = node("dl", "facts", ...facts.map(([label, value]) => node("div", "", node("dt", "", label), node("dd", "", value))));
  const tags = node("ul", "tags", ...ticket.tags.map((tag) => node("li", "", tag)));
  tags.setAttribute("aria-label", "Tags");
  const head = node("header", "ticket-head", node("div", "ticket-top", number, node("time", "", clock(ticket.created_at))), subject, list, tags);
  return node("article", "one-ticket", head, ...ticket.comments.map(comment));
}

function requester(who) {
  if (!who) return "–";
  return who.name && who.email ? `${who.name} · ${who.email}` : who.name || who.email || "–";
}

function comment(entry) {
  const label = entry.public ? null : node("span", "internal", icon("lock"), "Internal note");
  const by = node("p", "by", node("strong", "", entry.author), label, node("time", "", clock(entry.created_at)));
  const body = node("div", "body");
  const parsed = new DOMParser().parseFromString(entry.html_body, "text/html");
  copy(parsed.body, body);
  const kind = entry.public ? (entry.by_customer ? "customer" : "public") : "private";
  return node("section", `comment ${kind}`, by, body);
}

function copy(from, to) {
  for (const child of from.childNodes) {
    if (child.nodeType === Node.TEXT_NODE) to.append(child.data);
    else if (child.nodeType === Node.ELEMENT_NODE) {
      const kept = TICKET_TAGS.has(child.tagName) ? document.createElement(child.tagName) : null;
      if (!["SCRIPT", "STYLE", "TEMPLATE"].includes(child.tagName)) copy(child, kept ?? to);
      if (kept) to.append(kept);
    }
  }
}

function drawLine(chosen) {
  draw("stages", [chosen.key, chosen.timeline, chosen.tone], (box) => {
    const start = chosen.timeline.length ? chosen.timeline[0].at : 0;
    box.replaceChildren(...STAGES.map(([stage, label]) => stageColumn(stage, label, chosen, start)));
  });
}

function stageColumn(stage, label, chosen, start) {
  const entries = chosen.timeline.filter((entry) => entry.stage === stage);
  const head = node("h3", "", node("span", "dot", icon(stage)), label);
  const column = node("li", `stage ${stage}${entries.length ? "" : " pending"}`, head);
  for (const entry of entries) {
    const since = node("span", "since", entry.at === start ? clock(start) : `+${(entry.at - start).toFixed(1)} s`);
    const made = node("div", `entry ${entry.tone || ""}`, node("p", "entry-title", entry.title, since));
    if (entry.detail) made.append(node("p", "entry-detail", entry.detail));
    if (entry.evidence?.length) made.append(node("ul", "evidence", ...entry.evidence.map(signal)));
    column.append(made);
  }
  return column;
}

function signal(found) {
  const made = node("li", found.fired ? "fired" : "quiet", node("span", "signal", found.name));
  if (found.value) made.append(node("span", "value", found.threshold ? `${found.value} / ${found.threshold}` : found.value));
  if (found.quote) made.append(node("q", "", found.quote));
  return made;
}

function drawAll() {
  const chosen = current();
  document.title = chosen && pane ? `${named(chosen)} – ${state.title}` : state.title;
  draw("title", state.title, (box) => box.replaceChildren(state.title));
  const note = lost ? "The demo does not answer any more. What you see is its last word." : state.note;
  draw("note", note, (box) => box.replaceChildren(note));
  document.body.classList.toggle("lost", lost);
  drawFigures();
  drawList(chosen);
  document.body.classList.toggle("nothing", chosen === null);
  if (chosen === null) return;
  drawLine(chosen); // first: it takes its height from the panes above
  drawTicket(chosen);
  drawChat(chosen);
}

async function poll() {
  try {
    const response = await fetch("_demo/state", { headers: etag ? { "If-None-Match": etag } : {} });
    if (response.status === 200) {
      etag = response.headers.get("ETag");
      state = await response.json();
    }
    lost = !(response.status === 200 || response.status === 304);
  } catch {
    lost = true;
  }
  if (state) drawAll();
}

async function keepPolling() {
  if (!document.hidden) await poll();
  setTimeout(keepPolling, POLL_MS);
}

async function send(event) {
  event.preventDefault();
  const box = byId("say");
  const text = box.value.trim();
  const chosen = state && current();
  if (!text || !chosen) return;
  byId("complaint").textContent = "";
  try {
    const response = await fetch("_demo/say", {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ conversation_id: chosen.key, text }),
    });
    if (!response.ok) throw new Error(await response.text());
    box.value = "";
    fit();
    await poll();
  } catch (error) {
    byId("complaint").textContent = `Not sent: ${error.message}`;
  }
  box.focus();
}

function fit() {
  const box = byId("say");
  box.rows = Math.min(5, Math.max(1, box.value.split("\n").length));
}

function submitNow(event) {
  event.preventDefault();
  byId("composer").requestSubmit();
}

byId("composer").addEventListener("submit", send);
byId("say").addEventListener("input", fit);
byId("say").addEventListener("keydown", (event) => {
  if (event.key === "Enter" && !event.shiftKey && !event.isComposing) submitNow(event);
});
if (pane === "chat" || pane === "ticket") document.body.dataset.pane = pane;
if (["light", "dark"].includes(query.get("theme"))) document.documentElement.dataset.theme = query.get("theme");
keepPolling();
