//! The store as a library user meets it.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};

use super::*;
use crate::event::{Draft, Flat, Micros, Position, Revision, SubjectId, Unfiled};
use crate::timeline::{PageArgs, TimelineFilter};
use crate::vault::{MasterKey, Vault};

fn open(folder: &Path) -> Novelo {
    Novelo::open(Options::new(folder), |_, _| {}).unwrap().0
}

fn draft(novelo: &Novelo, id: &str, subject: &str, minute: i64, data: Value) -> Draft {
    let Value::Object(data) = data else { panic!("data is an object") };
    let base = Micros::parse("2026-01-05T12:00:00Z").unwrap();
    let flat = Flat {
        id: id.into(),
        source: "test".into(),
        kind: "novelo.note.added".into(),
        subject: Some(subject.into()),
        time: Some(base.plus(minute * 60 * Micros::SECOND).to_string()),
        data,
    };
    novelo.filing().file(Unfiled::read(flat).unwrap(), Micros::now()).unwrap()
}

fn note(novelo: &Novelo, id: &str, subject: &str, minute: i64) -> Draft {
    draft(novelo, id, subject, minute, json!({"text": id}))
}

fn customer(novelo: &Novelo, crm: &str) -> Customer {
    let by = Lookup::Identifier { kind: "crm".into(), value: crm.into() };
    Arc::new(novelo.picture().unwrap()).customer(&by, None).unwrap().unwrap()
}

async fn follow(novelo: &Novelo) {
    novelo.wait_for(novelo.head().next, Duration::from_secs(60)).await.unwrap();
}

#[tokio::test]
async fn the_same_event_again_is_a_duplicate_and_another_under_its_id_a_conflict() {
    let folder = tempfile::tempdir().unwrap();
    let novelo = open(folder.path());
    let first = note(&novelo, "1", "crm:1", 0);
    let other = draft(&novelo, "1", "crm:1", 0, json!({"text": "something else"}));
    let at_once = vec![first.clone(), first.clone(), other.clone()];
    let outcomes = novelo.record(at_once, Expect::Each).await.unwrap();
    let zero = Position(0);
    assert_eq!(outcomes[..2], [Outcome::Recorded(zero), Outcome::Duplicate(zero)]);
    assert!(matches!(&outcomes[2], Outcome::Refused(Refusal::Conflict { position, .. }) if *position == zero));
    follow(&novelo).await;
    let later = novelo.record(vec![first, other], Expect::Each).await.unwrap();
    assert_eq!(later[0], Outcome::Duplicate(zero));
    assert!(matches!(later[1], Outcome::Refused(Refusal::Conflict { .. })));
    assert_eq!(novelo.head().next, Position(1));
}

#[tokio::test]
async fn a_store_that_was_opened_again_knows_every_event_of_before() {
    let folder = tempfile::tempdir().unwrap();
    // More than come in before the stored ids are read into memory, so that both ways are walked.
    let notes = |novelo: &Novelo| (0..6_000).map(|n| note(novelo, &n.to_string(), "crm:1", n)).collect::<Vec<_>>();
    {
        let novelo = open(folder.path());
        novelo.record(notes(&novelo), Expect::Each).await.unwrap();
        follow(&novelo).await;
    }
    let novelo = open(folder.path());
    for _ in 0..3 {
        let again = novelo.record(notes(&novelo), Expect::Each).await.unwrap();
        let known = again.iter().enumerate().all(|(n, outcome)| *outcome == Outcome::Duplicate(Position(n as u64)));
        assert!(known);
    }
    let new = novelo.record(vec![note(&novelo, "new", "crm:1", 0)], Expect::Each).await.unwrap();
    assert_eq!(new, [Outcome::Recorded(Position(6_000))]);
}

