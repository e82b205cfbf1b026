// Talks to the server. Whatever goes wrong becomes an Error with one sentence.

let csrf = "";

async function ask(path, options = {}) {
  let response;
  try {
    response = await fetch(path, { credentials: "same-origin", ...options });
  } catch {
    throw new Error("the server does not answer");
  }
  const body = await response.json().catch(() => ({}));
  if (!response.ok) throw new Error(body.detail ?? response.statusText);
  return body;
}

function post(path, body) {
  const isForm = body instanceof FormData;
  const headers = { "X-CSRF-Token": csrf, ...(isForm ? {} : { "Content-Type": "application/json" }) };
  return ask(path, { method: "POST", headers, body: isForm ? body : JSON.stringify(body) });
}

function entered(about) {
  csrf = about.csrf ?? "";
  return about;
}

export const enter = async (proof) => entered(await post("/web/enter", proof));
export const session = async () => entered(await post("/web/session", {}));
export const leave = () => post("/web/leave", {});
export const chat = (name) => ask(`/web/chats/${encodeURIComponent(name)}`);
export const message = (id) => ask(`/web/messages/${id}`);
export const dashboard = () => ask("/web/dashboard");
export const sample = () => post("/web/sample", {});
export const call = (name, options = {}) => post("/web/calls", { name, options });
export const press = (where, token, values = {}) => post("/web/presses", { chat: where, token, values });
export const order = (text) => post("/web/orders", { text, origin: crypto.randomUUID().replaceAll("-", "") });
export const complete = (what, typed) => ask(`/web/complete?${new URLSearchParams({ what, typed })}`);

/** Pictures and a text as one post. */
export function send(files, text) {
  const form = new FormData();
  for (const file of files) form.append("file", file, file.name || "picture.png");
  form.append("text", text);
  return post("/web/posts", form);
}

/** Follow what happens; the browser connects again by itself, and `hello` comes each time. */
export function follow(handlers) {
  const source = new EventSource("/web/events");
  for (const [kind, handle] of Object.entries(handlers)) {
    if (kind !== "away") source.addEventListener(kind, (event) => handle(JSON.parse(event.data)));
  }
  source.onerror = () => handlers.away(source.readyState === EventSource.CLOSED);
  return source;
}
