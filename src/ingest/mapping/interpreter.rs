//! Expressions of every shape, by the interpreter.

use std::collections::HashMap;
use std::sync::Arc;

use cel::{Context, Env, IdedExpr, Value};

use super::datum::Datum;
use super::failure::Failure;
use super::functions;
use super::meter::Meter;
use super::quick::Scope;
use super::tables::Tables;

/// The interpreter with the functions of a mapping.
pub(super) struct Interpreter {
    base: Context<'static, 'static>,
    meter: Arc<Meter>,
}

impl Interpreter {
    /// The interpreter over these tables.
    pub(super) fn new(env: &Arc<Env>, tables: &Arc<Tables>) -> Result<Self, Failure> {
        let mut base = Context::with_env(Arc::clone(env));
        let meter = Arc::new(Meter::default());
        functions::register(&mut base, tables)
            .and_then(|()| meter.register(&mut base))
            .map_err(|problem| Failure::new(format!("{problem:?}"), "this is a mistake of the program"))?;
        Ok(Self { base, meter })
    }

    /// Evaluates a program for a row. `columns` and `lets` are the names of what the scope has.
    pub(super) fn evaluate(
        &self,
        program: &IdedExpr,
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
        self.meter.reset();
        Datum::from_value(Value::resolve(program, &context)?)
    }
}
