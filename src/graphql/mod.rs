//! Floor 5. The GraphQL schema: types, queries, mutations, limits.
