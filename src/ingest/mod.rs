//! Floor 4. Formats in: CloudEvents and CSV by a mapping; formats out: export.
