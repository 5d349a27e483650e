//! After an erasure no plaintext and no key of the person lies anywhere under the data folder, the chain is whole, no total has
//! changed, and what was told before is still known as told.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use novelo::engine::{Customer, Expect, Lookup, Outcome};
use novelo::event::{Position, SubjectId};
use novelo::log::verify;
use novelo::timeline::{PageArgs, TimelineFilter};
use novelo::vault::{MasterKey, Slot, SlotIndex, Vault, VaultError};
use proptest::prelude::*;

use super::deed::{ADDRESS, CPF, CRM, CUSTOMERS, DEVICE, Deed, EMAIL, WHATSAPP, identifier};
use super::history::{Cut, History};
use super::portrait::{self, ALL};
use super::settings::cases;
use super::store::{Store, files, known_by};

/// Bytes of a slot in the keys' file, and which of them are its nonce and the wrapped key.
const SLOT_BYTES: usize = 96;
const KEY: std::ops::Range<usize> = 24..84;

/// The slots as a scan finds them.
struct Scanned(HashMap<SubjectId, Slot>);

impl SlotIndex for Scanned {
    fn slot(&self, subject: &SubjectId) -> Result<Option<Slot>, VaultError> {
        Ok(self.0.get(subject).copied())
    }
}

/// Destroys the keys of strands; what each key was in the keys' file before.
fn erase(data: &Path, strands: &[SubjectId]) -> Vec<Vec<u8>> {
    let before = std::fs::read(data.join("vault/keys")).unwrap();
    let (master, _) = MasterKey::load_or_create(&data.join("master.key"), false).unwrap();
    let vault = Vault::open(&data.join("vault"), &master).unwrap();
    let slots = vault.scan(Slot(0)).unwrap().map(|found| found.map(|found| (found.subject, found.slot)).unwrap());
    let slots = Scanned(slots.collect());
    let with_keys = strands.iter().filter(|subject| slots.0.contains_key(*subject));
    with_keys
        .map(|subject| {
            assert!(vault.shred(subject, &slots).unwrap());
            let at = (slots.0[subject].0 as usize + 1) * SLOT_BYTES;
            before[at..at + SLOT_BYTES][KEY].to_vec()
        })
        .collect()
}

/// The files of a folder that hold one of these, whatever the case of its letters.
fn holding(folder: &Path, wanted: &[Vec<u8>]) -> Vec<String> {
    // The store is open: should a file go away or get another name meanwhile, all of them are read anew.
    let all = || files(folder).into_iter().map(|path| std::fs::read(&path).map(|bytes| (path, bytes))).collect();
    let read = loop {
        match all() {
            Err(cause) if cause.kind() == std::io::ErrorKind::NotFound => {}
            read => break read,
        }
    };
    let read: Vec<(PathBuf, Vec<u8>)> = read.unwrap();
    let mut found = Vec::new();
    for (path, bytes) in read {
        let folded = bytes.to_ascii_lowercase();
        for wanted in wanted {
            let lower = memchr::memmem::find(&folded, &wanted.to_ascii_lowercase()).is_some();
            if lower || memchr::memmem::find(&bytes, wanted).is_some() {
                found.push(path.strip_prefix(folder).unwrap().display().to_string());
            }
        }
    }
    found
}

/// Everything personal that may have been told, as it is written and as it is kept.
fn plaintexts() -> Vec<Vec<u8>> {
    let word = Deed::word(0);
    let sorts = [EMAIL, WHATSAPP, CPF, DEVICE, ADDRESS];
    let values = (0..CUSTOMERS).flat_map(|who| sorts.map(|sort| identifier(who, sort)));
    let values = values.map(|wire| wire.split_once(':').unwrap().1.to_owned());
    values.chain([word.split('0').next().unwrap().to_owned()]).map(String::into_bytes).collect()
}

/// The customer of a strand.
fn of_strand(store: &Store, strand: SubjectId) -> Customer {
    store.picture().customer(&Lookup::Subject(strand), None).unwrap().unwrap()
}

/// The identifiers of strands that have events of their own. Of others all that is known may have been the erased person's.
fn own_identifiers(customer: &Customer) -> Vec<Option<String>> {
    let members = customer.members().iter().map(|member| member.subject);
    let own = members.filter(|subject| customer.strand(subject).unwrap().unwrap().events > 0);
    let known = own.map(|subject| customer.identifier(&subject).unwrap().unwrap().identifier);
    known.map(|identifier| identifier.map(|identifier| identifier.to_wire())).collect()
}

