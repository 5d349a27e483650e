//! Ana Beatriz Moura, whom the demonstration is about: her order 88412 has not arrived, and she has told it three times.

use serde_json::json;

use super::pen::Pen;

/// What the customer that the demonstration is about is known by.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Star {
    /// Her name.
    pub(crate) name: &'static str,
    /// Her account of WhatsApp, which is her telephone number as well, in E.164.
    pub(crate) whatsapp: &'static str,
    /// Her e-mail.
    pub(crate) email: &'static str,
    /// Her number in the customer relationship system.
    pub(crate) crm: &'static str,
    /// Her tax number: made up, with right check digits.
    pub(crate) cpf: &'static str,
    /// The protocol number of the case that is open.
    pub(crate) protocol: &'static str,
    /// The order that has not arrived.
    pub(crate) order: &'static str,
    /// The conversation that hops from the chatbot to the telephone and to e-mail.
    pub(crate) conversation: &'static str,
}

/// Ana.
pub(crate) const STAR: Star = Star {
    name: "Ana Beatriz Moura",
    whatsapp: "+5511955500142",
    email: "ana.moura@example.com",
    crm: "8812",
    cpf: "99900014219",
    protocol: "20261042371",
    order: "88412",
    conversation: "v-88412",
};

const CRM: &str = "crm:8812";
const PHONE: &str = "phone:+5511955500142";
const WHATSAPP: &str = "whatsapp:+5511955500142";
const EMAIL: &str = "email:ana.moura@example.com";
/// The case that is open.
const CASE: &str = "case-ana-88412";

/// Her whole history.
pub(super) fn shines(pen: &mut Pen) {
    comes(pen);
    complains_the_first_time(pen);
    says_how_she_likes_it(pen);
    praises(pen);
    orders_again(pen);
    asks_the_bot(pen);
    telephones(pen);
    writes(pen);
}

fn comes(pen: &mut Pen) {
    let at = pen.at(118, 9, 12);
    let mut crm = pen.scene(CRM, "crm", at).dimension("region", "SP");
    crm.event("identity.claimed", json!({"identifiers": [EMAIL, WHATSAPP, PHONE, format!("cpf:{}", STAR.cpf)]}));
    let person =
        json!({"name": STAR.name, "city": "São Paulo", "state": "SP", "birth_year": 1987, "language": "pt-BR"});
    crm.event("profile.observed", json!({"namespace": "demographic", "values": person}));
    let segment = json!({"segment": "ouro", "customer_since": "2019", "manager": "renato"});
    crm.event("profile.observed", json!({"namespace": "crm", "values": segment}));
    crm.event("profile.observed", json!({"namespace": "risk", "values": {"band": "baixo"}}));
    crm.event("stage.entered", json!({"stage": "activation"}));
    let at = pen.at(110, 18, 40);
    let mut shop = pen.scene(EMAIL, "loja", at).through("web").with("touchpoint", "checkout");
    shop.event(
        "activity.tracked",
        json!({"name": "order.placed", "amount": "189.90", "currency": "BRL",
        "properties": {"order": "87120", "items": ["jogo de panelas"]}}),
    );
    shop.event("milestone.reached", json!({"milestone": "first_order"}));
}

fn complains_the_first_time(pen: &mut Pen) {
    let text = "Pedi o jogo de panelas preto e recebi o vermelho. Gostaria de trocar sem pagar frete.";
    let at = pen.at(96, 8, 25);
    let mut mail = pen.scene(EMAIL, "chatwoot", at).contact("email").with("case", "case-ana-87120");
    mail = mail.with("department", "trocas").dimension("product", "loja_online");
    mail.starts("wrong_item").event(
        "message.sent",
        json!({"direction": "inbound", "content_type": "text/plain",
        "size_bytes": text.len(), "attachments": 1, "subject_line": "Pedido 87120 veio errado", "text": text,
        "attachment_names": ["panelas.jpg"]}),
    );
    mail.feels("complaint", "wrong_item", text);
    let due = mail.in_days(3);
    mail.after(900).event(
        "case.opened",
        json!({"protocol": "20261017745", "demand": "complaint", "priority": "normal",
        "due_at": due, "title": "Item trocado no pedido 87120", "description": text}),
    );
    mail.after(14_000).says("agent:juliana", "Olá, Ana! A coleta está marcada e o novo item segue sem custo.");
    mail.ends("resolved", 0, "troca");
    mail.after(86_400)
        .event("case.updated", json!({"status": "coleta_agendada", "note": "Coleta pela transportadora."}));
    mail.after(172_800).event("case.resolved", json!({"status": "encerrado", "resolution": "trocado"}));
    let at = mail.now();
    let mut survey = pen.scene(EMAIL, "pesquisa", at).through("survey").with("case", "case-ana-87120");
    survey.after(3_600).is_surveyed("csat", 4, "Resolveram, mas precisei mandar a foto duas vezes.");
}

