// The client `graphql-ws`: a query, then a subscription; each entry's text on a line of its own.
const { createClient } = require("graphql-ws");
const WebSocket = require("ws");

const [url, query, variables, count] = process.argv.slice(2);
const client = createClient({ url: `${url.replace("http:", "ws:")}/graphql`, webSocketImpl: WebSocket, retryAttempts: 0 });

(async () => {
  for await (const { data } of client.iterate({ query: "{ log { events } }" })) console.log(`events ${data.log.events}`);
  let received = 0;
  for await (const { data, errors } of client.iterate({ query, variables: JSON.parse(variables) })) {
    if (errors) throw new Error(JSON.stringify(errors));
    console.log(`entry ${data.timeline.text}`);
    if (++received === Number(count)) break;
  }
  const refused = client.iterate({ query: "subscription { nothing }" });
  const code = await refused.next().then(() => "none", (errors) => errors[0].extensions.code);
  console.log(`refused ${code}`);
  await client.dispose();
})();
