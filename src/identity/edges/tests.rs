//! Links and unlinks, through the rows.

use std::collections::BTreeSet;

use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::event::{Event, Flat, IdentifierKind, Micros, Revision, Strand, Unfiled, Who};
use crate::views::{Checkpoint, Options, Views};

/// A strand by a number; the kinds go round.
fn strand(number: u8) -> Strand {
    const KINDS: [IdentifierKind; 4] =
        [IdentifierKind::CRM, IdentifierKind::EMAIL, IdentifierKind::PHONE, IdentifierKind::CPF];
    kind_strand(KINDS[usize::from(number) % KINDS.len()].clone(), number)
}

fn kind_strand(kind: IdentifierKind, number: u8) -> Strand {
    Strand { kind, subject: SubjectId([number; 16]) }
}

/// What happens to the graph.
#[derive(Clone, Debug)]
enum Step {
    Names(Strand, Vec<Strand>),
    Link(Strand, Strand),
    Unlink(Strand, Strand),
}

fn event(position: u64, step: &Step) -> Event {
    let (kind, strand, also, data) = match step {
        Step::Names(strand, also) => ("novelo.note.added", strand, also.clone(), json!({"text": "x"})),
        Step::Link(a, b) => ("novelo.identity.linked", a, vec![b.clone()], json!({"evidence": "agent"})),
        Step::Unlink(a, b) => ("novelo.identity.unlinked", a, vec![b.clone()], json!({})),
    };
    let flat = Flat {
        id: position.to_string(),
        source: "test".into(),
        kind: kind.into(),
        subject: None,
        time: Some("2026-01-05T13:00:00Z".into()),
        data: data.as_object().unwrap().clone(),
    };
    let now = Micros::parse("2026-01-06T00:00:00Z").unwrap();
    let draft = Unfiled::read(flat).unwrap().file(Who::Strands(strand.clone(), also.clone()), now).unwrap();
    Event {
        position: Position(position),
        revision: Revision(0),
        recorded_at: Micros(now.0 + position as i64),
        strand: strand.clone(),
        also,
        header: draft.header().clone(),
        kind: draft.kind().clone(),
        sealed: Vec::new(),
    }
}

/// Views after these steps, applied in batches of a size.
fn after(steps: &[Step], batch_size: usize) -> (tempfile::TempDir, Views) {
    let folder = tempfile::tempdir().unwrap();
    let views = Views::open(folder.path(), Options::default()).unwrap();
    let mut projections: Vec<Box<dyn Projection>> = vec![Box::new(Edges::new(Arc::new(IdentityRules::default())))];
    views.serve(&projections, &[]).unwrap();
    let events: Vec<Event> = steps.iter().enumerate().map(|(at, step)| event(at as u64, step)).collect();
    for events in events.chunks(batch_size) {
        let mut batch = views.batch(events.len()).unwrap();
        let tables = batch.serving();
        let mut rows = batch.rows(&tables);
        for event in events {
            projections[0].apply(Applied { event, record: &[] }, &mut rows).unwrap();
        }
        projections[0].finish(&mut rows).unwrap();
        let next = events.last().unwrap().position.next();
        batch.commit_serving(Checkpoint::new(next, crate::event::Hash::ZERO)).unwrap();
    }
    (folder, views)
}

fn customer(views: &Views, of: u8, as_of: Option<u64>) -> BTreeSet<u8> {
    let reader = views.reader().unwrap();
    let found = component(&SubjectId([of; 16]), as_of.map(Position), &EdgeRows(&reader)).unwrap();
    found.iter().map(|member| member.subject.0[0]).collect()
}

fn hints(views: &Views, of: &[u8], as_of: Option<u64>) -> Vec<(u8, String, u64)> {
    let reader = views.reader().unwrap();
    let strands: Vec<SubjectId> = of.iter().map(|n| SubjectId([*n; 16])).collect();
    let found = suggestions(&strands, as_of.map(Position), &EdgeRows(&reader)).unwrap();
    found.into_iter().map(|s| (s.subject.0[0], s.because, s.evidence)).collect()
}

fn names(of: u8, also: &[u8]) -> Step {
    Step::Names(strand(of), also.iter().map(|n| strand(*n)).collect())
}

fn unlink(a: u8, b: u8) -> Step {
    Step::Unlink(strand(a), strand(b))
}

fn link(a: u8, b: u8) -> Step {
    Step::Link(strand(a), strand(b))
}

#[test]
fn an_event_that_names_both_links_and_an_unlink_restores() {
    let (_folder, views) = after(&[names(4, &[1]), names(4, &[2]), unlink(2, 4)], 1);
    assert_eq!(customer(&views, 1, Some(0)), [1].into());
    assert_eq!(customer(&views, 1, Some(1)), [1, 4].into());
    assert_eq!(customer(&views, 2, Some(2)), [1, 2, 4].into());
    assert_eq!(customer(&views, 4, None), [1, 4].into());
    assert_eq!(customer(&views, 2, None), [2].into());
}

