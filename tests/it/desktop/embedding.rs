//! The panel in somebody else's page: as a frame, as an element, and beside a softphone.

use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;

use crate::browser::Browser;
use crate::panel::embeddable_by;
use crate::server::Server;
use crate::story::{STORY, told};

use super::{WIDE, shown};

/// Serves a page of `examples/desktop` at an origin of its own, with the server's address in it; its address.
pub(super) fn desk_at(listener: TcpListener, page: &str, server: &Server) -> String {
    let file = format!("{}/examples/desktop/{page}", env!("CARGO_MANIFEST_DIR"));
    let html = std::fs::read_to_string(file).unwrap().replace("http://127.0.0.1:8080", &server.url(""));
    let address = format!("http://{}/", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let mut lines = BufReader::new(stream.try_clone().unwrap()).lines();
            while lines.next().is_some_and(|line| line.is_ok_and(|line| !line.is_empty())) {}
            let head = format!(
                "HTTP/1.1 200 OK\r\ncontent-type: text/html\r\nconnection: close\r\ncontent-length: {}\r\n\r\n",
                html.len()
            );
            drop(stream.write_all(head.as_bytes()).and_then(|()| stream.write_all(html.as_bytes())));
        }
    });
    address
}

/// A server that lets a desktop embed it, with nothing in it, and where that desktop shall listen.
pub(super) fn embeddable() -> (Server, tempfile::TempDir, TcpListener) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let (server, folder) = embeddable_by(&format!("http://{}", listener.local_addr().unwrap()));
    (server, folder, listener)
}

/// The same with Ana's story in it, and the address of that desktop's page.
pub(super) fn embedded(page: &str) -> (Server, tempfile::TempDir, String) {
    let (server, folder, listener) = embeddable();
    server.sees(server.record(STORY)["through"].as_str().unwrap());
    let address = desk_at(listener, page, &server);
    (server, folder, address)
}

#[test]
fn the_panel_is_a_frame_of_a_desktop_that_is_listed() {
    let (_server, _folder, address) = embedded("frame.html");
    let browser = Browser::new("pt-BR", WIDE);
    browser.open(&address);
    browser.until("document.querySelector('#said').textContent.includes('novelo.selected Ana Beatriz Moura')");
    browser.frame(Some(0));
    assert_eq!(shown(&browser), "Ana Beatriz Moura");
}

#[test]
fn a_desktop_that_is_not_listed_frames_nothing() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let (server, _) = told();
    let address = desk_at(listener, "frame.html", &server);
    let browser = Browser::new("pt-BR", WIDE);
    browser.open(&address);
    let refused = browser.complaints();
    assert!(refused.iter().any(|line| line.contains("frame-ancestors")), "{refused:?}");
}

#[test]
fn the_element_stands_in_a_page_of_a_desktop_and_tells_what_happens() {
    let (_server, _folder, address) = embedded("element.html");
    let browser = Browser::new("pt-BR", WIDE);
    browser.open(&address);
    assert_eq!(shown(&browser), "Ana Beatriz Moura");
    browser.run("R.querySelector('[data-key^=withdraw-order]').click()");
    browser.until("R.querySelector('dialog').open");
    browser.run("R.querySelector('dialog button[type=submit]').click()");
    browser.until("document.querySelector('#said').textContent.includes('novelo-recorded fact.withdrawn 1')");
    browser.until("!R.querySelector('[data-key^=withdraw-order]')");
    browser.until("R.querySelector('.live-live')");
    // Its style sheets came too.
    assert_eq!(browser.run("return getComputedStyle(R.querySelector('.panel')).display"), "grid");
}

#[test]
fn a_softphone_pops_the_panel_when_a_call_comes_in() {
    let (_server, _folder, address) = embedded("softphone.html");
    let browser = Browser::new("pt-BR", WIDE);
    browser.open(&address);
    browser.until("!document.querySelector('#call').disabled");
    browser.run("document.querySelector('#call').click()");
    assert_eq!(browser.until("document.querySelector('#shown').value"), "Ana Beatriz Moura");
    browser.frame(Some(0));
    browser.until("R.querySelector('.route .here')");
    // A message from a page that is not listed is not heard.
    browser.run("window.dispatchEvent(new MessageEvent('message', {origin: 'https://evil.example', data: {type: 'novelo.pop', identifier: 'crm:7001'}}))");
    browser.run("window.dispatchEvent(new MessageEvent('message', {origin: location.origin, data: {type: 'novelo.pop', identifier: 'crm:7002'}}))");
    assert_eq!(browser.until("R.querySelector('h1').textContent === 'Bruno Lima' && 'Bruno Lima'"), "Bruno Lima");
}
