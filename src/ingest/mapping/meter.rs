//! What the comprehensions of an expression may cost for one row, so that no row holds up an import: a row is bounded in bytes,
//! and a list that is split from it may have half a million items, each of which may be compared with all of it.
//!
//! Counted in steps, and told before they are taken: for every comprehension as many as its list has items, times one and one
//! more for each 256 bytes of the columns and lists that are named for an item. So it depends on the row alone, never on the
//! clock, and the same row is taken or refused on every machine.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use cel::common::ast::{CallExpr, ComprehensionExpr, EntryExpr, Expr};
use cel::extractors::Arguments;
use cel::{Context, DeclarationError, ExecutionError, FunctionContext, IdedExpr, Value};

use super::failure::Failure;
use super::quick::is_row;

/// Steps of one expression for one row: taken in about a second. A row is bounded to a megabyte, so every list that is split
/// from it can be gone through once.
const MOST_STEPS: u64 = 1_000_000;
/// Bytes of what is named for an item that count as one more step.
const STEP_BYTES: u64 = 256;
/// What an item of a list counts for, in bytes, beside its text.
const ITEM_BYTES: u64 = 16;
/// The function that counts. Whoever writes an expression cannot name it: there is no function of this name then.
const STEPS: &str = "novelo_steps";

/// The steps that an expression has taken.
#[derive(Debug, Default)]
pub(super) struct Meter(AtomicU64);

impl Meter {
    /// Begins anew, for an expression and a row.
    pub(super) fn reset(&self) {
        self.0.store(0, Ordering::Relaxed);
    }

    /// Gives a context the function that counts.
    pub(super) fn register(self: &Arc<Self>, context: &mut Context<'_, '_>) -> Result<(), DeclarationError> {
        let meter = Arc::clone(self);
        let count =
            move |_: &FunctionContext<'_, '_>, Arguments(arguments): Arguments| -> Result<Value, ExecutionError> {
                let (list, named) = arguments.split_first().ok_or_else(|| too_much().into_error(STEPS))?;
                meter.count(list, named)?;
                Ok(list.clone())
            };
        context.add_function(STEPS, count)?;
        Ok(())
    }

    fn count(&self, list: &Value, named: &[Value]) -> Result<(), ExecutionError> {
        let bytes = named.iter().map(size_bytes).fold(0, u64::saturating_add);
        let steps = items(list).saturating_mul(1 + bytes / STEP_BYTES);
        let before = self.0.load(Ordering::Relaxed);
        let taken = before.saturating_add(steps);
        if taken > MOST_STEPS {
            return Err(too_much().into_error(STEPS));
        }
        self.0.store(taken, Ordering::Relaxed);
        Ok(())
    }
}

fn too_much() -> Failure {
    Failure::new(
        format!(
            "goes through too much for one row: the limit is {MOST_STEPS} items, fewer where long texts are named for each"
        ),
        "give the row fewer or shorter values, or go through them once, in a [let]",
    )
}

/// How many items are gone through.
fn items(list: &Value) -> u64 {
    match list {
        Value::List(items) => items.len() as u64,
        Value::Map(map) => map.map.len() as u64,
        // The interpreter says that nothing can be gone through in it.
        Value::Function(..)
        | Value::Int(_)
        | Value::UInt(_)
        | Value::Float(_)
        | Value::String(_)
        | Value::Bytes(_)
        | Value::Bool(_)
        | Value::Opaque(_)
        | Value::Struct(_)
        | Value::Null => 0,
    }
}

/// About how many bytes a value takes.
fn size_bytes(value: &Value) -> u64 {
    match value {
        Value::String(text) => text.len() as u64,
        Value::Bytes(bytes) => bytes.len() as u64,
        Value::List(items) => items.iter().map(|item| ITEM_BYTES + size_bytes(item)).sum(),
        Value::Map(map) => map.map.values().map(|item| ITEM_BYTES + size_bytes(item)).sum(),
        Value::Function(..)
        | Value::Int(_)
        | Value::UInt(_)
        | Value::Float(_)
        | Value::Bool(_)
        | Value::Opaque(_)
        | Value::Struct(_)
        | Value::Null => 0,
    }
}

