//! The real program: commands that run to their end.

use std::ffi::OsStr;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Output, Stdio};

/// The program with arguments, in an environment without settings of its own. `NOVELO_TEST_PROGRAM` names another build of it,
/// such as that of the release profile, to measure.
pub(crate) fn novelo(args: &[&str]) -> Command {
    let program = std::env::var_os("NOVELO_TEST_PROGRAM").unwrap_or_else(|| env!("CARGO_BIN_EXE_novelo").into());
    let mut command = without_settings(program);
    command.args(args);
    command
}

/// Any program, in an environment without settings of Novelo.
pub(crate) fn without_settings(program: impl AsRef<OsStr>) -> Command {
    let mut command = Command::new(program);
    for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("NOVELO_")) {
        command.env_remove(name);
    }
    command
}

/// What a command came to.
pub(crate) struct Done {
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

/// Runs the program with something on its standard input, until it ends.
pub(crate) fn run(args: &[&str], stdin: &[u8]) -> Done {
    run_in(&std::env::temp_dir(), &[], args, stdin)
}

/// The same in a folder and with variables in its environment, beside which there are no settings of its own.
pub(crate) fn run_in(folder: &Path, variables: &[(&str, &str)], args: &[&str], stdin: &[u8]) -> Done {
    let mut command = novelo(args);
    command.current_dir(folder).envs(variables.iter().copied());
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().expect("the program starts");
    let mut input = child.stdin.take().unwrap();
    let bytes = stdin.to_vec();
    // A command that refuses its arguments does not read what it is given.
    let writer = std::thread::spawn(move || drop(input.write_all(&bytes)));
    let Output { status, stdout, stderr } = child.wait_with_output().unwrap();
    writer.join().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    Done { code: status.code(), stdout: text(stdout), stderr: text(stderr) }
}

/// The same for a command that must succeed; what it said.
pub(crate) fn succeeds(args: &[&str], stdin: &[u8]) -> String {
    let done = run(args, stdin);
    assert_eq!(done.code, Some(0), "{args:?}\n{}{}", done.stdout, done.stderr);
    done.stdout
}
