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

/// The messages of a language: those that all pages have, and those of the pages of figures.
fn messages(tag: &str) -> [BTreeMap<String, String>; 2] {
    ["messages", "messages/figures"].map(|folder| serde_json::from_str(text(&format!("{folder}/{tag}.json"))).unwrap())
}

#[test]
fn the_languages_have_the_same_messages_with_the_same_values() {
    let english = messages("en");
    assert!(english.iter().all(|messages| messages.len() > 200));
    let mut keys = BTreeSet::new();
    assert!(english.iter().flat_map(BTreeMap::keys).all(|key| keys.insert(key)), "a message stands in both files");
    for tag in ["pt-BR", "es"] {
        for (english, other) in english.iter().zip(messages(tag)) {
            assert_eq!(english.keys().collect::<Vec<_>>(), other.keys().collect::<Vec<_>>(), "{tag}");
            for (key, message) in english {
                assert_eq!(values(message), values(&other[key]), "{tag}: {key}");
                assert!(!other[key].trim().is_empty(), "{tag}: {key}");
            }
        }
    }
}

/// The names in braces of a message.
fn values(message: &str) -> BTreeSet<&str> {
    message.split('{').skip(1).filter_map(|rest| rest.split_once('}')).map(|(name, _)| name).collect()
}

#[test]
fn every_message_that_a_module_asks_for_is_there() {
    let [all, figures] = messages("en");
    let mut of_figures: BTreeSet<String> = ["journey.js", "analyses.js"].into_iter().flat_map(imported_by).collect();
    of_figures.retain(|path| !imported_by("panel.js").contains(path));
    let mut asked = 0;
    for path in paths(".js") {
        let is_of_figures = of_figures.contains(path);
        let has = |key: &str| all.contains_key(key) || is_of_figures && figures.contains_key(key);
        for (_, rest) in text(path)
            .match_indices(" t(\"")
            .chain(text(path).match_indices("(t(\""))
            .map(|(at, found)| ((), &text(path)[at + found.len()..]))
        {
            let key = rest.split('"').next().unwrap();
            assert!(has(key) || has(&format!("{key}.other")), "{path} asks for the message `{key}`");
            asked += 1;
        }
    }
    assert!(asked > 100, "only {asked} messages are asked for");
}

/// What a module imports itself.
fn imports(path: &str) -> Vec<String> {
    let base = Path::new(path).parent().unwrap();
    let names =
        text(path).lines().filter(|line| line.starts_with("import ")).map(|line| line.split('"').nth(1).unwrap());
    names
        .map(|name| {
            let mut target = base.to_path_buf();
            for part in name.split('/') {
                match part {
                    "." => {}
                    ".." => drop(target.pop()),
                    part => target.push(part),
                }
            }
            target.to_str().unwrap().to_owned()
        })
        .collect()
}

/// All modules that are loaded with one, itself among them.
fn imported_by(path: &str) -> BTreeSet<String> {
    let (mut found, mut left) = (BTreeSet::new(), vec![path.to_owned()]);
    while let Some(path) = left.pop() {
        if found.insert(path.clone()) {
            left.extend(imports(&path));
        }
    }
    found
}

#[test]
fn modules_import_what_is_there_and_pages_load_what_is_there() {
    let mut loaded = 0;
    for path in paths(".js") {
        for name in imports(path) {
            assert!(asset(&name).is_some(), "{path} imports {name}");
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
fn no_module_is_left_over() {
    let loaded: BTreeSet<String> =
        ["panel.js", "tour.js", "journey.js", "analyses.js"].into_iter().flat_map(imported_by).collect();
    let there: BTreeSet<String> = paths(".js").into_iter().map(str::to_owned).collect();
    assert_eq!(there, loaded);
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
fn a_page_asks_for_all_of_its_modules_at_once() {
    for name in ["panel", "journey", "analyses"] {
        let page = text(&format!("{name}.html"));
        let first = "<link rel=\"modulepreload\" href=\"/panel/";
        let asked: BTreeSet<&str> =
            page.match_indices(first).map(|(at, _)| page[at + first.len()..].split('"').next().unwrap()).collect();
        let mut needed = imported_by(&format!("{name}.js"));
        needed.remove(&format!("{name}.js"));
        assert_eq!(asked, needed.iter().map(String::as_str).collect(), "{name}.html");
    }
}
