//! What a language must be able to say.

use crate::event::{CampaignStep, Channel, ConsentState, Demand, Direction, Feedback, Outcome};

/// The words of one language. `{}` stands for the channel.
pub(super) struct Words {
    pub(super) contact_started: &'static str,
    pub(super) contact_queued: &'static str,
    pub(super) contact_answered: &'static str,
    pub(super) waited: &'static str,
    pub(super) contact_transferred: &'static str,
    pub(super) contact_ended: &'static str,
    /// Resolved, unresolved, abandoned, dropped, forwarded.
    pub(super) outcomes: [&'static str; 5],
    /// Inbound, outbound, internal.
    pub(super) messages: [&'static str; 3],
    pub(super) self_service: &'static str,
    pub(super) case_opened: &'static str,
    pub(super) protocol: &'static str,
    /// Information, question, complaint, contestation, suspension, cancellation, request.
    pub(super) demands: [&'static str; 7],
    pub(super) case_updated: &'static str,
    pub(super) case_resolved: &'static str,
    pub(super) case_reopened: &'static str,
    /// Complaint, suggestion, praise, question, report.
    pub(super) feedbacks: [&'static str; 5],
    pub(super) survey_sent: &'static str,
    pub(super) survey_answered: &'static str,
    pub(super) of: &'static str,
    pub(super) fact_told: &'static str,
    pub(super) fact_withdrawn: &'static str,
    pub(super) note: &'static str,
    pub(super) note_pinned: &'static str,
    pub(super) note_unpinned: &'static str,
    pub(super) stage: &'static str,
    pub(super) milestone: &'static str,
    pub(super) activity: &'static str,
    /// Between units and hundredths.
    pub(super) decimal_mark: &'static str,
    pub(super) campaign: &'static str,
    /// Sent, delivered, opened, clicked, replied, converted, bounced, unsubscribed.
    pub(super) steps: [&'static str; 8],
    pub(super) profile: &'static str,
    pub(super) preference: &'static str,
    pub(super) consent: &'static str,
    /// Granted, denied, revoked.
    pub(super) consents: [&'static str; 3],
    pub(super) identity_claimed: &'static str,
    pub(super) identity_linked: &'static str,
    pub(super) identity_unlinked: &'static str,
    /// Of a link that holds no more.
    pub(super) separated: &'static str,
    pub(super) privacy_held: &'static str,
    pub(super) privacy_released: &'static str,
    pub(super) privacy_shredded: &'static str,
    pub(super) record_viewed: &'static str,
    /// In the order of the vocabulary: voice, ivr, voicemail, letter, email, sms, whatsapp, chat, chatbot, web, app, store,
    /// video, negotiation, push, survey.
    pub(super) channels: [&'static str; 16],
}

impl Words {
    pub(super) fn channel(&self, channel: &Channel) -> String {
        let [
            voice,
            ivr,
            voicemail,
            letter,
            email,
            sms,
            whatsapp,
            chat,
            chatbot,
            web,
            app,
            store,
            video,
            negotiation,
            push,
            survey,
        ] = self.channels;
        let word = match channel {
            Channel::Voice => voice,
            Channel::Ivr => ivr,
            Channel::Voicemail => voicemail,
            Channel::Letter => letter,
            Channel::Email => email,
            Channel::Sms => sms,
            Channel::Whatsapp => whatsapp,
            Channel::Chat => chat,
            Channel::Chatbot => chatbot,
            Channel::Web => web,
            Channel::App => app,
            Channel::Store => store,
            Channel::Video => video,
            Channel::Negotiation => negotiation,
            Channel::Push => push,
            Channel::Survey => survey,
            Channel::Social(name) | Channel::Other(name) => name.as_str(),
        };
        word.to_owned()
    }

    pub(super) fn outcome(&self, outcome: Outcome) -> &'static str {
        let [resolved, unresolved, abandoned, dropped, forwarded] = self.outcomes;
        match outcome {
            Outcome::Resolved => resolved,
            Outcome::Unresolved => unresolved,
            Outcome::Abandoned => abandoned,
            Outcome::Dropped => dropped,
            Outcome::Forwarded => forwarded,
        }
    }

    pub(super) fn message(&self, direction: Direction) -> &'static str {
        let [inbound, outbound, internal] = self.messages;
        match direction {
            Direction::Inbound => inbound,
            Direction::Outbound => outbound,
            Direction::Internal => internal,
        }
    }

    pub(super) fn demand(&self, demand: Demand) -> &'static str {
        let [information, question, complaint, contestation, suspension, cancellation, request] = self.demands;
        match demand {
            Demand::Information => information,
            Demand::Question => question,
            Demand::Complaint => complaint,
            Demand::Contestation => contestation,
            Demand::Suspension => suspension,
            Demand::Cancellation => cancellation,
            Demand::Request => request,
        }
    }

    pub(super) fn feedback(&self, feedback: Feedback) -> &'static str {
        let [complaint, suggestion, praise, question, report] = self.feedbacks;
        match feedback {
            Feedback::Complaint => complaint,
            Feedback::Suggestion => suggestion,
            Feedback::Praise => praise,
            Feedback::Question => question,
            Feedback::Report => report,
        }
    }

    pub(super) fn step(&self, step: CampaignStep) -> &'static str {
        let [sent, delivered, opened, clicked, replied, converted, bounced, unsubscribed] = self.steps;
        match step {
            CampaignStep::Sent => sent,
            CampaignStep::Delivered => delivered,
            CampaignStep::Opened => opened,
            CampaignStep::Clicked => clicked,
            CampaignStep::Replied => replied,
            CampaignStep::Converted => converted,
            CampaignStep::Bounced => bounced,
            CampaignStep::Unsubscribed => unsubscribed,
        }
    }

    pub(super) fn consent_state(&self, state: ConsentState) -> &'static str {
        let [granted, denied, revoked] = self.consents;
        match state {
            ConsentState::Granted => granted,
            ConsentState::Denied => denied,
            ConsentState::Revoked => revoked,
        }
    }
}
