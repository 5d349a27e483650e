//! The types that clear fields may have: how each is read from JSON, shown as JSON, and laid down as a scalar.

use std::borrow::Cow;
use std::fmt;

use serde_json::Value;

use super::actor::Direction;
use super::channel::Channel;
use super::ids::EventId;
use super::invalid::did_you_mean;
use super::limits::LIST_ITEMS;
use super::names::{self, Label, MenuPath, NotAName, Word};
use super::time::{Micros, Millis};
use super::words::{CampaignStep, ChannelChoice, ConsentState, Demand, Evidence, Feedback, Outcome};

/// What a stored clear field holds. The codec lays these down; nothing else is ever stored in the clear part. Texts are those of the
/// field that is laid down, or of the record that is read.
#[derive(Clone, Debug, PartialEq)]
pub enum Scalar<'a> {
    /// Yes or no.
    Bool(bool),
    /// A whole number that is never negative: a count, a span, a code.
    Unsigned(u64),
    /// A whole number: a moment, an amount.
    Signed(i64),
    /// A number with a fraction.
    Float(f64),
    /// A short text.
    Text(Cow<'a, str>),
    /// Several short texts.
    List(Vec<&'a str>),
}

/// What a field says, for comparing and counting: spans in milliseconds, amounts in units of their currency.
#[derive(Clone, Debug, PartialEq)]
pub enum View<'a> {
    /// Yes or no.
    Truth(bool),
    /// A number.
    Number(f64),
    /// A moment.
    Moment(Micros),
    /// A text.
    Text(Cow<'a, str>),
    /// Several texts.
    List(&'a [Label]),
}

/// What a field takes, for error messages, for documentation and for the types of expressions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// `true` or `false`.
    Bool,
    /// A whole number from 0.
    Count,
    /// Milliseconds, a whole number from 0.
    Millis,
    /// A number.
    Number,
    /// An amount of money with at most four decimals.
    Amount,
    /// A moment in RFC 3339.
    Moment,
    /// A short text.
    Text,
    /// One of these words.
    OneOf(&'static [&'static str]),
    /// A channel's wire name.
    Channel,
    /// A list of short texts.
    List,
    /// The id of an event.
    Event,
}

impl Shape {
    /// The shape in words: `milliseconds, a whole number from 0`.
    #[must_use]
    pub fn describe(self) -> String {
        match self {
            Self::Bool => "true or false".into(),
            Self::Count => "a whole number from 0".into(),
            Self::Millis => "milliseconds, a whole number from 0".into(),
            Self::Number => "a number".into(),
            Self::Amount => "an amount with at most four decimals, as a number or a text".into(),
            Self::Moment => "a moment such as 2026-01-05T13:07:41Z".into(),
            Self::Text => "a short text".into(),
            Self::OneOf(words) => format!("one of: {}", words.join(", ")),
            Self::Channel => "a channel such as voice, email or social(instagram)".into(),
            Self::List => "a list of short texts".into(),
            Self::Event => {
                "the id of an event, 32 hexadecimal digits: an export and `eventId` in GraphQL have it".into()
            }
        }
    }
}

/// Why a value does not fit a field: the reason and the help.
pub(crate) type Misfit = (String, String);

/// The type of a clear field.
pub(crate) trait FieldType: Sized {
    /// What it takes.
    const SHAPE: Shape;
    /// Reads the JSON form.
    fn read(value: &Value) -> Result<Self, Misfit>;
    /// The JSON form.
    fn show(&self) -> Value;
    /// What it says.
    fn view(&self) -> View<'_>;
    /// The stored form.
    fn to_scalar(&self) -> Scalar<'_>;
    /// Reads the stored form; `None` when it is not one of this type.
    fn from_scalar(scalar: &Scalar<'_>) -> Option<Self>;
}

/// The misfit of a value of the wrong JSON type. Says the type, never the value.
pub(crate) fn wrong_type(value: &Value, shape: Shape) -> Misfit {
    let found = match value {
        Value::Null => "null",
        Value::Bool(_) => "true or false",
        Value::Number(_) => "a number",
        Value::String(_) => "a text",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    };
    (format!("is {found}"), format!("send {}", shape.describe()))
}

/// The misfit of a text that is no name.
fn not_a_name(problem: &NotAName, shape: Shape) -> Misfit {
    (problem.to_string(), format!("send {}", shape.describe()))
}

impl FieldType for bool {
    const SHAPE: Shape = Shape::Bool;

