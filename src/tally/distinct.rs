//! How many different values there were: few are told apart exactly, of many there is a HyperLogLog.

use std::collections::BTreeSet;
use std::hash::{BuildHasherDefault, Hasher};

use hyperloglockless::HyperLogLog;
use serde::{Deserialize, Serialize};

use xxhash_rust::xxh3::xxh3_64_with_seed;

use super::value::Value;

/// Values that are told apart exactly.
const FEW: usize = 2_048;
/// 2^14 registers: the standard error is 1.04 / √16384.
const PRECISION: u8 = 14;
const ERROR: f64 = 0.008_125;

/// Values are hashed before, and alike on every machine: nothing is left to hash.
#[derive(Clone, Debug, Default)]
struct Unhashed(u64);

impl Hasher for Unhashed {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = self.0 << 8 | u64::from(*byte);
        }
    }
}

type Registers = HyperLogLog<BuildHasherDefault<Unhashed>>;

/// The different values so far.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Distinct {
    over: u64,
    values: Values,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
enum Values {
    /// Their hashes.
    Few(BTreeSet<u64>),
    Many(#[serde(with = "registers")] Box<Registers>),
}

impl Default for Values {
    fn default() -> Self {
        Self::Few(BTreeSet::new())
    }
}

impl Distinct {
    pub(super) fn add(&mut self, value: &Value<'_>) {
        if let Some(hash) = hash(value) {
            self.over += 1;
            self.values.add(hash);
        }
    }

    pub(super) fn merge(&mut self, other: Self) {
        self.over += other.over;
        match other.values {
            Values::Few(few) => few.into_iter().for_each(|hash| self.values.add(hash)),
            Values::Many(other) => {
                // Both have one precision.
                let merged = self.values.registers().union(&other);
                debug_assert!(merged.is_ok(), "registers of one precision");
            }
        }
    }

    pub(super) fn count(&self) -> u64 {
        match &self.values {
            Values::Few(few) => few.len() as u64,
            Values::Many(registers) => registers.raw_count().round() as u64,
        }
    }

    pub(super) fn over(&self) -> u64 {
        self.over
    }

    pub(super) fn error(&self) -> f64 {
        match self.values {
            Values::Few(_) => 0.0,
            Values::Many(_) => ERROR,
        }
    }
}

impl Values {
    fn add(&mut self, hash: u64) {
        match self {
            Self::Few(few) if few.len() < FEW || few.contains(&hash) => {
                few.insert(hash);
            }
            Self::Few(_) => self.registers().insert_hash(hash),
            Self::Many(registers) => registers.insert_hash(hash),
        }
    }

    fn registers(&mut self) -> &mut Registers {
        if let Self::Few(few) = self {
            let mut registers = Registers::with_hasher(PRECISION, BuildHasherDefault::default());
            few.iter().for_each(|hash| registers.insert_hash(*hash));
            *self = Self::Many(Box::new(registers));
        }
        match self {
            Self::Many(registers) => registers,
            Self::Few(_) => unreachable!("made registers of above"),
        }
    }
}

/// XXH3 of the value, seeded by its type; `None` for what is absent.
fn hash(value: &Value<'_>) -> Option<u64> {
    let seeded = |bytes: &[u8], seed| Some(xxh3_64_with_seed(bytes, seed));
    match value {
        Value::Absent => None,
        Value::Truth(truth) => seeded(&[u8::from(*truth)], 0),
        Value::Number(number) => seeded(&number.to_le_bytes(), 1),
        Value::Moment(at) => seeded(&at.0.to_le_bytes(), 2),
        Value::Text(text) => seeded(text.as_bytes(), 3),
        Value::List(items) => Some(items.iter().fold(4, |seed, item| xxh3_64_with_seed(item.as_bytes(), seed))),
    }
}

/// Registers are stored as they are: what is counted from them along the way is counted anew.
mod registers {
    use std::hash::BuildHasherDefault;

    use serde::de::Error;
    use serde::{Deserialize, Deserializer, Serializer};

    use super::{PRECISION, Registers};

    pub(super) fn serialize<S: Serializer>(registers: &Registers, into: S) -> Result<S::Ok, S::Error> {
        into.serialize_bytes(registers.parts().0)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Box<Registers>, D::Error> {
        let bytes = Vec::<u8>::deserialize(from)?;
        if bytes.len() != 1 << PRECISION {
            return Err(D::Error::invalid_length(bytes.len(), &"16384 registers"));
        }
        let zeros = bytes.iter().filter(|register| **register == 0).count();
        let sum = bytes.iter().map(|register| 0.5_f64.powi(i32::from(*register))).sum();
        Ok(Box::new(Registers::from_parts(bytes.into(), BuildHasherDefault::default(), zeros, sum)))
    }
}
