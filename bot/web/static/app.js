// The page: one player's chat, and the operations channel for those who have a role.

import { html, nothing, render } from "./vendor/lit-html.js";
import * as dialogs from "./dialogs.js";
import { messageView, panelView } from "./messages.js";
import * as server from "./server.js";
import { say, speak } from "./words.js";

const OPS = "ops";
const state = {
  about: null,
  chats: new Map(), // name -> Map of messages by id
  panels: new Map(), // message id, or chat name for what answers a command -> panel
  chat: "",
  files: [],
  notice: "",
  offered: [],
  dashboard: null,
  isAway: false,
  isOver: false,
};
let source = null;

function show() {
  const log = document.querySelector("#log");
  const wasAtEnd = !log || log.scrollHeight - log.scrollTop - log.clientHeight < 120;
  render(pageView(), document.querySelector("#page"));
  if (wasAtEnd) toEnd();
}

function toEnd() {
  const log = document.querySelector("#log");
  if (log) log.scrollTop = log.scrollHeight;
}

/** Do something that may fail; what went wrong is said in one sentence. */
async function trying(work) {
  try {
    await work();
  } catch (error) {
    tell(say("fault", { why: error.message }));
  }
}

function tell(text) {
  state.notice = text;
  show();
}

// What happens on the server

function messagesOf(chat) {
  if (!state.chats.has(chat)) state.chats.set(chat, new Map());
  return state.chats.get(chat);
}

async function reload(chat) {
  const found = await server.chat(chat);
  state.chats.set(chat, new Map(found.map((one) => [one.id, one])));
  show();
}

function take(chat, message) {
  if (message.gone) messagesOf(chat).delete(message.id);
  else messagesOf(chat).set(message.id, message);
  show();
}

function connect() {
  source?.close();
  const chat = state.about.chat;
  source = server.follow({
    hello: () => {
      state.isAway = false;
      trying(() => Promise.all(chats().map(reload)));
      if (state.about.role) trying(async () => setDashboard(await server.dashboard()));
    },
    message: ({ chat, message }) => take(chat, message),
    look: ({ chat, id }) => server.message(id).then((one) => take(chat, one), () => {}),
    dashboard: setDashboard,
    away: (isOver) => {
      state.isAway = true;
      show();
      if (isOver) setTimeout(() => trying(begin), 2000);
    },
  });
  source.chat = chat;
}

function setDashboard(found) {
  state.dashboard = found;
  show();
}

// What people do

const chats = () => [state.about.chat, ...(state.about.role ? [OPS] : [])];
const isOps = () => state.chat === OPS;

async function answered(answer, where) {
  if (answer.closes) state.panels.delete(where);
  if (answer.panel) state.panels.set(where, answer.panel);
  state.notice = answer.notice ?? "";
  show();
  if (answer.panel) toPanel(where);
  if (answer.form) {
    const complete = isOps() ? null : (typed) => server.complete("card", typed);
    const text = await dialogs.question(answer.form, complete);
    if (text !== null) await answered(await server.press(state.chat, answer.form.token, { text }), where);
  }
}

function toPanel(where) {
  const holder = document.getElementById(where === state.chat ? "answer" : `m-${where}`);
  holder?.querySelector(".panel")?.scrollIntoView({ block: "nearest" });
}

/** What can be done with a message, or with what answers a command. */
function handlers(where) {
  return {
    press: (token) =>
      trying(async () => {
        await answered(await server.press(state.chat, token), where);
        // What answers a command may have changed the language, or forgotten everything.
        if (where === state.chat) await refresh();
      }),
    closePanel: () => {
      state.panels.delete(where);
      show();
    },
    zoom: dialogs.zoom,
    copy: async (text, button) => {
      await navigator.clipboard.writeText(text);
      button.textContent = say("copied");
      setTimeout(() => (button.textContent = say("copy")), 2000);
    },
  };
}

