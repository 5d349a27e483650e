//! Stories of contacts by voice and in person: telephone, voicemail, video, counter, letter.

use serde_json::json;

use super::dice::Dice;
use super::pen::Pen;
use super::people::Person;
use super::stories::{matter, settle};
use super::texts::{AGENTS, PRAISES};

/// A call: first the menu, then a person; some hang up before.
pub(super) fn telephones(pen: &mut Pen, who: &Person, dice: &mut Dice, day: i64) {
    let (matter, conversation) = (matter(dice), pen.conversation());
    let at = pen.at(day, dice.between(8, 19), dice.between(0, 50));
    let mut menu = pen.scene(&who.phone, "pabx", at).contact("ivr").with("conversation", conversation.as_str());
    menu.starts(matter.code);
    menu.after(35).event("self_service.used", json!({"path": "2/1", "completed": false, "touchpoint": "menu"}));
    menu.event("contact.transferred", json!({"to_channel": "voice", "to_department": matter.queue, "reason": "menu"}));
    menu.ends("forwarded", 10, "ivr");
    let at = menu.now();
    let call = pen.scene(&who.phone, "pabx", at).contact("voice").with("conversation", conversation.as_str());
    let mut call = call.with("department", matter.queue).dimension("product", matter.product);
    call.starts(matter.code);
    if dice.happens(20) {
        call.event("contact.queued", json!({"queue": matter.queue}));
        call.after(dice.between(90, 600)).event("contact.ended", json!({"outcome": "abandoned"}));
        return;
    }
    call.waits(matter.queue, dice.between(8, 420), dice.pick(AGENTS));
    call.after(120).feels("complaint", matter.code, dice.pick(matter.openings));
    let outcome = if dice.happens(75) { "resolved" } else { "unresolved" };
    call.ends(outcome, dice.between(150, 780), matter.code);
}

/// A message on the machine after hours, and the call back on the next morning.
pub(super) fn leaves_a_voicemail(pen: &mut Pen, who: &Person, dice: &mut Dice, day: i64) {
    let (matter, conversation) = (matter(dice), pen.conversation());
    let at = pen.at(day, 20, dice.between(5, 50));
    let mut machine =
        pen.scene(&who.phone, "pabx", at).contact("voicemail").with("conversation", conversation.as_str());
    machine.starts(matter.code);
    let left = json!({"direction": "inbound", "content_type": "audio/ogg", "size_bytes": 148_000, "attachments": 1,
        "text": dice.pick(matter.openings), "attachment_names": ["recado.ogg"]});
    machine.event("message.sent", left).ends("unresolved", dice.between(20, 70), "recado");
    let at = pen.at(day - 1, 9, dice.between(0, 40));
    let mut back = pen.scene(&who.phone, "pabx", at).contact("voice").with("conversation", conversation.as_str());
    let agent = dice.pick(AGENTS);
    back.calls_out(agent, "callback").after(90).event(
        "note.added",
        json!({
        "actor": format!("agent:{agent}"), "text": "Retorno de recado: cliente orientado, sem pendências."}),
    );
    back.ends("resolved", dice.between(90, 400), "retorno");
}

/// A visit to the counter, with a case that is settled there or some days later.
pub(super) fn visits_the_counter(pen: &mut Pen, who: &Person, dice: &mut Dice, day: i64) {
    let (matter, (case, protocol)) = (matter(dice), pen.case());
    let at = pen.at(day, dice.between(9, 17), dice.between(0, 59));
    let mut visit = pen.scene(&who.crm, "loja", at).contact("store").with("case", case.as_str());
    visit = visit.with("touchpoint", "loja-centro").dimension("product", matter.product);
    visit.is_sent_here(matter.code);
    visit.waits("balcao", dice.between(120, 1500), "caixa.03");
    let due = visit.in_days(5);
    visit.event(
        "case.opened",
        json!({"protocol": protocol, "demand": matter.demand, "priority": "normal", "due_at": due,
        "title": "Atendimento no balcão", "description": dice.pick(matter.openings)}),
    );
    visit.after(300).feels("praise", "service", dice.pick(PRAISES));
    visit.ends("resolved", dice.between(240, 900), matter.code);
    settle(pen, who, (case.as_str(), day - 2), "resolvido_na_loja");
}

/// A talk by video with a specialist.
pub(super) fn talks_by_video(pen: &mut Pen, who: &Person, dice: &mut Dice, day: i64) {
    let at = pen.at(day, dice.between(10, 17), 0);
    let mut video = pen.scene(&who.crm, "videochamada", at).contact("video").with("department", "especialistas");
    video.starts("product_advice").waits("especialistas", dice.between(5, 60), "renato");
    video.after(400).event("fact.told", json!({"key": "kitchen_voltage", "value": "220 V", "confirmed": true}));
    video.ends("resolved", dice.between(500, 1500), "consultoria");
}

/// A letter, scanned at the mail room, and the answer by letter.
pub(super) fn writes_a_letter(pen: &mut Pen, who: &Person, dice: &mut Dice, day: i64) {
    let (matter, (case, protocol)) = (matter(dice), pen.case());
    let at = pen.at(day, 11, dice.between(0, 59));
    let mut letter = pen.scene(&who.crm, "correios", at).contact("letter").with("case", case.as_str());
    letter = letter.with("department", "ouvidoria").with("conversation", format!("carta-{case}"));
    letter.starts(matter.code).event(
        "message.sent",
        json!({"direction": "inbound", "content_type": "application/pdf",
        "size_bytes": 412_000, "attachments": 1, "subject_line": "Carta registrada",
        "text": format!("Prezados senhores, {} Aguardo resposta por escrito.", dice.pick(matter.openings)),
        "attachment_names": ["carta-digitalizada.pdf"]}),
    );
    letter.feels("complaint", matter.code, dice.pick(matter.openings));
    let due = letter.in_days(10);
    letter.after(1200).event(
        "case.opened",
        json!({"protocol": protocol, "demand": "complaint", "priority": "alta",
        "due_at": due, "title": "Carta à ouvidoria"}),
    );
    let answer = format!("Prezada cliente, prezado cliente: {}", dice.pick(matter.replies));
    letter.after(3 * 86_400).says("agent:ouvidoria", &answer).ends("resolved", 0, "resposta_por_carta");
    settle(pen, who, (case.as_str(), day - 4), "carta_respondida");
}
