//! The functions of expressions. Those on moments have the names of CEL, and take the zone of the analysis.

use crate::tally::value::Type;

/// A function.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Function {
    Contains,
    StartsWith,
    EndsWith,
    Lower,
    Size,
    Year,
    Month,
    DayOfMonth,
    DayOfWeek,
    Hours,
    Minutes,
    Date,
}

/// What a function takes and gives. The first value stands before the dot.
pub(super) struct Signature {
    pub(super) name: &'static str,
    pub(super) function: Function,
    pub(super) takes: &'static [Type],
    pub(super) gives: Type,
    pub(super) usage: &'static str,
}

const TEXT: Type = Type::Text(None);

pub(super) const FUNCTIONS: &[Signature] = &[
    Signature {
        name: "contains",
        function: Function::Contains,
        takes: &[TEXT, TEXT],
        gives: Type::Truth,
        usage: "topic.contains(\"delivery\")",
    },
    Signature {
        name: "startsWith",
        function: Function::StartsWith,
        takes: &[TEXT, TEXT],
        gives: Type::Truth,
        usage: "path.startsWith(\"2\")",
    },
    Signature {
        name: "endsWith",
        function: Function::EndsWith,
        takes: &[TEXT, TEXT],
        gives: Type::Truth,
        usage: "name.endsWith(\".paid\")",
    },
    Signature {
        name: "lowerAscii",
        function: Function::Lower,
        takes: &[TEXT],
        gives: TEXT,
        usage: "topic.lowerAscii()",
    },
    Signature { name: "size", function: Function::Size, takes: &[TEXT], gives: Type::Number, usage: "size(topic)" },
    Signature {
        name: "getFullYear",
        function: Function::Year,
        takes: &[Type::Moment],
        gives: Type::Number,
        usage: "occurred_at.getFullYear()",
    },
    Signature {
        name: "getMonth",
        function: Function::Month,
        takes: &[Type::Moment],
        gives: Type::Number,
        usage: "occurred_at.getMonth(), from 0 as CEL has it",
    },
    Signature {
        name: "getDayOfMonth",
        function: Function::DayOfMonth,
        takes: &[Type::Moment],
        gives: Type::Number,
        usage: "occurred_at.getDayOfMonth(), from 0 as CEL has it",
    },
    Signature {
        name: "getDayOfWeek",
        function: Function::DayOfWeek,
        takes: &[Type::Moment],
        gives: Type::Number,
        usage: "occurred_at.getDayOfWeek(), 0 is Sunday",
    },
    Signature {
        name: "getHours",
        function: Function::Hours,
        takes: &[Type::Moment],
        gives: Type::Number,
        usage: "occurred_at.getHours()",
    },
    Signature {
        name: "getMinutes",
        function: Function::Minutes,
        takes: &[Type::Moment],
        gives: Type::Number,
        usage: "occurred_at.getMinutes()",
    },
    Signature {
        name: "date",
        function: Function::Date,
        takes: &[Type::Moment],
        gives: TEXT,
        usage: "date(occurred_at), such as 2026-01-05",
    },
];