#[test]
fn what_was_separated_is_only_suggested_again_also_by_a_detour() {
    let (_folder, views) = after(&[names(4, &[1]), unlink(1, 4), names(4, &[1]), names(1, &[2]), names(4, &[2])], 2);
    assert_eq!(customer(&views, 4, None), [4].into());
    assert_eq!(customer(&views, 1, None), [1, 2].into());
    let found = hints(&views, &[4], None);
    assert_eq!(found, [(1, "separated".into(), 1), (2, "separated".into(), 1)]);
    assert_eq!(hints(&views, &[4], Some(2)), []);
}

#[test]
fn an_agent_can_link_what_was_separated() {
    let (_folder, views) =
        after(&[names(4, &[1]), unlink(1, 4), link(1, 4), unlink(1, 4), link(4, 1), names(4, &[2])], 3);
    assert_eq!(customer(&views, 1, None), [1, 2, 4].into());
    assert_eq!(customer(&views, 1, Some(4)), [1].into());
    assert_eq!(customer(&views, 1, Some(3)), [1, 4].into());
}

#[test]
fn one_customer_has_one_cpf_by_evidence() {
    let (_folder, views) = after(&[names(4, &[3]), names(4, &[7])], 1);
    assert_eq!(customer(&views, 4, None), [3, 4].into());
    assert_eq!(hints(&views, &[4], None), [(7, "limit:cpf".into(), 1)]);
}

#[test]
fn a_shared_identifier_only_suggests() {
    let address = kind_strand(IdentifierKind::ADDRESS, 200);
    let steps: Vec<Step> = (0..3).map(|_| Step::Names(strand(4), vec![address.clone()])).collect();
    let (_folder, views) = after(&steps, 2);
    assert_eq!(customer(&views, 4, None), [4].into());
    assert_eq!(hints(&views, &[4], None), [(200, "shared:address".into(), 3)]);
    assert_eq!(hints(&views, &[200], Some(2)), [(4, "shared:address".into(), 2)]);
}

#[test]
fn evidence_never_makes_a_customer_of_more_strands_than_the_rules_allow() {
    let cookie = |n: u8| kind_strand(IdentifierKind::COOKIE, n);
    let other = |n: u8| kind_strand(IdentifierKind::new("x").unwrap(), n);
    let steps: Vec<Step> = (0..80).map(|n| Step::Names(other(250), vec![cookie(n)])).collect();
    let (_folder, views) = after(&steps, 7);
    assert_eq!(customer(&views, 250, None).len(), 33);
}

/// Any step among a few strands.
fn steps() -> impl Strategy<Value = Vec<Step>> {
    let pair = (0_u8..9, 0_u8..9).prop_filter("two", |(a, b)| a != b);
    let step = (pair, 0_u8..4).prop_map(|((a, b), sort)| match sort {
        0 => unlink(a, b),
        1 => link(a, b),
        _ => names(a, &[b]),
    });
    prop::collection::vec(step, 1..24)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn the_past_is_the_fold_of_what_came_before(steps in steps(), batch_size in 1_usize..6) {
        let (_folder, views) = after(&steps, batch_size);
        let end = steps.len() / 2;
        let (_other, past) = after(&steps[..end.max(1)], 1);
        for of in 0..9 {
            prop_assert_eq!(customer(&views, of, Some(end.max(1) as u64)), customer(&past, of, None));
            prop_assert_eq!(hints(&views, &[of], Some(end.max(1) as u64)), hints(&past, &[of], None));
        }
    }

    #[test]
    fn links_are_mutual_and_have_no_cycles(steps in steps()) {
        let (_folder, views) = after(&steps, 5);
        for of in 0..9 {
            let mine = customer(&views, of, None);
            prop_assert!(mine.iter().all(|other| customer(&views, *other, None) == mine));
            let reader = views.reader().unwrap();
            let rows = EdgeRows(&reader);
            let edges: usize = reach(SubjectId([of; 16]), None, &rows).unwrap().keys()
                .map(|subject| reach_one(subject, &rows)).sum();
            prop_assert_eq!(edges, 2 * (mine.len() - 1));
        }
    }

    #[test]
    fn an_unlink_separates_whatever_evidence_follows(before in steps(), a in 0_u8..9, b in 0_u8..9, after_it in steps()) {
        prop_assume!(a != b);
        let evidence = after_it.into_iter().filter(|step| matches!(step, Step::Names(..)));
        let all: Vec<Step> = before.into_iter().chain([unlink(a, b)]).chain(evidence).collect();
        let (_folder, views) = after(&all, 4);
        prop_assert!(!customer(&views, a, None).contains(&b));
    }
}

/// How many links a strand has.
fn reach_one(subject: &SubjectId, rows: &EdgeRows<'_>) -> usize {
    let node = rows.node(subject).unwrap().unwrap_or_default();
    node.links()
}
