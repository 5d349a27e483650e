//! Floor 2. Identifiers: normal forms, rules, and the graph of strands.
