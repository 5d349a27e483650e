//! How two versions of an analysis differ, cell by cell.

use std::collections::BTreeMap;

use compact_str::CompactString;

use super::answer::Answer;
use crate::event::Micros;
use crate::tally::{Definition, Figure};

/// A figure that is not the same in both.
#[derive(Clone, Debug, PartialEq)]
pub struct Difference {
    /// When its bucket begins.
    pub bucket: Option<Micros>,
    /// Its group: what each name says.
    pub group: Vec<Option<CompactString>>,
    /// Which figure.
    pub measure: String,
    /// What the first says; `None` when it has no such cell.
    pub from: Option<Figure>,
    /// What the second says.
    pub to: Option<Figure>,
}

/// How two answers differ.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Comparison {
    /// The figures that differ, by bucket and group.
    pub differences: Vec<Difference>,
    /// Figures that are the same in both.
    pub same: u64,
}

/// Where a figure stands.
type Spot = (Option<Micros>, Vec<Option<CompactString>>, String);

/// By what two analyses that do not group alike can be compared: what both group by, in the order of the first. `None` when they
/// do group alike.
#[must_use]
pub fn shared_groups(from: &Definition, to: &Definition) -> Option<Vec<String>> {
    if from.groups().eq(to.groups()) {
        return None;
    }
    Some(from.groups().filter(|name| to.groups().any(|other| other == *name)).map(str::to_owned).collect())
}

/// Compares what two answers by the same groups say of each figure that either has: figures of one name, bucket and group.
#[must_use]
pub fn compare(from: &Answer, to: &Answer) -> Comparison {
    let (before, mut after) = (figures(from), figures(to));
    let mut comparison = Comparison::default();
    for ((bucket, group, measure), old) in before {
        let new = after.remove(&(bucket, group.clone(), measure.clone()));
        if new.as_ref().is_some_and(|new| new.value == old.value && new.over == old.over) {
            comparison.same += 1;
        } else {
            comparison.differences.push(Difference { bucket, group, measure, from: Some(old), to: new });
        }
    }
    for ((bucket, group, measure), new) in after {
        comparison.differences.push(Difference { bucket, group, measure, from: None, to: Some(new) });
    }
    comparison.differences.sort_by(|a, b| (a.bucket, &a.group, &a.measure).cmp(&(b.bucket, &b.group, &b.measure)));
    comparison
}

fn figures(answer: &Answer) -> BTreeMap<Spot, Figure> {
    let names: Vec<&str> = answer.definition.figures().collect();
    let mut all = BTreeMap::new();
    for line in &answer.lines {
        for (name, figure) in names.iter().zip(&line.figures) {
            all.insert((line.bucket, line.group.clone(), (*name).to_owned()), figure.clone());
        }
    }
    all
}
