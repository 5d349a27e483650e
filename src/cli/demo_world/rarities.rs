//! What happens seldom: links and suggestions, holds, looks into records, events of other vocabularies.

use serde_json::json;

use super::pen::Pen;
use super::people::{Person, person};

/// The landline of the couple below.
const LANDLINE: &str = "phone:+551135550190";
const ADDRESS: &str = "address:Rua Inventada 77|São Paulo|SP";

/// All of them.
pub(super) fn happen(pen: &mut Pen) {
    a_couple_shares_a_landline(pen);
    one_is_known_by_halves(pen);
    a_household_is_linked_by_mistake(pen);
    a_lawsuit_holds_the_data(pen);
    events_of_other_vocabularies(pen);
}

/// Two customers with tax numbers of their own call from one landline and live in one flat: that suggests that they are
/// one, and must not link them.
fn a_couple_shares_a_landline(pen: &mut Pen) {
    let home = ("São Paulo", "SP", 11);
    let (marta, sergio) = (person(60, "Marta Quintanilha", home), person(61, "Sérgio Quintanilha", home));
    for (who, day) in [(&marta, 70), (&sergio, 52)] {
        let at = pen.at(day, 9, 30);
        let mut crm = pen.scene(&who.crm, "crm", at).dimension("region", "SP");
        crm.event("identity.claimed", json!({"identifiers": [who.email, who.cpf]}));
        crm.event(
            "profile.observed",
            json!({"namespace": "demographic", "values": {"name": who.name, "city": who.city}}),
        );
        crm.after(60).event("identity.claimed", json!({"identifiers": [ADDRESS]}));
        let at = pen.at(day - 20, 15, 5);
        let mut call = pen.scene(LANDLINE, "pabx", at).contact("voice").with("identifiers", json!([who.crm]));
        call.starts("invoice").waits("financeiro", 75, "marcos").ends("resolved", 310, "invoice");
    }
}

/// One person writes e-mails to the shop and calls from a number that the shop does not have; nothing links the two yet.
fn one_is_known_by_halves(pen: &mut Pen) {
    let who = person(62, "Roberto Vasques", ("Jundiaí", "SP", 11));
    let at = pen.at(33, 20, 10);
    let mut shop = pen.scene(&who.email, "loja", at).through("web");
    shop.event("profile.observed", json!({"namespace": "demographic", "values": {"name": who.name, "city": who.city}}));
    shop.event(
        "activity.tracked",
        json!({"name": "order.placed", "amount": "512.00", "currency": "BRL",
        "properties": {"order": "88133"}}),
    );
    let mut mail = pen.scene(&who.email, "chatwoot", at).contact("email");
    mail.after(6 * 86_400).starts("late_delivery").hears("Quando chega o pedido 88133?");
    mail.after(9_000).says("agent:wesley", "Ele sai hoje para entrega, Roberto.").ends("resolved", 0, "late_delivery");
    let at = pen.at(25, 17, 40);
    let mut call = pen.scene(&who.phone, "pabx", at).contact("voice").with("department", "entregas");
    call.starts("late_delivery").waits("entregas", 140, "patricia.s");
    call.after(50).event("fact.told", json!({"key": "order", "value": "88133", "confirmed": true}));
    call.event("fact.told", json!({"key": "name", "value": "Roberto, de Jundiaí", "confirmed": false}));
    call.ends("resolved", 200, "late_delivery");
}

/// An agent takes mother and daughter for one customer, and corrects it.
fn a_household_is_linked_by_mistake(pen: &mut Pen) {
    let home = ("Niterói", "RJ", 21);
    let (mother, daughter) = (person(63, "Neusa Alcântara", home), person(64, "Yasmin Alcântara", home));
    for who in [&mother, &daughter] {
        let at = pen.at(88, 11, 0);
        let mut crm = pen.scene(&who.crm, "crm", at);
        crm.event("identity.claimed", json!({"identifiers": [who.email, who.phone]}));
        crm.event(
            "profile.observed",
            json!({"namespace": "demographic", "values": {"name": who.name, "city": who.city}}),
        );
    }
    let at = pen.at(57, 14, 0);
    let mut agent = pen.scene(&mother.crm, "crm", at).with("actor", "agent:juliana");
    agent = agent.with("identifiers", json!([daughter.crm]));
    agent.event(
        "identity.linked",
        json!({"evidence": "agent", "rule": "same_household",
        "because": "Mesmo sobrenome e mesma cidade."}),
    );
    let separated =
        json!({"evidence": "agent", "rule": "mistake", "because": "São mãe e filha, cada uma com sua conta."});
    agent.after(4 * 86_400).event("identity.unlinked", separated);
}

/// A request to erase meets a lawsuit; the hold ends with it, and so does the note on top.
fn a_lawsuit_holds_the_data(pen: &mut Pen) {
    let who = person(65, "Wagner Estrela", ("Betim", "MG", 31));
    is_known(pen, &who);
    let at = pen.at(66, 10, 0);
    let mut office = pen.scene(&who.crm, "privacidade", at).with("actor", "agent:encarregado");
    let until = office.in_days(30);
    office.event("privacy.held", json!({"reason": "legal_claim", "release_at": until, "request": "lgpd-31"}));
    let note = office.pins("Pedido de eliminação em espera: há processo em curso. Encaminhe dúvidas ao encarregado.");
    office.after(3_600).event("record.viewed", json!({"purpose": "legal_defence", "fields": ["timeline", "cases"]}));
    office.after(29 * 86_400).event("privacy.released", json!({"reason": "claim_settled", "request": "lgpd-31"}));
    office.event("note.unpinned", json!({"note": note.to_string()}));
}

fn is_known(pen: &mut Pen, who: &Person) {
    let at = pen.at(90, 9, 0);
    let mut crm = pen.scene(&who.crm, "crm", at);
    crm.event("identity.claimed", json!({"identifiers": [who.email, who.phone, who.cpf]}));
    crm.event("profile.observed", json!({"namespace": "demographic", "values": {"name": who.name, "city": who.city}}));
    crm.event("fact.told", json!({"key": "delivery_address", "value": "Travessa Imaginária, 9", "channel": "store"}));
    crm.after(5 * 86_400).event("fact.withdrawn", json!({"key": "delivery_address", "channel": "store"}));
}

/// A shop's own type, which is kept as it came.
fn events_of_other_vocabularies(pen: &mut Pen) {
    let who = person(66, "Noemi Figueira", ("Bauru", "SP", 14));
    is_known(pen, &who);
    let at = pen.at(18, 19, 30);
    let mut demo = pen.scene(&who.email, "demo", at).through("web").with("touchpoint", "site/carrinho");
    demo.foreign("br.com.example.loja.cart_abandoned", json!({"items": 3, "total": "412.70"}));
    let state = json!({"purpose": "profiling", "state": "denied", "legal_basis": "legitimate_interest"});
    demo.after(300).event("consent.changed", state);
}
