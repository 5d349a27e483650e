use super::*;

fn wrong(text: &str) -> Vec<(usize, usize, String)> {
    told(&Definition::read(text, "America/Sao_Paulo").expect_err(text))
}

/// The names that have to be others, in a definition that is read all the same.
fn misnamed(text: &str) -> Vec<(usize, usize, String)> {
    let read = Definition::read(text, "America/Sao_Paulo").unwrap_or_else(|wrong| panic!("{text}\n{wrong}"));
    read.check_columns().map_err(|wrong| told(&wrong)).err().unwrap_or_default()
}

fn told(mistakes: &Mistakes) -> Vec<(usize, usize, String)> {
    (mistakes.0.iter())
        .map(|mistake| {
            let (line, column) = mistake.at.unwrap_or_default();
            (line, column, format!("{}: {}; {}", mistake.place, mistake.reason, mistake.help))
        })
        .collect()
}

/// A definition with one line changed or added.
fn with(line: &str) -> String {
    let name = line.split('=').next().unwrap_or_default().trim();
    let usual = [
        "name = \"x\"",
        "version = 1",
        "over = \"contacts\"",
        "group_by = [\"channel\"]",
        "bucket = \"day\"",
        "[measures]",
        "n = 'count()'",
    ];
    let mut lines: Vec<&str> = usual.to_vec();
    match lines.iter().position(|usual| usual.split('=').next().unwrap_or_default().trim() == name) {
        Some(at) => lines[at] = line,
        None => lines.insert(1, line),
    }
    lines.join("\n")
}

#[test]
fn a_definition_is_read_with_its_own_names() {
    let text = r#"
name = "again"
version = 3
title = { "pt-BR" = "De novo", en = "Again" }
over = "cases"
where = 'resolved && demand == "complaint"'
group_by = { district = "dimensions.district", hour = "opened_at.getHours()" }
at = "resolved_at"
bucket = "month"
timezone = "America/Bahia"
window = "30d"

[measures]
cases = 'count()'
again = '100 * count(next_complaint_ms <= 2592000000) / count()'
"#;
    let read = Definition::read(text, "UTC").unwrap();
    assert_eq!((read.name(), read.version(), read.over(), read.bucket()), ("again", 3, Over::Cases, Some(Span::Month)));
    assert_eq!((read.title("pt-PT"), read.title("de"), read.zone_name()), ("De novo", "Again", "America/Bahia"));
    assert_eq!(read.groups().collect::<Vec<_>>(), ["district", "hour"]);
    assert_eq!(read.figures().collect::<Vec<_>>(), ["cases", "again"]);
    assert_eq!(read.window(), 30 * crate::event::Micros::DAY);
    assert_eq!(read.id(), Definition::read(text, "Asia/Tokyo").unwrap().id());
    assert_ne!(read.id(), Definition::read(&text.replace("30d", "31d"), "UTC").unwrap().id());
}

#[test]
fn a_free_field_is_called_by_its_last_part_and_kinds_are_known_beforehand() {
    let text = "name = \"f\"\nover = \"events\"\nwhere = 'kind in [\"case.opened\", \"case.resolved\"] && case != null'\n\
        group_by = [\"dimensions.district\", \"channel\"]\n[measures]\nn = 'count()'";
    let read = Definition::read(text, "UTC").unwrap();
    assert_eq!(read.groups().collect::<Vec<_>>(), ["district", "channel"]);
    assert_eq!(read.kinds(), Some(vec![20, 22]));
    assert_eq!(Definition::read(&with("bucket = \"day\""), "UTC").unwrap().kinds(), None);
}

