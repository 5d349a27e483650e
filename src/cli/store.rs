//! Opening the store that a command works on.

use std::path::Path;
use std::sync::Arc;

use super::config::Config;
use super::failure::Failure;
use super::output;
use super::progress::Progress;
use crate::engine::{Folder, KeySource, Novelo, Options};
use crate::identity::IdentityRules;
use crate::log::{LogError, SledLog};
use crate::playbook::Playbook;
use crate::vault::MasterKey;

/// The data folder; a command that needs one fails without.
pub(super) fn folder(config: &Config) -> Result<&Path, Failure> {
    config
        .data
        .as_deref()
        .ok_or_else(|| Failure::Usage(vec!["there is no data folder; name one with --data DIR or NOVELO_DATA".into()]))
}

/// Opens a store that is there already.
pub(super) fn open_existing(config: &Config) -> Result<Arc<Novelo>, Failure> {
    let folder = folder(config)?;
    Folder::existing(folder)?;
    open(config, folder)
}

/// Opens the store for as long as a command takes: analyses are caught up with by whoever serves it next.
pub(super) fn open(config: &Config, folder: &Path) -> Result<Arc<Novelo>, Failure> {
    opened(Options { analyses: false, ..options(config, folder)? })
}

/// Opens the store to count all analyses anew; it is there already.
pub(super) fn open_to_recount(config: &Config) -> Result<Arc<Novelo>, Failure> {
    let folder = folder(config)?;
    Folder::existing(folder)?;
    opened(Options { recount: true, ..options(config, folder)? })
}

/// Opens the store; tells of a master key that was made and of the views catching up.
pub(super) fn opened(options: Options) -> Result<Arc<Novelo>, Failure> {
    let bar = Progress::bar("catching up", 0, "events");
    let path = options.folder.clone();
    let (novelo, opened) = Novelo::open(options, |through, head| bar.at(through.0, head.0))?;
    bar.finish();
    if opened.is_new {
        output::note(&format!("A new store was made: {}", path.display()));
    }
    if let Some(path) = opened.new_master_key {
        output::note(&format!(
            "A master key was made: {}\nBack it up now, apart from the data folder. Without it nobody can read the personal data, not even from a backup.",
            path.display()
        ));
    }
    Ok(Arc::new(novelo))
}

/// A file that a setting names and that cannot be read.
fn unread(setting: &str, path: &Path, cause: &std::io::Error) -> Failure {
    Failure::Usage(vec![format!("{setting}: {}: {cause}", path.display())])
}

/// The playbook of the configuration.
pub(super) fn playbook(config: &Config) -> Result<Playbook, Failure> {
    let Some(path) = &config.playbook else { return Ok(Playbook::usual()) };
    let text = std::fs::read_to_string(path).map_err(|cause| unread("playbook", path, &cause))?;
    let told = |mistake: &crate::playbook::Mistake| format!("{}: {mistake}", path.display());
    Playbook::read(&text).map_err(|mistakes| Failure::Usage(mistakes.0.iter().map(told).collect()))
}

/// The identity rules of the configuration.
fn identity_rules(config: &Config) -> Result<Option<IdentityRules>, Failure> {
    let Some(path) = &config.identity_rules else { return Ok(None) };
    let text = std::fs::read_to_string(path).map_err(|cause| unread("identity_rules", path, &cause))?;
    let wrong = |cause| Failure::Usage(vec![format!("{}: {cause}", path.display())]);
    IdentityRules::from_toml(&text).map(Some).map_err(wrong)
}

