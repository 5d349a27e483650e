//! Taking typed fields out of a JSON object, one by one; what is left at the end was unknown.

use serde_json::{Map, Value};

use super::field::FieldType;
use super::invalid::{Invalid, did_you_mean};

/// The fields of one event that have not been taken yet.
///
/// A field that is `null` counts as absent.
pub(crate) struct Fields {
    map: Map<String, Value>,
    asked: Vec<&'static str>,
}

impl Fields {
    /// Starts with all of an object's fields.
    pub(crate) fn new(mut map: Map<String, Value>) -> Self {
        map.retain(|_, value| !value.is_null());
        Self { map, asked: Vec::with_capacity(24) }
    }

    /// Takes the raw value.
    pub(crate) fn take_raw(&mut self, name: &'static str) -> Option<Value> {
        self.asked.push(name);
        self.map.remove(name)
    }

    /// Takes a typed value.
    pub(crate) fn take<T: FieldType>(&mut self, name: &'static str) -> Result<Option<T>, Invalid> {
        let Some(value) = self.take_raw(name) else { return Ok(None) };
        T::read(&value).map(Some).map_err(|(reason, help)| Invalid::new(name, reason, help))
    }

    /// Takes a typed value that must be there.
    pub(crate) fn require<T: FieldType>(&mut self, name: &'static str) -> Result<T, Invalid> {
        self.take(name)?.ok_or_else(|| missing(name, &T::SHAPE.describe()))
    }

    /// All that is left, for kinds that keep any field.
    pub(crate) fn take_rest(&mut self) -> Map<String, Value> {
        std::mem::take(&mut self.map)
    }

    /// Refuses what is left, with the nearest known name.
    pub(crate) fn finish(self) -> Result<(), Invalid> {
        match self.map.keys().next() {
            None => Ok(()),
            Some(name) => {
                let shown: String = name.chars().take(64).collect();
                Err(Invalid::new(shown, "is not a field of this kind", did_you_mean(name, &self.asked)))
            }
        }
    }
}

/// The refusal of an event without a field that it must have.
pub(crate) fn missing(name: &str, shape: &str) -> Invalid {
    Invalid::new(name, "is missing", format!("send {shape}"))
}
