// Nothing but `fetch`: a query, then a subscription whose event stream is read by hand; each entry's text on a line of its own.
const [url, query, variables, count] = process.argv.slice(2);

const ask = (accept, body, signal) =>
  fetch(`${url}/graphql`, {
    method: "POST",
    headers: { "content-type": "application/json", accept },
    body: JSON.stringify(body),
    signal,
  });

async function* eventsOf(response) {
  let text = "";
  for await (const bytes of response.body.pipeThrough(new TextDecoderStream())) {
    const parts = (text + bytes).split("\n\n");
    text = parts.pop();
    for (const part of parts) {
      const fields = part.split("\n").map((line) => line.split(/:(.*)/s).slice(0, 2).map((field) => field.trim()));
      const { event, data } = Object.fromEntries(fields);
      if (event) yield { event, data };
    }
  }
}

(async () => {
  const once = await ask("application/json", { query: "{ log { events } }" });
  console.log(`events ${(await once.json()).data.log.events}`);
  const stop = new AbortController();
  const live = await ask("text/event-stream", { query, variables: JSON.parse(variables) }, stop.signal);
  let received = 0;
  for await (const { event, data } of eventsOf(live)) {
    if (event !== "next") throw new Error(event);
    console.log(`entry ${JSON.parse(data).data.timeline.text}`);
    if (++received === Number(count)) break;
  }
  stop.abort();
  const refused = await ask("text/event-stream", { query: "subscription { nothing }" });
  console.log(`refused ${(await refused.json()).errors[0].extensions.code}`);
})();
