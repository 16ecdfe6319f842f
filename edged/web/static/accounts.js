// The accounts, for administrators.

import { change, me, read } from "/static/ask.js";
import { el, icon, show, time } from "/static/dom.js";
import { ask, toast } from "/static/shell.js";
import { ago, exactly } from "/static/words.js";

const ACCOUNTS = "/api/v1/accounts";
const ROLES = ["guard", "installer", "administrator"];
const place = document.getElementById("accounts");
const trouble = document.getElementById("trouble");
const add = document.getElementById("add");

async function look() {
  try {
    const { accounts } = await read(ACCOUNTS);
    trouble.hidden = true;
    add.hidden = false;
    const own = (await me()).name;
    show(place, table(accounts, own));
    for (const row of place.querySelectorAll("tbody tr")) wire(row, row.dataset.name);
  } catch (error) {
    trouble.textContent = error.message;
    trouble.hidden = false;
  }
}

function table(accounts, own) {
  const headings = ["Name", "Role", "Last signed in", "Open sessions", ""].map((words) => el("th", { scope: "col" }, words || el("span", { class: "unseen" }, "Actions")));
  return el("div", { class: "card grid-scroll", tabindex: "0", role: "region", "aria-label": "Accounts" }, el("table", { class: "grid" }, el("thead", {}, el("tr", {}, ...headings)), el("tbody", {}, ...accounts.map((account) => row(account, own)))));
}

function row({ name, role, seen, password, sessions }, own) {
  const then = seen ? Date.parse(seen) : null;
  const options = ROLES.map((word) => el("option", { value: word, selected: word === role }, word));
  return el(
    "tr",
    { "data-name": name },
    el("th", { scope: "row" }, name, name === own ? el("span", { class: "soft small" }, " (you)") : null),
    el("td", {}, el("label", { class: "field" }, el("span", { class: "unseen" }, `Role of ${name}`), el("select", { class: "role", "data-now": role }, ...options))),
    el("td", {}, then ? time(ago(then, Date.now()), exactly(then), seen) : "never", password ? null : el("span", { class: "soft small" }, " · by links only")),
    el("td", {}, String(sessions)),
    el(
      "td",
      {},
      el("div", { class: "actions" }, el("button", { type: "button", class: "button make-link", "aria-label": `Make a link for ${name}` }, icon("copy"), "Link"), el("button", { type: "button", class: "button danger leave", "aria-label": `Remove ${name}`, disabled: name === own }, icon("remove"), "Remove")),
    ),
  );
}

function wire(node, name) {
  const role = node.querySelector(".role");
  role.value = role.dataset.now;
  role.onchange = () => done(change(`${ACCOUNTS}/role`, { name, role: role.value }), `${name} is ${role.value === "guard" ? "a" : "an"} ${role.value} now.`);
  node.querySelector(".make-link").onclick = () => makeLink(name);
  node.querySelector(".leave").onclick = async () => {
    const sure = await ask({ title: `Remove the account ${name}?`, text: "Whoever uses it is signed out at once. What they did stays in the audit.", action: `Remove ${name}`, danger: true });
    if (sure) await done(change(`${ACCOUNTS}/remove`, { name }), `The account ${name} is removed.`);
  };
}

async function done(work, words) {
  try {
    await work;
    toast(words);
  } catch (error) {
    toast(error.message, { tone: "bad" });
  }
  await look();
}

async function makeLink(name) {
  try {
    const { link } = await change(`${ACCOUNTS}/link`, { name });
    showLink(name, `${location.origin}/sign-in#once=${link}`);
  } catch (error) {
    toast(error.message, { tone: "bad" });
  }
}

function showLink(name, address) {
  const field = el("input", { type: "text", readonly: true, value: address });
  const copy = el("button", { type: "button", class: "button main" }, icon("copy"), "Copy");
  const close = el("button", { type: "button", class: "button" }, "Close");
  const form = el("form", {}, el("h2", { id: "link-title" }, `A link for ${name}`), el("p", {}, "It signs in once, within ten minutes. Hand it over as you would a key: it is not shown again."), el("label", { class: "field" }, "Link", field), el("div", { class: "actions" }, copy, close));
  const dialog = el("dialog", { class: "dialog", "aria-labelledby": "link-title" }, form);
  copy.addEventListener("click", async () => {
    field.select();
    try {
      await navigator.clipboard.writeText(address);
      copy.replaceChildren(icon("known"), "Copied");
    } catch {
      copy.replaceChildren("Press Ctrl C");
    }
  });
  close.addEventListener("click", () => dialog.close());
  dialog.addEventListener("close", () => dialog.remove());
  document.body.append(dialog);
  dialog.showModal();
  field.select();
}

function openForm() {
  const name = el("input", { type: "text", name: "name", autocomplete: "off", spellcheck: "false", maxlength: "64", required: true });
  const role = el("select", { name: "role" }, ...ROLES.map((word) => el("option", { value: word }, word)));
  const password = el("input", { type: "password", name: "password", autocomplete: "new-password", maxlength: "256" });
  const problem = el("p", { class: "problem", role: "alert", hidden: true });
  const save = el("button", { type: "submit", class: "button main" }, "Add");
  const cancel = el("button", { type: "button", class: "button" }, "Cancel");
  const form = el(
    "form",
    {},
    el("h2", { id: "add-title" }, "Add an account"),
    el("label", { class: "field" }, "Name", name),
    el("label", { class: "field" }, "Role", role),
    el("label", { class: "field" }, "Password", password, el("span", { class: "soft" }, "Ten characters at least. Leave it empty to make a link instead: they choose their own then.")),
    problem,
    el("div", { class: "actions" }, save, cancel),
  );
  const dialog = el("dialog", { class: "dialog", "aria-labelledby": "add-title" }, form);
  cancel.addEventListener("click", () => dialog.close());
  dialog.addEventListener("close", () => dialog.remove());
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    save.disabled = true;
    try {
      const made = await change(`${ACCOUNTS}/add`, { name: name.value, role: role.value, password: password.value || null });
      dialog.close();
      await done(Promise.resolve(), `${made.name} may sign in.`);
      if (!password.value) await makeLink(made.name);
    } catch (error) {
      problem.replaceChildren(icon("warn"), error.message);
      problem.hidden = false;
      save.disabled = false;
    }
  });
  document.body.append(dialog);
  dialog.showModal();
}

add.addEventListener("click", openForm);
look();
