//! The limits on what one event may hold. Bad input gets an error that names the field, the limit and the value's size.

/// A text: 256 KB.
pub const TEXT_BYTES: usize = 256 * 1024;
/// One event, all of its parts together: 1 MB.
pub const EVENT_BYTES: usize = 1024 * 1024;
/// Dimensions of one event.
pub const DIMENSIONS: usize = 16;
/// A dimension's name and its value, each.
pub const DIMENSION_BYTES: usize = 64;
/// Identifiers of one event, the subject's own among them.
pub const IDENTIFIERS: usize = 16;
/// An identifier's value.
pub const IDENTIFIER_BYTES: usize = 256;
/// A label: a reason, a queue, a department, an id given by a source.
pub const LABEL_BYTES: usize = 128;
/// A menu path or a bot intent.
pub const PATH_BYTES: usize = 256;
/// A list of labels or of attachment names.
pub const LIST_ITEMS: usize = 64;
/// How deep a JSON value may be nested.
pub const JSON_DEPTH: usize = 32;
/// How far an event's `occurred_at` may lie ahead of the clock: 24 hours, in microseconds.
pub const AHEAD_MICROS: i64 = 24 * 3_600 * 1_000_000;
/// Events in one batch over HTTP.
pub const BATCH_EVENTS: usize = 10_000;
/// Bytes of one batch over HTTP: 32 MB.
pub const BATCH_BYTES: usize = 32 * 1024 * 1024;
