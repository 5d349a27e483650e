//! What tests of the vault share.

use super::*;

/// An index that never catches up.
pub(in crate::vault) struct Empty;

impl SlotIndex for Empty {
    fn slot(&self, _: &SubjectId) -> Result<Option<Slot>, VaultError> {
        Ok(None)
    }
}

/// An index made by a scan.
pub(in crate::vault) struct Scanned(pub(in crate::vault) HashMap<SubjectId, Slot>);

impl Scanned {
    pub(in crate::vault) fn of(vault: &Vault) -> Self {
        Self(vault.scan(Slot(0)).unwrap().map(|found| found.map(|f| (f.subject, f.slot)).unwrap()).collect())
    }
}

impl SlotIndex for Scanned {
    fn slot(&self, subject: &SubjectId) -> Result<Option<Slot>, VaultError> {
        Ok(self.0.get(subject).copied())
    }
}

pub(in crate::vault) const ANA: SubjectId = SubjectId([1; 16]);
pub(in crate::vault) const RUI: SubjectId = SubjectId([2; 16]);
pub(in crate::vault) fn master(byte: &str) -> MasterKey {
    MasterKey::from_text(&byte.repeat(32)).unwrap()
}

pub(in crate::vault) fn open(folder: &Path) -> Vault {
    Vault::open(folder, &master("0f")).unwrap()
}

pub(in crate::vault) fn live(vault: &Vault, subject: &SubjectId, index: &dyn SlotIndex) -> SubjectKey {
    match vault.key(subject, index).unwrap() {
        KeyState::Live(key) => key,
        KeyState::Destroyed | KeyState::Unknown => panic!("there is no key"),
    }
}
