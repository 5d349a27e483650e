//! Names that would do harm where they are not taken as names: on the map, in its table, in a file for a spreadsheet.

use serde_json::json;

use crate::browser::Browser;
use crate::desktop::{NARROW, WIDE, is_content};
use crate::server::Server;
use crate::story::event;

use super::{SAVED, click, counted, journey, texts};

const NAMES: [&str; 4] = ["<img src=x onerror='window.hit=1'>", "\u{202e}turned\u{202c}", "=1+1", "\"a\",b;c"];

#[test]
fn a_name_is_a_name_wherever_it_stands() {
    let server = Server::new();
    let said = NAMES.iter().enumerate().map(|(number, name)| {
        let data = json!({"channel": "chat", "direction": "inbound", "contact": format!("c-{number}"), "touchpoint": name, "department": name, "stage": name});
        event(&format!("e-{number}"), "contact.started", "crm:1", &format!("10:0{number}"), data)
    });
    server.records(&said.collect::<Vec<_>>());
    counted(&server);
    for size in [WIDE, NARROW] {
        let browser = Browser::new("en", size);
        browser.first_run(SAVED);
        journey(&browser, &server, "language=en");
        let names = texts(&browser, ".map tbody th, .stack .row-name");
        for name in ["<img src=x onerror='window.hit=1'>", "·turned·", "=1+1", "\"a\",b;c"] {
            assert!(names.iter().any(|each| each == name), "{name}: {names:?}");
        }
        browser.run("document.querySelector('.cell').click()");
        browser.until("document.querySelector('[data-key=place-analysis]')");
        assert_eq!(
            browser.run("return [window.hit ?? null, document.querySelectorAll('main img, main script').length]"),
            json!([null, 0])
        );
        click(&browser, "csv-map");
        let file = browser.until("window.saved").as_str().unwrap().to_owned();
        let lines: Vec<&str> = file.trim_end().split("\r\n").collect();
        assert_eq!(lines.len(), 1 + 2 * NAMES.len(), "{file}");
        assert!(file.contains("\r\nTouchpoint,'=1+1,'=1+1,1,"), "a spreadsheet does not reckon with a name: {file}");
        assert!(file.contains("\r\nDepartment,\"\"\"a\"\",b;c\",\"\"\"a\"\",b;c\",1,"), "{file}");
        assert!(file.contains("·turned·"), "{file}");
        let fits = browser.run("return document.documentElement.scrollWidth <= innerWidth");
        assert_eq!(fits, true);
        is_content(&browser);
    }
}
