//! What an agent sees: of a customer who calls, of somebody unknown, and on the tour.

use crate::browser::{Browser, ENTER};
use crate::server::Server;
use crate::story::told;

use super::{NARROW, PHONE, WIDE, is_content, shown, texts};

#[test]
fn a_call_shows_where_the_bot_was_left_in_the_agents_language() {
    let server = Server::demo();
    for (language, heading, promised) in
        [("pt-BR", "Continue daqui", "Prometido:"), ("en", "Continue here", "Promised:")]
    {
        for (size, theme) in [(WIDE, "light"), (NARROW, "dark"), (WIDE, "dark"), (NARROW, "light")] {
            let browser = Browser::new(language, size);
            browser.prefers(&[("prefers-color-scheme", theme)]);
            browser.open(&server.url(&format!("/panel?identifier={PHONE}&channel=voice&agent=carla")));
            assert_eq!(browser.until("R.querySelector('.continue h2').textContent"), heading);
            assert_eq!(texts(&browser, "h1"), ["Ana Beatriz Moura"]);
            let lines = texts(&browser, ".continue .line .words");
            assert!(lines.iter().any(|line| line == "É o 88412"), "{lines:?}");
            assert!(texts(&browser, ".fact .value").contains(&"88412".to_owned()));
            assert_eq!(texts(&browser, ".cases .protocol"), ["20261042371"]);
            assert_eq!(browser.until("R.querySelector('.promise b').textContent"), promised);
            assert!(!texts(&browser, ".identifiers").concat().contains("955500142"), "identifiers are masked");
            assert_eq!(browser.run("return document.documentElement.lang"), language);
            let fits = browser.run("return document.documentElement.scrollWidth <= innerWidth");
            assert_eq!(fits, true, "nothing is wider than {size:?}");
            is_content(&browser);
            browser.until("[...R.querySelectorAll('.filters .n')].length > 3");
            browser.picture(&format!("{language}-{}-{theme}", size.0));
        }
    }
}

#[test]
fn whoever_is_not_known_yet_can_be_written_about_and_found() {
    let (server, _) = told();
    let browser = Browser::new("en", NARROW);
    browser.open(&server.url("/panel?identifier=phone:%2B5511955500777&channel=voice&agent=carla"));
    assert_eq!(shown(&browser), "Not identified yet");
    browser.run("const input = R.querySelector('.finder input'); input.value = 'Bruno'; R.querySelector('.finder button').click()");
    assert_eq!(browser.until("R.querySelector('.candidate b').textContent"), "Bruno Lima");
    browser.run("R.querySelector('.candidate').click()");
    browser.until("R.querySelector('dialog').open && R.querySelector('dialog .side')");
    browser.press("He told me his name.");
    browser.press(&ENTER.to_string());
    assert_eq!(
        browser.until("R.querySelector('h1').textContent === 'Bruno Lima' && R.querySelector('h1').textContent"),
        "Bruno Lima"
    );
    is_content(&browser);
}

#[test]
fn the_tour_opens_everybody_and_says_so_where_nobody_of_it_is() {
    let server = Server::demo();
    let browser = Browser::new("en", WIDE);
    browser.open(&server.url("/tour"));
    browser.until("document.querySelectorAll('a.person').length === 16");
    browser.frame(Some(0));
    assert_eq!(shown(&browser), "Ana Beatriz Moura");
    browser.frame(None);
    is_content(&browser);
    browser.picture("tour");
    let other = Server::new();
    browser.open(&other.url("/tour"));
    let said = browser.until("document.querySelector('#list .note')?.textContent");
    assert!(said.as_str().unwrap().starts_with("This server holds data of its own"), "{said}");
}
