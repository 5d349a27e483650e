//! The stories of which the world is made. Each is what happens to one customer about one matter.

use std::collections::BTreeMap;

use super::story::{QUEUES, Story};
use super::{MINUTE, line, texts};

const DAY: i64 = 24 * 60 * MINUTE;
const DEMANDS: [&str; 7] =
    ["information", "question", "complaint", "contestation", "suspension", "cancellation", "request"];

impl Story<'_> {
    /// Tells a story of the kinds that there are, the frequent ones more often.
    pub(crate) fn tell(&mut self, is_new: bool) {
        if is_new {
            self.introduces();
        }
        match self.dice.between(0, 99) {
            0..38 => self.writes(),
            38..60 => self.calls(),
            60..70 => self.raises_a_case(),
            70..84 => self.is_active(),
            84..91 => self.is_canvassed(),
            91..94 => self.visits(),
            94..96 => self.comes_unknown(),
            96..98 => self.states_wishes(),
            _ => self.goes_on(),
        }
    }

    /// A conversation in writing.
    fn writes(&mut self) {
        let channel = match self.channel {
            written @ ("whatsapp" | "chat" | "email" | "sms" | "social(instagram)") => written,
            _ => "whatsapp",
        };
        self.begins_contact(channel, "inbound");
        if self.dice.happens(25) {
            let topic = self.topic;
            self.event("self_service.used", |line, dice| {
                line.put("actor", "bot:novelina").put("path", topic).put("completed", dice.happens(40));
                line.put("input", texts::customer(dice));
            });
        }
        self.message(true);
        if self.dice.happens(92) {
            self.is_answered();
            for turn in 0..self.dice.between(1, 9) {
                self.message(turn % 2 == 1);
            }
            if self.dice.happens(35) {
                self.tells_a_fact();
            }
            if self.dice.happens(12) {
                self.gives_feedback();
            }
        }
        self.ends_contact();
        self.is_surveyed();
    }

    /// A call: the menu first, then a person.
    fn calls(&mut self) {
        self.begins_contact("ivr", "inbound");
        self.wait(5, 40);
        self.event("self_service.used", |line, dice| {
            line.put("path", format!("{}/{}", dice.between(1, 4), dice.between(1, 6)))
                .put("completed", dice.happens(20));
        });
        if self.dice.happens(15) {
            return self.ends_contact();
        }
        self.begins_contact("voice", "inbound");
        if self.dice.happens(12) {
            return self.ends_contact();
        }
        self.is_answered();
        if self.dice.happens(15) {
            self.wait(30, 300);
            self.event("contact.transferred", |line, dice| {
                line.put("to_department", dice.pick(&QUEUES)).put("reason", "especialista");
            });
        }
        self.wait(60, 700);
        let (agent, text) = (self.agent.clone(), texts::agent(&mut self.dice));
        self.event("note.added", |line, dice| {
            line.put_some("actor", agent).put("text", text);
            if dice.happens(10) {
                line.put("pinned", true);
            }
        });
        if self.dice.happens(40) {
            self.tells_a_fact();
        }
        if self.dice.happens(15) {
            self.gives_feedback();
        }
        self.ends_contact();
        self.is_surveyed();
    }

    /// A matter that takes days.
    fn raises_a_case(&mut self) {
        let channel = self.dice.lean(&["email", "web", "app", "store", "letter", "voice"]);
        self.begins_contact(channel, "inbound");
        if channel == "email" || channel == "letter" {
            self.message(true);
        } else {
            self.is_answered();
        }
        self.case = Some(format!("k-{}", self.id));
        let due = self.now + 5 * DAY;
        let (topic, description) = (self.topic, texts::customer(&mut self.dice));
        self.event("case.opened", |line, dice| {
            let mut moment = Vec::new();
            line::write_moment(&mut moment, due);
            line.put("protocol", format!("{}{:08}", dice.between(2024, 2025), dice.between(0, 99_999_999)));
            line.put("demand", dice.pick(&DEMANDS)).put("priority", dice.lean(&["normal", "alta", "critica"]));
            line.put("due_at", String::from_utf8_lossy(&moment))
                .put("title", format!("Sobre {topic}"))
                .put("description", description);
        });
        if self.dice.happens(50) {
            self.gives_feedback();
        }
        self.ends_contact();
        for _ in 0..self.dice.between(1, 3) {
            self.wait(7_200, 100_000);
            self.event("case.updated", |line, dice| {
                line.put("actor", "system:crm")
                    .put("status", dice.pick(&["em_analise", "aguardando_cliente", "com_fornecedor"]));
                line.put("note", texts::agent(dice));
            });
        }
        if self.dice.happens(85) {
            self.wait(7_200, 200_000);
            self.event("case.resolved", |line, dice| {
                line.put("status", "resolvido").put("resolution", dice.pick(&["procedente", "improcedente", "acordo"]));
                line.put("note", texts::agent(dice));
            });
        }
        if self.dice.happens(6) {
            self.wait(90_000, 400_000);
            self.event("case.reopened", |line, dice| {
                line.put("status", "reaberto").put("note", texts::customer(dice));
            });
        }
    }

    /// What is no contact: orders and payments.
    fn is_active(&mut self) {
        self.channel = self.dice.pick(&["app", "web", "store"]);
        for _ in 0..self.dice.between(1, 5) {
            self.event("activity.tracked", |line, dice| {
                line.put("actor", "system:loja");
                line.put(
                    "name",
                    dice.lean(&["order.placed", "payment.made", "order.shipped", "payment.overdue", "promise.made"]),
                );
                line.put("amount", format!("{}.{:02}", dice.between(9, 2_999), dice.between(0, 99)))
                    .put("currency", "BRL");
                if dice.happens(50) {
                    let order = format!("{}", dice.between(10_000, 9_999_999));
                    line.put("properties", BTreeMap::from([("order", order)]));
                }
            });
            self.wait(600, 90_000);
        }
    }

    /// A campaign.
    fn is_canvassed(&mut self) {
        self.channel = self.dice.lean(&["email", "push", "sms", "whatsapp"]);
        let campaign = format!("p-{}", self.dice.between(1, 48));
        let steps = ["sent", "delivered", "opened", "clicked", "converted"];
        for step in &steps[..self.dice.between(1, 5).min(self.dice.between(2, 5)) as usize] {
            self.event("campaign.touched", |line, _| {
                line.put("campaign", &campaign).put("direction", "outbound").put("step", step);
            });
            self.wait(5, 20_000);
        }
    }

    /// Rarer ways: the counter, video, the negotiation portal, the answering machine.
    fn visits(&mut self) {
        let channel = self.dice.lean(&["store", "negotiation", "video", "voicemail"]);
        self.begins_contact(channel, "inbound");
        if channel == "voicemail" {
            self.message(true);
        } else {
            self.is_answered();
            self.tells_a_fact();
        }
        self.ends_contact();
        self.event("record.viewed", |line, _| {
            line.put("actor", "agent:ana01").put("purpose", "atendimento").put("fields", ["timeline"]);
        });
    }

    /// Somebody chats without a name and says later who they are.
    fn comes_unknown(&mut self) {
        self.channel = "chat";
        self.contact = Some(format!("c-{}-0", self.id));
        self.event_of(None, "contact.started", |line, _| {
            line.put("direction", "inbound");
        });
        for _ in 0..self.dice.between(1, 4) {
            self.wait(5, 90);
            let text = texts::customer(&mut self.dice);
            self.event_of(None, "message.sent", |line, _| {
                line.put("direction", "inbound").put("text", text);
            });
        }
        let anonymous = format!("anonymous:c-{}-0", self.id);
        let email = format!("email:{}", self.who.email);
        self.wait(5, 90);
        self.event("identity.claimed", |line, _| {
            line.put("identifiers", [anonymous, email]);
        });
    }

    /// What is known of a new customer.
    fn introduces(&mut self) {
        let who = self.who;
        let channel = std::mem::replace(&mut self.channel, "web");
        let subject = format!("crm:{}", who.crm);
        self.event_of(Some(&subject), "profile.observed", |line, dice| {
            let values = BTreeMap::from([
                ("name", who.name.clone()),
                ("city", who.city.into()),
                ("birth_year", who.born.to_string()),
            ]);
            line.put("actor", "system:crm").put("namespace", "demographic").put("values", values);
            let mut others = vec![format!("phone:{}", who.phone)];
            others.extend(dice.happens(80).then(|| format!("email:{}", who.email)));
            others.extend(who.cpf.as_ref().map(|cpf| format!("cpf:{cpf}")));
            line.put("identifiers", others);
        });
        if self.dice.happens(40) {
            self.event_of(Some(&subject), "profile.observed", |line, dice| {
                let values =
                    BTreeMap::from([("band", who.band.to_owned()), ("score", dice.between(200, 990).to_string())]);
                line.put("actor", "system:risco").put("namespace", "risk").put("values", values);
            });
        }
        self.channel = channel;
        self.wait(60, 4_000);
    }

    /// How they like to be reached, and for what.
    fn states_wishes(&mut self) {
        self.event("preference.stated", |line, dice| {
            line.put("preferred_channel", dice.lean(&["whatsapp", "email", "voice"])).put("purpose", "support");
            line.put("hours", format!("{}-{}", dice.between(8, 12), dice.between(17, 21)));
        });
        self.wait(5, 60);
        self.event("consent.changed", |line, dice| {
            line.put("purpose", dice.pick(&["marketing", "analytics", "credit"]))
                .put("state", dice.lean(&["granted", "revoked", "denied"]));
            line.put("legal_basis", "consent");
        });
    }

    /// The journey, and what has no kind of its own.
    fn goes_on(&mut self) {
        self.event("stage.entered", |line, dice| {
            line.put("stage", dice.lean(&["active", "onboarding", "retention", "at_risk"]));
        });
        self.wait(5, 600);
        self.event("milestone.reached", |line, dice| {
            line.put("milestone", dice.pick(&["first_purchase", "one_year", "tenth_order"]));
        });
        self.wait(5, 600);
        self.event("custom", |line, dice| {
            let payload = BTreeMap::from([("pontos", dice.between(1, 5_000))]);
            line.put("name", "loyalty.points").put("schema", "points.v1").put("payload", payload);
        });
    }
}
