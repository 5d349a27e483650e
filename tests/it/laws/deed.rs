//! One thing that happens to a customer. All of it follows from a few small numbers, so that it can be made smaller.

use std::fmt;

use novelo::event::{Draft, EventId, Flat, IdentifierKind, Micros, Strand, Unfiled, Who};
use novelo::identity::Filing;
use proptest::prelude::*;
use serde_json::{Value, json};

/// The system that all of it comes from.
const SOURCE: &str = "laws";
/// So many customers there are.
pub(super) const CUSTOMERS: u8 = 4;
/// Events fall into so many minutes: few, so that some happen at the same moment.
const MINUTES: u16 = 90;
/// The name of the dimension that says which deed of a history an event is.
pub(super) const NUMBER: &str = "number";

/// By what a deed names its customer, a bit each; none of them: it names nobody.
pub(super) const CRM: u8 = 1;
pub(super) const EMAIL: u8 = 2;
pub(super) const WHATSAPP: u8 = 4;
/// By evidence a customer has one alone.
pub(super) const CPF: u8 = 8;
/// Two customers have the same one, which links them.
pub(super) const DEVICE: u8 = 16;
/// Two customers have the same one, which only suggests.
pub(super) const ADDRESS: u8 = 32;
/// Those that link whatever the order: nobody shares them, and no limit is reached.
pub(super) const OWN: u8 = CRM | EMAIL | WHATSAPP;

/// The kinds of [`KINDS`] that link and unlink, the last two.
const LINKED: u8 = KINDS.len() as u8 - 2;
const UNLINKED: u8 = KINDS.len() as u8 - 1;

/// What may happen. Every kind that the fold of a customer looks at is here, and one of every other family.
const KINDS: [&str; 27] = [
    "note.added",
    "note.unpinned",
    "message.sent",
    "contact.started",
    "contact.answered",
    "contact.transferred",
    "contact.ended",
    "self_service.used",
    "case.opened",
    "case.updated",
    "case.resolved",
    "case.reopened",
    "feedback.given",
    "survey.answered",
    "fact.told",
    "fact.withdrawn",
    "stage.entered",
    "milestone.reached",
    "activity.tracked",
    "campaign.touched",
    "profile.observed",
    "preference.stated",
    "consent.changed",
    "identity.claimed",
    "kiosk.touched",
    "identity.linked",
    "identity.unlinked",
];
pub(super) const CHANNELS: [&str; 6] = ["voice", "email", "whatsapp", "chatbot", "letter", "social(instagram)"];
pub(super) const DIRECTIONS: [&str; 3] = ["inbound", "outbound", "internal"];
const FEEDBACK: [&str; 5] = ["complaint", "suggestion", "praise", "question", "report"];
const CPFS: [&str; CUSTOMERS as usize] = ["52998224725", "11144477735", "12345678909", "98765432100"];

/// One thing that happens.
#[derive(Clone, Copy, PartialEq)]
pub(super) struct Deed {
    pub(super) who: u8,
    /// By which identifiers.
    by: u8,
    pub(super) minute: u16,
    kind: u8,
    channel: u8,
    direction: u8,
    contact: u8,
    conversation: u8,
    /// Which case, fact, stage or word it is about.
    about: u8,
    flag: bool,
    /// Whom a link or an unlink names as well: so many customers on.
    other: u8,
}

impl Deed {
    /// Any deed.
    pub(super) fn any() -> impl Strategy<Value = Self> + Clone {
        let by = prop_oneof![
            6 => prop::sample::select(vec![CRM, EMAIL, WHATSAPP, CPF, DEVICE]),
            3 => 1_u8..64,
            1 => Just(0_u8),
        ];
        Self::strategy(by, 0..KINDS.len() as u8)
    }

    /// A deed that links no two customers and separates none: what it names is its customer's own.
    pub(super) fn of_one_customer() -> impl Strategy<Value = Self> + Clone {
        Self::strategy(1_u8..=OWN, 0..LINKED)
    }

    fn strategy(
        by: impl Strategy<Value = u8> + Clone,
        kinds: std::ops::Range<u8>,
    ) -> impl Strategy<Value = Self> + Clone {
        let place = (0..CUSTOMERS, by, 0..MINUTES, kinds);
        let manner = (0..CHANNELS.len() as u8, 0..DIRECTIONS.len() as u8, 0_u8..6, 0_u8..4);
        (place, manner, 0_u8..3, any::<bool>(), 1..CUSTOMERS).prop_map(
            |((who, by, minute, kind), (channel, direction, contact, conversation), about, flag, other)| Self {
                who,
                by,
                minute,
                kind,
                channel,
                direction,
                contact,
                conversation,
                about,
                flag,
                other,
            },
        )
    }

