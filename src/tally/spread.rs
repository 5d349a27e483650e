//! How numbers are spread, for percentiles: few are kept as they are, of many a sketch (DDSketch, Masson, Rim and Lee, VLDB
//! 2019) whose percentiles are at most [`ERROR`] from the true ones.

use serde::{Deserialize, Serialize};
use sketches_ddsketch::{Config, DDSketch};

/// At most so far from the truth, as a part of it.
const ERROR: f64 = 0.008;
/// Numbers that are kept as they are.
const FEW: usize = 64;
/// Numbers closer to zero than this count as zero.
const LEAST: f64 = 1e-6;
/// So many bins of 1.6 % span fourteen powers of ten.
const BINS: u32 = 2_048;

/// Numbers, or a sketch of them.
#[derive(Clone, Serialize, Deserialize)]
pub(super) enum Spread {
    Few(Vec<f64>),
    Many(Box<DDSketch>),
}

impl Default for Spread {
    fn default() -> Self {
        Self::Few(Vec::new())
    }
}

impl std::fmt::Debug for Spread {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Spread of {}, median {:?}", self.count(), self.percentile(50.0))
    }
}

/// Two are the same when they say the same.
impl PartialEq for Spread {
    fn eq(&self, other: &Self) -> bool {
        let all = |spread: &Self| (0..=200).map(|half| spread.percentile(f64::from(half) / 2.0)).collect::<Vec<_>>();
        self.count() == other.count() && all(self) == all(other)
    }
}

impl Spread {
    pub(super) fn add(&mut self, number: f64) {
        match self {
            Self::Few(few) if few.len() < FEW => few.push(number),
            Self::Few(_) => {
                self.sketch().add(number);
            }
            Self::Many(sketch) => sketch.add(number),
        }
    }

    pub(super) fn merge(&mut self, other: Self) {
        match other {
            Self::Few(few) => few.into_iter().for_each(|number| self.add(number)),
            Self::Many(other) => {
                // Both are made with one configuration.
                let merged = self.sketch().merge(&other);
                debug_assert!(merged.is_ok(), "sketches of one configuration");
            }
        }
    }

    fn sketch(&mut self) -> &mut DDSketch {
        if let Self::Few(few) = self {
            let mut sketch = DDSketch::new(Config::new(ERROR, BINS, LEAST));
            few.iter().for_each(|number| sketch.add(*number));
            *self = Self::Many(Box::new(sketch));
        }
        match self {
            Self::Many(sketch) => sketch,
            Self::Few(_) => unreachable!("made a sketch of above"),
        }
    }

    pub(super) fn count(&self) -> u64 {
        match self {
            Self::Few(few) => few.len() as u64,
            Self::Many(sketch) => sketch.count() as u64,
        }
    }

    pub(super) fn error(&self) -> f64 {
        match self {
            Self::Few(_) => 0.0,
            Self::Many(_) => ERROR,
        }
    }

    /// The number at a rank: the least that so many hundredths of all do not go over.
    pub(super) fn percentile(&self, hundredths: f64) -> Option<f64> {
        match self {
            Self::Few(few) => {
                let mut sorted = few.clone();
                sorted.sort_by(f64::total_cmp);
                let rank = (hundredths / 100.0 * sorted.len() as f64).ceil() as usize;
                sorted.get(rank.saturating_sub(1)).copied()
            }
            Self::Many(sketch) => sketch.quantile(hundredths / 100.0).ok().flatten(),
        }
    }
}