    fn read(value: &Value) -> Result<Self, Misfit> {
        value.as_bool().ok_or_else(|| wrong_type(value, Self::SHAPE))
    }

    fn show(&self) -> Value {
        Value::Bool(*self)
    }

    fn view(&self) -> View<'_> {
        View::Truth(*self)
    }

    fn to_scalar(&self) -> Scalar<'_> {
        Scalar::Bool(*self)
    }

    fn from_scalar(scalar: &Scalar<'_>) -> Option<Self> {
        if let Scalar::Bool(value) = scalar { Some(*value) } else { None }
    }
}

/// Reads a whole number from 0; a number that is none gets a misfit of its own.
fn read_unsigned(value: &Value, shape: Shape) -> Result<u64, Misfit> {
    match value {
        Value::Number(number) => number
            .as_u64()
            .or_else(|| number.as_f64().filter(|n| n.fract() == 0.0 && (0.0..9e15).contains(n)).map(|n| n as u64))
            .ok_or_else(|| (format!("is {number}"), format!("send {}", shape.describe()))),
        Value::Null | Value::Bool(_) | Value::String(_) | Value::Array(_) | Value::Object(_) => {
            Err(wrong_type(value, shape))
        }
    }
}

macro_rules! unsigned_field {
    ($type:ty, $shape:expr, $new:expr, $get:expr) => {
        impl FieldType for $type {
            const SHAPE: Shape = $shape;

            fn read(value: &Value) -> Result<Self, Misfit> {
                read_unsigned(value, Self::SHAPE).map($new)
            }

            fn show(&self) -> Value {
                $get(self).into()
            }

            fn view(&self) -> View<'_> {
                View::Number($get(self) as f64)
            }

            fn to_scalar(&self) -> Scalar<'_> {
                Scalar::Unsigned($get(self))
            }

            fn from_scalar(scalar: &Scalar<'_>) -> Option<Self> {
                if let Scalar::Unsigned(value) = scalar { Some($new(*value)) } else { None }
            }
        }
    };
}

unsigned_field!(u64, Shape::Count, |n: u64| n, |n: &u64| *n);
unsigned_field!(Millis, Shape::Millis, Millis, |span: &Millis| span.0);

/// A number that is finite: a survey's score, the ends of its scale.
impl FieldType for f64 {
    const SHAPE: Shape = Shape::Number;

    fn read(value: &Value) -> Result<Self, Misfit> {
        value.as_f64().filter(|n| n.is_finite()).ok_or_else(|| wrong_type(value, Self::SHAPE))
    }

    fn show(&self) -> Value {
        (*self).into()
    }

    fn view(&self) -> View<'_> {
        View::Number(*self)
    }

    fn to_scalar(&self) -> Scalar<'_> {
        Scalar::Float(*self)
    }

    fn from_scalar(scalar: &Scalar<'_>) -> Option<Self> {
        if let Scalar::Float(value) = scalar { Some(*value) } else { None }
    }
}

/// An amount of money in ten-thousandths of its currency's unit, so that sums are exact.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Amount(pub i64);

impl Amount {
    /// How many of these make one unit of the currency.
    pub const PER_UNIT: i64 = 10_000;

    /// Reads decimals: `128.45`, `-3`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (negative, digits) = match text.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, text),
        };
        let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
        let fraction = fraction.trim_end_matches('0');
        if whole.is_empty() || fraction.len() > 4 || !whole.bytes().chain(fraction.bytes()).all(|b| b.is_ascii_digit())
        {
            return None;
        }
        let units: i64 = whole.parse().ok()?;
        let parts: i64 = format!("{fraction:0<4}").parse().ok()?;
        let total = units.checked_mul(Self::PER_UNIT)?.checked_add(parts)?;
        Some(Self(if negative { -total } else { total }))
    }

    /// The amount in units of the currency.
    #[must_use]
    pub fn units(self) -> f64 {
        self.0 as f64 / Self::PER_UNIT as f64
    }
}

/// Decimals, all four of them: `128.4500`.
impl fmt::Display for Amount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (size, unit) = (self.0.unsigned_abs(), Self::PER_UNIT.unsigned_abs());
        write!(f, "{}{}.{:04}", if self.0 < 0 { "-" } else { "" }, size / unit, size % unit)
    }
}

impl FieldType for Amount {
    const SHAPE: Shape = Shape::Amount;

