//! A line of each kind, as a person of the field would write it.

use serde_json::{Value, json};

use super::*;
use crate::event::{Flat, IdentifierKind, Micros, Position, Revision, Strand, SubjectId, Unfiled, Who};
use crate::playbook::Playbook;

fn event(kind: &str, data: Value) -> Event {
    let Value::Object(data) = data else { panic!("data is an object") };
    let at = Micros::parse("2026-01-05T15:00:00Z").unwrap();
    let flat = Flat {
        id: "1".into(),
        source: "test".into(),
        kind: if kind.contains('.') || kind == "custom" { format!("novelo.{kind}") } else { kind.into() },
        subject: None,
        time: Some(at.to_string()),
        data,
    };
    let strand = |n| Strand { kind: IdentifierKind::CRM, subject: SubjectId([n; 16]) };
    let unfiled = Unfiled::read(flat).unwrap_or_else(|problem| panic!("{kind}: {problem}"));
    let draft = unfiled.file(Who::Strands(strand(1), vec![strand(2)]), at).unwrap();
    Event {
        position: Position(0),
        revision: Revision(0),
        recorded_at: at,
        strand: strand(1),
        also: vec![strand(2)],
        header: draft.header().clone(),
        kind: draft.kind().clone(),
        sealed: Vec::new(),
    }
}

/// Kind, data, English, Portuguese.
fn lines() -> Vec<(&'static str, Value, &'static str, &'static str)> {
    let voice = |more: Value| {
        let mut data = json!({"channel": "voice", "contact": "c", "case": "k"});
        data.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        data
    };
    vec![
        (
            "contact.started",
            voice(json!({"reason": "atraso"})),
            "Contact started by phone: atraso",
            "Contato iniciado por telefone: atraso",
        ),
        ("contact.queued", voice(json!({"queue": "n1"})), "Put in the queue: n1", "Entrou na fila: n1"),
        (
            "contact.answered",
            voice(json!({"wait_ms": 200_000})),
            "Answered (waited 3 min 20 s)",
            "Atendido (esperou 3 min 20 s)",
        ),
        (
            "contact.transferred",
            voice(json!({"to_department": "logística"})),
            "Transferred: logística",
            "Transferido: logística",
        ),
        ("contact.transferred", voice(json!({"to_channel": "store"})), "Transferred: counter", "Transferido: balcão"),
        (
            "contact.ended",
            voice(json!({"outcome": "dropped", "talk_ms": 3_600_000})),
            "Contact ended: dropped (1 h)",
            "Contato encerrado: caiu (1 h)",
        ),
        (
            "message.sent",
            voice(json!({"direction": "inbound", "channel": "letter"})),
            "Message from the customer by letter",
            "Mensagem do cliente por carta",
        ),
        (
            "self_service.used",
            voice(json!({"channel": "ivr", "path": "2/1"})),
            "Self-service by phone menu: 2/1",
            "Autoatendimento por URA: 2/1",
        ),
        (
            "case.opened",
            voice(json!({"protocol": "P-1", "demand": "complaint"})),
            "Case opened, protocol P-1: complaint",
            "Caso aberto, protocolo P-1: reclamação",
        ),
        (
            "case.updated",
            voice(json!({"status": "em análise"})),
            "Case updated: em análise",
            "Caso atualizado: em análise",
        ),
        ("case.resolved", voice(json!({"resolution": "refund"})), "Case resolved: refund", "Caso solucionado: refund"),
        ("case.reopened", voice(json!({})), "Case reopened", "Caso reaberto"),
        (
            "feedback.given",
            voice(json!({"feedback": "praise", "topic": "entrega"})),
            "Praise: entrega",
            "Elogio: entrega",
        ),
        ("survey.sent", voice(json!({"instrument": "nps"})), "Survey sent: NPS", "Pesquisa enviada: NPS"),
        (
            "survey.answered",
            voice(json!({"instrument": "csat", "score": 4})),
            "Survey answered: CSAT 4 of 5",
            "Pesquisa respondida: CSAT 4 de 5",
        ),
        ("fact.told", voice(json!({"key": "order", "value": 1})), "Told us: order", "Informou: pedido"),
        ("fact.withdrawn", voice(json!({"key": "order"})), "No longer holds: order", "Não vale mais: pedido"),
        ("note.added", voice(json!({"text": "x", "pinned": true})), "Pinned note", "Anotação fixada"),
        ("note.unpinned", voice(json!({"note": "0".repeat(32)})), "Note unpinned", "Anotação desafixada"),
        (
            "stage.entered",
            voice(json!({"stage": "retenção"})),
            "Entered the stage: retenção",
            "Entrou na etapa: retenção",
        ),
        ("milestone.reached", voice(json!({"milestone": "1st"})), "Milestone reached: 1st", "Marco atingido: 1st"),
        (
            "activity.tracked",
            voice(json!({"name": "order.placed", "amount": 12.5, "currency": "BRL"})),
            "Activity: order placed (BRL 12.50)",
            "Atividade: pedido feito (BRL 12,50)",
        ),
        (
            "campaign.touched",
            voice(json!({"campaign": "black", "step": "opened"})),
            "Campaign opened: black",
            "Campanha aberta: black",
        ),
        (
            "profile.observed",
            voice(json!({"namespace": "crm", "values": {"a": 1}})),
            "Profile updated: CRM",
            "Cadastro atualizado: CRM",
        ),
        (
            "preference.stated",
            voice(json!({"preferred_channel": "email"})),
            "Prefers to be reached by: e-mail",
            "Prefere contato por: e-mail",
        ),
        (
            "consent.changed",
            voice(json!({"purpose": "marketing", "state": "revoked"})),
            "Consent revoked: marketing",
            "Consentimento revogado: ofertas",
        ),
        ("identity.claimed", voice(json!({})), "Gave identifiers", "Informou identificadores"),
        ("identity.linked", voice(json!({})), "Linked with another record", "Vinculado a outro registro"),
        ("identity.unlinked", voice(json!({})), "Separated from another record", "Separado de outro registro"),
        (
            "privacy.held",
            voice(json!({"reason": "processo"})),
            "Data kept on hold: processo",
            "Dados retidos: processo",
        ),
        ("privacy.released", voice(json!({})), "Hold released", "Retenção encerrada"),
        ("privacy.shredded", voice(json!({})), "Personal data erased", "Dados pessoais eliminados"),
        (
            "record.viewed",
            voice(json!({"purpose": "atendimento"})),
            "Record viewed: atendimento",
            "Cadastro consultado: atendimento",
        ),
        ("custom", voice(json!({"name": "kiosk.used"})), "kiosk.used", "kiosk.used"),
    ]
}

#[test]
fn every_kind_has_its_line() {
    let usual = Playbook::usual();
    for (kind, data, english, portuguese) in lines() {
        let event = event(kind, data);
        assert_eq!(summary(&event, "en", usual.names()), english, "{kind}");
        assert_eq!(summary(&event, "pt-BR", usual.names()), portuguese, "{kind}");
    }
    let shown: std::collections::BTreeSet<&str> = lines().iter().map(|(kind, ..)| *kind).collect();
    assert_eq!(shown.len(), Kind::ALL.len());
}

#[test]
fn a_social_network_is_named_and_spanish_is_spoken() {
    let event = event("contact.started", json!({"channel": "social(instagram)", "contact": "c"}));
    assert_eq!(summary(&event, "es-MX", &Names::default()), "Contacto iniciado por instagram");
    assert_eq!(
        (Language::of("pt-BR"), Language::of("PT"), Language::of("de")),
        (Language::Portuguese, Language::Portuguese, Language::English)
    );
}