async function submit(event) {
  event.preventDefault();
  const form = event.target;
  const text = form.text.value;
  if (!text.trim() && !state.files.length) return;
  const files = state.files;
  await trying(async () => {
    const answer = isOps() ? await server.order(text) : await spoken(files, text);
    form.reset();
    state.files = [];
    state.offered = [];
    await answered(answer, state.chat);
    toEnd();
  });
}

/** A command where it begins with a stroke, otherwise a post. */
function spoken(files, text) {
  const command = /^\/(\w+)\s*$/.exec(text.trim());
  return command && !files.length ? server.call(command[1]) : server.send(files, text);
}

function call(name) {
  trying(async () => {
    await answered(await server.call(name), state.chat);
    // The language may have changed, or everything may be forgotten.
    await refresh();
  });
}

function addFiles(list) {
  if (isOps()) return;
  state.files = [...state.files, ...list].slice(0, 10);
  show();
}

function onPaste(event) {
  const files = [...(event.clipboardData?.files ?? [])];
  if (files.length) {
    event.preventDefault();
    addFiles(files);
  }
}

function onType(event) {
  if (!isOps()) return;
  const typed = event.target.value;
  server.complete("order", typed).then(
    (found) => {
      state.offered = found;
      show();
    },
    () => {},
  );
}

function onKey(event) {
  if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
    event.preventDefault();
    event.target.form.requestSubmit();
  }
}

function open(chat) {
  state.chat = chat;
  state.notice = "";
  show();
  toEnd();
}

// How it looks

function pageView() {
  if (!state.about?.chat) return signInView();
  return html`<a class="skip" href="#log">${say("toChat")}</a>
    <header>
      <h1>${say("title")}</h1>
      ${state.about.role ? tabsView() : nothing} ${accountView()}
    </header>
    ${isOps() && state.dashboard ? dashboardView(state.dashboard) : nothing}
    <main>
      <div id="log" class="log" role="log" aria-live="polite" tabindex="0" aria-label=${say(isOps() ? "operations" : "chat")}>
        <p class="welcome">${say(isOps() ? "opsWelcome" : "welcome")}</p>
        ${[...messagesOf(state.chat).values()].map((one) =>
          messageView(one, state.panels.get(one.id), handlers(one.id)),
        )}
        <div id="answer">
          ${state.panels.has(state.chat) ? panelView(state.panels.get(state.chat), handlers(state.chat)) : nothing}
        </div>
      </div>
    </main>
    <footer>
      <p role="status" class="notice">${state.isAway ? say("away") : state.notice}</p>
      ${isOps() ? orderView() : composerView()}
    </footer>`;
}

function tabsView() {
  const tab = (chat, words) =>
    html`<button class="tab" aria-current=${state.chat === chat ? "page" : "false"} @click=${() => open(chat)}>
      ${say(words)}
    </button>`;
  return html`<nav aria-label=${say("title")}>${tab(state.about.chat, "chat")}${tab(OPS, "operations")}</nav>`;
}

function accountView() {
  const enter = () => dialogs.signIn(state.about.ways, async (key) => entered(await server.enter({ key })));
  const leave = () => trying(async () => {
    await server.leave();
    location.reload();
  });
  return html`<div class="account">
    ${state.about.user ? html`<span>${state.about.user}${state.about.role ? ` (${state.about.role})` : ""}</span>` : nothing}
    <button class="quiet" @click=${state.about.user ? leave : enter}>${say(state.about.user ? "signOut" : "signIn")}</button>
  </div>`;
}

function dashboardView(board) {
  if (board.problem) return html`<section class="dashboard" aria-label=${say("state")}>${board.problem}</section>`;
  const figure = (words, value) => html`<div><dt>${say(words)}</dt><dd>${value}</dd></div>`;
  return html`<section aria-label=${say("state")}><dl class="dashboard">
    ${figure("waiting", board.waiting)} ${figure("running", board.running)}
    ${figure("workers", board.workers.length)}
    ${board.oldest_seconds === null ? nothing : figure("oldest", say("seconds", { count: board.oldest_seconds }))}
    ${figure("undelivered", board.undelivered)} ${figure("deadLetters", board.dead_letters)}
    ${board.maintenance ? figure("maintenance", `${board.maintenance.mode}: ${board.maintenance.reason}`) : nothing}
  </dl></section>`;
}

