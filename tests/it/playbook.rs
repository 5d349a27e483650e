//! The playbook as an operator writes it and as an agent sees it.

use std::fs;

use serde_json::{Value, json};

use crate::program::{novelo, run};
use crate::server::Server;
use crate::story::{STORY, told};

const GUIDANCE: &str = "query($kind: String!, $value: String!, $language: String, $channel: Channel) {
    customer(by: {identifier: {kind: $kind, value: $value}}) {
        guidance(language: $language, channel: $channel) { id text because }
    }
}";

/// What is advised for Ana.
fn advised(server: &Server, language: &str, channel: Option<&str>) -> Vec<[String; 3]> {
    let variables = json!({"kind": "crm", "value": "8812", "language": language, "channel": channel});
    let mut data = server.data(GUIDANCE, variables);
    let text = |given: &Value, field: &str| given[field].as_str().unwrap().to_owned();
    let all: Vec<Value> = serde_json::from_value(data["customer"]["guidance"].take()).unwrap();
    all.iter().map(|given| ["id", "text", "because"].map(|field| text(given, field))).collect()
}

#[test]
fn the_usual_playbook_advises_by_what_is_known_and_where_the_customer_is() {
    let (server, through) = told();
    server.sees(&through);
    let ids = |channel| advised(&server, "en", channel).into_iter().map(|[id, ..]| id).collect::<Vec<_>>();
    // Her complaint is open, and she is long past its due date.
    assert_eq!(ids(None), ["overdue_case", "recover_first"]);
    // She said that she likes WhatsApp best.
    assert_eq!(ids(Some("voice")), ["overdue_case", "recover_first", "offer_preferred_channel"]);
    assert_eq!(ids(Some("whatsapp")), ["overdue_case", "recover_first"]);
    let spanish = advised(&server, "es", Some("voice"));
    assert_eq!(
        spanish[2][1..],
        ["Ofrezca seguir por WhatsApp.", "es el canal que prefiere; ahora: teléfono"].map(str::to_owned)
    );
    let portuguese = advised(&server, "pt-PT", None);
    assert!(portuguese[1][1].starts_with("Resolva a reclamação"), "{portuguese:?}");
    assert!(portuguese[1][2].starts_with("casos de reclamação em aberto: 1;"), "{portuguese:?}");
}

#[test]
fn a_playbook_of_ones_own_takes_its_place() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("playbook.toml");
    let text = "[[advice]]\nid = \"order\"\nwhen = '\"order\" in facts.known'\n\
        text = { en = \"Do not ask for the order.\" }\nbecause = { en = \"told: {facts.known}\" }\n\
        [names.fact]\norder = { en = \"purchase\" }\n";
    fs::write(&file, text).unwrap();
    let mut command = novelo(&["serve", "--listen", "127.0.0.1:0", "--data"]);
    command.arg(folder.path().join("data")).env("NOVELO_PLAYBOOK", &file);
    let server = Server::of(command);
    server.sees(server.record(STORY)["through"].as_str().unwrap());
    let advised = advised(&server, "es", None);
    assert_eq!(advised, [["order", "Do not ask for the order.", "told: order, best_time"].map(str::to_owned)]);
    // Its names go before the usual ones, which are there for the rest.
    let asked =
        "{ customer(by: {identifier: {kind: \"crm\", value: \"8812\"}}) { timeline(filter: {kinds: [\"fact.told\"]}) {
        nodes { code summary(language: \"pt-BR\") } } } }";
    let told = server.data(asked, json!({}))["customer"]["timeline"]["nodes"].take();
    let line =
        |code: &str| told.as_array().unwrap().iter().find(|entry| entry["code"] == code).unwrap()["summary"].clone();
    assert_eq!((line("order"), line("best_time")), (json!("Informou: purchase"), json!("Informou: melhor hora")));
}

#[test]
fn a_playbook_with_mistakes_keeps_the_server_from_starting_and_all_of_them_are_told() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("playbook.toml");
    let text = "[[advice]]\nid = \"a\"\nwhen = 'cases.opn > 0'\ntext = {}\nbecause = { en = \"b\" }\n";
    fs::write(&file, text).unwrap();
    let config = folder.path().join("novelo.toml");
    fs::write(&config, format!("playbook = {:?}\n", file.to_str().unwrap())).unwrap();
    let data = folder.path().join("data");
    let arguments = ["serve", "--config", config.to_str().unwrap(), "--data", data.to_str().unwrap()];
    let done = run(&arguments, b"");
    assert_eq!((done.code, done.stdout.as_str()), (Some(2), ""));
    for part in
        ["advice `a`, when: `cases.opn` is not known here; did you mean `cases.open`?", "advice `a`, text: is in no"]
    {
        assert!(done.stderr.contains(part), "{}", done.stderr);
    }
    assert!(!data.exists(), "nothing is made");
}
