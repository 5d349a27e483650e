//! Starting a child, hearing what it says, and killing it.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use super::check::{Depth, Found};
use super::child::{ARGUMENTS, Act, MARK, ORDERS, Orders, Writing};

/// After so long a child hangs. Full checks in the dev profile on a busy machine take a minute.
const HANGS: Duration = Duration::from_secs(400);

/// A child that runs.
pub(super) struct Running {
    child: Child,
    said: Option<JoinHandle<Vec<String>>>,
    errors: Option<JoinHandle<String>>,
    moments: Receiver<String>,
}

/// What a child said until its end.
#[derive(Debug, Default)]
pub(super) struct Said {
    pub(super) acknowledged: Vec<(u64, u64)>,
    /// Lines that are no acknowledgement.
    pub(super) lines: Vec<String>,
    pub(super) errors: String,
}

impl Said {
    pub(super) fn of(&self, beginning: &str) -> Option<&str> {
        self.lines.iter().find_map(|line| line.strip_prefix(beginning))
    }
}

impl Running {
    /// Starts a child; in another run of the machine, when a file says which: then the kernel's own word for it is covered
    /// by that file, for the child alone.
    fn start(orders: &Orders, boot: Option<&Path>) -> Self {
        let program = std::env::current_exe().unwrap();
        let mut command = match boot {
            None => Command::new(program),
            Some(boot) => {
                let mut command = Command::new("unshare");
                let script = "mount --bind \"$0\" /proc/sys/kernel/random/boot_id && exec \"$@\"";
                command.args(["--mount", "sh", "-c", script]).arg(boot).arg(program);
                command
            }
        };
        command.args(ARGUMENTS).env(ORDERS, serde_json::to_string(orders).unwrap());
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let (stdout, mut stderr) = (child.stdout.take().unwrap(), child.stderr.take().unwrap());
        let (tell, moments) = channel();
        let said = std::thread::spawn(move || hear(BufReader::new(stdout), |line| drop(tell.send(line.to_owned()))));
        let errors = std::thread::spawn(move || {
            let mut text = Vec::new();
            stderr.read_to_end(&mut text).unwrap();
            String::from_utf8_lossy(&text).into_owned()
        });
        Self { child, said: Some(said), errors: Some(errors), moments }
    }

    /// The next line that the child says within this time.
    ///
    /// # Errors
    /// When it says nothing in this time, or nothing any more.
    pub(super) fn next(&self, at_most: Duration) -> Result<String, RecvTimeoutError> {
        self.moments.recv_timeout(at_most)
    }

    /// Waits until the child says a line that begins so, at most so long; whether it did.
    pub(super) fn hears(&self, beginning: &str, at_most: Duration) -> bool {
        let until = Instant::now() + at_most;
        while let Ok(line) = self.next(until.saturating_duration_since(Instant::now())) {
            if line.starts_with(beginning) {
                return true;
            }
        }
        false
    }

    /// Kills it, if it still runs.
    pub(super) fn kill(mut self) -> Said {
        // It may have ended by itself just now.
        drop(self.child.kill());
        self.said()
    }

    /// Waits for its own end.
    pub(super) fn ends(mut self) -> Said {
        let until = Instant::now() + HANGS;
        while self.child.try_wait().unwrap().is_none() {
            assert!(Instant::now() < until, "a child has not ended after {HANGS:?}");
            std::thread::sleep(Duration::from_millis(2));
        }
        self.said()
    }

    fn said(&mut self) -> Said {
        self.child.wait().unwrap();
        let mut said = Said { errors: self.errors.take().unwrap().join().unwrap(), ..Said::default() };
        for line in self.said.take().unwrap().join().unwrap() {
            let pair = line.strip_prefix("ack ").and_then(|rest| rest.split_once(' '));
            match pair.map(|(number, position)| (number.parse(), position.parse())) {
                Some((Ok(number), Ok(position))) => said.acknowledged.push((number, position)),
                _ => said.lines.push(line),
            }
        }
        said
    }
}

/// A child never outlives who started it.
impl Drop for Running {
    fn drop(&mut self) {
        if self.said.is_some() {
            drop(self.child.kill());
            drop(self.child.wait());
        }
    }
}

