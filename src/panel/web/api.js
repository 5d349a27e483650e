// Asking the store. Every question is one of the operations that the server keeps; none is written here.

/** Why something could not be done, and what to do: as the server says it. */
export class Problem extends Error {
  constructor(message, { help = "", code = "INTERNAL", field = null, placeholder = false } = {}, isTold = false) {
    super(message);
    /** Whether the server says so, in English. */
    this.isTold = isTold;
    this.help = help;
    this.code = code;
    this.field = field;
    /** Whether the value of that field is a placeholder, such as zeroes alone. */
    this.placeholder = placeholder;
  }
}

/** Nobody answers. */
export const OFFLINE = "OFFLINE";

/** The server's word for what it cannot answer yet. */
export const UNAVAILABLE = "UNAVAILABLE";

export class Api {
  /** `base` is the server's address, without a slash at its end. */
  constructor(base) {
    this.base = base;
    this.documents = new Map();
  }

  /** The text of an operation. It is fetched once. */
  operation(name) {
    if (!this.documents.has(name)) {
      const fetched = this.#fetch(`/panel/operations/${name}.graphql`).then((answer) => answer.text());
      this.documents.set(name, fetched);
      fetched.catch(() => this.documents.delete(name));
    }
    return this.documents.get(name);
  }

  /** The `data` of the answer to an operation. */
  async ask(name, variables, signal) {
    const query = await this.operation(name);
    const answer = await this.#fetch("/graphql", {
      method: "POST",
      headers: { "content-type": "application/json", accept: "application/graphql-response+json, application/json" },
      body: JSON.stringify({ query, variables }),
      signal,
    }, true);
    const body = await answer.json().catch(() => {
      throw new Problem(`${answer.status} ${answer.statusText}`, { code: OFFLINE });
    });
    const error = body.errors?.[0];
    if (error) throw new Problem(error.message, error.extensions, true);
    if (!body.data) throw new Problem(body.error?.message ?? `${answer.status}`, body.error, true);
    return body.data;
  }

  async #fetch(path, options, anyStatus = false) {
    let answer;
    try {
      answer = await fetch(this.base + path, { credentials: "same-origin", ...options });
    } catch (cause) {
      if (cause.name === "AbortError") throw cause;
      throw new Problem(String(cause.message), { code: OFFLINE });
    }
    if (!anyStatus && !answer.ok) throw new Problem(`${path}: ${answer.status}`, { code: OFFLINE });
    return answer;
  }
}
