//! Two processes on one data folder: the second is told so at once, whatever it wants.

use std::time::{Duration, Instant};

use crate::program::run;
use crate::server::Server;

#[test]
fn the_second_process_on_a_data_folder_is_told_so_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::at(folder.path());
    let data = folder.path().to_str().unwrap();
    let commands: &[&[&str]] = &[
        &["serve", "--listen", "127.0.0.1:0"],
        &["import", "-"],
        &["export"],
        &["verify"],
        &["replay"],
        &["repair"],
        &["repair", "--accept-loss"],
    ];
    for command in commands {
        let args = [command, &["--data", data][..]].concat();
        let started = Instant::now();
        let done = run(&args, b"");
        assert_eq!(done.code, Some(1), "{args:?}: {}", done.stderr);
        assert!(done.stderr.contains("another process") && done.stderr.contains(data), "{args:?}: {}", done.stderr);
        assert!(started.elapsed() < Duration::from_secs(5), "{args:?} took {:?}", started.elapsed());
    }
    assert_eq!(server.get("/readyz", &[]).status, 200);
    assert!(server.stop().0.success());
}
