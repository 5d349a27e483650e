//! The text form in which Prometheus reads metrics, version 0.0.4:
//! <https://prometheus.io/docs/instrumenting/exposition_formats/>. Names keep to OpenMetrics as well: units are base units and
//! stand last, counters end in `_total`.

use std::fmt::{Display, Write};

use crate::engine::Distribution;

/// The media type.
pub(super) const CONTENT_TYPE: &str = "text/plain; version=0.0.4; charset=utf-8";

/// The sort of a family of samples.
#[derive(Clone, Copy, Debug)]
pub(super) enum Sort {
    /// A number that only grows.
    Counter,
    /// A number that goes up and down.
    Gauge,
    /// Values counted up to bounds.
    Histogram,
}

/// A page of metrics that is being written, family by family.
#[derive(Debug, Default)]
pub(super) struct Page {
    text: String,
    family: &'static str,
}

type Labels<'a> = &'a [(&'a str, &'a str)];

impl Page {
    /// Begins a family; the samples that follow are its own.
    pub(super) fn family(&mut self, name: &'static str, sort: Sort, help: &str) -> &mut Self {
        let sort = match sort {
            Sort::Counter => "counter",
            Sort::Gauge => "gauge",
            Sort::Histogram => "histogram",
        };
        self.family = name;
        self.put(format_args!("# HELP {name} {help}\n# TYPE {name} {sort}\n"));
        self
    }

    /// A sample of the family.
    pub(super) fn sample(&mut self, labels: Labels<'_>, value: impl Display) -> &mut Self {
        self.line("", labels, None, value)
    }

    /// The samples of a histogram.
    pub(super) fn distribution(&mut self, labels: Labels<'_>, distribution: &Distribution) {
        for (bound, count) in &distribution.up_to {
            let bound = if bound.is_infinite() { "+Inf".to_owned() } else { bound.to_string() };
            self.line("_bucket", labels, Some(&bound), count);
        }
        let count = distribution.up_to.last().map_or(0, |(_, count)| *count);
        self.line("_sum", labels, None, distribution.sum).line("_count", labels, None, count);
    }

    /// A family of one sample without labels.
    pub(super) fn single(&mut self, name: &'static str, sort: Sort, help: &str, value: impl Display) {
        self.family(name, sort, help).sample(&[], value);
    }

    /// The page.
    pub(super) fn into_text(self) -> String {
        self.text
    }

    fn line(&mut self, suffix: &str, labels: Labels<'_>, bound: Option<&str>, value: impl Display) -> &mut Self {
        let family = self.family;
        self.put(format_args!("{family}{suffix}"));
        let labels = labels.iter().copied().chain(bound.map(|bound| ("le", bound)));
        let mut opening = '{';
        for (name, value) in labels {
            let value = value.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n");
            self.put(format_args!("{opening}{name}=\"{value}\""));
            opening = ',';
        }
        self.put(format_args!("{} {value}\n", if opening == ',' { "}" } else { "" }));
        self
    }

    fn put(&mut self, text: std::fmt::Arguments<'_>) {
        // Writing to a text does not fail.
        let _ = self.text.write_fmt(text);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_is_written_as_the_format_says() {
        let mut page = Page::default();
        page.family("a_total", Sort::Counter, "What.").sample(&[("why", "a \"b\"\\\n")], 3).sample(&[], 4);
        let up_to = vec![(0.5, 1), (f64::INFINITY, 2)];
        page.family("b_seconds", Sort::Histogram, "How.")
            .distribution(&[("p", "q")], &Distribution { up_to, sum: 7.25 });
        let expected = "# HELP a_total What.\n# TYPE a_total counter\na_total{why=\"a \\\"b\\\"\\\\\\n\"} 3\na_total 4\n\
            # HELP b_seconds How.\n# TYPE b_seconds histogram\nb_seconds_bucket{p=\"q\",le=\"0.5\"} 1\n\
            b_seconds_bucket{p=\"q\",le=\"+Inf\"} 2\nb_seconds_sum{p=\"q\"} 7.25\nb_seconds_count{p=\"q\"} 2\n";
        assert_eq!(page.into_text(), expected);
    }
}
