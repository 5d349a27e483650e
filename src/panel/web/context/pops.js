// A screen pop that comes while a form is open waits: what is written there goes on belonging to the customer whom it was
// opened for. The agent goes there when they want to; what they wrote is put aside, and taken up again later.

import { h, refill } from "../dom.js";
import { channelIcon, icon } from "../icons.js";
import { masked } from "../identifiers.js";
import { lookup, ways } from "../lookup.js";
import { words } from "../said.js";

/** Goes there, wherever the focus is. */
const KEY = { altKey: true, code: "KeyG", name: "Alt+G" };

export class Pops {
  #by = null;
  #next = null;
  #name = null;
  /** Whether the agent said that they go on writing. */
  #later = false;
  #drafts = [];

  /** `screen` has the words and the place; `on`: `go(by)` to whom it says, `stay()` with whom is shown. */
  constructor({ api, dialog, screen, on }) {
    Object.assign(this, { api, dialog, screen, on });
    // A page that listens for it is put away less well by browsers: it does so only while there is something to lose.
    this.asks = (event) => event.preventDefault();
    for (const written of ["input", "change"]) dialog.element.addEventListener(written, () => this.guard());
    this.press = (event) => {
      if (event.altKey !== KEY.altKey || event.code !== KEY.code || event.ctrlKey || event.metaKey) return;
      event.preventDefault();
      this.#go();
    };
  }

  /** Somebody else is to be shown, when the agent has time for it. */
  wait(by) {
    this.#by = by;
    this.#next = lookup(by);
    this.#name = null;
    this.#later = false;
    document.addEventListener("keydown", this.press, true);
    this.show();
    this.#glance(this.#next);
  }

  /** Nobody waits any more. */
  forget() {
    this.#next = null;
    document.removeEventListener("keydown", this.press, true);
    this.show();
  }

  /** Before the page goes away it is asked, while something is written that would be lost. */
  guard() {
    if (this.dialog.isWritten || this.#drafts.length) globalThis.addEventListener("beforeunload", this.asks);
    else this.release();
  }

  /** The page goes away without a question. */
  release() {
    globalThis.removeEventListener("beforeunload", this.asks);
  }

  /** Where it can be seen: in the form that is open, else above the parts. */
  show() {
    this.guard();
    if (!this.screen.view) return;
    const open = this.dialog.isOpen;
    refill(this.dialog.notice, open && !this.#later && this.#banner());
    refill(this.screen.view.waiting, !open && this.#banner(), this.#drafts.map((draft) => this.#draft(draft)));
  }

  /** The name, as soon as it is known. */
  async #glance(next) {
    for (const by of ways(next)) {
      const answer = await this.api.ask("glance", { by }).catch(() => null);
      if (next !== this.#next) return;
      if (!answer?.customer) continue;
      this.#name = answer.customer.displayName;
      if (this.#name) this.show();
      return;
    }
  }

  #go() {
    const draft = this.dialog.isOpen ? this.dialog.putAside() : null;
    if (draft) this.#drafts.push(draft);
    this.on.go(this.#by);
  }

  /** Who it is, as far as it is known: by name, and by what they came with. */
  #who() {
    const { t } = this.screen;
    const { identifier, protocol } = this.#next;
    const known = identifier ? `${t.word("identifier", identifier.kind)} ${masked(identifier)}` : protocol && `${t("case.protocol")} ${protocol}`;
    return [this.#name, known].filter(Boolean).join(", ") || t("pop.somebody");
  }

  #banner() {
    if (!this.#next) return null;
    const { t } = this.screen;
    const { channel } = this.#next;
    const writing = this.dialog.isOpen;
    const go = h("button", { type: "button", class: "main", "data-key": "pop-go", "aria-keyshortcuts": KEY.name, onclick: () => this.#go() }, t("pop.go"), h("kbd", null, KEY.name));
    const stay = writing
      ? h("button", { type: "button", "data-key": "pop-later", onclick: () => this.#putOff() }, t("pop.later"))
      : h("button", { type: "button", "data-key": "pop-stay", onclick: () => this.on.stay() }, t("pop.stay"));
    return h("div", { class: "banner pop" }, channel ? channelIcon(channel) : icon("person"),
      h("p", null, h("b", null, t(channel === "voice" ? "pop.call" : "pop.contact")), " ", words(this.#who()), channel && channel !== "voice" && h("span", { class: "soft" }, " · ", t.channel(channel)),
        writing && this.dialog.isWritten && h("small", null, t("pop.kept"))),
      h("div", { class: "choices" }, go, stay));
  }

  #putOff() {
    this.#later = true;
    this.show();
    this.dialog.focus();
  }

  #draft(draft) {
    const { t } = this.screen;
    const take = () => { this.#drop(draft); this.dialog.takeUp(draft, this.#warning(draft)); this.guard(); };
    return h("div", { class: "banner draft" }, icon("edit"), h("p", null, h("b", null, t("draft.title")), " ", draft.title, draft.of.name && [" · ", words(draft.of.name)]),
      h("div", { class: "choices" },
        h("button", { type: "button", class: "link", "data-key": "draft-take", onclick: take }, t("draft.take")),
        h("button", { type: "button", class: "link", "data-key": "draft-drop", onclick: () => this.#drop(draft) }, t("draft.drop"))));
  }

  /** Whose a draft is, where the panel shows somebody else: the form does not go where the eyes are. */
  #warning({ of }) {
    const { t, acting } = this.screen;
    const shown = acting.whose();
    if (shown.key === of.key) return null;
    const line = (key, { name }) => h("p", null, t(key), " ", h("b", null, name ? words(name) : t("draft.nobody")));
    return h("div", { class: "warning whose" }, line("draft.whose", of), line("draft.shown", shown));
  }

  #drop(draft) {
    this.#drafts = this.#drafts.filter((each) => each !== draft);
    this.show();
  }
}
