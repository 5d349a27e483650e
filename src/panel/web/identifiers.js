// Identifiers as people read them, and with their middle hidden.

/** `kind:value` as two; null for a text that is none. */
export function parse(text) {
  const at = text?.indexOf(":") ?? -1;
  if (at < 1 || at === text.length - 1) return null;
  return { kind: text.slice(0, at).trim(), value: text.slice(at + 1).trim() };
}

/** As a Brazilian would write it; others as they are. */
export function pretty({ kind, value }) {
  const phone = /^\+55(\d\d)(\d{4,5})(\d{4})$/.exec(value);
  if (phone) return `+55 ${phone[1]} ${phone[2]}-${phone[3]}`;
  if (kind === "address") return value.split("|").join(", ");
  const cpf = kind === "cpf" && /^(\d{3})(\d{3})(\d{3})(\d\d)$/.exec(value);
  if (cpf) return `${cpf[1]}.${cpf[2]}.${cpf[3]}-${cpf[4]}`;
  return value;
}

/** The same with enough hidden that a glance at the screen does not give it away. */
export function masked({ kind, value }) {
  const at = value.lastIndexOf("@");
  if (at > 0 && kind === "email") return `${value.slice(0, 2)}${hidden(Math.max(2, at - 2))}${value.slice(at)}`;
  const plain = pretty({ kind, value });
  const keep = Math.min(4, Math.floor(plain.length / 3));
  const from = plain.startsWith("+") ? Math.min(7, plain.length - keep) : 0;
  const middle = plain.slice(from, plain.length - keep).replace(/[\p{L}\p{N}]/gu, "•");
  return plain.slice(0, from) + middle + plain.slice(plain.length - keep);
}

function hidden(count) {
  return "•".repeat(Math.min(count, 8));
}
