//! Stories of campaigns, payments, self-service and leaving.

use serde_json::json;

use super::dice::Dice;
use super::pen::Pen;
use super::people::Person;
use super::texts::COMMENTS;

/// A campaign by e-mail, text message or push, as far as it gets.
pub(super) fn is_advertised_to(pen: &mut Pen, who: &Person, dice: &mut Dice, day: i64) {
    let channel = dice.pick(&["email", "sms", "push"]);
    let at = pen.at(day, 10, dice.between(0, 59));
    let mut sent =
        pen.scene(who.in_channel(channel), "disparador", at).through(channel).with("campaign", "volta-as-aulas");
    let step = |step: &str| json!({"step": step});
    sent.event("campaign.touched", step("sent"));
    if dice.happens(10) {
        sent.after(4).event("campaign.touched", step("bounced"));
        return;
    }
    sent.after(9).event("campaign.touched", step("delivered"));
    if dice.happens(60) {
        sent.after(3_600).event("campaign.touched", step("opened"));
        sent.after(40).event("campaign.touched", step(dice.pick(&["clicked", "clicked", "replied", "unsubscribed"])));
    }
    if dice.happens(30) {
        sent.after(900).event("campaign.touched", step("converted"));
        let bought = json!({"name": "order.placed", "amount": "89.90", "currency": "BRL", "touchpoint": "checkout"});
        sent.event("activity.tracked", bought).event("stage.entered", json!({"stage": "revenue"}));
    }
}

/// A payment is overdue; the customer comes to terms on the negotiation portal and pays.
pub(super) fn negotiates(pen: &mut Pen, who: &Person, dice: &mut Dice, day: i64) {
    let amount = dice.pick(&["312.40", "780.00", "1450.75"]);
    let at = pen.at(day, 9, 0);
    let mut billing = pen.scene(&who.cpf, "cobranca", at).dimension("risk_band", "medio");
    billing.event("activity.tracked", json!({"name": "payment.overdue", "amount": amount, "currency": "BRL"}));
    let at = pen.at(day, 10, dice.between(0, 59));
    let mut reminder = pen.scene(&who.phone, "disparador", at).contact("sms");
    reminder.says("system:cobranca", "Sua fatura venceu. Negocie em até 6x no portal: negocia.example.com");
    let at = pen.at(day - 1, dice.between(18, 20), dice.between(0, 59));
    let mut portal = pen.scene(&who.cpf, "portal", at).contact("negotiation").with("department", "cobranca");
    portal.is_sent_here("debt");
    portal
        .after(200)
        .event("self_service.used", json!({"path": "acordo/6x", "completed": true, "input": "6 parcelas"}));
    portal.event(
        "activity.tracked",
        json!({"name": "promise.made", "amount": amount, "currency": "BRL",
        "actor": "customer", "properties": {"instalments": 6}}),
    );
    portal.ends("resolved", 150, "acordo");
    let at = pen.at(day - 4, 12, 30);
    let paid = json!({"name": "payment.received", "amount": amount, "currency": "BRL"});
    pen.scene(&who.cpf, "cobranca", at).event("activity.tracked", paid);
}

/// The customer helps themselves on the site and in the app, and is asked how easy it was.
pub(super) fn helps_themselves(pen: &mut Pen, who: &Person, dice: &mut Dice, day: i64) {
    let at = pen.at(day, dice.between(7, 20), dice.between(0, 50));
    let mut site = pen.scene(&who.email, "loja", at).contact("web").with("touchpoint", "site/rastreio");
    site.starts("tracking")
        .event("self_service.used", json!({"path": "pedido/rastreio", "completed": dice.happens(60)}));
    site.ends("resolved", 60, "autoatendimento");
    let at = site.now();
    let mut app = pen.scene(&who.crm, "app", at).contact("app").with("touchpoint", "app/conta");
    app.after(400).starts("second_copy");
    app.after(30).event("self_service.used", json!({"path": "fatura/segunda-via", "completed": true}));
    app.ends("resolved", 25, "autoatendimento");
    let score = dice.between(2, 7);
    let comment = if score > 4 { dice.pick(COMMENTS.0) } else { dice.pick(COMMENTS.1) };
    let at = app.now();
    let mut survey = pen.scene(&who.crm, "pesquisa", at).through("survey");
    survey.is_surveyed("ces", score, comment);
}

/// The bot settles a small thing; the customer learns it and tells something in passing.
pub(super) fn asks_the_bot(pen: &mut Pen, who: &Person, dice: &mut Dice, day: i64) {
    let at = pen.at(day, dice.between(7, 20), dice.between(0, 50));
    let mut talk = pen.scene(&who.whatsapp, "chatwoot", at).contact("chatbot");
    talk.starts("loyalty_points").hears("Quantos pontos eu tenho?");
    talk.after(2).event("self_service.used", json!({"path": "clube/pontos", "completed": true, "actor": "customer"}));
    talk.says("bot:sofia", "Você tem 1.240 pontos no Clube. Posso ajudar em algo mais?");
    talk.after(30).event("fact.told", json!({"key": "best_time", "value": "depois das 18h", "confirmed": false}));
    talk.ends("resolved", 45, "bot");
}

/// The customer cancels, though not in anger, and does not want to be advertised to any more.
pub(super) fn cancels(pen: &mut Pen, who: &Person, dice: &mut Dice, day: i64) {
    let (case, protocol) = pen.case();
    let at = pen.at(day, dice.between(9, 18), dice.between(0, 59));
    let mut call = pen.scene(&who.phone, "pabx", at).contact("voice").with("case", case.as_str());
    call = call.with("department", "retencao").dimension("product", "clube");
    call.starts("cancellation").waits("retencao", dice.between(60, 500), "wesley");
    call.event(
        "case.opened",
        json!({"protocol": protocol, "demand": "cancellation", "priority": "normal",
        "title": "Cancelamento do clube"}),
    );
    call.after(200).feels("praise", "service", "Gostei do clube, só estou mudando de país.");
    call.event("stage.entered", json!({"stage": "retention"})).ends("resolved", 420, "cancelado");
    call.after(60).event(
        "case.resolved",
        json!({"status": "encerrado", "resolution": "cancelado",
        "actor": "agent:wesley", "note": "Cliente não aceitou a oferta de retenção."}),
    );
    let revoked = json!({"purpose": "marketing", "consent_channel": "email", "state": "revoked", "channel": "voice"});
    call.after(5).event("consent.changed", revoked);
}
