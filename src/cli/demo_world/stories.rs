//! Which stories befall whom, and what several stories have in common.

use serde_json::json;

use super::dice::Dice;
use super::joining::joins;
use super::pen::Pen;
use super::people::{Person, everybody};
use super::texts::{MATTERS, Matter};
use super::{calls, selling, writing};

/// Writes what befalls a customer, from a day on (counted back from today).
type Story = fn(&mut Pen, &Person, &mut Dice, i64);

const STORIES: &[Story] = &[
    calls::telephones,
    writing::asks_on_whatsapp,
    writing::complains_by_email,
    selling::is_advertised_to,
    writing::chats_on_the_site,
    calls::visits_the_counter,
    selling::negotiates,
    writing::posts,
    selling::helps_themselves,
    calls::leaves_a_voicemail,
    writing::praises,
    selling::asks_the_bot,
    calls::writes_a_letter,
    selling::cancels,
    calls::talks_by_video,
    writing::faxes,
];

/// No story is longer than this.
const LONGEST_STORY_DAYS: i64 = 7;

/// Everybody who has no story of their own comes, and has one or two of the frequent ones.
pub(super) fn befall_everybody(pen: &mut Pen) {
    for who in everybody() {
        let mut dice = Dice::new(who.number);
        joins(pen, &who, &mut dice);
        let number = usize::try_from(who.number).unwrap_or(0);
        let second = dice.happens(75).then_some(number * 5 + 3);
        for at in [Some(number), second].into_iter().flatten() {
            let Some(story) = STORIES.get(at % STORIES.len()) else { continue };
            let day = dice.between(LONGEST_STORY_DAYS, 104);
            story(pen, &who, &mut dice, day);
        }
    }
}

/// One of the matters, the frequent ones more often.
pub(super) fn matter(dice: &mut Dice) -> &'static Matter {
    let last = i64::try_from(MATTERS.len()).unwrap_or(1) - 1;
    let at = dice.between(0, last).min(dice.between(0, last));
    let [first, ..] = &MATTERS;
    usize::try_from(at).ok().and_then(|at| MATTERS.get(at)).unwrap_or(first)
}

/// A case goes on and is settled on some day.
pub(super) fn settle(pen: &mut Pen, who: &Person, (case, day): (&str, i64), resolution: &str) {
    let at = pen.at(day, 15, 10);
    let mut crm = pen.scene(&who.crm, "crm", at).with("case", case);
    crm.event("case.updated", json!({"status": "em_tratativa", "note": "Área responsável acionada."}));
    let resolved = json!({"status": "encerrado", "resolution": resolution, "note": "Cliente avisado."});
    crm.after(5_000).event("case.resolved", resolved);
}
