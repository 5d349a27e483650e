//! The rules of accessibility, over every view and every form: in both themes, wide and narrow. Nothing breaks one.
//!
//! All rules are tried in the light. The theme changes colours alone, so in the dark the contrast of texts is tried again.

use serde_json::json;

use crate::browser::{Audit, Browser};
use crate::server::Server;
use crate::story::{STORY, event};

use super::embedding::embedded;
use super::{NARROW, PHONE, WIDE, shown, with_a_past};

/// What was tried, and what was found.
#[derive(Default)]
pub(crate) struct Tally {
    broken: Vec<String>,
    undecided: Vec<String>,
    contrasts: u64,
    pages: usize,
}

impl Tally {
    fn add(&mut self, place: &str, audit: &Audit) {
        self.broken.extend(audit.broken.iter().map(|found| format!("{place}: {found}")));
        self.undecided.extend(audit.undecided.iter().map(|found| format!("{place}: {found}")));
        self.contrasts += audit.contrasts;
        self.pages += 1;
        assert!(audit.contrasts > 0, "{place}: the contrast of no text was measured: {:?}", audit.undecided);
    }

    /// Tries everything of a page, or of what an expression gives; then the contrast of texts in the dark.
    pub(crate) fn try_out(&mut self, browser: &Browser, place: &str, within: Option<&str>) {
        // That a dialog lies over everything is not known to axe-core, and told it in a way that it understands.
        browser.run("R?.querySelectorAll('dialog, [popover]').forEach((each) => { each.style.zIndex = 9; })");
        at_once(browser, "light");
        let audit = browser.audit(within);
        let tried = |rule: &str| audit.rules.iter().any(|met| met == rule);
        assert!(place.contains(".html") || tried("target-size"), "{place}: {:?}", audit.rules);
        self.add(place, &audit);
        at_once(browser, "dark");
        self.add(&format!("{place}, dark"), &browser.audit_contrast(within));
    }

    pub(crate) fn is_clean(&self, what: &str) {
        let Self { broken, undecided, contrasts, pages } = self;
        eprintln!("{what}: {pages} audits, {contrasts} texts of enough contrast, {} undecided", undecided.len());
        assert!(broken.is_empty(), "{} broken:\n{}", broken.len(), broken.join("\n"));
        assert!(undecided.is_empty(), "{} undecided:\n{}", undecided.len(), undecided.join("\n"));
    }
}

/// A theme without movement: what fades is measured when it has faded.
fn at_once(browser: &Browser, theme: &str) {
    browser.prefers(&[("prefers-color-scheme", theme), ("prefers-reduced-motion", "reduce")]);
}

/// A window as tall as its page, so that nothing in it is hidden by something that stays in sight. What comes into sight may
/// make the page taller.
pub(crate) fn all_in_sight(browser: &Browser, width: u32) {
    browser.size((width, 600));
    let height = |browser: &Browser| browser.until("document.documentElement.scrollHeight").as_u64().unwrap();
    let mut tall = 600;
    while height(browser) > tall {
        tall = height(browser) + 200;
        browser.size((width, u32::try_from(tall).unwrap()));
        // What was skipped while it was out of sight is laid out in the next frame.
        browser
            .run("return new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => done(true))))");
        // What is older comes as its button comes into sight, until there is no more of it.
        browser.until("!R?.querySelector('.more:not([hidden])')");
    }
}

/// The panel of somebody, with all of it loaded.
fn panel(browser: &Browser, server: &Server, query: &str) {
    browser.open(&server.url(&format!("/panel?{query}")));
    shown(browser);
    browser.until("[...R.querySelectorAll('link')].every((each) => each.sheet)");
}

fn of_a_customer(browser: &Browser, server: &Server, language: &str) {
    panel(browser, server, &format!("identifier={PHONE}&channel=voice&agent=carla&language={language}"));
    browser.until("R.querySelector('.live-live') && R.querySelectorAll('.filters .n').length > 3");
}

