// How messages and panels look. Every text goes in as text: nothing here makes markup of what somebody wrote.

import { html, nothing } from "./vendor/lit-html.js";
import { say } from "./words.js";

const STYLES = { main: "main", danger: "danger", plain: "" };

/** One message: what was sent, and what the bot shows for it; `panel` answers the latest press on it. */
export function messageView(message, panel, on) {
  return html`<article class="message" id="m-${message.id}" aria-busy=${message.working ? "true" : "false"}>
    ${message.sent.length || message.said ? mine(message) : nothing}
    <div class="said">
      <h2 class="who">${say("bot")} ${time(message.at)}${message.private ? html` · ${say("onlyYou")}` : nothing}</h2>
      ${bodyView(message, on)} ${message.working ? html`<progress aria-label=${say("working")}></progress>` : nothing}
    </div>
    ${panel ? panelView(panel, on) : nothing}
  </article>`;
}

/** What answers a command or a press, for the one who gave it alone. */
export function panelView(panel, on) {
  return html`<section class="panel" aria-label=${say("onlyYou")}>
    <button class="quiet close" @click=${on.closePanel} aria-label=${say("close")}>×</button>
    ${bodyView(panel, on)}
  </section>`;
}

function mine(message) {
  return html`<div class="mine">
    <h2 class="who">${say("you")}</h2>
    ${message.sent.map((name) => html`<p class="file">${name}</p>`)} ${message.said ? html`<p class="text">${message.said}</p>` : nothing}
  </div>`;
}

function bodyView(reply, on) {
  return html`${reply.text ? html`<p class="text">${reply.text}</p>` : nothing}
    ${reply.block ? blockView(reply.block, on) : nothing} ${reply.files.map((file) => fileView(file, on))}
    ${reply.selects.map((select) => selectView(select, on))} ${reply.choices.map((row) => rowView(row, on))}`;
}

function blockView(block, on) {
  return html`<div class="block">
    <button class="quiet copy" @click=${(event) => on.copy(block, event.currentTarget)}>${say("copy")}</button>
    <pre tabindex="0">${block}</pre>
  </div>`;
}

function fileView(file, on) {
  const address = file.url ?? held(file);
  if (file.picture) {
    return html`<button class="picture" @click=${() => on.zoom(address, file.name)} aria-label=${say("show", { name: file.name })}>
      <img src=${address} alt=${file.name} loading="lazy" />
    </button>`;
  }
  return html`<a class="file" href=${address} download=${file.name}>${say("save", { name: file.name })}</a>`;
}

const addresses = new WeakMap();

/** Panels hold the bytes of their files. */
function held(file) {
  if (!addresses.has(file)) {
    const bytes = Uint8Array.from(atob(file.data), (letter) => letter.charCodeAt(0));
    const shown = /^image\/(png|jpeg|webp|gif)$/.test(file.type) ? file.type : "application/octet-stream";
    addresses.set(file, URL.createObjectURL(new Blob([bytes], { type: shown })));
  }
  return addresses.get(file);
}

function selectView(select, on) {
  const chosen = (event) => {
    const token = event.target.value;
    event.target.value = "";
    if (token) on.press(token);
  };
  return html`<select aria-label=${select.prompt} @change=${chosen}>
    <option value="">${select.prompt}</option>
    ${select.options.map(
      (one) => html`<option value=${one.token}>${one.label}${one.description ? ` (${one.description})` : ""}</option>`,
    )}
  </select>`;
}

function rowView(row, on) {
  return html`<div class="row">
    ${row.map(
      (one) => html`<button class=${STYLES[one.style] ?? ""} @click=${() => on.press(one.token)}>${one.label}</button>`,
    )}
  </div>`;
}

function time(at) {
  const when = new Date(at);
  return html`<time datetime=${at}>${when.toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" })}</time>`;
}
