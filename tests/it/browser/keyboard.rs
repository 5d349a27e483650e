//! A keyboard at a browser, and what has the focus.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::Browser;

/// Keys as WebDriver names them (section 17.4.2).
pub(crate) const TAB: char = '\u{e004}';
pub(crate) const ENTER: char = '\u{e007}';
pub(crate) const ESCAPE: char = '\u{e00c}';
pub(crate) const DOWN: char = '\u{e015}';
pub(crate) const RIGHT: char = '\u{e014}';
pub(crate) const SPACE: char = ' ';
const SHIFT: char = '\u{e008}';
/// How long it may take until what has the focus is in sight.
const IN_SIGHT: Duration = Duration::from_millis(600);
const CONTROL: char = '\u{e009}';

/// Tells of what has the focus. It is seen when it, or the box around a field that has none of its own, is outlined; it is open
/// when no other thing lies over the whole of it.
const ASK: &str = r#"
let it = document.activeElement;
while (it?.shadowRoot?.activeElement) it = it.shadowRoot.activeElement;
if (!it || it === document.body) return null;
const outlined = (each) => each !== null && getComputedStyle(each).outlineStyle !== "none" && parseFloat(getComputedStyle(each).outlineWidth) >= 2;
const box = it.getBoundingClientRect();
const over = (it.getRootNode().elementFromPoint(box.x + box.width / 2, box.y + box.height / 2) ?? { outerHTML: "nothing" }).outerHTML.slice(0, 120);
const open = [[0.5, 0.5], [0.1, 0.5], [0.9, 0.5], [0.5, 0.1], [0.5, 0.9]].some(([x, y]) => {
  const there = it.getRootNode().elementFromPoint(box.x + box.width * x, box.y + box.height * y);
  return there !== null && it.contains(there);
});
const name = (it.getAttribute("aria-label") ?? it.labels?.[0]?.textContent ?? it.textContent).trim();
return { name, tag: it.localName, key: it.dataset.key ?? null, field: it.name ?? null, seen: outlined(it) || outlined(it.closest(".search")), open, over: `${over} at ${JSON.stringify(box)} of ${innerHeight}` };
"#;

/// What has the focus.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Focus {
    /// What it is called.
    pub(crate) name: String,
    /// Its element, such as `button`.
    pub(crate) tag: String,
    /// Its `data-key`, where it has one.
    pub(crate) key: Option<String>,
    /// Its name as a field of a form, where it is one.
    pub(crate) field: Option<String>,
    seen: bool,
    open: bool,
    /// What lies at its middle, for a test that fails.
    over: String,
}

impl Browser {
    /// Presses keys one after another.
    pub(crate) fn press(&self, keys: &str) {
        let stroke = |key| [json!({"type": "keyDown", "value": key}), json!({"type": "keyUp", "value": key})];
        self.strokes(keys.chars().flat_map(stroke).collect());
    }

    fn strokes(&self, actions: Vec<Value>) {
        let keyboard = json!({"type": "key", "id": "keyboard", "actions": actions});
        self.driver().post("/actions", &json!({"actions": [keyboard]}));
    }

    /// What has the focus; nothing when nothing in the page has.
    pub(crate) fn focus(&self) -> Option<Focus> {
        let told = self.run(ASK);
        let text = |name: &str| told[name].as_str().map(str::to_owned);
        Some(Focus {
            name: text("name")?,
            tag: text("tag")?,
            key: text("key"),
            field: text("field"),
            seen: told["seen"] == true,
            open: told["open"] == true,
            over: text("over")?,
        })
    }

    /// Presses the tabulator; what has the focus then, which must be in sight.
    pub(crate) fn tab(&self) -> Option<Focus> {
        self.press(&TAB.to_string());
        self.seen()
    }

    /// Presses the tabulator backwards.
    pub(crate) fn tab_back(&self) -> Option<Focus> {
        self.press_with(SHIFT, TAB);
        self.seen()
    }

    /// Selects all of the field that has the focus, so that it is typed anew.
    pub(crate) fn select_all(&self) {
        self.press_with(CONTROL, 'a');
    }

    fn press_with(&self, held: char, pressed: char) {
        let key = |kind: &str, value: char| json!({"type": kind, "value": value});
        self.strokes(vec![key("keyDown", held), key("keyDown", pressed), key("keyUp", pressed), key("keyUp", held)]);
    }

    /// What has the focus, which must come into sight: a page scrolls to it in its next frame.
    pub(crate) fn seen(&self) -> Option<Focus> {
        let begun = Instant::now();
        loop {
            let focus = self.focus()?;
            if focus.seen && focus.open {
                return Some(focus);
            }
            assert!(begun.elapsed() < IN_SIGHT, "the focus is not to be seen: {focus:?}");
        }
    }

    /// Presses the tabulator until what has the focus is right.
    pub(crate) fn tab_until(&self, what: &str, right: impl Fn(&Focus) -> bool) -> Focus {
        let mut passed = Vec::new();
        for _ in 0..150 {
            match self.tab() {
                Some(focus) if right(&focus) => return focus,
                Some(focus) => passed.push(focus.name),
                None => passed.push("(the page)".to_owned()),
            }
        }
        panic!("the tabulator does not lead to {what}: {passed:?}");
    }

    /// Presses the tabulator until something of this name has the focus, such as a button or a field.
    pub(crate) fn tab_to(&self, name: &str) -> Focus {
        self.tab_until(name, |focus| focus.name == name)
    }
}
