//! Two customers are made one, after a look at both, and separated again.

use serde_json::{Value, json};

use super::{Agent, LANGUAGES, told_and_unconfirmed};
use crate::server::Server;

/// The name and the number of events of who has this number in the CRM.
fn of_crm(server: &Server, number: &str) -> (Value, u64) {
    let asked = "query($v: String!) { customer(by: {identifier: {kind: \"crm\", value: $v}}) { displayName totals { events } linked { subject } } }";
    let customer = &server.data(asked, json!({"v": number}))["customer"];
    (customer["linked"].as_array().unwrap().len().into(), customer["totals"]["events"].as_u64().unwrap())
}

#[test]
fn two_customers_are_linked_and_separated_by_keyboard() {
    for language in LANGUAGES {
        let server = told_and_unconfirmed();
        let (ana, bruno) = (of_crm(&server, "7001"), of_crm(&server, "7002"));
        let agent = Agent::new(&server, language);
        agent.look_up("Ana Paula", "Ana Paula Reis");
        assert_eq!(agent.opens_by_menu(&agent.say("do.link")).field.as_deref(), Some("search"));
        agent.types("search", "Bruno");
        agent.browser.tab_until("find", |focus| focus.tag == "button" && focus.name == agent.say("link.find"));
        agent.enter();
        agent.browser.until("R.querySelector('dialog .candidate')");
        agent.browser.tab_until("Bruno", |focus| focus.name.starts_with("Bruno Lima"));
        agent.enter();
        agent.browser.until("R.querySelector('dialog .sides')");
        let both = agent.browser.run("return [...R.querySelectorAll('.side b')].map((each) => each.textContent)");
        assert_eq!(both, json!(["Ana Paula Reis", "Bruno Lima"]));
        let sum = agent.browser.run("return R.querySelector('.preview > p').textContent");
        assert!(sum.as_str().unwrap().contains(&format!(" {} ", ana.1 + bruno.1)), "{sum}");
        agent.types("because", "Disse que são a mesma pessoa.");
        assert_eq!(agent.sends(&agent.say("link.action")).name, agent.say("do.more"));
        agent.recorded_once("identity.linked", &json!({"because": "Disse que são a mesma pessoa."}));
        let together = of_crm(&server, "7001");
        assert_eq!((&together, together.1 >= ana.1 + bruno.1), (&of_crm(&server, "7002"), true));

        agent.browser.tab_until("the linked records", |focus| focus.key.as_deref() == Some("links-all"));
        agent.enter();
        agent.browser.until("R.querySelector('.strands')");
        let separate = agent.say("links.unlink");
        let bruno_is = |name: &str| name.starts_with(&separate) && name.contains("CRM") && name.ends_with('2');
        let there = match agent.focus() {
            focus if bruno_is(&focus.name) => focus,
            _ => agent.browser.tab_until("Bruno's record", |focus| bruno_is(&focus.name)),
        };
        assert_eq!(agent.opens_here(&there.name).field.as_deref(), Some("because"));
        agent.types("because", "Foi engano.");
        agent.sends(&agent.say("unlink.action"));
        agent.recorded_once("identity.unlinked", &json!({"because": "Foi engano."}));
        assert_eq!(
            (of_crm(&server, "7001").0, of_crm(&server, "7002").0),
            (ana.0, bruno.0),
            "nothing is linked any more"
        );
    }
}
