//! Floor 1. The truth: one append-only log of chunks, chained by hash, in sled.
