//! How a customer becomes one: the record in the customer relationship system, the first order, the first stages.

use serde_json::json;

use super::dice::Dice;
use super::pen::Pen;
use super::people::Person;

const SEGMENTS: &[&str] = &["essencial", "plus", "ouro"];
const RISKS: &[&str] = &["baixo", "medio", "alto"];
const AMOUNTS: &[&str] = &["59.90", "129.00", "189.90", "249.50", "399.00", "1249.90"];

/// The record that names all that the customer is known by, what is known of them, and their first order.
pub(super) fn joins(pen: &mut Pen, who: &Person, dice: &mut Dice) {
    is_recorded(pen, who, dice);
    let at = pen.at(dice.between(108, 114), dice.between(8, 20), dice.between(0, 59));
    let mut shop = pen.scene(&who.crm, "loja", at).dimension("region", who.region());
    shop.event("stage.entered", json!({"stage": "activation"}));
    let bought = json!({"name": "order.placed", "amount": dice.pick(AMOUNTS), "currency": "BRL",
        "properties": {"order": (70_000 + who.number * 13).to_string()}, "touchpoint": "checkout"});
    shop.event("activity.tracked", bought);
    shop.after(1).event("milestone.reached", json!({"milestone": "first_order"}));
}

fn is_recorded(pen: &mut Pen, who: &Person, dice: &mut Dice) {
    let at = pen.at(dice.between(116, 119), dice.between(8, 18), dice.between(0, 59));
    let identifiers = [&who.email, &who.whatsapp, &who.phone, &who.cpf];
    let mut crm = pen.scene(&who.crm, "crm", at).dimension("region", who.region());
    crm.event("identity.claimed", json!({"identifiers": identifiers}));
    let person =
        json!({"name": who.name, "city": who.city, "state": who.state, "birth_year": dice.between(1951, 2004)});
    crm.after(1).event("profile.observed", json!({"namespace": "demographic", "values": person}));
    crm.event("profile.observed", json!({"namespace": "crm", "values": {"segment": dice.pick(SEGMENTS)}}));
    if dice.happens(40) {
        crm.event("profile.observed", json!({"namespace": "risk", "values": {"band": dice.pick(RISKS)}}));
    }
    crm.event("stage.entered", json!({"stage": "acquisition"}));
    if dice.happens(60) {
        let consent = json!({"purpose": "marketing", "consent_channel": "email", "state": "granted",
            "legal_basis": "consent", "channel": "web"});
        crm.after(40).event("consent.changed", consent);
    }
}