/// Every whole line of a child, without the mark; the last one may have been cut off by the kill and counts for nothing.
fn hear(mut stdout: impl BufRead, mut tell: impl FnMut(&str)) -> Vec<String> {
    let (mut lines, mut line) = (Vec::new(), String::new());
    loop {
        line.clear();
        let read = stdout.read_line(&mut line).unwrap();
        let Some(whole) = line.strip_suffix('\n') else {
            assert!(read == 0 || !line.is_empty());
            return lines;
        };
        // The test binary says the name of its test on the same line.
        if let Some((_, said)) = whole.split_once(MARK) {
            tell(said);
            lines.push(said.to_owned());
        }
    }
}

/// A data folder and all that was ever acknowledged of it.
pub(super) struct History {
    pub(super) seed: u64,
    pub(super) run: u64,
    pub(super) acknowledged: BTreeMap<u64, u64>,
    file: PathBuf,
    /// Where it is noted in which run of the machine the next child is, when they are not all in this one.
    boot: Option<PathBuf>,
}

impl History {
    /// A history that has not begun; what is acknowledged is noted in a file of this folder.
    pub(super) fn new(seed: u64, notes: &Path) -> Self {
        let file = notes.join(format!("acknowledged-{seed}"));
        std::fs::write(&file, "").unwrap();
        Self { seed, run: 0, acknowledged: BTreeMap::new(), file, boot: None }
    }

    /// What follows is in another run of the machine.
    pub(super) fn reboot(&mut self) {
        let boot = self.file.with_extension("boot");
        let before = std::fs::read_to_string(&boot).unwrap_or_default();
        // A file of its own: children of before may have the other one still.
        drop(std::fs::remove_file(&boot));
        let number: u64 = before.trim().parse().unwrap_or(0);
        std::fs::write(&boot, format!("{}\n", number + 1)).unwrap();
        self.boot = Some(boot);
    }

    /// Starts a child that writes: the next run.
    pub(super) fn write(&mut self, folder: &Path, senders: u64, rebuild: bool, close_after_ms: Option<u64>) -> Running {
        self.run += 1;
        let writing = Writing { run: self.run, senders, rebuild, close_after_ms };
        Running::start(
            &Orders { folder: folder.to_owned(), seed: self.seed, act: Act::Write(writing) },
            self.boot.as_deref(),
        )
    }

    /// Notes what a run acknowledged.
    ///
    /// # Errors
    /// What the child itself found wrong.
    pub(super) fn note(&mut self, said: &Said) -> Result<(), String> {
        if let Some(what) = said.of("wrong ") {
            return Err(what.to_owned());
        }
        let mut file = std::fs::OpenOptions::new().append(true).open(&self.file).unwrap();
        for (number, position) in &said.acknowledged {
            self.acknowledged.insert(*number, *position);
            writeln!(file, "{number} {position}").unwrap();
        }
        Ok(())
    }

    /// Takes back what a run acknowledged.
    pub(super) fn without(mut self, said: &Said) -> Self {
        said.acknowledged.iter().for_each(|(number, _)| {
            self.acknowledged.remove(number);
        });
        let lines = self.acknowledged.iter().map(|(number, position)| format!("{number} {position}\n"));
        std::fs::write(&self.file, lines.collect::<String>()).unwrap();
        self
    }

    /// Checks a folder against the history in a process of its own.
    ///
    /// # Errors
    /// The promise that was broken.
    pub(super) fn check(&self, folder: &Path, depth: Depth) -> Result<Found, String> {
        let act = Act::Check { acknowledged: self.file.clone(), depth };
        let said =
            Running::start(&Orders { folder: folder.to_owned(), seed: self.seed, act }, self.boot.as_deref()).ends();
        match (said.of("fine "), said.of("wrong ")) {
            (Some(found), None) => Ok(serde_json::from_str(found).unwrap()),
            (_, Some(what)) => Err(what.to_owned()),
            (None, None) => Err(format!("the check ended without a word: {}", said.errors)),
        }
    }
}