    fn read(value: &Value) -> Result<Self, Misfit> {
        let text = match value {
            Value::Number(number) => number.to_string(),
            Value::String(text) => text.trim().to_owned(),
            Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => {
                return Err(wrong_type(value, Self::SHAPE));
            }
        };
        Self::parse(&text).ok_or_else(|| ("is no such amount".into(), format!("send {}", Self::SHAPE.describe())))
    }

    /// A number where that is exact, else a text: beyond some 900,000 million units a number loses decimals.
    fn show(&self) -> Value {
        let number = Value::from(self.units());
        match Self::read(&number) {
            Ok(same) if same == *self => number,
            Ok(_) | Err(_) => self.to_string().into(),
        }
    }

    fn view(&self) -> View<'_> {
        View::Number(self.units())
    }

    fn to_scalar(&self) -> Scalar<'_> {
        Scalar::Signed(self.0)
    }

    fn from_scalar(scalar: &Scalar<'_>) -> Option<Self> {
        if let Scalar::Signed(value) = scalar { Some(Self(*value)) } else { None }
    }
}

impl FieldType for Micros {
    const SHAPE: Shape = Shape::Moment;

    fn read(value: &Value) -> Result<Self, Misfit> {
        let text = value.as_str().ok_or_else(|| wrong_type(value, Self::SHAPE))?;
        Self::parse(text).ok_or_else(|| ("is no moment in RFC 3339".into(), format!("send {}", Self::SHAPE.describe())))
    }

    fn show(&self) -> Value {
        self.to_string().into()
    }

    fn view(&self) -> View<'_> {
        View::Moment(*self)
    }

    fn to_scalar(&self) -> Scalar<'_> {
        Scalar::Signed(self.0)
    }

    fn from_scalar(scalar: &Scalar<'_>) -> Option<Self> {
        if let Scalar::Signed(value) = scalar { Some(Self(*value)) } else { None }
    }
}

/// Another event, by its id: 32 hexadecimal digits, also as an export writes them, behind `novelo:`.
impl FieldType for EventId {
    const SHAPE: Shape = Shape::Event;

    fn read(value: &Value) -> Result<Self, Misfit> {
        let text = value.as_str().ok_or_else(|| wrong_type(value, Self::SHAPE))?.trim();
        let misfit = || ("is no id of an event".into(), format!("send {}", Self::SHAPE.describe()));
        Self::from_hex(text.strip_prefix("novelo:").unwrap_or(text)).ok_or_else(misfit)
    }

    fn show(&self) -> Value {
        self.to_string().into()
    }

    fn view(&self) -> View<'_> {
        View::Text(self.to_string().into())
    }

    fn to_scalar(&self) -> Scalar<'_> {
        Scalar::Text(self.to_string().into())
    }

    fn from_scalar(scalar: &Scalar<'_>) -> Option<Self> {
        if let Scalar::Text(text) = scalar { Self::from_hex(text) } else { None }
    }
}

macro_rules! text_field {
    ($type:ty, $shape:expr, $parse:expr, $view:expr) => {
        impl FieldType for $type {
            const SHAPE: Shape = $shape;

            fn read(value: &Value) -> Result<Self, Misfit> {
                let text = value.as_str().ok_or_else(|| wrong_type(value, Self::SHAPE))?;
                names::read(text, $parse).map_err(|problem| not_a_name(&problem, Self::SHAPE))
            }

            fn show(&self) -> Value {
                self.to_string().into()
            }

            fn view(&self) -> View<'_> {
                View::Text($view(self).into())
            }

            fn to_scalar(&self) -> Scalar<'_> {
                Scalar::Text($view(self).into())
            }

            fn from_scalar(scalar: &Scalar<'_>) -> Option<Self> {
                if let Scalar::Text(text) = scalar { $parse(text).ok() } else { None }
            }
        }
    };
}

text_field!(Label, Shape::Text, Label::new, Label::as_str);
text_field!(MenuPath, Shape::Text, MenuPath::new, MenuPath::as_str);
text_field!(Word, Shape::Text, Word::new, Word::as_str);
text_field!(Channel, Shape::Channel, |text: &str| text.parse::<Channel>(), channel_text);

/// A channel's wire name.
#[must_use]
pub fn channel_text(channel: &Channel) -> Cow<'_, str> {
    channel.plain().map_or_else(|| Cow::Owned(channel.to_string()), Cow::Borrowed)
}

