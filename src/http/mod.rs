//! Floor 6. The server: GraphQL endpoint, ingest, health.