    /// An agent's link, or unlink, of two customers by their numbers at the company; in no contact, conversation or case.
    pub(super) fn between((who, with): (u8, u8), minute: u16, is_link: bool) -> Self {
        let other = (with + CUSTOMERS - who) % CUSTOMERS;
        let kind = if is_link { LINKED } else { UNLINKED };
        let (channel, direction, contact, conversation) = (0, 2, 0, 3);
        Self { who, by: CRM, minute, kind, channel, direction, contact, conversation, about: 0, flag: false, other }
    }

    /// A note of a customer by their number at the company.
    pub(super) fn note(who: u8, minute: u16) -> Self {
        Self { kind: 0, ..Self::between((who, who), minute, true) }
    }

    /// An e-mail from a customer, which proves that the address is theirs, or to them, which proves nothing.
    pub(super) fn mail(who: u8, minute: u16, from_them: bool) -> Self {
        let direction = if from_them { 0 } else { 1 };
        Self { by: EMAIL, kind: 1, channel: 1, direction, ..Self::note(who, minute) }
    }

    /// The same at another time.
    pub(super) fn at(self, minute: u16) -> Self {
        Self { minute, ..self }
    }

    /// The same, but what happens is what happens there.
    pub(super) fn like(self, other: &Self) -> Self {
        Self { kind: other.kind, about: other.about, ..self }
    }

    /// The same, naming its customer by their number at the company alone.
    pub(super) fn by_number(self) -> Self {
        Self { by: CRM, ..self }
    }

    pub(super) fn is_link(&self) -> bool {
        self.kind == LINKED
    }

    pub(super) fn is_unlink(&self) -> bool {
        self.kind == UNLINKED
    }