macro_rules! word_field {
    ($($type:ty),*) => {$(
        impl FieldType for $type {
            const SHAPE: Shape = Shape::OneOf(<$type>::WORDS);

            fn read(value: &Value) -> Result<Self, Misfit> {
                let text = value.as_str().ok_or_else(|| wrong_type(value, Self::SHAPE))?;
                let word = text.trim().to_lowercase();
                Self::from_word(&word).ok_or_else(|| {
                    let shown: String = word.chars().take(32).collect();
                    (format!("is `{shown}`"), did_you_mean(&word, <$type>::WORDS).into_owned())
                })
            }

            fn show(&self) -> Value {
                self.word().into()
            }

            fn view(&self) -> View<'_> {
                View::Text(Cow::Borrowed(self.word()))
            }

            fn to_scalar(&self) -> Scalar<'_> {
                Scalar::Unsigned(self.code().into())
            }

            fn from_scalar(scalar: &Scalar<'_>) -> Option<Self> {
                if let Scalar::Unsigned(code) = scalar { Self::from_code(u8::try_from(*code).ok()?) } else { None }
            }
        }
    )*};
}

word_field!(ChannelChoice, Outcome, Demand, Feedback, CampaignStep, ConsentState, Evidence, Direction);

impl FieldType for Vec<Label> {
    const SHAPE: Shape = Shape::List;

    fn read(value: &Value) -> Result<Self, Misfit> {
        let items = value.as_array().ok_or_else(|| wrong_type(value, Self::SHAPE))?;
        if items.len() > LIST_ITEMS {
            return Err((format!("has {} items, the limit is {LIST_ITEMS}", items.len()), "send fewer".into()));
        }
        items.iter().map(Label::read).collect()
    }

    fn show(&self) -> Value {
        self.iter().map(|item| Value::from(item.as_str())).collect()
    }

    fn view(&self) -> View<'_> {
        View::List(self)
    }

    fn to_scalar(&self) -> Scalar<'_> {
        Scalar::List(self.iter().map(Label::as_str).collect())
    }

    fn from_scalar(scalar: &Scalar<'_>) -> Option<Self> {
        if let Scalar::List(items) = scalar { items.iter().map(|item| Label::new(item).ok()).collect() } else { None }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn amounts_are_exact() {
        assert_eq!(Amount::parse("128.45"), Some(Amount(1_284_500)));
        assert_eq!(Amount::parse("-0.0001"), Some(Amount(-1)));
        assert_eq!(Amount::parse("5.10000"), Some(Amount(51_000)));
        assert_eq!(Amount::parse("1.23456"), None);
        assert_eq!(Amount::parse("1e3"), None);
        assert_eq!(Amount::read(&json!(0.1)).unwrap(), Amount(1_000));
    }

    #[test]
    fn an_amount_is_shown_as_a_number_where_that_is_exact() {
        assert_eq!(Amount(-1_284_500).show(), json!(-128.45));
        assert_eq!(Amount(1).show(), json!(0.0001));
        assert_eq!(Amount(1_993_763_509_708_535_679).show(), json!("199376350970853.5679"));
        assert_eq!(Amount(-90_000_000_000_000_001).show(), json!("-9000000000000.0001"));
    }

    #[test]
    fn a_misfit_says_the_type_and_never_the_value() {
        let (reason, help) = Millis::read(&json!("forty")).unwrap_err();
        assert_eq!(reason, "is a text");
        assert_eq!(help, "send milliseconds, a whole number from 0");
        assert_eq!(Millis::read(&json!(-4)).unwrap_err().0, "is -4");
        assert_eq!(Millis::read(&json!(42.0)).unwrap(), Millis(42));
    }

    #[test]
    fn a_text_of_invisible_characters_is_empty_when_it_comes_and_is_read_when_it_is_stored() {
        for blank in ["", " ", "\u{200B}\u{FEFF}"] {
            assert_eq!(Label::read(&json!(blank)).unwrap_err().0, "is empty", "{blank:?}");
        }
        let stored = Scalar::Text("\u{200B}".into());
        assert_eq!(Label::from_scalar(&stored).unwrap().as_str(), "\u{200B}");
    }

    #[test]
    fn a_wrong_word_is_answered_with_the_nearest() {
        assert_eq!(Feedback::read(&json!("complaints")).unwrap_err().1, "did you mean `complaint`?");
        assert_eq!(Feedback::read(&json!("Praise")).unwrap(), Feedback::Praise);
    }
}
