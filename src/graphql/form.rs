//! What variables look like, as far as it decides whether they are valid: a document that was valid with variables of some form is
//! valid with all of that form.

use async_graphql::{Value, Variables};

use super::scalars::{is_moment, is_position};

/// A longer form is none: what is asked again and again has few variables.
const LONGEST: usize = 512;
/// A longer text is no value of an enum.
const LONGEST_WORD: usize = 48;

/// The names, sorts and nesting of variables, without what they say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Form(Vec<u8>);

impl Form {
    /// The form of some variables; `None` when it is too long.
    pub(super) fn of(variables: &Variables) -> Option<Self> {
        let mut form = Self(Vec::with_capacity(64));
        variables.iter().try_for_each(|(name, value)| form.member(name.as_str(), value))?;
        Some(form)
    }

    fn put(&mut self, bytes: &[u8]) -> Option<()> {
        self.0.extend_from_slice(bytes);
        (self.0.len() <= LONGEST).then_some(())
    }

    fn named(&mut self, name: &str) -> Option<()> {
        // No name of GraphQL has such an end, and of those that are none a text has no such byte.
        self.put(name.as_bytes())?;
        self.put(&[0xff])
    }

    fn member(&mut self, name: &str, value: &Value) -> Option<()> {
        self.named(name)?;
        self.value(value)
    }

    fn value(&mut self, value: &Value) -> Option<()> {
        match value {
            Value::Null => self.put(b"0"),
            Value::Boolean(_) => self.put(b"b"),
            Value::Number(number) if number.is_u64() && number.is_i64() => self.put(b"n"),
            Value::Number(number) if number.is_u64() => self.put(b"N"),
            Value::Number(number) if number.is_i64() => self.put(b"-"),
            Value::Number(_) => self.put(b"f"),
            Value::String(text) => self.text(text),
            Value::Enum(name) => {
                self.put(b"e")?;
                self.named(name.as_str())
            }
            Value::Binary(_) => self.put(b"x"),
            Value::List(items) => self.list(items),
            Value::Object(members) => {
                self.put(b"{")?;
                members.iter().try_for_each(|(name, value)| self.member(name.as_str(), value))?;
                self.put(b"}")
            }
        }
    }

    /// A text by what it can be read as: the values of enums are told apart.
    fn text(&mut self, text: &str) -> Option<()> {
        if is_word(text) {
            self.put(b"w")?;
            return self.named(text);
        }
        match (is_position(text), is_moment(text)) {
            (true, _) => self.put(b"p"),
            (false, true) => self.put(b"m"),
            (false, false) => self.put(b"t"),
        }
    }

    /// Items of one form behind one another count once: how many there are does not matter.
    fn list(&mut self, items: &[Value]) -> Option<()> {
        self.put(b"[")?;
        let mut last = None;
        for item in items {
            let begins = self.0.len();
            self.value(item)?;
            let is_again = last.is_some_and(|last: (usize, usize)| self.0.get(last.0..last.1) == self.0.get(begins..));
            match is_again {
                true => self.0.truncate(begins),
                false => last = Some((begins, self.0.len())),
            }
        }
        self.put(b"]")
    }
}

/// Whether a text may be a value of an enum.
fn is_word(text: &str) -> bool {
    let fits = |byte: u8| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'_';
    text.len() <= LONGEST_WORD
        && text.bytes().all(fits)
        && text.bytes().next().is_some_and(|first| !first.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use async_graphql::parser::parse_schema;
    use async_graphql::parser::types::{TypeKind, TypeSystemDefinition};
    use serde_json::{Value as Json, json};

    use super::*;

    fn form(variables: Json) -> Option<Form> {
        Form::of(&Variables::from_json(variables))
    }

    #[test]
    fn what_texts_and_numbers_say_does_not_matter_and_what_they_are_does() {
        let by =
            |kind: &str, value: &str| form(json!({"by": {"identifier": {"kind": kind, "value": value}}, "last": 20}));
        assert_eq!(by("phone", "(11) 95550-0142"), by("email", "ana@example.com"));
        assert_ne!(by("phone", "11955500142"), by("email", "ana@example.com"), "which could be a position");
        let one = |value: Json| form(json!({"v": value}));
        let apart = [
            json!(null),
            json!(true),
            json!(1),
            json!(-1),
            json!(u64::MAX),
            json!(1.5),
            json!("a"),
            json!("OPEN"),
            json!("CLOSED"),
            json!("12"),
            json!("2026-01-05T13:07:41Z"),
            json!([]),
            json!(["a"]),
            json!(["a", 1]),
            json!([["a"]]),
            json!({}),
            json!({"a": "a"}),
            json!({"a": 1}),
            json!({"a": "a", "b": 1}),
            json!({"a": {"b": 1}}),
            json!({"aw": "a"}),
        ];
        for (at, one_value) in apart.iter().enumerate() {
            for other in apart.iter().skip(at + 1) {
                assert_ne!(one(one_value.clone()), one(other.clone()), "{one_value} and {other}");
            }
        }
        assert_ne!(form(json!({"a": 1})), form(json!({"b": 1})));
        assert_ne!(form(json!({"a": 1})), form(json!({"a": 1, "b": null})));
    }

    #[test]
    fn how_many_items_of_one_form_a_list_has_does_not_matter() {
        assert_eq!(form(json!({"v": ["a", "b", "c"]})), form(json!({"v": ["x"]})));
        assert_eq!(form(json!({"v": [{"a": 1}, {"a": 2}]})), form(json!({"v": [{"a": 3}]})));
        assert_ne!(form(json!({"v": ["a", 1]})), form(json!({"v": ["a", 1, "b"]})));
        assert_ne!(form(json!({"v": [[1], [1, "a"]]})), form(json!({"v": [[1]]})));
    }

    #[test]
    fn variables_without_end_have_no_form() {
        let many: serde_json::Map<String, Json> = (0..200).map(|n| (format!("v{n}"), json!(1))).collect();
        assert_eq!(form(Json::Object(many)), None);
        assert!(form(json!({"v": "a".repeat(100_000)})).is_some());
    }

    #[test]
    fn every_scalar_and_enum_of_the_schema_is_told_by_its_form() {
        for definition in parse_schema(crate::graphql::sdl()).unwrap().definitions {
            let TypeSystemDefinition::Type(definition) = definition else { continue };
            let name = definition.node.name.node.as_str();
            match definition.node.kind {
                // Of these validity depends on the text for `DateTime` and `Position` alone.
                TypeKind::Scalar => assert!(["Channel", "DateTime", "JSON", "Position"].contains(&name), "{name}"),
                TypeKind::Enum(of) => {
                    of.values.iter().for_each(|value| assert!(is_word(&value.node.value.node), "{name}"))
                }
                TypeKind::Object(_) | TypeKind::Interface(_) | TypeKind::Union(_) | TypeKind::InputObject(_) => {}
            }
        }
    }
}
