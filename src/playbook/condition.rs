//! A condition over a situation.

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::Arc;

use cel::common::ast::{EntryExpr, Expr};
use cel::{Context, Env, ExecutionError, IdedExpr, Value};

use super::situation::{Values, samples};
use crate::event::did_you_mean;

/// Most bytes of a condition. Reading one calls itself as deep as it is nested.
const LONGEST_BYTES: usize = 1_024;

/// The functions of CEL that conditions may call.
const FUNCTIONS: &[&str] =
    &["size", "contains", "startsWith", "endsWith", "matches", "string", "int", "double", "lowerAscii"];

/// What is wrong with a condition, and what to do.
pub(super) type Fault = (String, Cow<'static, str>);

/// A condition that was read and found right.
pub(super) struct Condition(IdedExpr);

/// The values as conditions name them. They are made once for all conditions that are tried.
pub(super) fn scope(env: &Arc<Env>, values: &Values) -> Context<'static, 'static> {
    let mut context = Context::with_env(env.clone());
    for (group, members) in values {
        let members: HashMap<String, Value> =
            members.iter().map(|(name, is)| ((*name).to_owned(), is.to_value())).collect();
        context.add_variable_from_value(*group, members);
    }
    context
}

impl std::fmt::Debug for Condition {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Condition")
    }
}

impl Condition {
    /// Reads a condition: its names must be there, and it must give a truth value of the samples.
    pub(super) fn read(text: &str, env: &Arc<Env>) -> Result<Self, Vec<Fault>> {
        if text.len() > LONGEST_BYTES {
            return Err(vec![(
                format!("is longer than {LONGEST_BYTES} bytes"),
                "make several pieces of advice of it".into(),
            )]);
        }
        let program = env.compile(text).map_err(|errors| {
            let shown = |message: &str| message.lines().next().unwrap_or_default().to_owned();
            let help = "see the CEL language definition; texts stand in double quotes inside the expression";
            errors
                .errors
                .iter()
                .map(|e| (format!("is no expression: {}", shown(&e.msg)), help.into()))
                .collect::<Vec<_>>()
        })?;
        let condition = Self(program.expression().clone());
        let samples = samples();
        let mut faults = Vec::new();
        check(&condition.0, &samples[0], &mut faults);
        if faults.is_empty() {
            faults.extend(samples.iter().find_map(|values| condition.holds(&scope(env, values)).err()));
        }
        if faults.is_empty() { Ok(condition) } else { Err(faults) }
    }

    /// Whether it holds.
    pub(super) fn holds(&self, scope: &Context<'_, '_>) -> Result<bool, Fault> {
        match Value::resolve(&self.0, scope) {
            Ok(Value::Bool(holds)) => Ok(holds),
            Ok(_) => Err(("gives no truth value".into(), "compare: cases.open > 0".into())),
            Err(ExecutionError::DivisionByZero(_) | ExecutionError::RemainderByZero(_)) => Err((
                "cannot be evaluated: it divides by zero, which a value of a situation may be".into(),
                "ask first whether there is any: cases.open > 0 && cases.complaints / cases.open > 1".into(),
            )),
            Err(_) => Err((
                "cannot be evaluated: its values are of other types than it takes".into(),
                "compare whole numbers with 1, fractions with 1.0, texts with \"x\"; look for one of a list with `in`"
                    .into(),
            )),
        }
    }
}

/// The names of a situation, as they are written.
pub(super) fn names(values: &Values) -> Vec<String> {
    values.iter().flat_map(|(group, members)| members.keys().map(move |name| format!("{group}.{name}"))).collect()
}

/// The name that an unknown one may mean.
pub(super) fn unknown(name: &str, values: &Values) -> Fault {
    let known = names(values);
    let known: Vec<&str> = known.iter().map(String::as_str).collect();
    (format!("`{name}` is not known here"), did_you_mean(name, &known))
}

fn check(expression: &IdedExpr, values: &Values, faults: &mut Vec<Fault>) {
    match &expression.expr {
        Expr::Unspecified | Expr::Literal(_) => {}
        Expr::Ident(name) => faults.push(match values.get(name.as_str()) {
            Some(members) => {
                let first = members.keys().next().copied().unwrap_or_default();
                (format!("uses `{name}` as a whole"), format!("name a value of it, such as {name}.{first}").into())
            }
            None => unknown(name, values),
        }),
        Expr::Select(select) => {
            let Expr::Ident(group) = &select.operand.expr else { return check(&select.operand, values, faults) };
            if !values.get(group.as_str()).is_some_and(|of| of.contains_key(select.field.as_str())) {
                faults.push(unknown(&format!("{group}.{}", select.field), values));
            }
        }
        Expr::Call(call) => {
            let operator = call.func_name.starts_with(['_', '!', '-', '@']);
            if !operator && !FUNCTIONS.contains(&call.func_name.as_str()) {
                let reason = format!("there is no function `{}`", call.func_name);
                faults.push((reason, did_you_mean(&call.func_name, FUNCTIONS)));
            }
            let parts = call.target.iter().map(|target| &**target).chain(&call.args);
            parts.for_each(|part| check(part, values, faults));
        }
        Expr::List(list) => list.elements.iter().for_each(|part| check(part, values, faults)),
        Expr::Map(map) => {
            for entry in &map.entries {
                if let EntryExpr::MapEntry(entry) = &entry.expr {
                    check(&entry.key, values, faults);
                    check(&entry.value, values, faults);
                }
            }
        }
        Expr::Struct(_) | Expr::Comprehension(_) => faults.push((
            "goes through a list, or makes a structure".into(),
            "look for one of a list with `in`, and count with size(…)".into(),
        )),
    }
}
