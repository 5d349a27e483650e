//! Asking a server that runs.

use serde_json::Value;

use super::failure::Failure;

/// The client, and the address without a slash at its end.
pub(super) fn server(flag: &str, url: &str) -> Result<(ureq::Agent, String), Failure> {
    if !url.starts_with("http://") {
        let message = format!("{flag} {url}: is no http address; write one such as http://127.0.0.1:8080");
        return Err(Failure::Usage(vec![message]));
    }
    let config = ureq::Agent::config_builder().http_status_as_error(false).proxy(None).build();
    Ok((config.into(), url.trim_end_matches('/').to_owned()))
}

/// A server that does not answer.
pub(super) fn gone(url: &str, cause: &ureq::Error) -> Failure {
    Failure::new(format!("{url}: {cause}; is the server running?"))
}

/// The answer to a question, as JSON.
pub(super) fn ask(url: &str, method: &str, path: &str) -> Result<Value, Failure> {
    let (agent, url) = server("--from", url)?;
    let asked = format!("{url}{path}");
    let answer = match method {
        "POST" => agent.post(&asked).send_empty(),
        _ => agent.get(&asked).call(),
    };
    let mut response = answer.map_err(|cause| gone(&url, &cause))?;
    let text = response.body_mut().read_to_string().map_err(|cause| gone(&url, &cause))?;
    if response.status() != 200 {
        let help = said_of(&text, "help").map(|help| format!("; {help}")).unwrap_or_default();
        return Err(Failure::new(format!("{asked}: {}{help}", reason_of(&text))));
    }
    serde_json::from_str(&text).map_err(|_| Failure::new(format!("{asked}: an answer that Novelo does not give")))
}

/// Why the server refuses, in its own words; or how an answer begins that is none of Novelo's.
pub(super) fn reason_of(answer: &str) -> String {
    said_of(answer, "message").unwrap_or_else(|| answer.trim().chars().take(300).collect())
}

/// What an answer that refuses says of it.
fn said_of(answer: &str, field: &str) -> Option<String> {
    let value: Value = serde_json::from_str(answer).ok()?;
    Some(value.get("error")?.get(field)?.as_str()?.to_owned())
}
