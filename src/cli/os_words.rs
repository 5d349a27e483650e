//! What the operating system says, in words that tell what to do.
//!
//! Errors come here from every floor, already as text; the standard library ends each of the system's with `(os error N)`, by
//! which it is known. Numbers: errno(3) of Linux, the same on macOS for those that are listed.

/// A number, what the system says for it, what it means, and what to do.
const WORDS: &[(u32, &str, &str, &str)] = &[
    (2, "No such file or directory", "there is no such file or folder", "check the path, and that its disk is mounted"),
    (5, "Input/output error", "the disk does not answer as it should", "see the system's log; the disk may be failing"),
    (
        13,
        "Permission denied",
        "this user may not",
        "run it as the user who owns the files, or see to their permissions",
    ),
    (17, "File exists", "something of that name is there already", "name another place"),
    (20, "Not a directory", "a part of the path is a file and not a folder", "check the path"),
    (21, "Is a directory", "it is a folder and not a file", "name a file"),
    (24, "Too many open files", "too many files are open", "raise `ulimit -n`"),
    (28, "No space left on device", "no space is left on the disk", "make room and try again"),
    (30, "Read-only file system", "the disk can only be read", "mount it for writing, or name another place"),
    (122, "Disk quota exceeded", "this user's share of the disk is full", "make room and try again"),
];

/// What the standard library says of a text file in another encoding, what it means, and what to do.
const NOT_UTF8: (&str, &str) =
    ("stream did not contain valid UTF-8", "it is no text in UTF-8; save it in that encoding");

/// The message, with what the system says put plainly; what to do is added where the message does not go on with it.
pub(super) fn plain(message: &str) -> String {
    let mut text = message.replace(NOT_UTF8.0, NOT_UTF8.1);
    for (number, says, means, what_to_do) in WORDS {
        let words = format!("{says} (os error {number})");
        if let Some((before, after)) = text.split_once(&words) {
            let help = if after.starts_with(';') { String::new() } else { format!("; {what_to_do}") };
            text = format!("{before}{means}{help}{after}");
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_error_of_the_system_that_is_known_is_put_plainly() {
        for (number, says, means, _) in WORDS {
            let cause = std::io::Error::from_raw_os_error(i32::try_from(*number).unwrap());
            assert!(cfg!(not(target_os = "linux")) || cause.to_string().starts_with(says), "{cause}");
            let told = plain(&format!("a.ndjson: {says} (os error {number})"));
            assert!(told.contains(means) && !told.contains("os error"), "{told}");
        }
    }

    #[test]
    fn a_text_in_another_encoding_is_said_to_be_one() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("again.toml");
        std::fs::write(&path, b"title = \"Reclama\xe7\xe3o\"").unwrap();
        let cause = std::fs::read_to_string(&path).unwrap_err();
        assert_eq!(
            plain(&format!("again.toml: {cause}")),
            "again.toml: it is no text in UTF-8; save it in that encoding"
        );
    }

    #[test]
    fn what_a_message_says_itself_is_left_to_it() {
        let told = plain("D: No such file or directory (os error 2); make it first");
        assert_eq!(told, "D: there is no such file or folder; make it first");
        assert_eq!(plain("the store is open elsewhere"), "the store is open elsewhere");
    }
}
