//! Expressions of every shape, by the interpreter.

use std::collections::HashMap;
use std::sync::Arc;

use cel::{Context, Env, Program};

use super::datum::Datum;
use super::failure::Failure;
use super::functions;
use super::quick::Scope;
use super::tables::Tables;

/// The interpreter with the functions of a mapping.
pub(super) struct Interpreter {
    base: Context<'static, 'static>,
}

impl Interpreter {
    /// The interpreter over these tables.
    pub(super) fn new(env: &Arc<Env>, tables: &Arc<Tables>) -> Result<Self, Failure> {
        let mut base = Context::with_env(Arc::clone(env));
        functions::register(&mut base, tables)
            .map_err(|problem| Failure::new(format!("{problem:?}"), "this is a mistake of the program"))?;
        Ok(Self { base })
    }

    /// Evaluates a program for a row. `columns` and `lets` are the names of what the scope has.
    pub(super) fn evaluate(
        &self,
        program: &Program,
        scope: &Scope<'_>,
        columns: &[String],
        lets: &[String],
    ) -> Result<Datum<'static>, Failure> {
        let mut context = self.base.new_inner_scope();
        let row: HashMap<String, String> =
            columns.iter().cloned().zip(scope.columns.iter().map(|text| text.to_string())).collect();
        context.add_variable_from_value("row", row);
        context.add_variable_from_value("row_id", scope.row_id.to_owned());
        for (name, value) in lets.iter().zip(scope.lets) {
            let value = value.as_ref().and_then(Datum::to_value);
            if let Some(value) = value {
                context.add_variable_from_value(name.clone(), value);
            }
        }
        Datum::from_value(program.execute(&context)?)
    }
}
