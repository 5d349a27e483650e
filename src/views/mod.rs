//! Floor 1. Derived rows: keyspaces, and atomic batches of rows with their checkpoint.
