//! The language as a whole: what rows become, what is refused, and that quick evaluation is the interpreter's.

use std::borrow::Cow;
use std::io::Cursor;

use proptest::prelude::*;

use super::datum::Datum;
use super::interpreter::Interpreter;
use super::quick::Scope;
use super::*;
use crate::ingest::cloudevents::Item;
use crate::ingest::rejected::{Code, Rejected};

const MAPPING: &str = r#"
name = "shop"
time_zone = "America/Sao_Paulo"

[lookup.channel]
"TEL" = "voice"

[let]
at = 'local(row.opened)'

[every]
time = 'at'
identifiers = { crm = 'row.customer', email = 'row.email' }
data.channel = 'lookup("channel", row.channel)'

[[event]]
type = "contact.started"
data.contact = 'row_id'
data.reason = 'row["the reason"]'

[[event]]
type = "feedback.given"
name = "praise"
when = 'fold(row["the reason"]).contains("elogio")'
data.feedback = '"praise"'
data.dimensions = { region = 'row.region' }
"#;

const HEADER: &str = "opened,customer,email,channel,the reason,region\n";

fn reader(text: &[u8]) -> Box<dyn BufRead + Send> {
    Box::new(Cursor::new(text.to_vec()))
}

fn rows_of(mapping: &str, csv: &[u8]) -> Vec<Row> {
    let mapping = Mapping::read(mapping).unwrap_or_else(|mistakes| panic!("{mistakes}"));
    let mut seen = Occurrences::default();
    let mut rows = mapping.rows(reader(csv), &mut seen).unwrap_or_else(|mistakes| panic!("{mistakes}"));
    std::iter::from_fn(|| rows.next_row().unwrap()).collect()
}

fn made(rows: Vec<Row>) -> Vec<Result<Item, Rejected>> {
    rows.into_iter().flat_map(|row| row.items).collect()
}

fn mistakes(mapping: &str) -> Vec<String> {
    Mapping::read(mapping).unwrap_err().0.iter().map(ToString::to_string).collect()
}

#[test]
fn a_row_makes_the_events_whose_conditions_hold() {
    let csv = format!(
        "{HEADER}2026-01-05 10:00:00,8812,,TEL,ELOGIO ao balcão,SP\n2026-01-05 11:00:00,,a@example.com,TEL,Dúvida,\n"
    );
    let items: Vec<Item> = made(rows_of(MAPPING, csv.as_bytes())).into_iter().map(Result::unwrap).collect();
    let kinds: Vec<_> = items.iter().map(|item| (item.event.kind().name(), item.place.line.unwrap())).collect();
    assert_eq!(kinds, [("contact.started", 2), ("feedback.given", 2), ("contact.started", 3)]);
    assert_eq!(items[0].event.identifiers(), ["crm:8812"]);
    assert_eq!(items[2].event.identifiers(), ["email:a@example.com"]);
    assert_eq!(items[0].event.header().occurred_at.to_string(), "2026-01-05T13:00:00Z");
    assert_eq!(items[1].event.header().dimensions.get("region"), Some("SP"));
    assert!(items[1].id.ends_with("/praise") && items[0].id.ends_with("/contact.started"));
}

#[test]
fn the_same_file_gives_the_same_ids_and_rows_that_are_alike_are_told_apart() {
    let row = "2026-01-05 10:00:00,1,,TEL,x,\n";
    let csv = format!("{HEADER}{row}{row}");
    let ids =
        || -> Vec<String> { made(rows_of(MAPPING, csv.as_bytes())).into_iter().map(|item| item.unwrap().id).collect() };
    assert_eq!(ids(), ids());
    assert_ne!(ids()[0], ids()[1]);
    let keyed = MAPPING.replace("[lookup.channel]", "key = 'row.customer'\n[lookup.channel]");
    let ids: Vec<String> = made(rows_of(&keyed, csv.as_bytes())).into_iter().map(|item| item.unwrap().id).collect();
    assert_eq!(ids, ["1/contact.started", "1/contact.started"]);
}

