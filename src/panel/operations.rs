//! The operations that the panel sends: the files of `graphql/operations`, each of which a test carries out.

macro_rules! operations {
    ($($name:literal,)*) => {
        /// Name and text.
        pub(super) const OPERATIONS: &[(&str, &str)] =
            &[$(($name, include_str!(concat!("../../graphql/operations/", $name, ".graphql"))),)*];
    };
}

operations! {
    "desktop",
    "events",
    "glance",
    "link",
    "link_preview",
    "live_customer",
    "live_timeline",
    "log",
    "names",
    "panel",
    "promises",
    "record",
    "search",
    "timeline",
    "timeline_count",
    "unlink",
}
