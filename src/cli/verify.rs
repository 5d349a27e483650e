//! `novelo verify`

use std::num::NonZero;
use std::path::Path;
use std::process::ExitCode;

use serde_json::{Value, json};

use super::args::VerifyArgs;
use super::config::Config;
use super::failure::{Failure, NOT_WHOLE};
use super::progress::Progress;
use super::restore::torn_json;
use super::{output, store};
use crate::archive::{Torn, chunks};
use crate::engine::{Folder, KeySource, Loss, check_remembered, check_remembered_keys, losses};
use crate::event::{Hash, Position};
use crate::log::{EventLog, Head, LogError, SledLog, Verified, verify_in_parallel};
use crate::proof::{
    CHECKPOINTS_FILE, Checkpoint, Frontier, PUBLIC_KEY_FILE, Proof, ProofError, PublicKey, leaf, read_checkpoints,
};
use crate::vault::{CheckedKeys, MasterKey, VaultError, check_installation, require_installation};

pub(super) fn run(config: &Config, args: &VerifyArgs, as_json: bool) -> Result<ExitCode, Failure> {
    let key = args.public_key.as_deref().map(read_key).transpose()?;
    if let Some(path) = &args.proof {
        return proof(path, key, as_json);
    }
    match &args.archive {
        Some(folder) => return told_of_archive(folder, as_json),
        None => {
            let folder = Folder::existing(store::folder(config)?)?;
            let _lock = folder.lock()?;
            let losses = losses(&folder)?;
            for Loss { at, from, until, kept_in, .. } in &losses {
                output::note(&format!(
                    "given up by a repair on {at}: positions {from} to {until}; the log of before: {kept_in}"
                ));
            }
            let (verified, checkpoints) = store(&folder, key)?;
            if verified.events > 0 && !folder.vault().join("keys").exists() {
                output::note(&format!(
                    "there are no keys: the file {} is not there, and without it nothing that is sealed can be read",
                    folder.vault().join("keys").display()
                ));
            }
            let keys = check_remembered_keys(&folder)?;
            installation(config, &folder)?;
            let of_store = OfStore { checkpoints, keys, losses: &losses };
            tell(&verified, &Beside::Store(of_store), as_json);
            if keys.back > 0 {
                output::error(&format!(
                    "{} of the keys belong to persons who were erased, as {} says: the file of the keys is older than that list. \
                     They are destroyed when the store is opened next",
                    keys.back,
                    folder.vault().join("destroyed").display()
                ));
                return Ok(ExitCode::from(NOT_WHOLE));
            }
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// Checks what the subjects' ids and the signatures are derived from: that it is there, and whole where there is the master key to
/// tell with.
fn installation(config: &Config, folder: &Folder) -> Result<(), Failure> {
    require_installation(&folder.vault()).map_err(|cause| Failure::new(cause.to_string()))?;
    let key = match store::master_key(config)? {
        KeySource::Given(key) => Ok(key),
        KeySource::File(path) => {
            MasterKey::load_or_create(&path.unwrap_or_else(|| folder.master_key()), false).map(|(key, _)| key)
        }
    };
    match key.and_then(|key| check_installation(&folder.vault(), &key)) {
        Err(VaultError::NoMasterKey { path }) => {
            output::note(&format!("there is no master key in {path}: whether it still opens the keys is not checked"));
            Ok(())
        }
        checked => checked.map_err(|cause| Failure::new(cause.to_string())),
    }
}

/// What is told beside the log.
enum Beside<'a> {
    Store(OfStore<'a>),
    /// An archive or a backup, and where its end was found cut off.
    Archive(Option<&'a Torn>),
}

/// What is told of a store beside its log.
struct OfStore<'a> {
    checkpoints: u64,
    keys: CheckedKeys,
    losses: &'a [Loss],
}

/// A public key: as digits, or in a file.
fn read_key(given: &str) -> Result<PublicKey, Failure> {
    let told = |what: String| Failure::Usage(vec![format!("--public-key {given}: {what}")]);
    match std::fs::read_to_string(given) {
        Ok(text) => PublicKey::from_text(&text).map_err(|cause| told(cause.to_string())),
        Err(cause) if cause.kind() == std::io::ErrorKind::NotFound => PublicKey::from_text(given).map_err(|cause| {
            if matches!(cause, ProofError::NoSuchKey) {
                return told(cause.to_string());
            }
            let help = "name the file that `novelo checkpoint --public-key` wrote, or the digits that it prints";
            told(format!("there is no such file, and it is no key of 64 hexadecimal digits either; {help}"))
        }),
        Err(cause) => Err(told(format!("it cannot be read: {cause}"))),
    }
}

/// Verifies a proof with the public key alone.
fn proof(path: &Path, key: Option<PublicKey>, as_json: bool) -> Result<ExitCode, Failure> {
    let key = key.ok_or_else(|| Failure::Usage(vec!["--proof needs --public-key".into()]))?;
    let text = std::fs::read_to_string(path).map_err(|cause| Failure::file(path, &cause))?;
    let value: Value = serde_json::from_str(&text)
        .map_err(|cause| Failure::new(format!("{}: refused: it is no JSON ({cause})", path.display())))?;
    let proven = Proof::from_json(&value).and_then(|proof| proof.verify(&key));
    let proven = proven.map_err(|cause| Failure::new(format!("{}: {cause}", path.display())))?;
    if as_json {
        let told = json!({
            "position": proven.position.to_string(), "record_hash": proven.record_hash.to_string(),
            "recorded_at": proven.recorded_at.to_string(), "log": proven.log.to_string(),
            "signed_at": proven.signed_at.to_string(), "through": proven.through.to_string(),
        });
        output::line(&told.to_string());
    } else {
        output::line(&format!(
            "proven: the record at position {} with hash {}, recorded at {}, is in log {} as it was signed at {}, \
             among its first {} events",
            proven.position, proven.record_hash, proven.recorded_at, proven.log, proven.signed_at, proven.through
        ));
    }
    Ok(ExitCode::SUCCESS)
}

/// Verifies the log of a store, in as many threads as there are processors, and its checkpoints; how many there are.
fn store(folder: &Folder, key: Option<PublicKey>) -> Result<(Verified, u64), Failure> {
    let log = SledLog::open(&folder.log()).map_err(|cause| Failure::new(cause.to_string()))?;
    check_remembered(folder, &log)?;
    let head = log.head().next;
    let mut signed = Signed::of(&folder.checkpoints(), key)?;
    let bar = Progress::bar("verifying", head.0, "events");
    let threads = std::thread::available_parallelism().unwrap_or(NonZero::<usize>::MIN);
    let verified = verify_in_parallel(&log, threads, |heads, so_far| {
        bar.at(so_far.events, head.0);
        heads.iter().try_for_each(|head| signed.meet(*head))
    })?;
    bar.finish();
    signed.end(head)?;
    log.found_whole()?;
    Ok((verified, signed.met))
}

/// The checkpoints of a store, met one by one as the log is read.
struct Signed {
    /// Those that come, the next one last.
    left: Vec<Checkpoint>,
    met: u64,
    tree: Frontier,
    log: Hash,
}

impl Signed {
    /// Reads the checkpoints and checks their signatures.
    fn of(folder: &Path, key: Option<PublicKey>) -> Result<Self, Failure> {
        let mut left = read_checkpoints(&folder.join(CHECKPOINTS_FILE))?;
        if !left.is_empty() {
            let key = match key {
                Some(key) => key,
                None => {
                    let path = folder.join(PUBLIC_KEY_FILE);
                    PublicKey::from_text(
                        &std::fs::read_to_string(&path).map_err(|cause| Failure::file(&path, &cause))?,
                    )?
                }
            };
            left.iter().try_for_each(|checkpoint| checkpoint.verify(&key))?;
        }
        left.reverse();
        Ok(Self { left, met: 0, tree: Frontier::default(), log: Hash::ZERO })
    }

    /// Takes the next chunk, and compares the log with what was signed of it there.
    fn meet(&mut self, head: Head) -> Result<(), Failure> {
        if self.tree.count() == 0 {
            self.log = head.hash;
        }
        self.tree.push(leaf(head.hash));
        while let Some(next) = self.left.last().filter(|next| next.end.next <= head.next) {
            let same = next.end == head && next.log == self.log;
            if !same || next.chunks != self.tree.count() || next.root != self.tree.root() {
                return Err(Failure::new(format!(
                    "the log is not what was signed at {} up to position {}: it was changed since, or it is another log; \
                     keep both as they are and compare them with the archive and other backups",
                    next.at, next.end.next
                )));
            }
            self.left.pop();
            self.met += 1;
        }
        Ok(())
    }

    /// Nothing that was signed may be missing.
    fn end(&self, head: Position) -> Result<(), Failure> {
        let Some(last) = self.left.first() else { return Ok(()) };
        let (want, missing) = (last.end.next, last.end.next.since(head));
        let of = "the signed checkpoints".into();
        Err(Failure::new(LogError::Missing { have: head, want, of, missing }.to_string()))
    }
}

impl From<LogError> for Failure {
    fn from(cause: LogError) -> Self {
        Self::new(cause.to_string())
    }
}

impl From<ProofError> for Failure {
    fn from(cause: ProofError) -> Self {
        Self::new(cause.to_string())
    }
}

/// Verifies an archive or a backup, and tells.
fn told_of_archive(folder: &Path, as_json: bool) -> Result<ExitCode, Failure> {
    let (verified, torn) = archive(folder)?;
    tell(&verified, &Beside::Archive(torn.as_ref()), as_json);
    let Some(torn) = torn else { return Ok(ExitCode::SUCCESS) };
    output::error(&format!(
        "{torn}. The {} events before are whole. If a store writes this archive at this moment, verify it again; if nobody \
         writes it, it lost its end: run the backup again, or take what follows from another copy",
        verified.events
    ));
    Ok(ExitCode::from(NOT_WHOLE))
}

/// Verifies an archive or a backup; also where its end was cut off.
fn archive(folder: &Path) -> Result<(Verified, Option<Torn>), Failure> {
    let mut reading = chunks(folder, Position::ZERO).map_err(|cause| Failure::new(cause.to_string()))?;
    let bar = Progress::bar("verifying", 0, "events");
    let mut verified = Verified::default();
    for chunk in &mut reading {
        let chunk = chunk.map_err(|cause| Failure::new(cause.to_string()))?;
        verified.chunks += 1;
        verified.events += chunk.count() as u64;
        verified.bytes += chunk.len_bytes() as u64;
        bar.at(verified.events, verified.events);
    }
    bar.finish();
    verified.head = reading.end();
    Ok((verified, reading.torn().cloned()))
}

fn tell(verified: &Verified, beside: &Beside<'_>, as_json: bool) {
    if as_json {
        let mut told = json!({
            "events": verified.events,
            "chunks": verified.chunks,
            "bytes": verified.bytes,
            "hash": verified.head.hash.to_string(),
        });
        if let Some(told) = told.as_object_mut() {
            match beside {
                Beside::Archive(torn) => drop(told.insert("torn".into(), torn.map_or(Value::Null, torn_json))),
                Beside::Store(OfStore { checkpoints, keys, losses }) => {
                    told.insert("checkpoints".into(), (*checkpoints).into());
                    told.insert(
                        "keys".into(),
                        json!({"live": keys.live, "destroyed": keys.destroyed, "back": keys.back}),
                    );
                    told.insert("losses".into(), json!(losses));
                }
            }
        }
        return output::line(&told.to_string());
    }
    let (how, more) = match beside {
        Beside::Archive(None) => ("whole", String::new()),
        Beside::Archive(Some(_)) => ("not whole", String::new()),
        Beside::Store(OfStore { checkpoints, keys: CheckedKeys { live, destroyed, .. }, .. }) => {
            ("whole", format!(", {checkpoints} signed checkpoints met; {live} keys whole, {destroyed} destroyed"))
        }
    };
    output::line(&format!(
        "{how}: {} events in {} chunks ({} bytes), chain ends in {}{more}",
        verified.events, verified.chunks, verified.bytes, verified.head.hash
    ));
}