fn says_how_she_likes_it(pen: &mut Pen) {
    let at = pen.at(80, 19, 5);
    let mut talk = pen.scene(WHATSAPP, "chatwoot", at).contact("whatsapp").with("identifiers", json!([CRM]));
    talk.starts("account").hears("Prefiro que falem comigo por aqui, à noite. De dia estou na escola, dou aula.");
    talk.event("preference.stated", json!({"preferred_channel": "whatsapp", "purpose": "service", "hours": "18-21"}));
    talk.event("fact.told", json!({"key": "occupation", "value": "professora", "confirmed": false}));
    talk.event("fact.told", json!({"key": "best_time", "value": "depois das 18h", "confirmed": true}));
    talk.says("agent:marcos", "Anotado, Ana! Posso mandar ofertas por aqui também?").after(30).hears("Pode sim.");
    talk.event(
        "consent.changed",
        json!({"purpose": "marketing", "consent_channel": "whatsapp", "state": "granted",
        "legal_basis": "consent"}),
    );
    talk.ends("resolved", 240, "cadastro");
    let at = pen.at(61, 10, 0);
    let mut offer = pen.scene(WHATSAPP, "disparador", at).through("whatsapp").with("campaign", "dia-dos-professores");
    for (step, seconds) in [("sent", 0), ("delivered", 4), ("opened", 29_000), ("clicked", 50)] {
        offer.after(seconds).event("campaign.touched", json!({"step": step}));
    }
}

fn praises(pen: &mut Pen) {
    let text = "Passando para elogiar: a entrega chegou um dia antes e o entregador foi um amor!";
    let at = pen.at(45, 18, 31);
    let mut talk = pen.scene(WHATSAPP, "chatwoot", at).contact("whatsapp").with("identifiers", json!([CRM]));
    talk.starts("praise").hears(text).feels("praise", "delivery", text);
    talk.says("agent:juliana", "Obrigada, Ana! Já repassei o elogio à equipe de entregas.")
        .ends("resolved", 95, "elogio");
    let at = talk.now();
    pen.scene(EMAIL, "pesquisa", at).through("survey").is_surveyed("nps", 9, "");
}

fn orders_again(pen: &mut Pen) {
    let at = pen.at(14, 18, 2);
    pen.scene(CRM, "crm", at).event("stage.entered", json!({"stage": "retention"}));
    let at = pen.at(12, 19, 48);
    let mut shop = pen.scene(EMAIL, "loja", at).through("app").with("touchpoint", "checkout");
    shop.event(
        "activity.tracked",
        json!({"name": "order.placed", "amount": "349.90", "currency": "BRL",
        "properties": {"order": STAR.order, "items": ["cafeteira italiana", "moedor de café"]}}),
    );
    shop.event(
        "fact.told",
        json!({"key": "delivery_address", "confirmed": true,
        "value": "Rua Fictícia, 142, apto 31, São Paulo"}),
    );
    let at = pen.at(9, 14, 15);
    let mut carrier = pen.scene(CRM, "correios", at);
    let parcel = |name: &str| json!({"name": name, "properties": {"order": STAR.order, "tracking": "XX000088412BR"}});
    carrier.event("activity.tracked", parcel("order.shipped"));
    carrier.after(5 * 86_400).event("activity.tracked", parcel("delivery.overdue"));
    let at = pen.at(3, 18, 20);
    let mut app = pen.scene(CRM, "app", at).contact("app").with("touchpoint", "app/rastreio");
    app.starts("tracking").after(15).event("self_service.used", json!({"path": "pedido/rastreio", "completed": false}));
    app.ends("unresolved", 40, "autoatendimento");
}

