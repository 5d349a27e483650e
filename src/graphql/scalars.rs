//! Scalars: positions, moments and channels.

use async_graphql::{InputValueError, InputValueResult, Scalar, ScalarType, Value};

use crate::event::{Channel, Micros, Position};

const POSITION: &str = "a position is a whole number, as a string";
const MOMENT: &str = "a moment is written as 2026-01-05T13:07:41Z";

/// How a value of a scalar is written, by the scalar's name in the schema.
pub(super) fn how_to_write(scalar: &str) -> Option<&'static str> {
    match scalar.trim_end_matches('!') {
        "Position" => Some(POSITION),
        "DateTime" => Some(MOMENT),
        _ => None,
    }
}

/// Whether a text is a `Position`.
pub(super) fn is_position(text: &str) -> bool {
    text.parse::<Position>().is_ok()
}

/// Whether a text is a `DateTime`.
pub(super) fn is_moment(text: &str) -> bool {
    Micros::parse(text).is_some()
}

/// A log position, a 64-bit number sent as a string.
#[derive(Clone, Copy, Debug)]
pub struct PositionScalar(pub Position);

/// A log position, a 64-bit number sent as a string.
#[Scalar(name = "Position")]
impl ScalarType for PositionScalar {
    fn parse(value: Value) -> InputValueResult<Self> {
        let position = match &value {
            Value::String(text) => text.parse().ok(),
            Value::Number(number) => number.as_u64().map(Position),
            Value::Null | Value::Boolean(_) | Value::Binary(_) | Value::Enum(_) | Value::List(_) | Value::Object(_) => {
                return Err(InputValueError::expected_type(value));
            }
        };
        position.map(Self).ok_or_else(|| InputValueError::custom(POSITION))
    }

    fn is_valid(value: &Value) -> bool {
        Self::parse(value.clone()).is_ok()
    }

    fn to_value(&self) -> Value {
        Value::String(self.0.to_string())
    }
}

/// A moment in RFC 3339, UTC.
#[derive(Clone, Copy, Debug)]
pub struct DateTime(pub Micros);

/// A moment in RFC 3339, UTC.
#[Scalar(name = "DateTime", specified_by_url = "https://scalars.graphql.org/andimarek/date-time.html")]
impl ScalarType for DateTime {
    fn parse(value: Value) -> InputValueResult<Self> {
        let Value::String(text) = &value else { return Err(InputValueError::expected_type(value)) };
        let at = Micros::parse(text);
        at.map(Self).ok_or_else(|| InputValueError::custom(MOMENT))
    }

    fn is_valid(value: &Value) -> bool {
        Self::parse(value.clone()).is_ok()
    }

    fn to_value(&self) -> Value {
        Value::String(self.0.to_string())
    }
}

/// A channel by its wire name, such as `voice` or `social(instagram)`; open for new ones.
#[derive(Clone, Debug)]
pub struct ChannelScalar(pub Channel);

/// A channel by its wire name, such as `voice` or `social(instagram)`; open for new ones.
#[Scalar(name = "Channel")]
impl ScalarType for ChannelScalar {
    fn parse(value: Value) -> InputValueResult<Self> {
        let text = match &value {
            Value::String(text) => text.clone(),
            Value::Enum(name) => name.to_string(),
            Value::Null
            | Value::Number(_)
            | Value::Boolean(_)
            | Value::Binary(_)
            | Value::List(_)
            | Value::Object(_) => {
                return Err(InputValueError::expected_type(value));
            }
        };
        text.parse().map(Self).map_err(|problem| InputValueError::custom(format!("the channel {problem}")))
    }

    fn to_value(&self) -> Value {
        Value::String(self.0.to_string())
    }
}

impl From<Micros> for DateTime {
    fn from(at: Micros) -> Self {
        Self(at)
    }
}

impl From<Position> for PositionScalar {
    fn from(position: Position) -> Self {
        Self(position)
    }
}

impl From<Channel> for ChannelScalar {
    fn from(channel: Channel) -> Self {
        Self(channel)
    }
}

impl From<&Channel> for ChannelScalar {
    fn from(channel: &Channel) -> Self {
        Self(channel.clone())
    }
}