/// The same expression, in which every comprehension counts its steps before it takes them.
pub(super) fn metered(expression: &IdedExpr) -> IdedExpr {
    let mut metered = expression.clone();
    meter(&mut metered);
    metered
}

fn meter(expression: &mut IdedExpr) {
    match &mut expression.expr {
        Expr::Unspecified | Expr::Literal(_) | Expr::Ident(_) | Expr::Struct(_) => {}
        Expr::Select(select) => meter(&mut select.operand),
        Expr::Call(call) => {
            call.target.iter_mut().for_each(|target| meter(target));
            call.args.iter_mut().for_each(meter);
        }
        Expr::List(list) => list.elements.iter_mut().for_each(meter),
        Expr::Map(map) => {
            for entry in &mut map.entries {
                if let EntryExpr::MapEntry(entry) = &mut entry.expr {
                    meter(&mut entry.key);
                    meter(&mut entry.value);
                }
            }
        }
        Expr::Comprehension(inner) => {
            // What it names, before anything is added to it.
            let mut args = vec![IdedExpr::default()];
            args.extend(named_for_an_item(inner));
            let ComprehensionExpr { iter_range, accu_init, loop_cond, loop_step, result, .. } = &mut **inner;
            [&mut *iter_range, accu_init, loop_cond, loop_step, result].into_iter().for_each(meter);
            let id = iter_range.id;
            if let Some(first) = args.first_mut() {
                std::mem::swap(first, iter_range);
            }
            *iter_range =
                IdedExpr { id, expr: Expr::Call(CallExpr { func_name: STEPS.to_owned(), target: None, args }) };
        }
    }
}

/// The columns and variables that a comprehension names for each of its items, each once.
fn named_for_an_item(comprehension: &ComprehensionExpr) -> Vec<IdedExpr> {
    let mut found = Vec::new();
    let mut bound = variables(comprehension);
    for part in [&comprehension.loop_cond, &comprehension.loop_step] {
        find_named(part, &mut bound, &mut found);
    }
    found
}

fn variables(comprehension: &ComprehensionExpr) -> Vec<String> {
    let two = [comprehension.iter_var.clone(), comprehension.accu_var.clone()];
    two.into_iter().chain(comprehension.iter_var2.clone()).collect()
}

fn find_named(expression: &IdedExpr, bound: &mut Vec<String>, found: &mut Vec<IdedExpr>) {
    let mut note = |named: IdedExpr| {
        if !found.iter().any(|known| known.expr == named.expr) {
            found.push(named);
        }
    };
    match &expression.expr {
        Expr::Unspecified | Expr::Literal(_) | Expr::Struct(_) => {}
        Expr::Ident(name) if bound.contains(name) => {}
        Expr::Ident(_) => note(expression.clone()),
        Expr::Select(select) if is_row(&select.operand) => {
            let mut column = select.clone();
            column.test = false;
            note(IdedExpr { id: expression.id, expr: Expr::Select(column) });
        }
        Expr::Select(select) => find_named(&select.operand, bound, found),
        Expr::Call(call) if call.func_name == "_[_]" && call.args.first().is_some_and(is_row) => {
            note(expression.clone());
        }
        Expr::Call(call) => {
            let parts = call.target.iter().map(|target| &**target).chain(&call.args);
            parts.for_each(|part| find_named(part, bound, found));
        }
        Expr::List(list) => list.elements.iter().for_each(|part| find_named(part, bound, found)),
        Expr::Map(map) => {
            for entry in &map.entries {
                if let EntryExpr::MapEntry(entry) = &entry.expr {
                    find_named(&entry.key, bound, found);
                    find_named(&entry.value, bound, found);
                }
            }
        }
        Expr::Comprehension(inner) => {
            find_named(&inner.iter_range, bound, found);
            let depth = bound.len();
            bound.extend(variables(inner));
            for part in [&inner.accu_init, &inner.loop_cond, &inner.loop_step, &inner.result] {
                find_named(part, bound, found);
            }
            bound.truncate(depth);
        }
    }
}