#[test]
fn what_is_wrong_with_a_row_rejects_what_it_would_have_made_and_no_more() {
    let csv = [
        HEADER.as_bytes(),
        b"2026-01-05 10:00:00,1,,FAX,x,\n",
        b"yesterday,1,,TEL,elogio,\n",
        b"2026-01-05 10:00:00,1,,TEL\n",
        b"2026-01-05 10:00:00,1,\xFF,TEL,x,\n",
        b"1800-01-05 10:00:00,1,,TEL,x,\n",
        b"2026-01-05 10:00:00,1,,TEL,x,\n",
    ]
    .concat();
    let found = made(rows_of(MAPPING, &csv));
    let told: Vec<_> = found
        .iter()
        .map(|item| {
            item.as_ref().map_or_else(|r| (r.place.line.unwrap(), Some(r.code)), |i| (i.place.line.unwrap(), None))
        })
        .collect();
    let expected = [
        (2, Some(Code::InvalidExpression)),
        (3, Some(Code::InvalidExpression)),
        (3, Some(Code::InvalidExpression)),
        (4, Some(Code::InvalidCsv)),
        (5, Some(Code::InvalidEncoding)),
        (6, None),
        (7, None),
    ];
    assert_eq!(told, expected);
    let first = found[0].as_ref().unwrap_err();
    assert_eq!(&*first.field, "[every], data.channel");
    assert!(first.reason.contains("no entry") && !first.reason.contains("FAX"), "{first}");
    assert!(found[1].as_ref().unwrap_err().field.contains("[let] at"));
}

#[test]
fn all_mistakes_of_a_file_are_told_at_once_with_their_lines() {
    let wrong = MAPPING
        .replace("America/Sao_Paulo", "America/Sao_Paolo")
        .replace("lookup(\"channel\"", "lookup(\"chanel\"")
        .replace("data.reason", "data.raeson")
        .replace("type = \"feedback.given\"", "type = \"feedback.givn\"")
        .replace("fold(row[\"the reason\"]).contains(", "fold(row[\"the reason\"]).contans(")
        .replace("time = 'at'", "time = 'att'")
        .replace("'row.region'", "'row.region +'");
    let found = mistakes(&wrong);
    for part in [
        "line 3, column 13: time_zone: `America/Sao_Paolo` is no time zone",
        "there is no [lookup.chanel]; did you mean `channel`?",
        "`raeson` is not a field of this kind; did you mean `reason`?",
        "`feedback.givn` is not in the vocabulary; did you mean `feedback.given`?",
        "there is no function `contans`; did you mean `contains`?",
        "`att` is not known here; did you mean `at`?",
        "is no expression",
    ] {
        assert!(found.iter().any(|mistake| mistake.contains(part)), "{part}\n{found:#?}");
    }
}

#[test]
fn an_expression_that_would_run_without_end_is_refused_before_a_row_runs() {
    let of = |reason: &str| MAPPING.replace("'row.region'", &format!("'{reason}'"));
    // Eight loops over ten items inside one another are a hundred million steps.
    let digits = "[0,1,2,3,4,5,6,7,8,9]";
    let nested = (0..8).fold("1".to_owned(), |inner, depth| format!("{digits}.map(x{depth}, {inner})"));
    let found = mistakes(&of(&format!("string({nested}.size())")));
    assert!(found.iter().any(|mistake| mistake.contains("comprehensions inside one another")), "{found:#?}");
    let deep = format!("string({}1{})", "[".repeat(3_000), "]".repeat(3_000));
    let found = mistakes(&of(&deep));
    assert!(found.iter().any(|mistake| mistake.contains("is longer than 4096 bytes")), "{found:#?}");
}

/// What becomes of a row with so many words in its column `t`, by an expression.
fn with_words(expression: &str, words: usize) -> Result<serde_json::Value, String> {
    let text = format!(
        "name = \"x\"\n[[event]]\ntype = \"note.added\"\ntime = '\"2026-01-05T10:00:00Z\"'\ndata.text = '''string({expression})'''\n"
    );
    let mapping = Mapping::read(&text).unwrap_or_else(|mistakes| panic!("{mistakes}"));
    let words: Vec<String> = (0..words).map(|number| format!("w{number}")).collect();
    let csv = format!("t,u\n{},x\nfine,x\n", words.join(" "));
    let mut seen = Occurrences::default();
    let mut rows = mapping.rows(reader(csv.as_bytes()), &mut seen).unwrap();
    let item = rows.next_row().unwrap().unwrap().items.remove(0);
    // Whatever becomes of the one, the next goes on.
    assert!(rows.next_row().unwrap().unwrap().items.remove(0).is_ok());
    item.map(|item| item.event.show()["text"].clone()).map_err(|rejected| format!("{rejected:?}"))
}

