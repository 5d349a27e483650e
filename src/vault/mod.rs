//! Floor 1. Keys of subjects: seal, open, shred.