#[tokio::test]
async fn a_torn_key_that_no_event_uses_does_not_keep_the_store_from_opening() {
    let folder = tempfile::tempdir().unwrap();
    {
        let novelo = open(folder.path());
        novelo.record(vec![note(&novelo, "1", "crm:1", 0)], Expect::Each).await.unwrap();
    }
    // What a power cut may leave of keys that were not synced yet: the last ones whole, one before them torn.
    let (key, _) = MasterKey::load_or_create(&folder.path().join("master.key"), false).unwrap();
    let vault = Vault::open(&folder.path().join("vault"), &key).unwrap();
    vault.create(&[1, 2, 3].map(|byte| SubjectId([byte; 16])), &super::slots::NoSlots).unwrap();
    let file = folder.path().join("vault").join("keys");
    let mut bytes = std::fs::read(&file).unwrap();
    let slot_bytes = bytes.len() / 5;
    bytes[3 * slot_bytes..4 * slot_bytes].fill(0);
    std::fs::write(&file, bytes).unwrap();
    drop(vault);
    let novelo = open(folder.path());
    let outcomes = novelo.record(vec![note(&novelo, "1", "crm:1", 0), note(&novelo, "2", "crm:2", 0)], Expect::Each);
    let expected = [Outcome::Duplicate(Position(0)), Outcome::Recorded(Position(1))];
    assert_eq!(outcomes.await.unwrap(), expected);
    follow(&novelo).await;
    assert_eq!(customer(&novelo, "2").count_all().unwrap(), 1);
}

#[tokio::test]
async fn all_or_none_means_none_when_one_is_refused_or_the_revision_is_stale() {
    let folder = tempfile::tempdir().unwrap();
    let novelo = open(folder.path());
    let all = |revision| Expect::All(Some(Revision(revision)));
    let two = vec![note(&novelo, "1", "crm:1", 0), note(&novelo, "2", "crm:1", 1)];
    assert_eq!(novelo.record(two.clone(), all(0)).await.unwrap().len(), 2);
    let stale = novelo.record(vec![note(&novelo, "3", "crm:1", 2)], all(1)).await.unwrap();
    let expected = Refusal::Stale { expected: Revision(1), actual: Revision(2) };
    assert_eq!(stale, [Outcome::Refused(expected)]);
    // Sent again after the answer was lost: the same answer, whatever the revision is now.
    assert!(novelo.record(two, all(0)).await.unwrap().iter().all(|outcome| matches!(outcome, Outcome::Duplicate(_))));
    let twice = ["a", "b"].map(|text| draft(&novelo, "5", "crm:1", 3, json!({"text": text})));
    let refused = novelo.record(twice.into(), Expect::All(None)).await.unwrap();
    assert!(matches!(refused[..], [Outcome::Refused(Refusal::Together), Outcome::Refused(Refusal::Twice { .. })]));
    let mixed = vec![note(&novelo, "4", "crm:1", 3), draft(&novelo, "1", "crm:1", 0, json!({"text": "x"}))];
    let refused = novelo.record(mixed, Expect::All(None)).await.unwrap();
    assert!(refused.iter().all(|outcome| matches!(outcome, Outcome::Refused(_))));
    assert_eq!(novelo.head().next, Position(2));
}

#[tokio::test(flavor = "multi_thread")]
async fn many_senders_get_gapless_positions_and_find_everything_after_reopening() {
    let folder = tempfile::tempdir().unwrap();
    let mut positions = Vec::new();
    {
        let novelo = Arc::new(open(folder.path()));
        let senders: Vec<_> = (0..8)
            .map(|sender| {
                let novelo = novelo.clone();
                tokio::spawn(async move {
                    let mut positions = Vec::new();
                    for number in 0..25 {
                        let id = format!("{sender}-{number}");
                        let one = vec![note(&novelo, &id, &format!("crm:{}", number % 5), number)];
                        let outcome = novelo.record(one, Expect::Each).await.unwrap().remove(0);
                        let Outcome::Recorded(position) = outcome else { panic!("{outcome:?}") };
                        positions.push((position, id));
                    }
                    positions
                })
            })
            .collect();
        for sender in senders {
            positions.extend(sender.await.unwrap());
        }
    }
    positions.sort();
    assert!(positions.iter().map(|(position, _)| position.0).eq(0..200));
    let novelo = open(folder.path());
    let picture = novelo.picture().unwrap();
    for (position, id) in positions {
        let (_, event) = picture.event(position).unwrap().unwrap();
        assert_eq!(picture.open(&event).unwrap().unwrap().text, Some(id));
    }
}

