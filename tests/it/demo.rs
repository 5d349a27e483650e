//! The demonstration: the first thing that anybody sees.

use serde_json::json;

use crate::server::Server;

#[test]
fn the_customer_who_hops_is_there_with_everything_an_agent_needs() {
    let server = Server::demo();
    let asked = server.data(
        "query($v: String!) { customer(by: {identifier: {kind: \"whatsapp\", value: $v}}) {
           displayName
           continuation { channel channelsSoFar agent contactsSoFar lastMessages { text } openCase { protocol overdue } }
           facts { key value }
           cases(status: OPEN) { protocol title }
           channelPreference { preferred stated }
           feedback { complaints praises }
           stage { stage }
           satisfaction { instrument last }
         } }",
        json!({"v": "(11) 95550-0142"}),
    );
    let ana = &asked["customer"];
    assert_eq!(ana["displayName"], "Ana Beatriz Moura");
    let stopped = &ana["continuation"];
    assert_eq!(stopped["channelsSoFar"], json!(["chatbot", "voice", "email"]));
    assert_eq!((&stopped["channel"], &stopped["agent"]), (&json!("email"), &json!("carla")));
    assert_eq!(stopped["openCase"], json!({"protocol": "20261042371", "overdue": false}));
    assert!(stopped["lastMessages"].as_array().unwrap().len() > 2);
    let facts = ana["facts"].as_array().unwrap();
    assert!(facts.contains(&json!({"key": "order", "value": "88412"})), "{facts:?}");
    assert_eq!(ana["channelPreference"], json!({"preferred": "whatsapp", "stated": true}));
    assert_eq!(ana["cases"].as_array().unwrap().len(), 1);
    assert!(ana["feedback"]["complaints"].as_u64().unwrap() >= 2 && ana["feedback"]["praises"].as_u64().unwrap() >= 1);
}
