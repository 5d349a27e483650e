//! An expression that could not be evaluated for a row.

use std::borrow::Cow;

use cel::ExecutionError;

/// Why, and what to do. Holds no value of the row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Failure {
    /// What went wrong.
    pub(super) reason: String,
    /// What to do.
    pub(super) help: Cow<'static, str>,
}

impl Failure {
    /// Names the reason and the way out.
    pub(super) fn new(reason: impl Into<String>, help: impl Into<Cow<'static, str>>) -> Self {
        Self { reason: reason.into(), help: help.into() }
    }

    /// The form in which a function of this room hands its failure through the interpreter.
    pub(super) fn into_error(self, function: &str) -> ExecutionError {
        ExecutionError::function_error(&format!("{OWN}{function}"), format!("{}\n{}", self.reason, self.help))
    }
}

/// Marks the functions of this room in the interpreter's errors: their messages hold no value.
const OWN: &str = "novelo.";

/// The interpreter's errors in words of our own, because its words repeat the values.
impl From<ExecutionError> for Failure {
    #[expect(
        clippy::wildcard_enum_match_arm,
        reason = "the interpreter may add errors; what is not told apart is one of types"
    )]
    fn from(error: ExecutionError) -> Self {
        let types = "convert it, or test it first: number(row.x), string(n), blank(row.x)";
        match error {
            ExecutionError::FunctionError { function, message } if function.starts_with(OWN) => {
                let (reason, help) = message.split_once('\n').unwrap_or((&message, "correct the row"));
                Self::new(reason, help.to_owned())
            }
            ExecutionError::FunctionError { function, .. } => {
                Self::new(format!("`{function}` cannot take this value"), "test the value before, or correct the row")
            }
            ExecutionError::NoSuchOverload(overload) => Self::new(
                format!("`{}` does not take {}", overload.function(), overload.argument_types().join(", ")),
                types,
            ),
            ExecutionError::UndeclaredReference(name) => {
                Self::new(format!("`{name}` is not known here"), "correct the name")
            }
            ExecutionError::NoSuchKey(key) => Self::new(format!("there is no `{key}` in it"), "correct the name"),
            ExecutionError::InvalidArgumentCount { expected, actual } => {
                Self::new(format!("a function takes {expected} values and was given {actual}"), "correct the call")
            }
            ExecutionError::DivisionByZero(_) | ExecutionError::RemainderByZero(_) => {
                Self::new("divides by zero", "test the value before")
            }
            ExecutionError::Overflow(..) => Self::new("is beyond 64 bits", "use smaller numbers"),
            ExecutionError::IndexOutOfBounds(_) => {
                Self::new("asks for an item that the list does not have", "test its size before")
            }
            _ => Self::new("a value is not of the type that is needed there", types),
        }
    }
}

#[cfg(test)]
mod tests {
    use cel::Value;

    use super::*;

    #[test]
    fn a_failure_goes_through_the_interpreter_and_back() {
        let failure = Failure::new("the table `channel` has no entry", "add it");
        assert_eq!(Failure::from(failure.clone().into_error("lookup")), failure);
    }

    #[test]
    fn no_failure_repeats_a_value() {
        let canary = || Value::from("CANARY".to_owned());
        let errors = [
            ExecutionError::unsupported_target_type(canary()),
            ExecutionError::UnexpectedType { got: "CANARY".into(), want: "i64".into() },
            ExecutionError::UnsupportedBinaryOperator("add", canary(), canary()),
            ExecutionError::ValuesNotComparable(canary(), canary()),
            ExecutionError::function_error("int", "CANARY is no int"),
            ExecutionError::DivisionByZero(canary()),
        ];
        for error in errors {
            assert!(!format!("{:?}", Failure::from(error)).contains("CANARY"));
        }
    }
}
