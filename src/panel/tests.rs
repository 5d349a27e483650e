//! What must hold of the pages' files, whichever they are.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use super::assets::FILES;
use super::operations::OPERATIONS;
use super::{MediaType, asset};

fn folder(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

/// Every file below a folder, by its path there.
fn below(root: &Path) -> BTreeSet<String> {
    let (mut found, mut folders) = (BTreeSet::new(), vec![root.to_path_buf()]);
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                found.insert(path.strip_prefix(root).unwrap().to_str().unwrap().replace('\\', "/"));
            }
        }
    }
    found
}

fn text(path: &str) -> &'static str {
    std::str::from_utf8(asset(path).unwrap().bytes).unwrap()
}

fn paths(ending: &str) -> Vec<&'static str> {
    FILES.iter().map(|(path, _)| *path).filter(|path| path.ends_with(ending)).collect()
}

#[test]
fn every_file_of_the_folder_is_embedded() {
    let embedded: BTreeSet<String> = FILES.iter().map(|(path, _)| (*path).to_owned()).collect();
    assert_eq!(embedded, below(&folder("src/panel/web")));
    let operations: BTreeSet<String> = OPERATIONS.iter().map(|(name, _)| format!("{name}.graphql")).collect();
    assert_eq!(operations, below(&folder("graphql/operations")));
    for path in embedded.iter().cloned().chain(operations.iter().map(|name| format!("operations/{name}"))) {
        assert!(asset(&path).is_some(), "{path} has an ending that no media type is known for");
    }
}

#[test]
fn an_etag_is_of_the_bytes() {
    let etags: BTreeSet<&String> = FILES.iter().map(|(path, _)| &asset(path).unwrap().etag).collect();
    assert_eq!(etags.len(), FILES.len());
    assert_eq!(asset("panel.html").unwrap().media, MediaType::Html);
    assert!(asset("../mod.rs").is_none() && asset("").is_none());
}

#[test]
fn the_languages_have_the_same_messages_with_the_same_values() {
    let messages = |tag: &str| -> BTreeMap<String, String> {
        serde_json::from_str(text(&format!("messages/{tag}.json"))).unwrap()
    };
    let english = messages("en");
    assert!(english.len() > 200);
    for tag in ["pt-BR", "es"] {
        let other = messages(tag);
        assert_eq!(english.keys().collect::<Vec<_>>(), other.keys().collect::<Vec<_>>(), "{tag}");
        for (key, message) in &english {
            assert_eq!(values(message), values(&other[key]), "{tag}: {key}");
            assert!(!other[key].trim().is_empty(), "{tag}: {key}");
        }
    }
}

/// The names in braces of a message.
fn values(message: &str) -> BTreeSet<&str> {
    message.split('{').skip(1).filter_map(|rest| rest.split_once('}')).map(|(name, _)| name).collect()
}

#[test]
fn every_message_that_a_module_asks_for_is_there() {
    let messages: BTreeMap<String, String> = serde_json::from_str(text("messages/en.json")).unwrap();
    let mut asked = 0;
    for path in paths(".js") {
        for (_, rest) in text(path)
            .match_indices(" t(\"")
            .chain(text(path).match_indices("(t(\""))
            .map(|(at, found)| ((), &text(path)[at + found.len()..]))
        {
            let key = rest.split('"').next().unwrap();
            let there = messages.contains_key(key) || messages.contains_key(&format!("{key}.other"));
            assert!(there, "{path} asks for the message `{key}`");
            asked += 1;
        }
    }
    assert!(asked > 100, "only {asked} messages are asked for");
}

#[test]
fn modules_import_what_is_there_and_pages_load_what_is_there() {
    let mut loaded = 0;
    for path in paths(".js") {
        let base = Path::new(path).parent().unwrap();
        for line in text(path).lines().filter(|line| line.starts_with("import ")) {
            let name = line.split('"').nth(1).unwrap();
            let mut target = base.to_path_buf();
            for part in name.split('/') {
                match part {
                    "." => {}
                    ".." => drop(target.pop()),
                    part => target.push(part),
                }
            }
            assert!(asset(target.to_str().unwrap()).is_some(), "{path} imports {name}");
            loaded += 1;
        }
    }
    for page in paths(".html") {
        for (at, found) in text(page).match_indices("=\"/panel/") {
            let target = text(page)[at + found.len()..].split('"').next().unwrap();
            assert!(asset(target).is_some(), "{page} loads {target}");
            loaded += 1;
        }
    }
    assert!(loaded > 50);
}

#[test]
fn nothing_is_ever_read_as_markup_and_nothing_stands_inside_a_page() {
    for path in paths(".js") {
        for way in
            ["innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval(", "new Function", "DOMParser"]
        {
            assert!(!text(path).contains(way), "{path} has {way}");
        }
    }
    for page in paths(".html") {
        let page = text(page);
        assert!(!page.contains("<style") && !page.contains(" style=") && !page.contains(" on"), "{page}");
        assert!(
            page.match_indices("<script")
                .all(|(at, _)| page[at..].starts_with("<script type=\"module\" src=\"/panel/"))
        );
    }
}

#[test]
fn the_page_asks_for_all_modules_at_once() {
    let page = text("panel.html");
    for module in paths(".js").into_iter().filter(|path| !matches!(*path, "panel.js" | "tour.js")) {
        let link = format!("<link rel=\"modulepreload\" href=\"/panel/{module}\">");
        assert!(page.contains(&link), "panel.html: {link}");
    }
}
