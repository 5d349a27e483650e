//! The pages as a browser gets them: every file with its headers, and who else may embed them.

use serde_json::{Value, json};

use crate::faults::damage::files_below;
use crate::program::novelo;
use crate::server::Server;
use tempfile::TempDir;

/// A server whose panel a desktop at this origin may embed.
const DESK: &str = "https://desk.example.com";

/// A server with a new store and a setting of origins; the folder goes with the test.
pub(crate) fn embeddable_by(origins: &str) -> (Server, TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let mut command = novelo(&["serve", "--listen", "127.0.0.1:0", "--data"]);
    command.arg(folder.path()).env("NOVELO_PANEL_ORIGINS", origins);
    (Server::of(command), folder)
}

/// What a page, a module, a style sheet or a list names below `/panel/`, as they stand in the sources.
fn files() -> Vec<String> {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src/panel/web");
    let name = |path: &std::path::PathBuf| path.strip_prefix(&root).unwrap().to_str().unwrap().to_owned();
    files_below(&root).iter().map(name).collect()
}

fn content_type(path: &str) -> &'static str {
    match path.rsplit('.').next().unwrap() {
        "html" => "text/html; charset=utf-8",
        "js" => "text/javascript; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "json" => "application/json",
        "svg" => "image/svg+xml",
        other => panic!("{other} is served without a media type"),
    }
}

#[test]
fn every_file_is_served_with_its_type_and_is_not_sent_twice() {
    let server = Server::new();
    assert_eq!(server.get("/", &[]).body, server.get("/tour", &[]).body, "from the root one comes to the tour");
    let files = files();
    assert!(files.len() > 40, "{files:?}");
    for file in files {
        let got = server.get(&format!("/panel/{file}"), &[]);
        assert_eq!((got.status, got.header("content-type")), (200, content_type(&file)), "{file}");
        assert_eq!(
            (got.header("x-content-type-options"), got.header("cache-control")),
            ("nosniff", "no-cache"),
            "{file}"
        );
        assert_eq!(got.header("access-control-allow-origin"), "", "{file}");
        let etag = got.header("etag");
        let again = server.get(&format!("/panel/{file}"), &[("if-none-match", etag)]);
        assert_eq!((again.status, again.body.as_str(), again.header("etag")), (304, "", etag), "{file}");
        assert_eq!(server.get(&format!("/panel/{file}"), &[("if-none-match", "\"other\"")]).status, 200);
    }
    let operation = server.get("/panel/operations/desktop.graphql", &[]);
    assert_eq!(operation.body, include_str!("../../graphql/operations/desktop.graphql"));
    for nowhere in ["/panel/", "/panel/nothing.js", "/panel/../mod.rs", "/panel/operations/nothing.graphql", "/panels"]
    {
        assert_eq!(server.get(nowhere, &[]).status, 404, "{nowhere}");
    }
    assert_eq!(server.post("/panel", "text/plain", b"").status, 405);
}

#[test]
fn the_pages_load_from_this_server_alone_and_are_framed_by_nobody_else() {
    let server = Server::new();
    for page in ["/panel", "/panel?identifier=phone:1", "/tour", "/journey", "/journey?range=7d", "/analyses"] {
        let got = server.get(page, &[]);
        assert_eq!((got.status, got.header("content-type")), (200, "text/html; charset=utf-8"));
        assert_eq!(got.header("referrer-policy"), "no-referrer");
        let policy = got.header("content-security-policy");
        let expected = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; \
                        frame-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'self'";
        assert_eq!(policy, expected, "{page}");
    }
    let settings = server.get("/panel/settings.json", &[("origin", DESK)]);
    assert_eq!((settings.json(), settings.header("access-control-allow-origin")), (json!({"origins": []}), ""));
    let preflight = server.method("OPTIONS", "/graphql", &preflight(DESK), b"");
    assert_eq!((preflight.status, preflight.header("access-control-allow-origin")), (405, ""));
}

fn preflight(origin: &str) -> [(&str, &str); 3] {
    [("origin", origin), ("access-control-request-method", "POST"), ("access-control-request-headers", "content-type")]
}

#[test]
fn a_desktop_that_is_listed_frames_loads_and_asks_and_nobody_beside_it() {
    let (server, _folder) = embeddable_by(DESK);
    let policy = server.get("/panel", &[]).header("content-security-policy").to_owned();
    assert!(policy.ends_with("frame-ancestors 'self' https://desk.example.com"), "{policy}");
    assert_eq!(server.get("/panel/settings.json", &[]).json(), json!({"origins": [DESK]}));
    let asked = json!({"query": "{ log { events } }"}).to_string();
    let ask = |origin: &str| {
        let headers = [("origin", origin), ("content-type", "application/json")];
        server.method("POST", "/graphql", &headers, asked.as_bytes())
    };
    for origin in
        ["https://desk.example.com.evil.example", "http://desk.example.com", "https://desk.example.com:8443", "null"]
    {
        assert_eq!(
            server.get("/panel/novelo-context.js", &[("origin", origin)]).header("access-control-allow-origin"),
            ""
        );
        assert_eq!(ask(origin).header("access-control-allow-origin"), "", "{origin}");
        assert_eq!(server.method("OPTIONS", "/graphql", &preflight(origin), b"").status, 405, "{origin}");
    }
    for path in ["/panel/novelo-context.js", "/panel/messages/en.json", "/panel/operations/record.graphql"] {
        let got = server.get(path, &[("origin", DESK)]);
        assert_eq!(
            (got.status, got.header("access-control-allow-origin"), got.header("vary")),
            (200, DESK, "Origin"),
            "{path}"
        );
    }
    let answer = ask(DESK);
    assert_eq!((answer.status, answer.header("access-control-allow-origin")), (200, DESK));
    assert_eq!(answer.json()["data"]["log"]["events"], 0);
    let allowed = server.method("OPTIONS", "/graphql", &preflight(DESK), b"");
    let told = ["access-control-allow-origin", "access-control-allow-methods", "access-control-allow-headers"];
    assert_eq!(
        (allowed.status, told.map(|name| allowed.header(name))),
        (204, [DESK, "GET, POST", "content-type, accept"])
    );
    // What is no part of the element is nobody else's business.
    for path in ["/metrics", "/v1/checkpoint", "/readyz"] {
        assert_eq!(server.get(path, &[("origin", DESK)]).header("access-control-allow-origin"), "", "{path}");
    }
}

#[test]
fn everybody_on_the_tour_lives_in_the_demonstration() {
    let server = Server::demo();
    let tour = server.get("/panel/tour-customers.json", &[]).json();
    let messages = server.get("/panel/messages/pt-BR.json", &[]).json();
    let glance = include_str!("../../graphql/operations/glance.graphql");
    let mut unknown = Vec::new();
    for each in tour.as_array().unwrap() {
        let (kind, value) = each["identifier"].as_str().unwrap().split_once(':').unwrap();
        let found = server.data(glance, json!({"by": {"identifier": {"kind": kind, "value": value}}}));
        if found["customer"] == Value::Null {
            unknown.push(each["key"].clone());
        }
        let line = format!("tour.{}", each["key"].as_str().unwrap());
        assert!(messages[&line].is_string(), "{line}");
    }
    assert_eq!((tour.as_array().unwrap().len(), json!(unknown)), (16, json!(["unknown"])));
}
