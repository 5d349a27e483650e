//! What happens in nearly every contact, in few words.

use serde_json::json;

use super::pen::Scene;

impl Scene<'_> {
    /// The customer comes.
    pub(super) fn starts(&mut self, reason: &str) -> &mut Self {
        self.event(
            "contact.started",
            json!({"reason": reason, "channel_choice": "chosen", "self_service_offered": false}),
        )
    }

    /// The customer had no other way.
    pub(super) fn is_sent_here(&mut self, reason: &str) -> &mut Self {
        self.event(
            "contact.started",
            json!({"reason": reason, "channel_choice": "imposed", "self_service_offered": true}),
        )
    }

    /// The company calls on the customer.
    pub(super) fn calls_out(&mut self, agent: &str, reason: &str) -> &mut Self {
        let actor = format!("agent:{agent}");
        self.event("contact.started", json!({"reason": reason, "direction": "outbound", "actor": actor}))
    }

    /// The customer waits in a queue until an agent answers.
    pub(super) fn waits(&mut self, queue: &str, seconds: i64, agent: &str) -> &mut Self {
        self.event("contact.queued", json!({"queue": queue}));
        let answered = json!({"queue": queue, "wait_ms": seconds * 1000, "actor": format!("agent:{agent}")});
        self.after(seconds).event("contact.answered", answered)
    }

    /// The customer writes.
    pub(super) fn hears(&mut self, text: &str) -> &mut Self {
        let message =
            json!({"direction": "inbound", "content_type": "text/plain", "size_bytes": text.len(), "text": text});
        self.event("message.sent", message)
    }

    /// Somebody writes to the customer: `agent:carla`, `bot:sofia`.
    pub(super) fn says(&mut self, actor: &str, text: &str) -> &mut Self {
        let message = json!({"direction": "outbound", "actor": actor, "content_type": "text/plain",
            "size_bytes": text.len(), "text": text});
        self.event("message.sent", message)
    }

    /// The customer complains, praises, suggests, asks or reports.
    pub(super) fn feels(&mut self, feedback: &str, topic: &str, text: &str) -> &mut Self {
        self.event("feedback.given", json!({"feedback": feedback, "topic": topic, "text": text}))
    }

    /// The contact ends after so many seconds of conversation.
    pub(super) fn ends(&mut self, outcome: &str, talk_seconds: i64, disposition: &str) -> &mut Self {
        self.after(talk_seconds).event(
            "contact.ended",
            json!({"outcome": outcome, "talk_ms": talk_seconds * 1000, "hold_ms": talk_seconds * 90, "wrap_up_ms": 35_000,
                "disposition": disposition}),
        )
    }

    /// A survey is sent and answered.
    pub(super) fn is_surveyed(&mut self, instrument: &str, score: i64, comment: &str) -> &mut Self {
        self.event("survey.sent", json!({"instrument": instrument}));
        let answer = match comment {
            "" => json!({"instrument": instrument, "score": score}),
            _ => json!({"instrument": instrument, "score": score, "comment": comment}),
        };
        self.after(3 * 3_600).event("survey.answered", answer)
    }
}
