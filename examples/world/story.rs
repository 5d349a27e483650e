//! One story while it is told: what happens to one customer about one matter, and the events of which all stories are made.

use super::dice::Dice;
use super::line::Line;
use super::people::Person;
use super::{SECOND, texts};

const TOPICS: [&str; 12] = [
    "entrega",
    "cobranca",
    "defeito",
    "estorno",
    "senha",
    "cadastro",
    "proposta",
    "cancelamento",
    "limite",
    "visita",
    "segunda_via",
    "pontos",
];
pub(super) const QUEUES: [&str; 6] = ["suporte", "financeiro", "entregas", "retencao", "relacionamento", "ouvidoria"];
const FEEDBACK: [&str; 5] = ["complaint", "question", "praise", "suggestion", "report"];
const SOURCES: [(&str, &str); 8] = [
    ("whatsapp", "chatwoot"),
    ("chat", "chatwoot"),
    ("social(instagram)", "chatwoot"),
    ("voice", "pabx"),
    ("ivr", "pabx"),
    ("voicemail", "pabx"),
    ("email", "correio"),
    ("sms", "torpedo"),
];

/// One story while it is told: its customer, its clock, and what has happened.
pub(crate) struct Story<'a> {
    pub(crate) who: &'a Person,
    pub(crate) dice: Dice,
    /// Unique in the world.
    pub(crate) id: String,
    pub(crate) now: i64,
    pub(crate) told: Vec<(i64, Vec<u8>)>,
    pub(super) channel: &'static str,
    pub(super) contact: Option<String>,
    pub(super) conversation: Option<String>,
    pub(super) case: Option<String>,
    pub(super) agent: Option<String>,
    pub(super) topic: &'static str,
}

impl<'a> Story<'a> {
    pub(crate) fn new(who: &'a Person, mut dice: Dice, id: String, now: i64) -> Self {
        let topic = dice.lean(&TOPICS);
        let channel = if dice.happens(70) { who.favourite } else { dice.pick(&["whatsapp", "voice", "chat", "email"]) };
        let (contact, conversation, case, agent) = (None, None, None, None);
        Self { who, dice, id, now, told: Vec::with_capacity(16), channel, contact, conversation, case, agent, topic }
    }

    pub(super) fn wait(&mut self, low_seconds: u64, high_seconds: u64) {
        self.now +=
            self.dice.between(low_seconds, high_seconds) as i64 * SECOND + self.dice.between(0, 999) as i64 * 1_000;
    }

    /// Writes an event down. Every event has the fields of where the story stands.
    pub(super) fn event(&mut self, kind: &str, own: impl FnOnce(&mut Line, &mut Dice)) {
        let subject = self.who.known_in(self.channel);
        self.event_of(Some(&subject), kind, own);
    }

    pub(super) fn event_of(&mut self, subject: Option<&str>, kind: &str, own: impl FnOnce(&mut Line, &mut Dice)) {
        let source = SOURCES.iter().find(|(channel, _)| *channel == self.channel).map_or("crm", |(_, source)| source);
        let id = format!("{}-{}", self.id, self.told.len());
        let mut line = Line::new(&id, source, kind, subject, self.now);
        line.put("channel", self.channel);
        line.put_some("contact", self.contact.as_deref()).put_some("conversation", self.conversation.as_deref());
        line.put_some("case", self.case.as_deref());
        if kind.starts_with("contact.") || kind.starts_with("case.") {
            line.put(
                "dimensions",
                std::collections::BTreeMap::from([("product", self.who.product), ("region", self.who.state)]),
            );
        }
        own(&mut line, &mut self.dice);
        self.told.push((self.now, line.end()));
    }

    pub(super) fn begins_contact(&mut self, channel: &'static str, direction: &str) {
        self.channel = channel;
        self.contact = Some(format!("c-{}-{}", self.id, self.told.len()));
        self.conversation.get_or_insert_with(|| format!("v-{}", self.id));
        let topic = self.topic;
        self.event("contact.started", |line, dice| {
            line.put("direction", direction).put("reason", topic);
            if dice.happens(30) {
                line.put("channel_choice", dice.pick(&["chosen", "imposed"]))
                    .put("self_service_offered", dice.happens(50));
            }
        });
    }