#[test]
fn a_row_that_takes_too_many_steps_is_refused_and_says_where() {
    // Once through all of them is fine.
    for once in [r#"row.t.split(" ").filter(x, x != "w3").size()"#, r#"row.t.split(" ").map(x, x + "!").size() - 1"#] {
        assert_eq!(with_words(once, 100_000).unwrap(), "99999", "{once}");
    }
    // Each compared with all of them is not: not by name, not in a loop of its own, not in one that takes errors for no.
    for often in [
        r#"row.t.split(" ").filter(x, row.t.contains(x)).size()"#,
        r#"row.t.split(" ").filter(x, row["t"].contains(x)).size()"#,
        r#"row.t.split(" ").map(x, row.t + x).size()"#,
        r#"row.t.split(" ").filter(x, row.t.split(" ").exists(y, y == x + "!")).size()"#,
        r#"row.t.split(" ").exists(x, row.t.split(" ").exists(y, y == x + "!"))"#,
        r#"[row.t].map(t, t.split(" ").filter(x, t.contains(x)).size()).size()"#,
    ] {
        let refused = with_words(often, 100_000).unwrap_err();
        assert!(refused.contains("goes through too much for one row"), "{often}: {refused}");
        assert!(refused.contains("data.text") && !refused.contains("w99"), "{often}: {refused}");
        // The same over a usual row.
        assert!(with_words(often, 20).is_ok(), "{often}");
    }
}

#[test]
fn what_a_kind_needs_is_asked_for_before_a_row_runs() {
    let found = mistakes("name = \"x\"\n[[event]]\ntype = \"feedback.given\"\ntime = 'row.t'\n");
    assert!(found.iter().any(|mistake| mistake.contains("has no `data.feedback`")), "{found:?}");
    assert!(found.iter().any(|mistake| mistake.contains("has no `data.channel`")), "{found:?}");
    assert!(mistakes("name = \"x\"")[0].contains("makes no event"));
    assert!(mistakes("name = ")[0].contains("is no TOML"));
}

#[test]
fn a_column_that_the_input_has_not_is_told_with_the_nearest() {
    let mapping = Mapping::read(MAPPING).unwrap();
    let mut seen = Occurrences::default();
    let csv = HEADER.replace("region", "regions").into_bytes();
    let found = mapping.rows(reader(&csv), &mut seen).unwrap_err().to_string();
    assert!(found.contains("the input has no column `region`; did you mean `regions`?"), "{found}");
    assert!(found.starts_with("line "), "{found}");
}

#[test]
fn a_mistake_under_every_is_told_once() {
    for (wrong, told) in [("lookup(\"chanel\"", "[lookup.chanel]"), ("data.chanel", "`chanel` is not a field")] {
        let text = match wrong.starts_with("data") {
            true => MAPPING.replace("data.channel", wrong),
            false => MAPPING.replace("lookup(\"channel\"", wrong),
        };
        let found = mistakes(&text);
        assert_eq!(found.iter().filter(|mistake| mistake.contains(told)).count(), 1, "{found:#?}");
    }
}

#[test]
fn a_header_that_another_delimiter_parts_is_told_so_once() {
    let mapping = Mapping::read(MAPPING).unwrap();
    for (by, shown) in [(';', ";"), ('\t', "\\t")] {
        let mut seen = Occurrences::default();
        let header = HEADER.replace(',', &by.to_string()).into_bytes();
        let found = mapping.rows(reader(&header), &mut seen).unwrap_err();
        assert_eq!(found.0.len(), 1, "{found}");
        assert!(found.to_string().contains(&format!("write [csv] delimiter = \"{shown}\"")), "{found}");
    }
}

#[test]
fn the_first_line_of_a_file_without_a_header_is_not_repeated() {
    let mapping = Mapping::read(MAPPING).unwrap();
    let mut seen = Occurrences::default();
    let line = b"{\"subject\": \"phone:+5511987654321\", \"text\": \"segredo\"}\n".to_vec();
    let found = mapping.rows(reader(&line), &mut seen).unwrap_err();
    assert_eq!(found.0.len(), 1);
    assert!(found.to_string().contains("does not name columns") && !found.to_string().contains("segredo"), "{found}");
}