#[test]
fn every_view_of_the_panel_and_the_tour_keep_the_rules() {
    let (server, (past, _place, filled)) = (Server::demo(), with_a_past());
    let mut tally = Tally::default();
    for (language, size) in [("pt-BR", WIDE), ("en", NARROW)] {
        let browser = Browser::new(language, size);
        let mut try_out = |view: &str| {
            all_in_sight(&browser, size.0);
            tally.try_out(&browser, &format!("{view}, {language} {}", size.0), None);
        };
        of_a_customer(&browser, &server, language);
        try_out("a customer");
        for name in ["cases-all", "links-all", "reveal"] {
            browser.run(&format!("R.querySelector('[data-key={name}]')?.click()"));
        }
        browser.run("R.querySelector('[data-key=count-complaints]').click()");
        browser.until("R.querySelector('[data-key=filter-feedback-all]') && !R.querySelector('.days.waiting')");
        try_out("the timeline filtered, all unfolded");
        browser.run("R.querySelector('[data-key=do-more]').click()");
        try_out("the menu");
        browser.run("R.querySelector('[data-key=do-note]').click()");
        try_out("a form");
        browser.size(size);
        browser.picture(&format!("form-{language}-{}", size.0));
        panel(&browser, &server, "identifier=phone:%2B5511955500999&channel=voice&agent=carla");
        browser.run("R.querySelector('.finder input').value = 'ana'; R.querySelector('.finder button').click()");
        browser.until("R.querySelector('.candidate')");
        try_out("somebody unknown, and who they may be");
        panel(&browser, &server, "agent=carla");
        try_out("nobody");
        panel(&browser, &past, "identifier=crm:1000000&agent=carla");
        browser.run(&format!(
            "R.querySelector('[data-key=do-past]').click();
             const at = Date.parse('{filled}') + 60000;
             R.querySelector('dialog input').value = new Date(at - new Date(at).getTimezoneOffset() * 60000).toISOString().slice(0, 16);
             R.querySelector('dialog form').requestSubmit()"
        ));
        browser.until("R.querySelector('.banner.past')");
        try_out("the past");
        browser.size(size);
        browser.picture(&format!("past-{language}-{}", size.0));
        browser.open(&server.url(&format!("/tour?language={language}")));
        browser.until("document.querySelectorAll('a.person').length === 16");
        try_out("the tour");
    }
    tally.is_clean("views");
}

/// How each form comes up: what is clicked, one after another.
const FORMS: [(&str, &[&str]); 13] = [
    ("note", &["do-note"]),
    ("fact", &["do-fact"]),
    ("case", &["do-case"]),
    ("feedback", &["do-feedback"]),
    ("preference", &["do-preference"]),
    ("link", &["do-link"]),
    ("past", &["do-past"]),
    ("correct", &["correct-order"]),
    ("withdraw", &["withdraw-order"]),
    ("resolve", &["resolve-case-2"]),
    ("reopen", &["cases-all", "reopen-case-1"]),
    ("unlink", &["links-all", "^=unlink-"]),
    ("confirm, without an agent", &["confirm-address"]),
];

#[test]
fn every_form_keeps_the_rules_also_with_what_the_server_refuses() {
    let server = Server::new();
    server.sees(server.record(STORY)["through"].as_str().unwrap());
    let fact = json!({"channel": "chatbot", "key": "address", "value": "Rua das Flores, 10"});
    server.records(&[event("f", "fact.told", "crm:8812", "10:00", fact)]);
    let mut tally = Tally::default();
    for (language, size) in [("pt-BR", NARROW), ("en", WIDE)] {
        let browser = Browser::new(language, size);
        let dialog = Some("R.querySelector('dialog')");
        panel(&browser, &server, "identifier=crm:8812&channel=voice");
        for (form, clicks) in FORMS {
            for key in clicks {
                let key = if key.starts_with('^') { (*key).to_owned() } else { format!("={key}") };
                browser.run(&format!("R.querySelector('[data-key{key}]')?.click()"));
            }
            browser.until("R.querySelector('dialog').open");
            tally.try_out(&browser, &format!("{form}, {language} {}", size.0), dialog);
            if form == "link" {
                browser.run(
                    "R.querySelector('dialog input').value = 'Bruno'; R.querySelector('dialog form').requestSubmit()",
                );
                browser.until("R.querySelector('dialog .candidate')");
                tally.try_out(&browser, &format!("who is found, {language}"), dialog);
                browser.run("R.querySelector('dialog .candidate').click()");
                browser.until("R.querySelector('dialog .sides')");
                tally.try_out(&browser, &format!("both before they are linked, {language}"), dialog);
            }
            if form == "past" {
                browser.run("R.querySelector('dialog input').value = '2020-01-01T10:00'; R.querySelector('dialog form').requestSubmit()");
                browser.until("R.querySelector('dialog .problem b')");
                tally.try_out(&browser, &format!("a refusal, {language}"), dialog);
            }
            browser.run("R.querySelector('dialog').close()");
        }
    }
    tally.is_clean("forms");
}

#[test]
fn the_pages_of_the_examples_keep_the_rules() {
    let mut tally = Tally::default();
    for page in ["frame.html", "element.html", "softphone.html"] {
        let (_server, _folder, address) = embedded(page);
        let browser = Browser::new("pt-BR", WIDE);
        for size in [WIDE, NARROW] {
            browser.size(size);
            browser.open(&address);
            match page {
                "softphone.html" => {
                    browser.until("!document.querySelector('#call').disabled");
                    browser.run("document.querySelector('#call').click()");
                    browser.until("document.querySelector('#shown').value");
                }
                _ => drop(browser.until("document.querySelector('#said').childElementCount")),
            }
            all_in_sight(&browser, size.0);
            tally.try_out(&browser, &format!("{page} {}", size.0), None);
        }
    }
    tally.is_clean("examples");
}
