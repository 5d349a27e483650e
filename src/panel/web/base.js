// Where the panel was loaded from is where it asks.

export const BASE = new URL("..", import.meta.url).origin;

/** The endpoint of subscriptions. */
export const LIVE_URL = `${BASE.replace(/^http/, "ws")}/graphql`;