#[test]
fn a_joined_file_must_be_loaded_and_gives_its_columns() {
    let text = "name = \"x\"\n[join.people]\nfile = \"people.csv\"\nkey = \"id\"\n[[event]]\ntype = \"note.added\"\ntime = 'row.t'\ndata.text = 'joined(\"people\", row.who, \"name\", \"nobody\")'\n";
    let mut mapping = Mapping::read(text).unwrap();
    assert_eq!(mapping.joins().collect::<Vec<_>>(), [("people", "people.csv")]);
    let mut seen = Occurrences::default();
    assert!(mapping.rows(reader(b"t,who\n"), &mut seen).unwrap_err().to_string().contains("is not loaded"));
    assert!(mapping.load("people", reader(b"id,nome\n")).unwrap_err().to_string().contains("has no column `name`"));
    mapping.load("people", reader(b"id,name\n7,Ana\n")).unwrap();
    let mut rows = mapping.rows(reader(b"t,who\n2026-01-05T10:00:00Z,7\n2026-01-05T10:00:00Z,8\n"), &mut seen).unwrap();
    let texts: Vec<_> = std::iter::from_fn(|| rows.next_row().unwrap())
        .map(|row| row.items.into_iter().next().unwrap().unwrap().event.show()["text"].clone())
        .collect();
    assert_eq!(texts, ["Ana", "nobody"]);
}

/// Expressions of the shapes that are evaluated quickly, over three columns.
fn expression() -> impl Strategy<Value = String> {
    let text = prop_oneof![
        Just("row.a".to_owned()),
        Just("row.b".to_owned()),
        Just("row[\"c d\"]".to_owned()),
        Just("row_id".to_owned()),
        "[a-z0-9 ]{0,4}".prop_map(|text| format!("\"{text}\"")),
    ];
    let leaf = prop_oneof![4 => text, 1 => Just("null".to_owned()), 1 => (-3_i64..3).prop_map(|n| n.to_string()), 1 => any::<bool>().prop_map(|b| b.to_string())];
    leaf.prop_recursive(4, 24, 3, |inner| {
        prop_oneof![
            (
                prop::sample::select(vec!["fold", "trim", "upper", "lower", "whole", "number", "blank", "hash", "!"]),
                inner.clone()
            )
                .prop_map(|(function, x)| format!("{function}({x})")),
            (prop::sample::select(vec!["==", "!=", "&&", "||", "+"]), inner.clone(), inner.clone())
                .prop_map(|(operator, x, y)| format!("({x} {operator} {y})")),
            (prop::sample::select(vec!["contains", "startsWith", "endsWith"]), inner.clone(), inner.clone())
                .prop_map(|(test, x, y)| format!("{x}.{test}({y})")),
            (inner.clone(), inner.clone(), inner.clone()).prop_map(|(x, y, z)| format!("({x} ? {y} : {z})")),
            (inner.clone(), inner.clone()).prop_map(|(x, y)| format!("lookup(\"t\", {x}, {y})")),
            (inner, 0_u8..6).prop_map(|(x, n)| format!("clip({x}, {n})")),
        ]
    })
}

fn shown(datum: Datum<'_>) -> String {
    format!("{:?}", datum.into_json().map_err(|failure| failure.reason))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(600))]

    #[test]
    fn what_is_evaluated_quickly_is_what_the_interpreter_gives(
        expression in expression(),
        columns in prop::collection::vec("[a-zA-Zç0-9. ]{0,5}", 3),
    ) {
        let text = format!("name = \"x\"\n[lookup.t]\n\"a\" = \"1\"\n[[event]]\ntype = \"note.added\"\ntime = '''[row.a, row.b, row[\"c d\"]].size() == 3 ? \"\" : \"\"'''\ndata.text = '''{expression}'''\n");
        let mapping = Mapping::read(&text).unwrap_or_else(|mistakes| panic!("{mistakes}"));
        let plan::FieldPlan::One(compiled) = &mapping.plan.events[0].data[0].1 else { unreachable!() };
        let names: Vec<String> = mapping.plan.columns.iter().map(|column| column.name.clone()).collect();
        let value = |name: &String| Cow::Borrowed(columns[["a", "b", "c d"].iter().position(|known| known == name).unwrap()].as_str());
        let values: Vec<Cow<'_, str>> = names.iter().map(value).collect();
        let scope = Scope { columns: &values, lets: &[], row_id: "id-1", tables: &mapping.tables };
        if let Some(quick) = compiled.quick.as_ref().and_then(|quick| quick.evaluate(&scope)) {
            let interpreter = Interpreter::new(&mapping.plan.env, &mapping.tables).unwrap();
            let slow = interpreter.evaluate(&compiled.program, &scope, &names, &[]);
            prop_assert!(slow.is_ok(), "{expression}: quick gives {}, the interpreter refuses", shown(quick));
            prop_assert_eq!(shown(quick), shown(slow.unwrap()), "{}", expression);
        }
    }
}
