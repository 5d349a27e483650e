//! Floor 7. The command line: one file per command, and the configuration.
