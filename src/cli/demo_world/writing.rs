//! Stories of contacts in writing: WhatsApp, e-mail, chat, social networks, fax.

use serde_json::json;

use super::dice::Dice;
use super::pen::Pen;
use super::people::Person;
use super::stories::{matter, settle};
use super::texts::{AGENTS, COMMENTS, PRAISES, SUGGESTIONS};

/// A question on WhatsApp that is answered at once.
pub(super) fn asks_on_whatsapp(pen: &mut Pen, who: &Person, dice: &mut Dice, day: i64) {
    let (matter, agent) = (matter(dice), dice.pick(AGENTS));
    let at = pen.at(day, dice.between(8, 19), dice.between(0, 59));
    let mut talk = pen.scene(&who.whatsapp, "chatwoot", at).contact("whatsapp").with("identifiers", json!([who.crm]));
    talk = talk.with("department", matter.queue).dimension("product", matter.product);
    talk.starts(matter.code).hears(dice.pick(matter.openings));
    talk.waits(matter.queue, dice.between(20, 900), agent).says(&format!("agent:{agent}"), dice.pick(matter.replies));
    talk.after(70).feels("question", matter.code, "E se não resolver, ligo para onde?");
    talk.after(40).hears("Entendi, obrigada!").ends("resolved", dice.between(120, 500), matter.code);
    if dice.happens(50) {
        let preference = json!({"preferred_channel": "whatsapp", "purpose": "service", "hours": "18-21"});
        talk.event("preference.stated", preference);
    }
}

/// A complaint by e-mail with a case; some come up again.
pub(super) fn complains_by_email(pen: &mut Pen, who: &Person, dice: &mut Dice, day: i64) {
    let (matter, (case, protocol), agent) = (matter(dice), pen.case(), dice.pick(AGENTS));
    let at = pen.at(day, dice.between(7, 18), dice.between(0, 59));
    let mut mail = pen.scene(&who.email, "chatwoot", at).contact("email").with("case", case.as_str());
    mail = mail.with("department", matter.queue).dimension("product", matter.product);
    let opening = dice.pick(matter.openings);
    mail.starts(matter.code).event(
        "message.sent",
        json!({"direction": "inbound", "content_type": "text/plain",
        "size_bytes": opening.len(), "text": opening, "subject_line": "Reclamação"}),
    );
    mail.feels("complaint", matter.code, opening);
    let due = mail.in_days(3);
    mail.after(600).event(
        "case.opened",
        json!({"protocol": protocol, "demand": matter.demand, "priority": "normal",
        "due_at": due, "title": "Reclamação por e-mail", "description": opening}),
    );
    mail.after(7200).says(&format!("agent:{agent}"), dice.pick(matter.replies)).ends("resolved", 0, matter.code);
    settle(pen, who, (case.as_str(), day - 1), "respondido");
    if dice.happens(45) {
        comes_up_again(pen, who, (case.as_str(), day - 3));
    }
}

fn comes_up_again(pen: &mut Pen, who: &Person, (case, day): (&str, i64)) {
    let at = pen.at(day, 10, 20);
    let mut crm = pen.scene(&who.email, "crm", at).with("case", case).through("email");
    let due = crm.in_days(2);
    crm.event("case.reopened", json!({"status": "reaberto", "due_at": due, "note": "O problema voltou a acontecer."}));
    crm.after(5400).event("case.updated", json!({"status": "em_analise", "note": "Encaminhado à segunda linha."}));
    settle(pen, who, (case, day - 2), "segunda_linha");
}

/// A chat on the site, with an answer by a person.
pub(super) fn chats_on_the_site(pen: &mut Pen, who: &Person, dice: &mut Dice, day: i64) {
    let (matter, agent) = (matter(dice), dice.pick(AGENTS));
    let at = pen.at(day, dice.between(9, 18), dice.between(0, 59));
    let mut chat = pen.scene(&who.email, "chatwoot", at).contact("chat").with("touchpoint", "site/ajuda");
    chat.starts(matter.code).hears(dice.pick(matter.openings));
    chat.waits("chat", dice.between(5, 240), agent).says(&format!("agent:{agent}"), dice.pick(matter.replies));
    if dice.happens(40) {
        chat.after(60).feels("suggestion", "service", dice.pick(SUGGESTIONS));
    }
    chat.ends("resolved", dice.between(100, 600), matter.code);
    let good = dice.happens(70);
    let (score, comments) = if good { (dice.between(4, 5), COMMENTS.0) } else { (dice.between(1, 3), COMMENTS.1) };
    let at = chat.now();
    pen.scene(&who.email, "pesquisa", at).through("survey").is_surveyed("csat", score, dice.pick(comments));
}

/// A public complaint on a social network that is taken to a private talk.
pub(super) fn posts(pen: &mut Pen, who: &Person, dice: &mut Dice, day: i64) {
    let matter = matter(dice);
    let account = format!("instagram:@ficticio.{}", 100 + who.number);
    let at = pen.at(day, dice.between(12, 20), dice.between(0, 40));
    let mut post =
        pen.scene(&account, "redes", at).contact("social(instagram)").with("identifiers", json!([who.email]));
    post.starts(matter.code).hears("Mais alguém com problema nessa loja? Já são três tentativas e nada.");
    post.feels("complaint", matter.code, "Três tentativas e nada, um desrespeito.");
    post.after(1500).says("agent:redes", "Olá! Pode nos chamar por mensagem direta com seus dados?");
    if dice.happens(35) {
        post.feels("report", "fraud_suspicion", "Recebi um link estranho em nome de vocês, tomem cuidado.");
    }
    post.ends("forwarded", 600, "mensagem_direta");
}

/// Praise on WhatsApp, and a survey with a high score.
pub(super) fn praises(pen: &mut Pen, who: &Person, dice: &mut Dice, day: i64) {
    let at = pen.at(day, dice.between(9, 19), dice.between(0, 59));
    let mut talk = pen.scene(&who.whatsapp, "chatwoot", at).contact("whatsapp");
    let praise = dice.pick(PRAISES);
    talk.starts("praise").hears(praise).feels("praise", "service", praise);
    talk.says("agent:juliana", "Que bom ler isso! Vou repassar à equipe.").ends("resolved", 120, "elogio");
    let mut survey = pen.scene(&who.email, "pesquisa", at).through("survey");
    survey.after(86_400).is_surveyed("nps", dice.between(8, 10), "");
    let at = survey.now();
    pen.scene(&who.crm, "crm", at).event("stage.entered", json!({"stage": "referral"}));
}

/// A fax, from the clinic that still has one.
pub(super) fn faxes(pen: &mut Pen, who: &Person, dice: &mut Dice, day: i64) {
    let at = pen.at(day, dice.between(9, 16), dice.between(0, 59));
    let mut fax = pen.scene(&who.crm, "faxserver", at).contact("other(fax)");
    fax.starts("purchase_order").event(
        "message.sent",
        json!({"direction": "inbound", "content_type": "image/tiff",
        "size_bytes": 61_440, "attachments": 1, "text": "Ordem de compra de material de escritório",
        "attachment_names": ["fax-0001.tiff"]}),
    );
    fax.ends("forwarded", 0, "compras");
}