    /// The agent answers and finds out who it is: the one event that names several identifiers.
    pub(super) fn is_answered(&mut self) {
        let queue = self.dice.lean(&QUEUES);
        if self.dice.happens(70) {
            self.wait(1, 4);
            self.event("contact.queued", |line, _| {
                line.put("queue", queue);
            });
        }
        self.wait(2, 420);
        let agent =
            format!("agent:{}{:02}", self.dice.pick(&["ana", "carla", "marcos", "renato"]), self.dice.between(1, 60));
        let mut others = vec![format!("crm:{}", self.who.crm)];
        others.extend(self.who.cpf.as_ref().map(|cpf| format!("cpf:{cpf}")));
        let found = self.dice.happens(65).then_some(others);
        self.event("contact.answered", |line, dice| {
            line.put("actor", &agent)
                .put("department", queue)
                .put("wait_ms", dice.between(800, 600_000))
                .put("queue", queue);
            line.put_some("identifiers", found);
        });
        self.agent = Some(agent);
    }

    pub(super) fn ends_contact(&mut self) {
        self.wait(5, 300);
        let (agent, topic) = (self.agent.take(), self.topic);
        let outcome = if agent.is_some() {
            self.dice.lean(&["resolved", "unresolved", "forwarded", "dropped"])
        } else {
            "abandoned"
        };
        self.event("contact.ended", |line, dice| {
            line.put("outcome", outcome);
            if let Some(agent) = agent {
                line.put("actor", agent).put("talk_ms", dice.between(20_000, 1_500_000));
                line.put("hold_ms", dice.between(0, 90_000)).put("wrap_up_ms", dice.between(1_000, 120_000));
                line.put("disposition", topic);
            }
        });
        self.contact = None;
    }

    pub(super) fn message(&mut self, inbound: bool) {
        self.wait(4, 240);
        let text = if inbound { texts::customer(&mut self.dice) } else { texts::agent(&mut self.dice) };
        let agent = self.agent.clone();
        let topic = self.topic;
        let by_mail = self.channel == "email";
        self.event("message.sent", |line, dice| {
            line.put("direction", if inbound { "inbound" } else { "outbound" });
            if !inbound {
                line.put("actor", agent.as_deref().unwrap_or("bot:novelina"));
            }
            line.put("content_type", "text/plain").put("size_bytes", text.len());
            if by_mail {
                line.put("subject_line", format!("Re: {topic} {}", dice.between(10_000, 99_999)));
            }
            if dice.happens(4) {
                line.put("attachments", 1)
                    .put("attachment_names", [format!("foto-{}.jpg", dice.between(1_000, 9_999))]);
            }
            line.put("text", text);
        });
    }

    pub(super) fn tells_a_fact(&mut self) {
        let key = self.dice.lean(&[
            "order",
            "address",
            "best_time",
            "delivery_date",
            "device",
            "payment_method",
            "complement",
        ]);
        self.wait(1, 20);
        self.event("fact.told", |line, dice| {
            let value = match key {
                "order" => format!("{}", dice.between(10_000, 9_999_999)),
                "address" => format!(
                    "Rua {}, {}",
                    dice.pick(&["das Flores", "Sete de Setembro", "XV de Novembro"]),
                    dice.between(1, 3_000)
                ),
                "best_time" => format!("depois das {} h", dice.between(9, 19)),
                _ => texts::customer(dice).chars().take(40).collect(),
            };
            line.put("key", key).put("value", value).put("confirmed", dice.happens(60));
        });
        if self.dice.happens(5) {
            self.wait(60, 600);
            self.event("fact.withdrawn", |line, _| {
                line.put("key", key);
            });
        }
    }

    pub(super) fn gives_feedback(&mut self) {
        let (topic, text) = (self.topic, texts::customer(&mut self.dice));
        self.event("feedback.given", |line, dice| {
            line.put("direction", "inbound")
                .put("feedback", dice.lean(&FEEDBACK))
                .put("topic", topic)
                .put("text", text);
        });
    }

    pub(super) fn is_surveyed(&mut self) {
        if !self.dice.happens(40) {
            return;
        }
        let (instrument, low, high) = [("csat", 1, 5), ("nps", 0, 10), ("ces", 1, 7)][self.dice.between(0, 2) as usize];
        self.wait(60, 1_200);
        self.event("survey.sent", |line, _| {
            line.put("direction", "outbound").put("instrument", instrument);
        });
        if self.dice.happens(35) {
            self.wait(60, 40_000);
            self.event("survey.answered", |line, dice| {
                line.put("instrument", instrument).put("score", dice.between(low, high).max(dice.between(low, high)));
                line.put("scale_min", low).put("scale_max", high);
                if dice.happens(40) {
                    line.put("comment", texts::customer(dice));
                }
            });
        }
    }
}
