//! The operations that the pages send: the files of `graphql/operations`, each of which a test carries out.

macro_rules! operations {
    ($($name:literal,)*) => {
        /// Name and text.
        pub(super) const OPERATIONS: &[(&str, &str)] =
            &[$(($name, include_str!(concat!("../../graphql/operations/", $name, ".graphql"))),)*];
    };
}

operations! {
    "analyses",
    "analysis",
    "analysis_csv",
    "analysis_diff",
    "check_analysis",
    "define_analysis",
    "desktop",
    "events",
    "glance",
    "journey_examples",
    "journey_map",
    "link",
    "link_preview",
    "live_analysis",
    "live_customer",
    "live_timeline",
    "log",
    "names",
    "panel",
    "promises",
    "record",
    "remove_analysis",
    "search",
    "serve_analysis",
    "standing",
    "timeline",
    "timeline_count",
    "unlink",
}