/// The options of the store from the configuration.
pub(super) fn options(config: &Config, folder: &Path) -> Result<Options, Failure> {
    let mut options = Options::new(folder);
    match (master_key(config), identity_rules(config)) {
        (Ok(key), Ok(rules)) => {
            options.master_key = key;
            options.identity = rules.unwrap_or(options.identity);
        }
        (key, rules) => return Err(Failure::of_all([key.err(), rules.err()].into_iter().flatten())),
    }
    if let Some(zone) = &config.time_zone {
        options.context =
            options.context.with_time_zone(zone).map_err(|problem| Failure::Usage(vec![problem.to_string()]))?;
    }
    if let Some(days) = config.answer_days {
        options.context = options.context.with_answer_days(days);
    }
    options.views.cache_bytes = config.views_cache_mb << 20;
    options.customers_cache_bytes = config.customers_cache_mb << 20;
    if let Some(archive) = &config.archive {
        refuse_file(archive)?;
        refuse_inside(archive, folder)?;
    }
    options.archive.clone_from(&config.archive);
    options.checkpoint_events = config.checkpoint_events;
    options.queue_mb = config.queue_mb;
    Ok(options)
}

/// A copy of the events is kept in a folder: no waiting makes one of a file, nor below one.
pub(super) fn refuse_file(to: &Path) -> Result<(), Failure> {
    match to.ancestors().find(|path| path.exists()) {
        Some(there) if !there.is_dir() => Err(Failure::Usage(vec![format!(
            "{} is no folder, and the events are kept in one; name a folder, or one that is not there yet",
            there.display()
        )])),
        Some(_) | None => Ok(()),
    }
}

/// A second copy inside of the data folder goes with it.
pub(super) fn refuse_inside(to: &Path, data: &Path) -> Result<(), Failure> {
    let whole = |path: &Path| std::path::absolute(path).map(|path| path.canonicalize().unwrap_or(path));
    let parent = to.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let inside = |path: &Path| matches!((whole(path), whole(data)), (Ok(path), Ok(data)) if path.starts_with(&data));
    if inside(to) || inside(parent) {
        let message = format!("{} lies in the data folder and would be lost with it; name another place", to.display());
        return Err(Failure::Usage(vec![message]));
    }
    Ok(())
}

/// The log of a store that nobody has open, for what a server can be asked for as well.
pub(super) fn log(folder: &Folder) -> Result<SledLog, Failure> {
    SledLog::open(&folder.log()).map_err(|cause| {
        if matches!(cause, LogError::InUse(_)) {
            return Failure::new(
                "the store is open elsewhere; while it is served, ask the server with --from URL in place of --data",
            );
        }
        Failure::new(cause.to_string())
    })
}

/// Where the master key comes from.
pub(super) fn master_key(config: &Config) -> Result<KeySource, Failure> {
    match &config.master_key {
        Some(text) => MasterKey::from_text(text)
            .map(KeySource::Given)
            .map_err(|cause| Failure::Usage(vec![format!("NOVELO_MASTER_KEY: {cause}")])),
        None => Ok(KeySource::File(config.master_key_file.clone())),
    }
}

/// A runtime for what is asynchronous.
pub(super) fn runtime() -> Result<tokio::runtime::Runtime, Failure> {
    tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|cause| Failure::new(format!("threads cannot be started: {cause}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn events_are_not_kept_in_a_file_nor_below_one() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("file");
        std::fs::write(&file, "dear").unwrap();
        for to in [file.clone(), file.join("below"), file.join("deep/below")] {
            let Err(Failure::Usage(told)) = refuse_file(&to) else { panic!("{} is taken", to.display()) };
            assert!(told[0].starts_with(&format!("{} is no folder", file.display())), "{told:?}");
        }
        for to in [folder.path().to_owned(), folder.path().join("new"), folder.path().join("share/new")] {
            refuse_file(&to).unwrap();
        }
    }

    #[test]
    fn a_store_whose_installation_is_gone_is_refused_with_the_name_of_the_file() {
        let place = tempfile::tempdir().unwrap();
        let folder = place.path().join("data");
        drop(opened(Options::new(&folder)).unwrap());
        let lost = folder.join("vault/installation");
        std::fs::remove_file(&lost).unwrap();
        let Err(Failure::Failed(told)) = opened(Options::new(&folder)) else { panic!("it is opened") };
        assert!(told.starts_with(&format!("{} is not there", lost.display())), "{told}");
        assert!(told.contains("Put the file back") && !lost.exists(), "{told}");
    }
}
