//! The rules of axe-core over a page, the shadow roots in it included.
//!
//! `tests/run` installs it; it is no part of what is served.

use std::fmt;

use serde_json::{Value, json};

use super::Browser;
use crate::live_clients::packages;

/// WCAG 2.0 to 2.2 at the levels A and AA, and what is good practice beside them. What is left out: level AAA, which nobody
/// claims, and the rules that axe-core itself calls experimental.
const TAGS: [&str; 6] = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];

/// Runs it; what came of it, without what is not needed.
const RUN: &str = r#"
const brief = (results) => results.flatMap(({ id, impact, nodes }) => nodes.map((node) => ({
  rule: id, impact: node.impact ?? impact, html: node.html.slice(0, 300),
  why: [...node.any, ...node.all, ...node.none].map(({ message, relatedNodes }) =>
    [message, ...(relatedNodes ?? []).map((other) => other.html.slice(0, 100))].join(" / ")).join("; "),
})));
return axe.run(WITHIN ?? document, OPTIONS).then(({ violations, incomplete, passes }) => ({
  broken: brief(violations), undecided: brief(incomplete),
  contrasts: passes.filter(({ id }) => id === "color-contrast").reduce((sum, { nodes }) => sum + nodes.length, 0),
  rules: passes.map(({ id }) => id),
}));
"#;

/// One place of a page that breaks a rule, or of which it could not be decided.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Found {
    rule: String,
    impact: String,
    html: String,
    why: String,
}

impl fmt::Display for Found {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{} ({}) {}\n    {}", self.rule, self.impact, self.why, self.html)
    }
}

/// What came of an audit.
pub(crate) struct Audit {
    /// What breaks a rule.
    pub(crate) broken: Vec<Found>,
    /// What it could not decide.
    pub(crate) undecided: Vec<Found>,
    /// How many texts have enough contrast.
    pub(crate) contrasts: u64,
    /// The rules that were met by something.
    pub(crate) rules: Vec<String>,
}

impl Audit {
    fn of(told: &Value) -> Self {
        let text = |value: &Value| value.as_str().unwrap_or("no impact").to_owned();
        let found = |each: &Value| Found {
            rule: text(&each["rule"]),
            impact: text(&each["impact"]),
            html: text(&each["html"]),
            why: text(&each["why"]),
        };
        let all = |name: &str| told[name].as_array().unwrap().iter().map(found).collect();
        Self {
            broken: all("broken"),
            undecided: all("undecided"),
            contrasts: told["contrasts"].as_u64().unwrap(),
            rules: told["rules"].as_array().unwrap().iter().map(text).collect(),
        }
    }
}

impl Browser {
    /// Tries all rules over the page, or over what an expression gives. Frames in it are pages of their own.
    pub(crate) fn audit(&self, within: Option<&str>) -> Audit {
        // The first is off unless it is asked for; the second says of each frame only that it is to be tried as well.
        let rules = json!({"target-size": {"enabled": true}, "frame-tested": {"enabled": false}});
        self.axe(within, &json!({"runOnly": {"type": "tag", "values": TAGS}, "rules": rules, "iframes": false}))
    }

    /// Tries the contrast of the texts alone: the one thing that the theme changes.
    pub(crate) fn audit_contrast(&self, within: Option<&str>) -> Audit {
        self.axe(within, &json!({"runOnly": ["color-contrast"], "iframes": false}))
    }

    fn axe(&self, within: Option<&str>, options: &Value) -> Audit {
        if self.run("return Boolean(window.axe)") == false {
            let source = std::fs::read_to_string(packages().join("axe-core/axe.min.js")).unwrap();
            self.run(&source);
        }
        let script = RUN.replace("WITHIN", within.unwrap_or("null")).replace("OPTIONS", &options.to_string());
        Audit::of(&self.run(&script))
    }
}