/// Line and column, what is told, and the line that is wrong.
const WRONG: &[(usize, usize, &str, &str)] = &[
    (1, 1, "has no `name`", ""),
    (1, 8, "`Bad name` is no name", "name = \"Bad name\""),
    (2, 11, "0 is no version", "version = 0"),
    (2, 11, "1.5 is no version", "version = 1.5"),
    (2, 11, "is no number", "version = \"one\""),
    (2, 9, "is no text", "title = 7"),
    (3, 8, "there are no rows `contact`; did you mean `contacts`", "over = \"contact\""),
    (2, 11, "`chanel` is no field; did you mean `channel`", "where = ' chanel == \"voice\"'"),
    (2, 18, "compares a number with a text", "where = 'wait_ms > \"5\"'"),
    (2, 10, "is a number, and true or false is needed", "where = 'wait_ms'"),
    (2, 18, "there is no function `matches`", "where = 'channel.matches(\"v\")'"),
    (2, 24, "divides by zero", "where = 'wait_ms > 1 / 0'"),
    (2, 23, "`voise` never comes here", "where = 'direction == \"voise\"'"),
    (2, 19, "is no expression", "where = 'wait_ms >'"),
    (2, 10, "uses `dimensions` as a whole", "where = 'dimensions == null'"),
    (2, 23, "goes through a list", "where = '[1, 2].exists(x, x == wait_ms)'"),
    (2, 10, "is longer than", "LONG"),
    (4, 14, "has about as many values as there are rows", "group_by = [\"contact\"]"),
    (4, 14, "has about as many values as there are rows", "group_by = [\"wait_ms\"]"),
    (4, 14, "has about as many values as there are rows", "group_by = [\"started_at\"]"),
    (4, 14, "has about as many values as there are rows", "group_by = [\"queued ? wait_ms / 2 : null\"]"),
    (4, 14, "`departement` is no field; did you mean `department`", "group_by = ['departement']"),
    (4, 12, "is no list", "group_by = 7"),
    (4, 24, "`channel` stands there twice", "group_by = [\"channel\", \"channel\"]"),
    (
        4,
        24,
        "`channel` and `dimensions.channel` are two things, and both would be called `channel`; give each a name of its own, in a \
         table: group_by = { channel = 'channel', other_channel = 'dimensions.channel' }",
        "group_by = [\"channel\", \"dimensions.channel\"]",
    ),
    (4, 34, "`dimensions.region` stands there twice", "group_by = [\"dimensions.region\", \" dimensions.region\"]"),
    (4, 14, "`dimension` is no field; did you mean `dimensions`", "group_by = [\"dimension.district\"]"),
    (2, 10, "`dimension` is no field; did you mean `dimensions`", "where = 'dimension.district == null'"),
    (7, 15, "`dimension` is no field; did you mean `dimensions`", "n = 'distinct(dimension.district)'"),
    (2, 7, "is true or false, and a moment is needed", "at = \"queued\""),
    (5, 10, "there is no bucket `dya`; use one of: hour, day", "bucket = \"dya\""),
    (2, 12, "`Sao Paulo` is no time zone", "timezone = \"Sao Paulo\""),
    (2, 10, "`7 days` is no span", "window = \"7 days\""),
    (2, 10, "`99999d` is no span", "window = \"99999d\""),
    (7, 6, "`wait_ms` is no measure; one measure does not name another", "n = 'wait_ms'"),
    (7, 6, "`cuont` is no measure; did you mean `count`", "n = 'cuont()'"),
    (7, 6, "`avg` is no measure", "n = 'avg(wait_ms)'"),
    (7, 10, "is a text, and a number is needed", "n = 'sum(channel)'"),
    (7, 26, "is no number from 0 to 100", "n = 'percentile(wait_ms, 101)'"),
    (7, 6, "`percentile` is written otherwise", "n = 'percentile(wait_ms)'"),
    (7, 16, "divides by zero", "n = 'count() / 0'"),
    (7, 6, "is no number; calculate with counts", "n = 'first(channel) / 2'"),
    (2, 1, "`group` is not known here; did you mean `group_by`", "group = [\"channel\"]"),
    (2, 10, "is no TOML", "group_by [\"channel\"]"),
    (1, 1, "measures nothing", "[measures]"),
];