proptest! {
    #![proptest_config(cases(9))]

    #[test]
    fn an_erasure_leaves_no_plaintext_and_no_key_and_changes_no_total(
        history in History::any(20), cut in Cut::any(), (who, other) in (0..CUSTOMERS, 1..CUSTOMERS),
        deletes_views in any::<bool>(),
    ) {
        let other = (who + other) % CUSTOMERS;
        // Each is named in an event of the other, without being one with them; and one of them first there.
        let mut deeds = vec![Deed::between((who, other), 1, false), Deed::note(other, 0)];
        deeds.extend(&history.0);
        deeds.extend([Deed::note(who, 0), Deed::between((other, who), 1, false)]);
        let history = History(deeds);
        let mut store = Store::told(&history, &cut);
        let picked = |store: &Store| {
            vec![Deed::between((who, other), 2, false).draft_of_strands(history.0.len(), store.novelo().filing())]
        };
        let place_of_picked = Position(history.0.len() as u64);
        prop_assert_eq!(store.send(picked(&store), Expect::Each), [Outcome::Recorded(place_of_picked)]);
        store.follow();
        let erased = known_by(&store.picture(), &identifier(who, CRM)).unwrap();
        let strands: Vec<SubjectId> = erased.members().iter().map(|member| member.subject).collect();
        let (context, entries) = (erased.context().unwrap(), erased.count_all().unwrap());
        let (id, open) = (erased.id(), TimelineFilter::default());
        let events: Vec<usize> = portrait::timeline(&erased).iter().map(portrait::number_of).collect();
        drop(erased);
        let others = |store: &Store| -> Vec<_> {
            let others = store.customers().into_iter().filter(|customer| customer.id() != id);
            others.map(|other| (portrait::of(&other).but_for_identifiers(), own_identifiers(&other))).collect()
        };
        let said_of_others = others(&store);

        let mut keys = Vec::new();
        store.reopen(|folder| keys = erase(folder, &strands));
        if deletes_views {
            store.delete_views();
        }
        prop_assert!(!keys.is_empty());
        prop_assert_eq!(holding(store.folder(), &keys), Vec::<String>::new(), "keys");
        prop_assert_eq!(holding(store.folder(), &plaintexts()), Vec::<String>::new(), "plaintexts");
        let whole = verify(&**store.novelo().feed().log(), Position(0), |_| {}).unwrap();
        prop_assert_eq!(whole.head, store.novelo().head());

        let erased = of_strand(&store, strands[0]);
        prop_assert_eq!(erased.context().unwrap(), context);
        prop_assert_eq!(erased.count_all().unwrap(), entries);
        let numbers: Vec<usize> = portrait::timeline(&erased).iter().map(portrait::number_of).collect();
        prop_assert_eq!(numbers, events);
        for stored in erased.timeline(PageArgs { from_end: true, ..ALL }, &open).unwrap().entries {
            let event = &stored.1;
            prop_assert_eq!(erased.picture().open(event).unwrap(), None);
        }
        prop_assert_eq!(erased.display_name().unwrap(), None);
        prop_assert_eq!(others(&store), said_of_others);
        drop(erased);

        // What was told before is known, and is not told anew.
        let again = store.send(store.drafts(history.numbered()), Expect::Each);
        let expected: Vec<Outcome> = (0..history.0.len() as u64).map(|at| Outcome::Duplicate(Position(at))).collect();
        prop_assert_eq!(again, expected);
        prop_assert_eq!(store.send(picked(&store), Expect::Each), [Outcome::Duplicate(place_of_picked)]);
        // Whoever comes again by the same identifier is somebody new.
        let note = Deed::note(who, 0).draft(history.0.len() + 1, store.novelo().filing());
        let next = place_of_picked.next();
        prop_assert_eq!(store.send(vec![note], Expect::Each), [Outcome::Recorded(next)]);
        store.follow();
        let new = known_by(&store.picture(), &identifier(who, CRM)).unwrap();
        prop_assert!(new.id() != id);
        prop_assert_eq!(new.count_all().unwrap(), 1);
        prop_assert_eq!(of_strand(&store, strands[0]).count_all().unwrap(), entries);
    }
}
