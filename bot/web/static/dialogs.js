// Dialogs: a picture that can be zoomed, and a question for one line of text.

import { html, nothing, render } from "./vendor/lit-html.js";
import { say } from "./words.js";

const STEP = 1.4;

function open(content) {
  const dialog = document.createElement("dialog");
  document.body.append(dialog);
  dialog.addEventListener("close", () => dialog.remove());
  render(content(dialog), dialog);
  dialog.showModal();
  return dialog;
}

/** A picture as large as one likes. */
export function zoom(address, name) {
  let scale = 1;
  const dialog = open(
    (self) => html`<div class="row">
        <button @click=${() => resize(STEP)}>${say("larger")}</button>
        <button @click=${() => resize(1 / STEP)}>${say("smaller")}</button>
        <button class="main" autofocus @click=${() => self.close()}>${say("close")}</button>
      </div>
      <div class="zoomed" tabindex="0"><img src=${address} alt=${name} /></div>`,
  );
  dialog.classList.add("wide");
  dialog.setAttribute("aria-label", name);
  function resize(by) {
    scale = Math.min(8, Math.max(0.5, scale * by));
    dialog.querySelector("img").style.width = `${scale * 100}%`;
  }
}

/** One line of text; `complete` offers what may be meant. Resolves with null when it was not given. */
export function question(form, complete) {
  return new Promise((resolve) => {
    let answer = null;
    let offered = [];
    const dialog = open(view);
    dialog.setAttribute("aria-label", form.title);
    dialog.addEventListener("close", () => resolve(answer));
    function view(self) {
      const submit = (event) => {
        event.preventDefault();
        answer = new FormData(event.target).get("text");
        self.close();
      };
      const typed = async (event) => {
        if (!complete) return;
        offered = await complete(event.target.value).catch(() => []);
        render(view(self), self);
      };
      return html`<form @submit=${submit}>
        <h2>${form.title}</h2>
        <label>${form.prompt}
          <input name="text" required autocomplete="off" autofocus .defaultValue=${form.initial} list="offered" @input=${typed} />
        </label>
        <datalist id="offered">${offered.map((one) => html`<option value=${one}></option>`)}</datalist>
        <div class="row">
          <button class="main">${say("ok")}</button>
          <button type="button" @click=${() => self.close()}>${say("cancel")}</button>
        </div>
      </form>`;
    }
  });
}

/** Ways to sign in; `use` takes an API key. */
export function signIn(ways, use) {
  let problem = "";
  const dialog = open(view);
  dialog.setAttribute("aria-label", say("signIn"));
  function view(self) {
    const submit = async (event) => {
      event.preventDefault();
      try {
        await use(new FormData(event.target).get("key"));
        self.close();
      } catch (error) {
        problem = error.message;
        render(view(self), self);
      }
    };
    return html`<form @submit=${submit}>
      <h2>${say("signIn")}</h2>
      ${ways.includes("oidc") ? html`<p><a href="/web/oidc">${say("provider")}</a></p>` : nothing}
      <label>${say("key")}<input name="key" type="password" required autocomplete="off" /></label>
      ${problem ? html`<p role="alert">${problem}</p>` : nothing}
      <div class="row">
        <button class="main">${say("signIn")}</button>
        <button type="button" @click=${() => self.close()}>${say("cancel")}</button>
      </div>
    </form>`;
  }
}