#[tokio::test]
async fn a_context_that_was_kept_is_that_of_the_fold_also_after_a_late_arrival() {
    let folder = tempfile::tempdir().unwrap();
    let novelo = open(folder.path());
    let profile = |id: &str, minute: i64, name: &str| {
        let flat = Flat {
            id: id.into(),
            source: "test".into(),
            kind: "novelo.profile.observed".into(),
            subject: Some("crm:1".into()),
            time: Some(Micros::parse("2026-01-05T12:00:00Z").unwrap().plus(minute * 60 * Micros::SECOND).to_string()),
            data: json!({"namespace": "crm", "values": {"name": name}}).as_object().unwrap().clone(),
        };
        novelo.filing().file(Unfiled::read(flat).unwrap(), Micros::now()).unwrap()
    };
    // Enough events for a snapshot on disk.
    let mut drafts: Vec<Draft> = (0..700).map(|n| note(&novelo, &n.to_string(), "crm:1", n)).collect();
    drafts.push(profile("new", 500, "Ana Nova"));
    novelo.record(drafts, Expect::Each).await.unwrap();
    follow(&novelo).await;
    assert_eq!(customer(&novelo, "1").display_name().unwrap().as_deref(), Some("Ana Nova"));
    // It happened before the other: the newest name stays, and the fold is that of all events in time order.
    novelo.record(vec![profile("late", 100, "Ana Velha")], Expect::Each).await.unwrap();
    follow(&novelo).await;
    assert_eq!(customer(&novelo, "1").display_name().unwrap().as_deref(), Some("Ana Nova"));
    let kept = customer(&novelo, "1").context().unwrap();
    drop(novelo);
    std::fs::remove_dir_all(folder.path().join("views")).unwrap();
    let fresh = open(folder.path());
    assert_eq!(customer(&fresh, "1").context().unwrap(), kept);
    assert_eq!(kept.totals().events, 702);
}

#[tokio::test]
async fn a_rebuild_beside_writers_ends_with_the_rows_of_having_followed() {
    let folder = tempfile::tempdir().unwrap();
    let novelo = Arc::new(open(folder.path()));
    let notes = |from: i64, until: i64| {
        (from..until).map(|n| note(&novelo, &n.to_string(), &format!("crm:{}", n % 7), n)).collect::<Vec<_>>()
    };
    novelo.record(notes(0, 3_000), Expect::Each).await.unwrap();
    let build = novelo.rebuild(None).unwrap();
    assert!(matches!(novelo.rebuild(Some("nonsense")), Err(EngineError::NoProjection { .. })));
    for start in 0..20 {
        novelo.record(notes(3_000 + start * 50, 3_050 + start * 50), Expect::Each).await.unwrap();
    }
    tokio::task::spawn_blocking(|| build.wait().unwrap()).await.unwrap();
    follow(&novelo).await;
    let all = PageArgs { size: 1_000, from_end: false, after: None, before: None };
    let texts = |novelo: &Novelo, crm: &str| -> Vec<Position> {
        let page = customer(novelo, crm).timeline(all, &TimelineFilter::default()).unwrap();
        page.entries.iter().map(|stored| stored.0.position).collect()
    };
    for crm in 0..7_u64 {
        let expected: Vec<Position> = (0..4_000).filter(|n| n % 7 == crm).map(Position).collect();
        assert_eq!(texts(&novelo, &crm.to_string()), expected);
    }
}

#[tokio::test]
async fn projections_that_are_rebuilt_at_the_same_time_leave_each_other_alone() {
    let folder = tempfile::tempdir().unwrap();
    let novelo = open(folder.path());
    let notes = (0..4_000).map(|n| note(&novelo, &n.to_string(), &format!("crm:{}", n % 7), n)).collect();
    novelo.record(notes, Expect::Each).await.unwrap();
    follow(&novelo).await;
    let known =
        |novelo: &Novelo| (0..7).map(|n| customer(novelo, &n.to_string()).context().unwrap()).collect::<Vec<_>>();
    let before = known(&novelo);
    let names: Vec<&str> = novelo.projections().iter().map(|status| status.name).collect();
    let builds: Vec<_> = names.iter().map(|name| novelo.rebuild(Some(name)).unwrap()).collect();
    builds.into_iter().for_each(|build| build.wait().unwrap());
    assert_eq!(known(&novelo), before);
    drop(novelo);
    let again = open(folder.path());
    assert_eq!(known(&again), before);
}

#[tokio::test]
async fn a_build_is_there_from_the_moment_it_is_asked_for_and_ends_with_the_store() {
    let folder = tempfile::tempdir().unwrap();
    let novelo = open(folder.path());
    let notes = (0..4_000).map(|n| note(&novelo, &n.to_string(), &format!("crm:{}", n % 7), n)).collect();
    novelo.record(notes, Expect::Each).await.unwrap();
    follow(&novelo).await;
    let before = customer(&novelo, "1").context().unwrap();
    let builds = novelo.rebuild(None).unwrap();
    assert!(novelo.projections().iter().all(|status| status.building.is_some()));
    assert!(matches!(novelo.rebuild(Some("ids")), Err(EngineError::Building(name)) if name == "ids"));
    // Closed in the middle of it: the folder is free at once, and the old rows serve.
    drop(novelo);
    let again = open(folder.path());
    assert_eq!(customer(&again, "1").context().unwrap(), before);
    drop(builds);
}

