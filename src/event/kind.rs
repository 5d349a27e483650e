//! The kinds of events: what can happen.
//!
//! This file is the vocabulary. Each entry gives the kind's number in stored events, its wire name, its clear fields
//! with the tag of each in stored events, and its personal fields. Numbers and tags are never reused.

use serde_json::{Map, Value};

use super::channel::Channel;
use super::field::{Amount, FieldType, Scalar, Shape, View};
use super::fields::Fields;
use super::ids::EventId;
use super::invalid::{Invalid, did_you_mean};
use super::names::{Label, MenuPath, Word};
use super::personal::Slot;
use super::time::{Micros, Millis};
use super::words::{CampaignStep, ChannelChoice, ConsentState, Demand, Evidence, Feedback, Outcome};

/// A clear field of a kind.
#[derive(Clone, Copy, Debug)]
pub struct ClearField {
    /// Its number in stored events.
    pub tag: u8,
    /// Its name on the wire.
    pub name: &'static str,
    /// What it takes.
    pub shape: Shape,
    /// Whether an event without it is refused.
    pub required: bool,
}

/// A personal field of a kind.
#[derive(Clone, Copy, Debug)]
pub struct PersonalField {
    /// Its name on the wire.
    pub name: &'static str,
    /// Where it is kept in the personal part.
    pub slot: Slot,
    /// Whether an event without it is refused.
    pub required: bool,
}

/// What the vocabulary says of a kind.
#[derive(Clone, Copy, Debug)]
pub struct KindInfo {
    /// Its number in stored events.
    pub code: u16,
    /// Its wire name, such as `contact.started`.
    pub name: &'static str,
    /// Its clear fields.
    pub clear: &'static [ClearField],
    /// Its personal fields.
    pub personal: &'static [PersonalField],
}

/// A kind that a stored event names and this program does not know, or with a field that it cannot read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UnknownKind {
    /// The kind's number.
    pub code: u16,
    /// The field's tag, when it is the field that cannot be read.
    pub tag: Option<u8>,
}

macro_rules! required {
    (required) => {
        true
    };
    (optional) => {
        false
    };
}

macro_rules! held {
    (required $type:ty) => { $type };
    (optional $type:ty) => { Option<$type> };
}

macro_rules! take {
    (required $fields:ident $name:expr) => {
        $fields.require($name)?
    };
    (optional $fields:ident $name:expr) => {
        $fields.take($name)?
    };
}

macro_rules! each {
    (required $value:expr, $do:expr) => {
        $do(&$value)
    };
    (optional $value:expr, $do:expr) => {
        if let Some(value) = &$value {
            $do(value)
        }
    };
}

macro_rules! laid_down {
    (required $value:expr, $tag:literal, $into:ident) => {
        $into.push(($tag, FieldType::to_scalar(&$value)))
    };
    (optional $value:expr, $tag:literal, $into:ident) => {
        if let Some(value) = &$value {
            $into.push(($tag, FieldType::to_scalar(value)));
        }
    };
}

macro_rules! seen {
    (required $value:expr) => {
        Some(FieldType::view(&$value))
    };
    (optional $value:expr) => {
        $value.as_ref().map(FieldType::view)
    };
}

macro_rules! rebuild {
    (required $scalars:ident $code:literal $tag:literal) => {
        $scalars
            .get($tag)
            .ok_or(UnknownKind { code: $code, tag: Some($tag) })?
            .ok_or(UnknownKind { code: $code, tag: Some($tag) })?
    };
    (optional $scalars:ident $code:literal $tag:literal) => {
        $scalars.get($tag).ok_or(UnknownKind { code: $code, tag: Some($tag) })?
    };
}

