//! The answer to a request as JSON, after the GraphQL specification, section 7 "Response".

use async_graphql::parser::types::OperationType;
use async_graphql::{PathSegment, Request, Response, ServerError, Value};
use futures_util::{FutureExt, Stream, StreamExt, stream};
use serde::Serialize;
use serde_json::{Map, json};

use super::Schema;
use super::errors::Code;
use super::form::Form;
use super::prepared::Prepared;
use super::scalars::how_to_write;

/// Most errors that are told of a request that was not carried out: a document of many mistakes has one for each of them.
const MOST_ERRORS: usize = 100;

/// The answer's two members; the fields of `data` in the order of the request.
#[derive(Serialize)]
struct Answer {
    #[serde(skip_serializing_if = "Option::is_none")]
    data: Option<Value>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    errors: Vec<serde_json::Value>,
}

/// What a request does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operation {
    /// It asks, and changes nothing.
    Query,
    /// It changes something.
    Mutation,
    /// It goes on.
    Subscription,
}

/// Carries out a request: the answer as JSON, and whether it was carried out. One that could not be read, was not valid or
/// went over a limit was not, and has no `data`.
pub async fn carry_out(schema: &Schema, mut request: Request) -> (String, bool) {
    let prepared = match Prepared::of(&mut request) {
        Ok(prepared) => prepared,
        Err(refused) => return to_json(Response::from_errors(vec![refused])),
    };
    // Of the time that a customer's context takes, to check its document by all rules was an eighth.
    let form = Form::of(&request.variables);
    let was_valid = form.as_ref().is_some_and(|form| prepared.was_valid_with(form));
    let served = if was_valid { &schema.trusting } else { &schema.checking };
    let response = served.execute(request).await;
    if let Some(form) = form.filter(|_| !was_valid && is_carried_out(&response)) {
        prepared.is_valid_with(form);
    }
    to_json(shaped(&prepared, response))
}

/// Begins a subscription: its answers as JSON, one after the other, in the form of [`carry_out`].
///
/// # Errors
/// The answer to one that could not be read, was not valid or went over a limit.
pub fn subscribe(schema: &Schema, mut request: Request) -> Result<impl Stream<Item = String> + Send + 'static, String> {
    let prepared = match Prepared::of(&mut request) {
        Ok(prepared) => prepared,
        Err(refused) => return Err(to_json(Response::from_errors(vec![refused])).0),
    };
    let mut responses = schema.checking.execute_stream(request);
    // The library checks a request when it is first asked for an answer, and waits for nothing until it has.
    let first = match responses.next().now_or_never().flatten() {
        Some(refused) if !is_carried_out(&refused) => return Err(to_json(refused).0),
        first => first,
    };
    let answers = stream::iter(first).chain(responses);
    Ok(answers.map(move |response| to_json(shaped(&prepared, response)).0))
}

/// Brings a response into the form of its request.
fn shaped(prepared: &Prepared, mut response: Response) -> Response {
    // What the library refused has no shape.
    if is_carried_out(&response)
        && let Some(shape) = prepared.shape()
    {
        if !response.errors.is_empty() {
            let paths = response.errors.iter().map(|error| error.path.as_slice()).filter(|path| !path.is_empty());
            shape.settle(&mut response.data, paths);
        }
        shape.order(&mut response.data);
    }
    response
}

/// An error as the only answer there is, in the form of [`carry_out`].
#[must_use]
pub fn failure(code: &str, message: &str, help: &str) -> String {
    json!({"errors": [{"message": message, "extensions": {"code": code, "help": help}}]}).to_string()
}

/// What a request does. One that cannot be read is taken for a query and left to [`carry_out`], which says why; of several
/// operations none of which is named, one that changes something counts before one that goes on.
pub fn operation(request: &mut Request) -> Operation {
    let Ok(prepared) = Prepared::read(request) else { return Operation::Query };
    let is = |wanted| prepared.meant().any(|operation| operation.ty == wanted);
    match (is(OperationType::Mutation), is(OperationType::Subscription)) {
        (true, _) => Operation::Mutation,
        (false, true) => Operation::Subscription,
        (false, false) => Operation::Query,
    }
}

fn is_carried_out(response: &Response) -> bool {
    response.errors.is_empty() || response.data != Value::Null || response.errors.iter().any(|e| !e.path.is_empty())
}

fn to_json(response: Response) -> (String, bool) {
    let carried_out = is_carried_out(&response);
    let most = if carried_out { usize::MAX } else { MOST_ERRORS };
    let mut errors: Vec<_> = response.errors.iter().take(most).map(show).collect();
    if let Some(more) = response.errors.len().checked_sub(most).filter(|more| *more > 0) {
        let extensions = json!({"code": Code::InvalidInput.word(), "help": "mend those that are told first"});
        errors.push(json!({"message": format!("and {more} more errors"), "extensions": extensions}));
    }
    let answer = Answer { data: carried_out.then_some(response.data), errors };
    (serde_json::to_string(&answer).unwrap_or_default(), carried_out)
}

/// One error, with a code and help even when it comes from the library that reads requests.
fn show(error: &ServerError) -> serde_json::Value {
    let locations: Vec<_> = error.locations.iter().map(|at| json!({"line": at.line, "column": at.column})).collect();
    let mut shown = Map::from_iter([("message".to_owned(), error.message.clone().into())]);
    if !locations.is_empty() {
        shown.insert("locations".into(), locations.into());
    }
    if !error.path.is_empty() {
        let segment = |segment: &PathSegment| match segment {
            PathSegment::Field(name) => json!(name),
            PathSegment::Index(index) => json!(index),
        };
        shown.insert("path".into(), error.path.iter().map(segment).collect());
    }
    let mut extensions = match serde_json::to_value(&error.extensions) {
        Ok(serde_json::Value::Object(map)) => map,
        Ok(_) | Err(_) => Map::new(),
    };
    if !extensions.contains_key("code") {
        let (code, help) = classify(&error.message);
        if let Some(argument) = quoted_after(&error.message, "argument ") {
            extensions.insert("field".into(), argument.into());
        }
        extensions.insert("code".into(), code.word().into());
        extensions.insert("help".into(), help.into());
    }
    shown.insert("extensions".into(), extensions.into());
    shown.into()
}

/// The code of an error that the library made: it has none of its own.
fn classify(message: &str) -> (Code, String) {
    let limit = |what: &str, limit: usize, help: &str| format!("the limit of a query's {what} is {limit}; {help}");
    if message.contains("nested too deep") {
        (Code::TooComplex, limit("depth", super::MOST_DEPTH, "ask for less at once"))
    } else if message.contains("too complex") {
        (Code::TooComplex, limit("cost", super::MOST_COMPLEXITY, "ask for smaller pages or fewer fields"))
    } else if message.contains("recursion") {
        (Code::TooComplex, "ask for less at once".into())
    } else if message.contains("not supported on this transport") {
        let help = "a subscription goes on: send it with `Accept: text/event-stream`, or over a WebSocket";
        (Code::InvalidInput, help.into())
    } else {
        let how = quoted_after(message, "expected type ").and_then(how_to_write);
        (Code::InvalidInput, how.unwrap_or("compare the query with graphql/schema.graphql").into())
    }
}

/// What stands in quotes behind some words of a message.
fn quoted_after<'a>(message: &'a str, words: &str) -> Option<&'a str> {
    let (_, rest) = message.split_once(words)?;
    rest.strip_prefix('"')?.split_once('"').map(|(quoted, _)| quoted)
}