#[tokio::test]
async fn a_store_that_is_closed_leaves_views_of_its_whole_log() {
    let folder = tempfile::tempdir().unwrap();
    let novelo = open(folder.path());
    let notes = (0..2_000).map(|n| note(&novelo, &n.to_string(), "crm:1", n)).collect();
    novelo.record(notes, Expect::Each).await.unwrap();
    drop(novelo);
    let (_, opened) = Novelo::open(Options::new(folder.path()), |_, _| {}).unwrap();
    assert_eq!(opened.caught_up, 0);
}

#[test]
fn another_process_cannot_open_a_store_that_is_open() {
    let folder = tempfile::tempdir().unwrap();
    let _first = open(folder.path());
    let second = Novelo::open(Options::new(folder.path()), |_, _| {}).unwrap_err().to_string();
    assert!(second.contains("in use") || second.contains("another process"), "{second}");
}

fn said(because: &str) -> Said<'_> {
    Said { because, agent: None, id: None }
}

fn newest(size: usize) -> PageArgs {
    PageArgs { size, from_end: true, after: None, before: None }
}

/// What an agent is shown of a customer, where it is kept from question to question and where it is read anew.
fn shown(customer: &Customer, size: usize) -> (u64, Vec<Position>, bool, Arc<crate::context::Context>) {
    let page = customer.timeline(newest(size), &TimelineFilter::default()).unwrap();
    let skipped = page.entries.len().saturating_sub(20);
    let positions = page.entries[skipped..].iter().map(|stored| stored.0.position).collect();
    (customer.count_all().unwrap(), positions, page.has_previous || skipped > 0, customer.context().unwrap())
}

#[tokio::test]
async fn what_is_kept_of_customers_is_what_their_rows_say() {
    let folder = tempfile::tempdir().unwrap();
    let novelo = open(folder.path());
    let names: Vec<String> = (0..5).map(|n| n.to_string()).collect();
    let mut state = 7_u64;
    let mut roll = |sides: u64| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) % sides
    };
    let first = names.iter().map(|name| note(&novelo, name, &format!("crm:{name}"), 0)).collect();
    novelo.record(first, Expect::Each).await.unwrap();
    follow(&novelo).await;
    // A picture of before, which others ask while the store goes on.
    let before = Arc::new(novelo.picture().unwrap());
    let by = |name: &str| Lookup::Identifier { kind: "crm".into(), value: name.into() };
    for step in 0..400 {
        let (one, other) = (&names[roll(5) as usize], &names[roll(5) as usize]);
        let (a, b) = (customer(&novelo, one), customer(&novelo, other));
        let drafts = match roll(12) {
            0 => novelo.link(&a, &b, said("the same person")).unwrap().into_iter().collect(),
            1 if a.members().len() > 1 => {
                vec![novelo.unlink(&a.members()[0].subject, &a.members()[1].subject, said("not the same")).unwrap()]
            }
            // Some happen after all others, some come a little late, the rest late.
            _ => (0..1 + roll(3))
                .map(|n| {
                    let now = 500 + step;
                    let minute = [now, now - roll(40) as i64, roll(500) as i64][roll(3) as usize];
                    note(&novelo, &format!("{step}-{n}"), &format!("crm:{one}"), minute)
                })
                .collect(),
        };
        novelo.record(drafts, Expect::Each).await.unwrap();
        follow(&novelo).await;
        if step == 200 {
            let build = novelo.rebuild(None).unwrap();
            tokio::task::spawn_blocking(|| build.wait().unwrap()).await.unwrap();
        }
        for name in &names {
            let asked = customer(&novelo, name);
            // What passes by while the context is folded is kept as well; a page may be newer than the context.
            match roll(4) {
                0 => drop(asked.timeline(newest(20), &TimelineFilter::default()).unwrap()),
                1 => drop(asked.context().unwrap()),
                _ => {}
            }
            if roll(3) == 0 {
                continue;
            }
            let kept = (shown(&asked, 20), shown(&asked, 3).1, shown(&customer(&novelo, name), 20));
            assert_eq!(kept.0, kept.2, "step {step}");
            let picture = asked.picture().clone();
            let mut anew = picture.customers().unwrap().map(Result::unwrap).filter(|found| found.id() == asked.id());
            let expected = shown(&anew.next().unwrap(), 1_000);
            assert_eq!(kept.0, expected, "step {step}");
            let last = &expected.1[expected.1.len().saturating_sub(3)..];
            assert_eq!(kept.1, last, "step {step}");
            let then = before.customer(&by(name), None).unwrap().unwrap();
            assert_eq!(shown(&then, 20).1.len(), 1, "step {step}: an older picture stays as it was");
        }
    }
}