    /// Its kind, by wire name.
    pub(super) fn kind(&self) -> &'static str {
        match KINDS[usize::from(self.kind)] {
            "kiosk.touched" => "custom",
            name => name,
        }
    }

    /// The channel that it says; `None` when it says none.
    pub(super) fn channel(&self) -> Option<&'static str> {
        let silent = matches!(self.kind(), "note.added" | "note.unpinned" | "case.updated" | "custom") && self.flag;
        (!silent).then(|| CHANNELS[usize::from(self.channel)])
    }

    pub(super) fn direction(&self) -> &'static str {
        DIRECTIONS[usize::from(self.direction)]
    }

    /// The case that it names.
    pub(super) fn case(&self) -> Option<String> {
        (self.kind().starts_with("case.") || self.contact == 5).then(|| format!("k{}", self.about))
    }

    /// The conversation that it names.
    pub(super) fn conversation(&self) -> Option<String> {
        (self.conversation < 2).then(|| format!("v{}", self.conversation))
    }

    fn contact(&self) -> Option<String> {
        let needed = self.kind().starts_with("contact.");
        (needed || self.contact > 1).then(|| format!("c{}", self.contact))
    }

    /// When it happens.
    pub(super) fn moment(&self) -> Micros {
        Micros::parse("2026-01-05T12:00:00Z").unwrap().plus(i64::from(self.minute) * 60 * Micros::SECOND)
    }

    /// The one word in its personal part that is in no other's.
    pub(super) fn word(number: usize) -> String {
        format!("Canário{number}ção")
    }

    /// Whether that word is in it.
    pub(super) fn says_its_word(&self) -> bool {
        self.own_fields(0).to_string().contains(&Self::word(0))
    }

    /// The identifiers that it names, as their sender writes them.
    pub(super) fn identifiers(&self) -> Vec<String> {
        if self.is_link() || self.is_unlink() {
            return [self.who, self.with()].map(|who| identifier(who, CRM)).into();
        }
        (0..6).map(|bit| 1 << bit).filter(|bit| self.by & bit != 0).map(|bit| identifier(self.who, bit)).collect()
    }

    /// The other customer of a link.
    pub(super) fn with(&self) -> u8 {
        (self.who + self.other) % CUSTOMERS
    }

    /// The deed as it comes in: the number of its place in the history is its id.
    pub(super) fn flat(&self, number: usize) -> Flat {
        let mut data = self.own_fields(number);
        let fields = [
            ("channel", self.channel().map(str::to_owned)),
            ("direction", Some(self.direction().to_owned())),
            ("contact", self.contact()),
            ("conversation", self.conversation()),
            ("case", self.case()),
        ];
        for (field, value) in fields {
            if let Some(value) = value {
                data[field] = value.into();
            }
        }
        let mut identifiers = self.identifiers();
        let subject = (!identifiers.is_empty()).then(|| identifiers.remove(0));
        data["identifiers"] = identifiers.into();
        data["dimensions"] = json!({NUMBER: number});
        let name = KINDS[usize::from(self.kind)];
        Flat {
            id: number.to_string(),
            source: SOURCE.into(),
            kind: if self.kind() == "custom" { name.into() } else { format!("novelo.{name}") },
            subject,
            time: Some(self.moment().to_string()),
            data: data.as_object().unwrap().clone(),
        }
    }

    /// The same, filed.
    pub(super) fn draft(&self, number: usize, filing: &Filing) -> Draft {
        filing.file(Unfiled::read(self.flat(number)).unwrap(), Micros::now()).unwrap()
    }

    /// A link or an unlink as an agent makes it, who picks two strands.
    pub(super) fn draft_of_strands(&self, number: usize, filing: &Filing) -> Draft {
        let flat = Flat { subject: None, ..self.flat(number) };
        let flat = Flat { data: flat.data.into_iter().filter(|(field, _)| field != "identifiers").collect(), ..flat };
        let strand = |who| {
            let (kind, value) = (IdentifierKind::CRM, format!("L{who}"));
            Strand { subject: filing.subject(&filing.lookup(kind.as_str(), &value).unwrap().unwrap()), kind }
        };
        let who = Who::Strands(strand(self.who), vec![strand(self.with())]);
        Unfiled::read(flat).unwrap().file(who, Micros::now()).unwrap()
    }

    /// What belongs to its kind.
    fn own_fields(&self, number: usize) -> Value {
        let (about, flag, word) = (self.about, self.flag, Self::word(number));
        match KINDS[usize::from(self.kind)] {
            "note.added" => json!({"text": word, "pinned": flag}),
            "note.unpinned" => {
                json!({"note": EventId::derive(SOURCE, &number.saturating_sub(1 + usize::from(about)).to_string()).to_string()})
            }
            "message.sent" => json!({"text": word, "subject_line": word, "attachment_names": [word]}),
            "contact.started" => json!({"reason": format!("r{about}")}),
            "contact.answered" => json!({"wait_ms": number, "actor": "agent:carla"}),
            "contact.transferred" => json!({"to_department": "logistics"}),
            "contact.ended" => json!({"outcome": if flag { "resolved" } else { "abandoned" }, "talk_ms": number}),
            "self_service.used" => json!({"path": "menu/2", "input": word}),
            "case.opened" => json!({"protocol": format!("P{about}"), "title": word, "description": word}),
            "case.updated" => json!({"due_at": "2026-02-01T00:00:00Z", "note": word}),
            "case.resolved" | "case.reopened" => json!({"note": word}),
            "feedback.given" => json!({"feedback": FEEDBACK[number % FEEDBACK.len()], "text": word}),
            "survey.answered" => json!({"instrument": "nps", "score": number % 11, "comment": word}),
            "fact.told" => json!({"key": format!("f{about}"), "value": {"said": [word]}, "confirmed": flag}),
            "fact.withdrawn" => json!({"key": format!("f{about}")}),
            "stage.entered" => json!({"stage": format!("s{about}")}),
            "milestone.reached" => json!({"milestone": format!("m{about}")}),
            "activity.tracked" => json!({"name": "order.placed", "properties": {"what": word}}),
            "campaign.touched" => json!({"campaign": "spring", "step": "opened"}),
            "profile.observed" => json!({"namespace": "crm", "values": {"name": word, "city": word}}),
            "preference.stated" => json!({"preferred_channel": CHANNELS[usize::from(about)]}),
            "consent.changed" => json!({"purpose": "offers", "state": if flag { "granted" } else { "revoked" }}),
            "identity.claimed" => json!({}),
            "identity.linked" | "identity.unlinked" => json!({"evidence": "agent", "because": word}),
            _ => json!({"free": {"text": word}}),
        }
    }
}

/// A customer's identifier of a sort, as its sender writes it.
pub(super) fn identifier(who: u8, sort: u8) -> String {
    match sort {
        CRM => format!("crm:L{who}"),
        EMAIL => format!("email:Pessoa{who}@example.com"),
        WHATSAPP => format!("whatsapp:+55119555001{who:02}"),
        CPF => format!("cpf:{}", CPFS[usize::from(who)]),
        DEVICE => format!("device:tablet-{}", who / 2),
        _ => format!("address:Rua das Flores {}", who / 2),
    }
}

/// One line, as a person would tell it.
impl fmt::Debug for Deed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let minute = self.minute;
        write!(f, "{:02}:{:02} {}", 12 + minute / 60, minute % 60, KINDS[usize::from(self.kind)])?;
        write!(f, " [{}] {} {}", self.identifiers().join(" "), self.channel().unwrap_or("-"), self.direction())?;
        let named = [("contact", self.contact()), ("conversation", self.conversation()), ("case", self.case())];
        for (name, value) in named {
            if let Some(value) = value {
                write!(f, " {name} {value}")?;
            }
        }
        write!(f, " about {}{}", self.about, if self.flag { " flagged" } else { "" })
    }
}
