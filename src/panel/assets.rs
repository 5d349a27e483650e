//! The files of the pages, embedded in the program.

use std::collections::HashMap;
use std::sync::LazyLock;

use super::operations::OPERATIONS;

/// A file as it is sent.
#[derive(Clone, Debug)]
pub struct Asset {
    /// What it is.
    pub media: MediaType,
    /// Its bytes.
    pub bytes: &'static [u8],
    /// Changes with its bytes: the beginning of their BLAKE3 hash, in quotes (RFC 9110, section 8.8.3).
    pub etag: String,
}

/// What a file is, by the end of its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MediaType {
    /// A page.
    Html,
    /// A module.
    Script,
    /// A style sheet.
    Style,
    /// Messages and lists.
    Json,
    /// An icon.
    Svg,
    /// An operation.
    Graphql,
}

impl MediaType {
    /// The header's value.
    #[must_use]
    pub fn content_type(self) -> &'static str {
        match self {
            Self::Html => "text/html; charset=utf-8",
            Self::Script => "text/javascript; charset=utf-8",
            Self::Style => "text/css; charset=utf-8",
            Self::Json => "application/json",
            Self::Svg => "image/svg+xml",
            Self::Graphql => "application/graphql; charset=utf-8",
        }
    }

    fn of(path: &str) -> Option<Self> {
        Some(match path.rsplit_once('.')?.1 {
            "html" => Self::Html,
            "js" => Self::Script,
            "css" => Self::Style,
            "json" => Self::Json,
            "svg" => Self::Svg,
            "graphql" => Self::Graphql,
            _ => return None,
        })
    }
}

macro_rules! files {
    ($($path:literal,)*) => {
        /// Every file of `web/`: its path there, and its bytes.
        pub(super) const FILES: &[(&str, &[u8])] = &[$(($path, include_bytes!(concat!("web/", $path))),)*];
    };
}

files! {
    "acting.js",
    "agent.js",
    "analyses.html",
    "analyses.js",
    "api.js",
    "base.js",
    "clock.js",
    "dom.js",
    "i18n.js",
    "icon.svg",
    "icons.js",
    "identifiers.js",
    "journey.html",
    "journey.js",
    "live.js",
    "lookup.js",
    "novelo-context.js",
    "panel.html",
    "panel.js",
    "record.js",
    "said.js",
    "tour-customers.json",
    "tour.html",
    "tour.js",
    "view.js",
    "welcome.js",
    "wire.js",
    "analyses/code.js",
    "analyses/detail.js",
    "analyses/editor.js",
    "analyses/examples.json",
    "analyses/kept.js",
    "analyses/list.js",
    "analyses/mistakes.js",
    "analyses/progress.js",
    "analyses/result.js",
    "analyses/versions.js",
    "analyses/watch.js",
    "charts/bars.js",
    "charts/bubble.js",
    "charts/columns.js",
    "charts/feeling.js",
    "charts/flows.js",
    "charts/hops.js",
    "charts/labels.js",
    "charts/lines.js",
    "charts/measured.js",
    "context/context.js",
    "context/following.js",
    "context/loading.js",
    "context/pops.js",
    "context/screen.js",
    "context/shown.js",
    "figures/answer.js",
    "figures/buckets.js",
    "figures/chart.js",
    "figures/csv.js",
    "figures/measures.js",
    "figures/naming.js",
    "figures/not_there.js",
    "figures/page.js",
    "figures/range.js",
    "figures/range_bar.js",
    "figures/table.js",
    "figures/zone.js",
    "forms/deeds.js",
    "forms/dialog.js",
    "forms/fields.js",
    "forms/link.js",
    "forms/meanwhile.js",
    "forms/past.js",
    "journey/asking.js",
    "journey/cards.js",
    "journey/cell.js",
    "journey/filters.js",
    "journey/grid.js",
    "journey/highlights.js",
    "journey/legend.js",
    "journey/map.js",
    "journey/model.js",
    "journey/place.js",
    "journey/stack.js",
    "journey/steps.js",
    "journey/today.js",
    "messages/en.json",
    "messages/es.json",
    "messages/figures/en.json",
    "messages/figures/es.json",
    "messages/figures/pt-BR.json",
    "messages/pt-BR.json",
    "parts/cases.js",
    "parts/channels.js",
    "parts/continuation.js",
    "parts/facts.js",
    "parts/guidance.js",
    "parts/journey.js",
    "parts/links.js",
    "parts/notes.js",
    "parts/section.js",
    "parts/voice.js",
    "parts/who.js",
    "styles/analyses.css",
    "styles/base.css",
    "styles/figures.css",
    "styles/forms.css",
    "styles/journey.css",
    "styles/page.css",
    "styles/parts.css",
    "styles/timeline.css",
    "styles/tokens.css",
    "styles/tour.css",
    "timeline/entry.js",
    "timeline/filters.js",
    "timeline/list.js",
    "timeline/timeline.js",
}

/// Bytes of the hash that an `ETag` has.
const ETAG_BYTES: usize = 16;

static ASSETS: LazyLock<HashMap<String, Asset>> = LazyLock::new(|| {
    let files = FILES.iter().map(|(path, bytes)| ((*path).to_owned(), *bytes));
    let operations = OPERATIONS.iter().map(|(name, text)| (format!("operations/{name}.graphql"), text.as_bytes()));
    files.chain(operations).filter_map(|(path, bytes)| Some((path.clone(), Asset::new(&path, bytes)?))).collect()
});

impl Asset {
    fn new(path: &str, bytes: &'static [u8]) -> Option<Self> {
        let hash = blake3::hash(bytes).to_hex();
        let etag = format!("\"{}\"", hash.get(..2 * ETAG_BYTES)?);
        Some(Self { media: MediaType::of(path)?, bytes, etag })
    }
}

/// The file at a path below `/panel/`; `None` when there is none.
#[must_use]
pub fn asset(path: &str) -> Option<&'static Asset> {
    ASSETS.get(path)
}
