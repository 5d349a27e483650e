use super::*;
use crate::context::Context;
use crate::event::Micros;

fn mistakes(text: &str) -> Vec<String> {
    Playbook::read(text).unwrap_err().0.iter().map(ToString::to_string).collect()
}

fn one(when: &str) -> String {
    format!("[[advice]]\nid = \"a\"\nwhen = '{when}'\ntext = {{ en = \"t\" }}\nbecause = {{ en = \"b\" }}\n")
}

#[test]
fn the_usual_playbook_is_right_and_speaks_three_languages() {
    let usual = Playbook::read(USUAL).unwrap();
    assert!(usual.advice.len() >= 8);
    let [_, everything] = situation::samples();
    for language in ["pt-BR", "en", "es"] {
        let given = usual.advise_by(&everything, language, &str::to_owned);
        assert!(given.iter().any(|given| given.id == "recover_first"), "{language}: {given:?}");
        assert!(given.iter().all(|given| !given.text.contains('{') && !given.because.contains('{')));
    }
}

#[test]
fn every_name_of_a_situation_stands_in_the_documentation_and_the_other_way_round() {
    let documentation = include_str!("names.md");
    for (group, members) in &situation::samples()[0] {
        for name in members.keys() {
            let there = documentation.contains(&format!("`{group}.{name}`"))
                || documentation
                    .lines()
                    .any(|l| l.contains(&format!("`{group}.")) && l.contains(&format!("`.{name}`")));
            assert!(there, "{group}.{name}");
        }
    }
    let known = condition::names(&situation::samples()[0]);
    for quoted in documentation.split('`').skip(1).step_by(2).filter(|quoted| quoted.contains('.')) {
        assert!(known.iter().any(|name| name.ends_with(quoted)), "{quoted}");
    }
}

#[test]
fn nothing_is_advised_for_somebody_of_whom_nothing_is_known() {
    let context = Context::default();
    let situation = Situation { context: &context, now: Micros::now(), channel: Some("voice") };
    assert_eq!(Playbook::usual().advise(&situation, "en", &str::to_owned), Vec::new());
}

#[test]
fn all_mistakes_are_told_at_once_each_with_its_place() {
    let text = [
        one("case.open > 0"),
        one("cases.open"),
        one("cases.open > 0.5 && cases.oen > 1"),
        one("journey.milestones.exists(m, m == \"paid\")"),
        one("cases.open >"),
        one("cases == 1"),
        one("shout(contact.channel) == \"x\""),
        "[[advice]]\nid = \"a\"\nwhen = 'true'\ntext = {}\nbecause = { \"e n\" = \" \", pt = \"{cases.opn} {\" }\n"
            .into(),
    ]
    .concat();
    let told = mistakes(&text).join("\n");
    for part in [
        "advice `a`, when: `case.open` is not known here; did you mean `cases.open`?",
        "advice `a`, when: gives no truth value; compare: cases.open > 0",
        "`cases.oen` is not known here; did you mean `cases.open`?",
        "goes through a list",
        "is no expression",
        "uses `cases` as a whole; name a value of it, such as cases.complaints",
        "there is no function `shout`",
        "advice `a`: is there twice",
        "advice `a`, text: is in no language",
        "advice `a`, because, e n: is no language tag",
        "advice `a`, because, e n: is empty or too long",
        "advice `a`, because, pt: `cases.opn` is not known here",
    ] {
        assert!(told.contains(part), "{part}\n---\n{told}");
    }
    assert_eq!(mistakes("[[advice]]\nid = 1\n")[0].split(':').next(), Some("line 2, column 6"));
    assert!(mistakes("[[advise]]\n")[0].contains("unknown field"));
}

#[test]
fn a_condition_whose_types_do_not_fit_is_refused_when_it_is_read() {
    let told = mistakes(&one("contact.channel > 1"));
    assert!(told[0].contains("its values are of other types than it takes"), "{told:?}");
}

#[test]
fn a_condition_that_divides_by_zero_is_told_so() {
    for condition in ["1 / 0 > 0", "1 % 0 > 0", "cases.complaints / cases.open > 1"] {
        let told = mistakes(&one(condition));
        assert!(told[0].contains("it divides by zero"), "{told:?}");
    }
    assert!(Playbook::read(&one("cases.open > 0 && cases.complaints / cases.open > 1")).is_ok());
}

#[test]
fn codes_have_names_and_a_playbooks_own_come_first() {
    assert!(advice::read(USUAL_NAMES, &Arc::default()).is_ok());
    let own = "[names.reason]\nlate_delivery = { pt-BR = \"atraso\" }\n[names.topic]\ninvoice = { en = \"bill\" }\n";
    let playbook = Playbook::read(own).unwrap();
    for (group, code, language, word) in [
        ("reason", "late_delivery", "pt-BR", "atraso"),
        // A topic may be a reason, but the other way round it is not.
        ("topic", "late_delivery", "pt-BR", "atraso"),
        ("topic", "invoice", "en", "bill"),
        ("reason", "invoice", "en", "invoice"),
        ("reason", "wrong_item", "es-MX", "artículo equivocado"),
        ("queue", "entregas", "en", "Deliveries"),
        // Nobody named it: it is shown as it is, and so is whatever has no underscore.
        ("reason", "segunda_via_do_boleto", "en", "segunda via do boleto"),
        ("status", "Em-Análise", "pt-BR", "Em-Análise"),
        ("nothing", "x_y", "en", "x y"),
    ] {
        assert_eq!(playbook.names().word(group, code, language), word, "{group} {code} {language}");
    }
    assert!(playbook.names().all("pt").any(|name| name == ("reason", "late_delivery", "atraso")));
}

#[test]
fn names_that_do_not_fit_are_told_with_the_other_mistakes() {
    let text = format!(
        "{}[names.reasons]\na = {{ en = \"x\" }}\n[names.reason]\nb = {{}}\nc = {{ en = \"\" }}\n",
        one("cases.opn > 0")
    );
    let told = mistakes(&text);
    assert_eq!(told.len(), 4, "{told:?}");
    assert!(told[1].starts_with("names.reason.b: is in no language"), "{told:?}");
    assert!(told[2].starts_with("names.reason.c, en: is empty or too long"), "{told:?}");
    assert_eq!(told[3], "names.reasons: is nothing that has codes; did you mean `reason`?");
}
