//! Binary mode: the attributes in headers, the data in the body.

use serde_json::{Map, Value};

use crate::event::Invalid;
use crate::ingest::rejected::{Code, Place, Rejected};

use super::attributes::read_item;
use super::{Item, header_value, modes};

/// Reads an event whose attributes are `ce-` headers and whose data is the body.
///
/// `headers` are all headers of the request, names in any case; those that are neither `ce-` nor `content-type` are
/// passed over. An empty body is an event without data.
///
/// # Errors
/// [`Rejected`] names the header or the field of the data.
pub fn read_binary<'a>(headers: impl IntoIterator<Item = (&'a str, &'a [u8])>, body: &[u8]) -> Result<Item, Rejected> {
    let place = Place::default();
    let refuse = |code, problem| Rejected::new(place, None, code, problem);
    let mut event = Map::new();
    for (name, value) in headers {
        let Some(attribute) = attribute_of(name) else { continue };
        let help = "send UTF-8, percent-encoded as the CloudEvents HTTP binding says";
        let text = header_value::decode(value)
            .map_err(|reason| refuse(Code::InvalidEncoding, Invalid::new(name.to_ascii_lowercase(), reason, help)))?;
        if event.insert(attribute, Value::String(text)).is_some() {
            let problem = Invalid::new(name.to_ascii_lowercase(), "is there twice", "send each header once");
            return Err(refuse(Code::InvalidField, problem));
        }
    }
    if !body.is_empty() {
        let data = modes::parse(body, "data").map_err(|(code, problem)| refuse(code, problem))?;
        event.insert("data".into(), data);
    }
    read_item(place, Value::Object(event))
}

/// The attribute that a header carries; `ce-datacontenttype` has no place in this mode (section 3.1.1) and is passed over.
fn attribute_of(header: &str) -> Option<String> {
    let name = header.to_ascii_lowercase();
    match name.strip_prefix("ce-") {
        Some("data" | "datacontenttype") => None,
        Some(attribute) => Some(attribute.to_owned()),
        None if name == "content-type" => Some("datacontenttype".into()),
        None => None,
    }
}
