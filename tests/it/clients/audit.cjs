// The audit of GraphQL over HTTP that comes with `graphql-http`: one line of JSON for each of its audits.
const { serverAudits } = require("graphql-http");

(async () => {
  for (const audit of serverAudits({ url: `${process.argv[2]}/graphql`, fetchFn: fetch })) {
    const { status, reason } = await audit.fn();
    console.log(JSON.stringify({ id: audit.id, name: audit.name, status, reason }));
  }
})();