fn asks_the_bot(pen: &mut Pen) {
    let at = pen.at(2, 18, 4);
    let mut talk = pen.scene(WHATSAPP, "chatwoot", at).contact("chatbot").with("conversation", STAR.conversation);
    talk = talk.with("identifiers", json!([CRM])).dimension("product", "loja_online");
    talk.starts("late_delivery").hears("Oi, meu pedido era para ter chegado na semana passada e nada.");
    talk.after(3).says("bot:sofia", "Oi, Ana! Sou a Sofia. Qual é o número do pedido?");
    talk.after(25).hears("É o 88412");
    talk.event("fact.told", json!({"key": "order", "value": STAR.order, "confirmed": true}));
    talk.after(2).event("self_service.used", json!({"path": "pedido/atraso", "completed": false, "input": STAR.order}));
    talk.says(
        "bot:sofia",
        "O pedido 88412 está com a transportadora, sem nova previsão. Vou te passar para uma pessoa.",
    );
    talk.after(20).hears("Por favor. E não deixem na portaria, o prédio não recebe.");
    talk.event("fact.told", json!({"key": "delivery_note", "value": "não deixar na portaria", "confirmed": false}));
    talk.event(
        "contact.transferred",
        json!({"to_channel": "voice", "to_department": "entregas", "reason": "bot_limit"}),
    );
    talk.ends("forwarded", 20, "transbordo");
}

fn telephones(pen: &mut Pen) {
    let at = pen.at(2, 18, 9);
    let mut call = pen.scene(PHONE, "pabx", at).contact("voice").with("conversation", STAR.conversation);
    call = call.with("case", CASE).with("department", "entregas").with("identifiers", json!([CRM]));
    call.is_sent_here("late_delivery").waits("entregas", 460, "carla");
    let text = "É a segunda vez que explico. Paguei frete expresso e o pedido 88412 está parado há uma semana.";
    call.after(45).feels("complaint", "late_delivery", text);
    let due = call.in_days(5);
    call.after(60).event(
        "case.opened",
        json!({"protocol": STAR.protocol, "demand": "complaint", "priority": "alta",
        "due_at": due, "title": "Pedido 88412 não entregue", "description": text, "actor": "agent:carla"}),
    );
    call.after(30).event(
        "fact.told",
        json!({"key": "second_receiver", "confirmed": true,
        "value": "pode entregar à vizinha do apto 32, dona Célia"}),
    );
    call.after(40).event(
        "activity.tracked",
        json!({"name": "promise.made", "actor": "agent:carla",
        "properties": {"promise": "Retorno até amanhã ao meio-dia com a nova data", "order": STAR.order}}),
    );
    call.ends("dropped", 12, "ligacao_caiu");
    call.after(50).event(
        "note.added",
        json!({"actor": "agent:carla", "pinned": true,
        "text": "A ligação caiu antes de eu passar o protocolo. Prometi retorno com a data até amanhã ao meio-dia."}),
    );
}

fn writes(pen: &mut Pen) {
    let text = "Boa tarde. Falei com o robô, depois com a Carla, a ligação caiu e ninguém me retornou até o meio-dia como \
                prometido. O pedido 88412 não chegou. Não quero explicar tudo de novo: quero a data de entrega ou o \
                dinheiro de volta.";
    let at = pen.at(1, 16, 22);
    let mut mail = pen.scene(EMAIL, "chatwoot", at).contact("email").with("conversation", STAR.conversation);
    mail = mail.with("case", CASE).with("department", "entregas").with("identifiers", json!([CRM]));
    mail.starts("late_delivery").event(
        "message.sent",
        json!({"direction": "inbound", "content_type": "text/plain",
        "size_bytes": text.len(), "attachments": 1, "subject_line": "Pedido 88412: terceira tentativa", "text": text,
        "attachment_names": ["rastreio.png"]}),
    );
    mail.feels("complaint", "late_delivery", text);
    mail.event("contact.queued", json!({"queue": "entregas"}));
}