/// The stored fields of one event, looked up by tag.
struct Scalars<'a>(&'a [(u8, Scalar<'a>)]);

impl Scalars<'_> {
    /// The field with this tag; `Some(None)` when there is none, `None` when it is of another type.
    fn get<T: FieldType>(&self, tag: u8) -> Option<Option<T>> {
        match self.0.iter().find(|(t, _)| *t == tag) {
            Some((_, scalar)) => T::from_scalar(scalar).map(Some),
            None => Some(None),
        }
    }
}

macro_rules! kinds {
    ($(
        $(#[$doc:meta])*
        $variant:ident = $code:literal, $wire:literal {
            clear { $($(#[$fdoc:meta])* $tag:literal $need:ident $field:ident: $type:ty,)* }
            personal { $($pneed:ident $pname:literal in $slot:ident,)* }
        }
    )*) => {
        $(
            $(#[$doc])*
            #[derive(Clone, Debug, PartialEq)]
            pub struct $variant {
                $($(#[$fdoc])* pub $field: held!($need $type),)*
            }
        )*

        /// What happened, with the clear fields that belong to it.
        #[derive(Clone, Debug, PartialEq)]
        pub enum Kind {
            $($(#[$doc])* $variant($variant),)*
        }

        impl Kind {
            /// The whole vocabulary.
            pub const ALL: &'static [KindInfo] = &[$(KindInfo {
                code: $code,
                name: $wire,
                clear: &[$(ClearField {
                    tag: $tag,
                    name: stringify!($field),
                    shape: <$type as FieldType>::SHAPE,
                    required: required!($need),
                },)*],
                personal: &[$(PersonalField { name: $pname, slot: Slot::$slot, required: required!($pneed) },)*],
            },)*];

            /// What the vocabulary says of this kind.
            #[must_use]
            pub fn info(&self) -> &'static KindInfo {
                match self {
                    $(Self::$variant(_) => {
                        const INFO: &KindInfo = &KindInfo {
                            code: $code,
                            name: $wire,
                            clear: &[$(ClearField {
                                tag: $tag,
                                name: stringify!($field),
                                shape: <$type as FieldType>::SHAPE,
                                required: required!($need),
                            },)*],
                            personal: &[$(PersonalField { name: $pname, slot: Slot::$slot, required: required!($pneed) },)*],
                        };
                        INFO
                    })*
                }
            }

            /// Reads the clear fields of the kind with this wire name out of `fields`.
            pub(crate) fn read(name: &str, fields: &mut Fields) -> Result<Self, Invalid> {
                match name {
                    $($wire => Ok(Self::$variant($variant {
                        $($field: take!($need fields stringify!($field)),)*
                    })),)*
                    _ => Err(unknown_kind(name)),
                }
            }

            /// Shows the clear fields as JSON.
            pub(crate) fn show(&self, into: &mut Map<String, Value>) {
                match self {
                    $(Self::$variant(_kind) => {
                        $(each!($need _kind.$field, |value: &$type| {
                            into.insert(stringify!($field).into(), FieldType::show(value));
                        });)*
                    })*
                }
            }

            /// What the clear field with this tag says; `None` when the kind has none or the event says nothing there.
            #[must_use]
            pub fn view(&self, tag: u8) -> Option<View<'_>> {
                match self {
                    $(Self::$variant(_kind) => match tag {
                        $($tag => seen!($need _kind.$field),)*
                        _ => None,
                    })*
                }
            }

            /// The clear fields as they are stored: tags and scalars.
            #[must_use]
            pub fn scalars(&self) -> Vec<(u8, Scalar<'_>)> {
                let mut scalars = Vec::new();
                match self {
                    $(Self::$variant(_kind) => {
                        $(laid_down!($need _kind.$field, $tag, scalars);)*
                    })*
                }
                scalars
            }

            /// The kind of a stored number and stored fields. Tags that this program does not know are left alone.
            ///
            /// # Errors
            /// [`UnknownKind`] when the number is not in the vocabulary or a field is not of its type.
            pub fn from_scalars(code: u16, scalars: &[(u8, Scalar<'_>)]) -> Result<Self, UnknownKind> {
                let _scalars = Scalars(scalars);
                match code {
                    $($code => Ok(Self::$variant($variant {
                        $($field: rebuild!($need _scalars $code $tag),)*
                    })),)*
                    _ => Err(UnknownKind { code, tag: None }),
                }
            }
        }
    };
}

/// The refusal of a name that is not in the vocabulary.
fn unknown_kind(name: &str) -> Invalid {
    let names: Vec<&str> = Kind::ALL.iter().map(|info| info.name).collect();
    let shown: String = name.chars().take(64).collect();
    Invalid::new("type", format!("`novelo.{shown}` is not in the vocabulary"), did_you_mean(name, &names))
}

impl Kind {
    /// The wire name, such as `contact.started`.
    #[must_use]
    pub fn name(&self) -> &'static str {
        self.info().name
    }

    /// What the vocabulary says of the kind with this wire name.
    #[must_use]
    pub fn named(name: &str) -> Option<&'static KindInfo> {
        Self::ALL.iter().find(|info| info.name == name)
    }

    /// The feedback that it gives, when it is one.
    #[must_use]
    pub fn feedback(&self) -> Option<Feedback> {
        if let Self::FeedbackGiven(given) = self { Some(given.feedback) } else { None }
    }
}

kinds! {
    /// A contact began.
    ContactStarted = 1, "contact.started" {
        clear {
            /// Why the customer came.
            1 optional reason: Label,
            /// Whether the customer was free to choose the channel.
            2 optional channel_choice: ChannelChoice,
            /// Whether self-service was offered first.
            3 optional self_service_offered: bool,
        }
        personal {}
    }
    /// A contact waits in a queue.
    ContactQueued = 2, "contact.queued" {
        clear {
            /// Which queue.
            1 optional queue: Label,
        }
        personal {}
    }
    /// Somebody answered.
    ContactAnswered = 3, "contact.answered" {
        clear {
            /// How long the customer waited.
            1 optional wait_ms: Millis,
            /// From which queue.
            2 optional queue: Label,
        }
        personal {}
    }
    /// A contact was handed on.
    ContactTransferred = 4, "contact.transferred" {
        clear {
            /// To which channel, when it changed.
            1 optional to_channel: Channel,
            /// To which area.
            2 optional to_department: Label,
            /// To whom.
            3 optional to_agent: Label,
            /// Why.
            4 optional reason: Label,
        }
        personal {}
    }
    /// A contact ended.
    ContactEnded = 5, "contact.ended" {
        clear {
            /// How.
            1 optional outcome: Outcome,
            /// Time in conversation.
            2 optional talk_ms: Millis,
            /// Time on hold.
            3 optional hold_ms: Millis,
            /// Time of the agent's work afterwards.
            4 optional wrap_up_ms: Millis,
            /// The code with which the agent closed it.
            5 optional disposition: Label,
        }
        personal {}
    }
    /// A message in either direction.
    MessageSent = 10, "message.sent" {
        clear {
            /// Its media type or kind: `text/plain`, `image`, `audio`.
            1 optional content_type: Label,
            /// Its size.
            2 optional size_bytes: u64,
            /// How many attachments it has.
            3 optional attachments: u64,
        }
        personal {
            optional "text" in Text,
            optional "subject_line" in Headline,
            optional "attachment_names" in Attachments,
        }
    }
    /// The customer used a menu, a bot or a page by themselves.
    SelfServiceUsed = 11, "self_service.used" {
        clear {
            /// The menu option or the bot's intent.
            1 optional path: MenuPath,
            /// Whether they got there.
            2 optional completed: bool,
        }
        personal {
            optional "input" in Text,
        }
    }
    /// A matter was raised.
    CaseOpened = 20, "case.opened" {
        clear {
            /// The registration number that the customer was given.
            1 optional protocol: Label,
            /// What they want.
            2 optional demand: Demand,
            /// How urgent it is.
            3 optional priority: Label,
            /// When it must be answered.
            4 optional due_at: Micros,
        }
        personal {
            optional "title" in Headline,
            optional "description" in Text,
        }
    }
    /// A matter went on.
    CaseUpdated = 21, "case.updated" {
        clear {
            /// Where it stands.
            1 optional status: Label,
            /// When it must be answered now.
            2 optional due_at: Micros,
        }
        personal {
            optional "note" in Text,
        }
    }
    /// A matter was settled.
    CaseResolved = 22, "case.resolved" {
        clear {
            /// Where it stands.
            1 optional status: Label,
            /// How it was settled.
            2 optional resolution: Label,
        }
        personal {
            optional "note" in Text,
        }
    }
    /// A settled matter came up again.
    CaseReopened = 23, "case.reopened" {
        clear {
            /// Where it stands.
            1 optional status: Label,
            /// When it must be answered now.
            2 optional due_at: Micros,
        }
        personal {
            optional "note" in Text,
        }
    }
    /// The customer complained, suggested, praised, asked or reported.
    FeedbackGiven = 30, "feedback.given" {
        clear {
            /// Which of these.
            1 required feedback: Feedback,
            /// What about.
            2 optional topic: Label,
        }
        personal {
            optional "text" in Text,
        }
    }
    /// A survey was sent.
    SurveySent = 31, "survey.sent" {
        clear {
            /// `csat`, `nps`, `ces` or another.
            1 required instrument: Word,
        }
        personal {}
    }
    /// A survey was answered.
    SurveyAnswered = 32, "survey.answered" {
        clear {
            /// `csat`, `nps`, `ces` or another.
            1 required instrument: Word,
            /// The answer, raw.
            2 required score: f64,
            /// The scale's lower end.
            3 optional scale_min: f64,
            /// The scale's upper end.
            4 optional scale_max: f64,
        }
        personal {
            optional "comment" in Text,
        }
    }
    /// The customer told us something: do not ask again.
    FactTold = 40, "fact.told" {
        clear {
            /// What it is about: `order`, `address`, `best_time`.
            1 required key: Label,
            /// Until when it holds.
            2 optional valid_until: Micros,
            /// Whether it was read back to the customer, who agreed.
            3 optional confirmed: bool,
        }
        personal {
            required "value" in Value,
        }
    }
    /// It does not hold any more.
    FactWithdrawn = 41, "fact.withdrawn" {
        clear {
            /// What it was about.
            1 required key: Label,
        }
        personal {}
    }
    /// Somebody noted something.
    NoteAdded = 42, "note.added" {
        clear {
            /// Whether it stays on top.
            1 optional pinned: bool,
        }
        personal {
            required "text" in Text,
        }
    }
    /// A note does not stay on top any more. It stands where it stood in the timeline.
    NoteUnpinned = 43, "note.unpinned" {
        clear {
            /// The event that added it.
            1 required note: EventId,
        }
        personal {}
    }
    /// The customer came into a stage of the journey: the envelope's `stage`.
    StageEntered = 50, "stage.entered" {
        clear {}
        personal {}
    }
    /// The customer reached a milestone.
    MilestoneReached = 51, "milestone.reached" {
        clear {
            /// Which.
            1 required milestone: Label,
        }
        personal {}
    }
    /// Something that is not a contact: `order.placed`, `payment.overdue`, `promise.made`.
    ActivityTracked = 52, "activity.tracked" {
        clear {
            /// What.
            1 required name: Label,
            /// How much.
            2 optional amount: Amount,
            /// In which currency (ISO 4217).
            3 optional currency: Label,
        }
        personal {
            optional "properties" in Values,
        }
    }
    /// A campaign reached the customer, or they it.
    CampaignTouched = 53, "campaign.touched" {
        clear {
            /// How far.
            1 required step: CampaignStep,
        }
        personal {}
    }
    /// Something was learnt of the customer: demographic, risk, from the customer relationship system.
    ProfileObserved = 60, "profile.observed" {
        clear {
            /// Where it belongs.
            1 required namespace: Label,
            /// The names of the values, taken from them.
            2 optional names: Vec<Label>,
        }
        personal {
            required "values" in Values,
        }
    }
    /// The customer said how they like to be reached.
    PreferenceStated = 61, "preference.stated" {
        clear {
            /// On which channel. (The envelope's `channel` is where they said it.)
            1 optional preferred_channel: Channel,
            /// For what.
            2 optional purpose: Label,
            /// At which hours: `18-21`.
            3 optional hours: Label,
        }
        personal {}
    }
    /// The customer gave or took back a consent.
    ConsentChanged = 62, "consent.changed" {
        clear {
            /// For what.
            1 required purpose: Label,
            /// On which channel; all when absent. (The envelope's `channel` is where they said it.)
            2 optional consent_channel: Channel,
            /// Which way.
            3 required state: ConsentState,
            /// On what legal basis.
            4 optional legal_basis: Label,
            /// Until when.
            5 optional expires_at: Micros,
        }
        personal {}
    }
    /// Somebody claims to be known by these identifiers.
    IdentityClaimed = 70, "identity.claimed" {
        clear {}
        personal {}
    }
    /// Two strands are one customer: the subject and the first of `also`.
    IdentityLinked = 71, "identity.linked" {
        clear {
            /// What speaks for it.
            1 optional evidence: Evidence,
            /// By which rule, or why.
            2 optional rule: Label,
        }
        personal {
            optional "because" in Text,
        }
    }
    /// Two strands are not one customer, for good: the subject and the first of `also`.
    IdentityUnlinked = 72, "identity.unlinked" {
        clear {
            /// What speaks for it.
            1 optional evidence: Evidence,
            /// By which rule, or why.
            2 optional rule: Label,
        }
        personal {
            optional "because" in Text,
        }
    }
    /// The customer's data must be kept although they asked for erasure.
    PrivacyHeld = 80, "privacy.held" {
        clear {
            /// Why.
            1 required reason: Label,
            /// Until when.
            2 optional release_at: Micros,
            /// Which request it answers.
            3 optional request: Label,
        }
        personal {}
    }
    /// The hold is over.
    PrivacyReleased = 81, "privacy.released" {
        clear {
            /// Why.
            1 optional reason: Label,
            /// Which request it answers.
            2 optional request: Label,
        }
        personal {}
    }
    /// The subject's key was destroyed.
    PrivacyShredded = 82, "privacy.shredded" {
        clear {
            /// Why.
            1 optional reason: Label,
            /// Which request it answers.
            2 optional request: Label,
        }
        personal {}
    }
    /// Somebody looked at the customer's record.
    RecordViewed = 83, "record.viewed" {
        clear {
            /// For what purpose.
            1 optional purpose: Label,
            /// Which fields.
            2 optional fields: Vec<Label>,
        }
        personal {}
    }
    /// Anything that has no kind of its own.
    Custom = 1000, "custom" {
        clear {
            /// Its name at the source.
            1 required name: Label,
            /// The name of the data's schema.
            2 optional schema: Label,
        }
        personal {
            optional "payload" in Value,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn numbers_names_and_tags_are_unique() {
        let codes: HashSet<u16> = Kind::ALL.iter().map(|info| info.code).collect();
        let names: HashSet<&str> = Kind::ALL.iter().map(|info| info.name).collect();
        assert_eq!((codes.len(), names.len()), (Kind::ALL.len(), Kind::ALL.len()));
        for info in Kind::ALL {
            let tags: HashSet<u8> = info.clear.iter().map(|field| field.tag).collect();
            assert_eq!(tags.len(), info.clear.len(), "{}", info.name);
        }
    }

    #[test]
    fn the_stored_form_goes_there_and_back() {
        let kind = Kind::SurveyAnswered(SurveyAnswered {
            instrument: Word::new("nps").unwrap(),
            score: 9.0,
            scale_min: Some(0.0),
            scale_max: None,
        });
        assert_eq!(Kind::from_scalars(kind.info().code, &kind.scalars()).unwrap(), kind);
    }

    #[test]
    fn a_stored_field_of_another_type_or_a_missing_one_is_named() {
        let wrong = [(1, Scalar::Bool(true))];
        assert_eq!(Kind::from_scalars(30, &wrong).unwrap_err(), UnknownKind { code: 30, tag: Some(1) });
        assert_eq!(Kind::from_scalars(30, &[]).unwrap_err(), UnknownKind { code: 30, tag: Some(1) });
        assert_eq!(Kind::from_scalars(9, &[]).unwrap_err(), UnknownKind { code: 9, tag: None });
    }

    #[test]
    fn a_tag_of_a_later_version_is_left_alone() {
        let later = [(1, Scalar::Text("2".into())), (200, Scalar::Bool(true))];
        assert!(Kind::from_scalars(2, &later).is_ok());
    }
}
