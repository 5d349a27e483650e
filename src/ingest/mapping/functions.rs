//! The functions that a mapping has beside CEL's own, and how the interpreter calls them.

use std::borrow::Cow;
use std::sync::Arc;

use cel::extractors::Arguments;
use cel::{Context, DeclarationError, Env, ExecutionError, FunctionContext, Value, extensions};

use crate::event::Micros;

use super::failure::Failure;
use super::tables::Tables;
use super::text;

/// A function of a mapping.
#[derive(Clone, Copy, Debug)]
pub(super) struct Function {
    pub(super) name: &'static str,
    /// How many values it takes, at least and at most.
    pub(super) takes: (usize, usize),
    /// How it is called.
    pub(super) usage: &'static str,
}

/// All of them. What each does stands in the documentation of [`mapping`](super).
pub(super) const OWN: &[Function] = &[
    Function { name: "lookup", takes: (2, 3), usage: "lookup(\"table\", key) or lookup(\"table\", key, default)" },
    Function { name: "joined", takes: (3, 4), usage: "joined(\"table\", key, \"column\") or with a default behind" },
    Function { name: "local", takes: (1, 2), usage: "local(text) or local(text, \"%d/%m/%Y %H:%M\")" },
    Function { name: "before", takes: (2, 2), usage: "before(moment, moment)" },
    Function { name: "fold", takes: (1, 1), usage: "fold(text)" },
    Function { name: "trim", takes: (1, 1), usage: "trim(text)" },
    Function { name: "upper", takes: (1, 1), usage: "upper(text)" },
    Function { name: "lower", takes: (1, 1), usage: "lower(text)" },
    Function { name: "whole", takes: (1, 1), usage: "whole(text)" },
    Function { name: "number", takes: (1, 2), usage: "number(text) or number(text, \",\")" },
    Function { name: "blank", takes: (1, 1), usage: "blank(value)" },
    Function { name: "clip", takes: (2, 2), usage: "clip(text, bytes)" },
    Function { name: "hash", takes: (1, 9), usage: "hash(value, …)" },
];

/// CEL's own, as this release of the interpreter has them, and those of its extension for strings.
pub(super) const STANDARD: &[&str] = &[
    "size",
    "contains",
    "startsWith",
    "endsWith",
    "matches",
    "string",
    "int",
    "uint",
    "double",
    "bool",
    "bytes",
    "type",
    "dyn",
    "charAt",
    "indexOf",
    "lastIndexOf",
    "join",
    "lowerAscii",
    "upperAscii",
    "replace",
    "split",
    "substring",
    "format",
    "reverse",
];

/// The function of this name.
pub(super) fn own(name: &str) -> Option<&'static Function> {
    OWN.iter().find(|function| function.name == name)
}

/// The functions that take a text and give one, and need nothing else.
pub(super) fn of_text(name: &str) -> Option<fn(&str) -> Cow<'_, str>> {
    Some(match name {
        "fold" => text::fold,
        "trim" => text::trim,
        "upper" => text::upper,
        "lower" => text::lower,
        "whole" => text::whole,
        _ => return None,
    })
}

/// Whether a moment lies before another; a blank one lies before none.
pub(super) fn before(a: &str, b: &str) -> Result<bool, Failure> {
    let read = |text: &str| match text.trim() {
        "" => Ok(None),
        text => Micros::parse(text).map(Some).ok_or_else(|| {
            Failure::new("`before` was given a text that is no moment", "give it what local(…) gives, or RFC 3339")
        }),
    };
    Ok(matches!((read(a)?, read(b)?), (Some(a), Some(b)) if a < b))
}

/// Reads the number in a text; a blank one is none.
pub(super) fn number(text: &str, mark: &str) -> Result<Option<text::Number>, Failure> {
    let comma = match mark {
        "." => false,
        "," => true,
        _ => return Err(Failure::new("`number` knows no such decimal mark", "give it \".\" or \",\"")),
    };
    if text.trim().is_empty() {
        return Ok(None);
    }
    let none = || Failure::new("`number` was given a text that is no number", "correct the row, or test it before");
    text::number(text, comma).map(Some).ok_or_else(none)
}

/// BLAKE3 in its key-derivation mode over the texts, each behind its length (eight bytes, little-endian): 32 hexadecimal
/// digits.
pub(super) fn hash<'t>(base: &blake3::Hasher, texts: impl IntoIterator<Item = &'t str>) -> String {
    let mut hasher = base.clone();
    for text in texts {
        hasher.update(&(text.len() as u64).to_le_bytes());
        hasher.update(text.as_bytes());
    }
    let mut bytes = [0; 16];
    hasher.finalize_xof().fill(&mut bytes);
    crate::event::EventId(bytes).to_string()
}