function composerView() {
  const chosen = (event) => {
    addFiles([...event.target.files]);
    event.target.value = "";
  };
  const drop = (file) => {
    state.files = state.files.filter((one) => one !== file);
    show();
  };
  return html`<form class="composer" @submit=${submit} @paste=${onPaste}>
      <ul class="files">
        ${state.files.map(
          (file) => html`<li>${file.name}
            <button type="button" class="quiet" @click=${() => drop(file)} aria-label=${say("remove", { name: file.name })}>×</button>
          </li>`,
        )}
      </ul>
      <label class="button add">${say("add")}<input type="file" multiple accept="image/*,.heic,.heif,.txt,.dek,.csv,.cod" @change=${chosen} /></label>
      <textarea name="text" rows="2" aria-label=${say("write")} placeholder=${say("hint")} @keydown=${onKey}></textarea>
      <button class="main">${say("send")}</button>
    </form>
    <div class="row commands" role="group" aria-label=${say("menu")}>
      <button @click=${() => trying(async () => answered(await server.sample(), state.chat))}>${say("sample")}</button>
      ${state.about.commands
        .filter((one) => one.name !== "deck")
        .map((one) => html`<button class="quiet" title=${one.description} @click=${() => call(one.name)}>/${one.name}</button>`)}
    </div>`;
}

function orderView() {
  return html`<form class="composer" @submit=${submit}>
    <input name="text" list="orders" aria-label=${say("order")} placeholder=${say("orderHint")} autocomplete="off" @input=${onType} />
    <datalist id="orders">${state.offered.map((one) => html`<option value=${one}></option>`)}</datalist>
    <button class="main">${say("send")}</button>
  </form>`;
}

function signInView() {
  const ways = state.about?.ways ?? [];
  const enter = () => dialogs.signIn(ways, async (key) => entered(await server.enter({ key })));
  return html`<main class="door">
    <h1>${say("title")}</h1>
    <p>${say("welcome")}</p>
    <p role="status" class="notice">${state.notice}</p>
    ${ways.length ? html`<button class="main" @click=${enter}>${say("signIn")}</button>` : nothing}
  </main>`;
}

// Coming in

function entered(about) {
  state.about = about;
  if (!about.chat) {
    source?.close();
    show();
    return;
  }
  speak(about.language);
  if (!chats().includes(state.chat)) state.chat = about.role && location.hash === "#ops" ? OPS : about.chat;
  if (source?.chat !== about.chat || source.readyState === EventSource.CLOSED) connect();
  show();
}

/** Language, role and commands as they are now. */
async function refresh() {
  const about = await server.session();
  if (about.chat !== state.about.chat) state.panels.clear();
  entered(about);
}

async function begin() {
  speak(navigator.language.startsWith("fr") ? "fr" : "en");
  const code = /^#enter=([\w-]+)$/.exec(location.hash);
  if (code) {
    history.replaceState(null, "", "/#ops");
    try {
      entered(await server.enter({ code: code[1] }));
      return;
    } catch (error) {
      state.notice = error.message;
    }
  }
  entered(await server.session());
}

for (const kind of ["dragenter", "dragover"]) {
  addEventListener(kind, (event) => {
    event.preventDefault();
    document.body.classList.add("dropping");
  });
}
for (const kind of ["dragleave", "drop"]) {
  addEventListener(kind, (event) => {
    event.preventDefault();
    if (kind === "drop" || event.relatedTarget === null) document.body.classList.remove("dropping");
    if (kind === "drop") addFiles([...event.dataTransfer.files]);
  });
}

document.querySelector("#page").replaceChildren();
trying(begin);
