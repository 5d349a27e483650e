// By what a customer is asked for, as the attributes of the element or the address of the page say it.

import { parse } from "./identifiers.js";

/** Reads `{identifier, contact, channel, protocol, customer}`, each a text or null. */
export function lookup(values) {
  const given = (name) => values[name]?.trim() || null;
  const identifier = given("identifier");
  return {
    identifier: identifier && (parse(identifier) ?? guessed(identifier)),
    contact: given("contact"),
    channel: given("channel"),
    protocol: given("protocol"),
    customer: given("customer"),
  };
}

/** A bare value, as a person would type it. */
function guessed(value) {
  return { kind: value.includes("@") ? "email" : "phone", value };
}

export function isEmpty({ identifier, contact, protocol, customer }) {
  return !identifier && !contact && !protocol && !customer;
}

/** Whether what is recorded of somebody who is not known yet is found again: by an identifier, or in a contact. */
export function canBeFiled({ identifier, contact }) {
  return Boolean(identifier || contact);
}

/** The ways to ask, the surest first. */
export function ways({ identifier, contact, protocol, customer }) {
  return [
    customer && { id: customer },
    identifier && { identifier },
    contact && { contact },
    protocol && { protocol },
  ].filter(Boolean);
}