#[test]
fn every_mistake_is_told_at_its_place() {
    let missed = |(line, column, told, changed): &(usize, usize, &str, &str)| {
        let text = match *changed {
            "" => with("name = \"x\"").replace("name = \"x\"", ""),
            "LONG" => with(&format!("where = '{}'", "queued || ".repeat(300))),
            "[measures]" => with("name = \"x\"").replace("n = 'count()'", ""),
            "group_by [\"channel\"]" => with("name = \"x\"").replace("version = 1", "group_by [\"channel\"]"),
            line => with(line),
        };
        let found = wrong(&text);
        let is_told = found.iter().any(|(l, c, said)| (l, c) == (line, column) && said.contains(told));
        (!is_told).then(|| format!("{text}\nwanted {line}:{column} {told}\nfound {found:#?}"))
    };
    let missed: Vec<String> = WRONG.iter().filter_map(missed).collect();
    assert!(missed.is_empty(), "{}", missed.join("\n\n"));
}

#[test]
fn all_mistakes_are_told_at_once_in_the_order_of_the_file() {
    let text = "name = \"x\"\nover = \"cases\"\nwhere = 'a'\nbucket = \"b\"\n[measures]\nn = 'c()'";
    let lines: Vec<usize> = wrong(text).iter().map(|(line, ..)| *line).collect();
    assert_eq!(lines, [3, 4, 6]);
}

#[test]
fn measures_that_would_be_columns_of_one_name_are_told_at_their_place() {
    let text = "name = \"x\"\nover = \"events\"\ngroup_by = [\"channel\"]\n[measures]\nchannel = 'count()'\na = 'count()'\n\
        a_over = 'count()'\n\"\" = 'count()'\n  provisional = 'count()'\n";
    let wanted = [
        (5, 1, "channel", "a group"),
        (7, 1, "a_over", "over how many rows `a` was taken"),
        (9, 3, "provisional", "whether figures may change"),
    ];
    let wanted = wanted.map(|(line, column, name, what)| {
        let told = format!("[measures] {name}: the column `{name}` of a CSV file already says {what}");
        (line, column, format!("{told}; give the measure another name"))
    });
    let mut found = misnamed(text);
    let nameless = "[measures]: `` is no name; name a measure with letters, digits and _, from a letter on, at most 64";
    assert_eq!(found.remove(2), (8, 1, nameless.to_owned()));
    assert_eq!(found, wanted);
    // Beside another mistake they are told with it.
    let lines: Vec<usize> =
        wrong(&text.replace("[\"channel\"]", "[\"channel\", \"chanel\"]")).iter().map(|it| it.0).collect();
    assert_eq!(lines, [3, 5, 7, 8, 9]);
}

#[test]
fn a_name_is_held_against_the_bucket_its_longer_ones_and_the_groups() {
    let named =
        |line: &str, measure: &str| misnamed(&with(line).replace("n = 'count()'", &format!("{measure} = 'count()'")));
    for (line, measure) in [
        ("bucket = \"day\"", "day"),
        ("bucket = \"day\"", "quarter"),
        ("group_by = { n_over = 'channel' }", "n"),
        ("bucket = \"day\"", "\"a b\""),
        ("bucket = \"day\"", "\"a,b\""),
        ("bucket = \"day\"", "1st"),
        ("bucket = \"day\"", &"n".repeat(65)),
    ] {
        assert!(matches!(named(line, measure).as_slice(), [(7, 1, _)]), "{line} {measure}: {:?}", named(line, measure));
    }
    for (line, measure) in [
        ("bucket = \"day\"", "hour"),
        ("bucket = \"week\"", "month"),
        ("bucket = \"day\"", "\"ligações\""),
        ("bucket = \"day\"", "P90_ms"),
        ("bucket = \"day\"", &"n".repeat(64)),
        ("group_by = { hour = 'started_at.getHours()' }", "n"),
    ] {
        assert_eq!(named(line, measure), [], "{line} {measure}");
    }
    for group in ["day", "provisional"] {
        assert!(
            matches!(named(&format!("group_by = {{ {group} = 'channel' }}"), "n").as_slice(), [(4, 14, _)]),
            "{group}"
        );
    }
}