/// The hasher of `hash(…)`.
pub(super) fn hasher() -> blake3::Hasher {
    blake3::Hasher::new_derive_key("novelo 2026 mapping hash v1")
}

/// The environment in which expressions are parsed and evaluated: CEL, its strings, and `trim(x)` beside `x.trim()`.
pub(super) fn environment() -> Result<Env, DeclarationError> {
    let mut env = Env::stdlib().with_optional_support(false);
    extensions::strings(&mut env)?;
    env.add_overload("trim", "novelo_trim", vec![cel::common::types::STRING_TYPE], |args| {
        let text = args.first().and_then(|arg| <&str>::try_from(arg.as_ref()).ok());
        let trimmed = text.map(|text| text.trim().to_owned()).unwrap_or_default();
        Ok(cel::common::value::CowVal::owned(cel::common::types::CelString::from(trimmed)))
    })?;
    Ok(env)
}

/// Gives a context the functions of this room.
pub(super) fn register(context: &mut Context<'_, '_>, tables: &Arc<Tables>) -> Result<(), DeclarationError> {
    for function in OWN.iter().filter(|function| function.name != "trim") {
        let tables = Arc::clone(tables);
        let call =
            move |ftx: &FunctionContext<'_, '_>, Arguments(arguments): Arguments| -> Result<Value, ExecutionError> {
                call(function, &tables, &arguments).map_err(|failure| failure.into_error(ftx.name))
            };
        context.add_function(function.name, call)?;
    }
    Ok(())
}

/// Calls a function with the interpreter's values.
fn call(function: &Function, tables: &Tables, arguments: &[Value]) -> Result<Value, Failure> {
    let wrong = || Failure::new(format!("`{}` was given a value of another type", function.name), function.usage);
    let text = |index: usize| match arguments.get(index) {
        Some(Value::String(text)) => Ok(text.as_str()),
        _ => Err(wrong()),
    };
    if let Some(of_text) = of_text(function.name) {
        return Ok(of_text(text(0)?).into_owned().into());
    }
    let default = |index: usize| if arguments.len() > index { text(index).map(Some) } else { Ok(None) };
    match function.name {
        "lookup" => Ok(tables.lookup(tables.lookup_named(text(0)?)?, text(1)?, default(2)?)?.to_owned().into()),
        "joined" => {
            let (table, column) = tables.join_named(text(0)?, text(2)?)?;
            Ok(tables.joined(table, text(1)?, column, default(3)?)?.to_owned().into())
        }
        "local" => match default(1)? {
            None => tables.clock.read(text(0)?).map(Into::into),
            Some(format) => tables.clock.read_as(text(0)?, format).map(Into::into),
        },
        "before" => Ok(before(text(0)?, text(1)?)?.into()),
        "number" => Ok(match number(text(0)?, default(1)?.unwrap_or("."))? {
            None => Value::Null,
            Some(text::Number::Whole(n)) => n.into(),
            Some(text::Number::Fraction(n)) => n.into(),
        }),
        "blank" => Ok(match arguments.first() {
            Some(Value::Null) => true,
            Some(Value::String(text)) => text.trim().is_empty(),
            _ => false,
        }
        .into()),
        "clip" => match arguments.get(1) {
            Some(Value::Int(bytes)) => Ok(text::clip(text(0)?, usize::try_from(*bytes).unwrap_or(0)).to_owned().into()),
            _ => Err(wrong()),
        },
        "hash" => {
            let texts: Option<Vec<String>> = arguments.iter().map(scalar_text).collect();
            Ok(hash(&tables.hasher, texts.ok_or_else(wrong)?.iter().map(String::as_str)).into())
        }
        _ => Err(wrong()),
    }
}

/// The text of a text, a number or a truth value.
fn scalar_text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.to_string()),
        Value::Int(n) => Some(n.to_string()),
        Value::UInt(n) => Some(n.to_string()),
        Value::Float(n) => Some(n.to_string()),
        Value::Bool(truth) => Some(truth.to_string()),
        Value::Null => Some(String::new()),
        Value::List(_)
        | Value::Map(_)
        | Value::Function(..)
        | Value::Bytes(_)
        | Value::Opaque(_)
        | Value::Struct(_) => None,
    }
}
