// The client `graphql-sse` in distinct connections mode: a query, then a subscription; each entry's text on a line of its own.
const { createClient } = require("graphql-sse");

const [url, query, variables, count] = process.argv.slice(2);
const client = createClient({ url: `${url}/graphql`, retryAttempts: 0 });

(async () => {
  for await (const { data } of client.iterate({ query: "{ log { events } }" })) console.log(`events ${data.log.events}`);
  let received = 0;
  for await (const { data, errors } of client.iterate({ query, variables: JSON.parse(variables) })) {
    if (errors) throw new Error(JSON.stringify(errors));
    console.log(`entry ${data.timeline.text}`);
    if (++received === Number(count)) break;
  }
  const refused = client.iterate({ query: "subscription { nothing }" });
  const answer = await refused.next().then(() => null, (error) => error.response);
  console.log(`refused ${(await answer.json()).errors[0].extensions.code}`);
  client.dispose();
})();