#[tokio::test]
async fn who_follows_a_customer_waits_while_the_views_are_behind_what_was_seen() {
    let folder = tempfile::tempdir().unwrap();
    let novelo = open(folder.path());
    novelo.record(vec![note(&novelo, "1", "crm:1", 0)], Expect::Each).await.unwrap();
    follow(&novelo).await;
    let by = Lookup::Identifier { kind: "crm".into(), value: "1".into() };
    let mut begun = novelo.live_timeline(by.clone(), None).unwrap();
    let (_, first) = begun.next().await.unwrap().unwrap();
    assert_eq!(first.0.position, Position(0));
    // So it is while they are rebuilt: somebody saw more than they hold.
    novelo.shared.condition.seen(Position(3));
    assert!(matches!(novelo.picture(), Err(EngineError::Rebuilding { .. })));
    let mut live = novelo.live_timeline(by.clone(), None).unwrap();
    let mut changes = novelo.changes(by).unwrap();
    let moment = Duration::from_millis(300);
    assert!(tokio::time::timeout(moment, live.next()).await.is_err());
    assert!(tokio::time::timeout(moment, changes.next()).await.is_err());
    novelo.record(vec![note(&novelo, "2", "crm:1", 0)], Expect::Each).await.unwrap();
    assert!(tokio::time::timeout(moment, begun.next()).await.is_err());
    novelo.record(vec![note(&novelo, "3", "crm:1", 0)], Expect::Each).await.unwrap();
    for expected in [0, 1, 2] {
        let (picture, entry) = live.next().await.unwrap().unwrap();
        assert_eq!((entry.0.position, picture.through()), (Position(expected), Position(3)));
    }
    assert_eq!(changes.next().await.unwrap().unwrap().count_all().unwrap(), 3);
    let (_, second) = begun.next().await.unwrap().unwrap();
    assert_eq!(second.0.position, Position(1));
    // A store that is closed ends it.
    drop(novelo);
    assert!(begun.next().await.unwrap().is_some_and(|(_, third)| third.0.position == Position(2)));
    assert!(begun.next().await.unwrap().is_none() && changes.next().await.unwrap().is_none());
}

/// Records a note of one customer for each of some minutes, and follows them.
async fn notes(novelo: &Novelo, minutes: std::ops::Range<i64>) {
    for minute in minutes {
        novelo.record(vec![note(novelo, &minute.to_string(), "crm:1", minute)], Expect::Each).await.unwrap();
    }
    follow(novelo).await;
}

#[tokio::test]
async fn a_page_that_is_newer_than_the_context_is_not_continued_by_what_the_context_reads() {
    let folder = tempfile::tempdir().unwrap();
    let novelo = open(folder.path());
    notes(&novelo, 0..30).await;
    shown(&customer(&novelo, "1"), 20);
    notes(&novelo, 30..31).await;
    customer(&novelo, "1").timeline(newest(20), &TimelineFilter::default()).unwrap();
    notes(&novelo, 31..32).await;
    let asked = customer(&novelo, "1");
    asked.context().unwrap();
    assert_eq!(shown(&asked, 20).1, (12..32).map(Position).collect::<Vec<_>>());
}

#[tokio::test]
async fn an_older_picture_that_is_asked_after_a_newer_one_shows_the_older_page() {
    let folder = tempfile::tempdir().unwrap();
    let novelo = open(folder.path());
    notes(&novelo, 0..30).await;
    let older = Arc::new(novelo.picture().unwrap());
    notes(&novelo, 30..31).await;
    assert_eq!(shown(&customer(&novelo, "1"), 20).1, (11..31).map(Position).collect::<Vec<_>>());
    let by = Lookup::Identifier { kind: "crm".into(), value: "1".into() };
    let then = older.customer(&by, None).unwrap().unwrap();
    assert_eq!(shown(&then, 20), shown(&then, 20));
    assert_eq!(shown(&then, 20).1, (10..30).map(Position).collect::<Vec<_>>());
}
