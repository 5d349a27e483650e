//! Telephone numbers, in E.164.

use phonenumber::country::Id;
use quick_cache::sync::Cache;

use super::Refusal;

const HELP: &str = "send it in E.164, such as +5511987654321, or with its area code";

/// Digits of a number of Brazil with its area code.
const NATIONAL: usize = 11;

/// What an address of a telephone begins with.
const SCHEMES: [&str; 3] = ["tel", "sip", "sips"];

/// So many of the same digit fill a mobile number of Brazil behind its area code.
const FILLED: usize = 9;

/// So many texts of valid numbers are kept, and as many of accounts of WhatsApp, of so many bytes at most: whoever calls does it
/// again, and to check one number takes as long as the rest of reading an event.
const KEPT: usize = 65_536;
const KEPT_BYTES: usize = 40;

/// The telephone numbers of a region, and what some texts have come to.
#[derive(Debug)]
pub(in crate::identity) struct Phones {
    region: Id,
    /// By the text, the digits of E.164, which never begin with a zero.
    numbers: Cache<Box<str>, u64>,
    accounts: Cache<Box<str>, u64>,
}

impl Phones {
    /// Numbers without a country's code are of this region.
    pub(in crate::identity) fn of(region: Id) -> Self {
        Self { region, numbers: Cache::new(KEPT), accounts: Cache::new(KEPT) }
    }

    /// As [`normal`] says, without checking once more what was valid lately.
    pub(super) fn normal(&self, value: &str, whatsapp: bool) -> Result<String, Refusal> {
        let kept = if whatsapp { &self.accounts } else { &self.numbers };
        if let Some(digits) = kept.get(value) {
            return Ok(format!("+{digits}"));
        }
        let normal = normal(value, self.region, whatsapp)?;
        if let (true, Some(digits)) = (value.len() <= KEPT_BYTES, digits(&normal)) {
            kept.insert(value.into(), digits);
        }
        Ok(normal)
    }
}

/// The digits of a number in E.164, when they say all of it.
fn digits(normal: &str) -> Option<u64> {
    let digits = normal.strip_prefix('+').filter(|digits| digits.starts_with(|c: char| matches!(c, '1'..='9')))?;
    digits.parse().ok()
}

/// In E.164. A number without a country's code is of `region`; one behind `00` has one. A WhatsApp account always has one, without
/// a plus sign: so is read what is written as one, by its digits alone, when it is followed by its domain (`@s.whatsapp.net`), or is
/// too long for a number of Brazil without it. A Brazilian mobile number without its ninth digit gets it.
fn normal(value: &str, region: Id, whatsapp: bool) -> Result<String, Refusal> {
    let value = without_scheme(value.trim());
    let account = value.split(['@', ':']).next().unwrap_or(value);
    let digits_alone = !account.starts_with('0') && account.bytes().all(|byte| byte.is_ascii_digit());
    let has_domain = value.len() > account.len();
    let is_account = whatsapp && digits_alone && (has_domain || account.len() > NATIONAL || region != Id::BR);
    let with_plus = format!("+{account}");
    // What was taken for one thing may still be the other: a number of the region, or one that lost its plus sign.
    let (first, second) = if is_account { (&*with_plus, account) } else { (account, &*with_plus) };
    let ninth = with_ninth_digit(first, region);
    let number = ninth.as_deref().into_iter().chain([first, second]).find_map(|text| valid(text, region));
    let from_abroad = || valid(&format!("+{}", account.strip_prefix("00")?), region);
    number.or_else(from_abroad).ok_or(("is no telephone number that exists", HELP))
}

/// Whether a number in E.164 is what is typed where a field must be filled: nine times the same digit at its end, such as
/// +5511999999999, which as a number is valid.
pub(in crate::identity) fn is_filler(number: &str) -> bool {
    let mut last = number.bytes().rev().take(FILLED);
    let first = last.next();
    number.len() > FILLED && last.all(|digit| Some(digit) == first)
}

/// Without the scheme of an address of a telephone (RFC 3966, RFC 3261), which a PBX writes before it.
fn without_scheme(value: &str) -> &str {
    let scheme =
        value.split_once(':').filter(|(scheme, _)| SCHEMES.iter().any(|known| scheme.eq_ignore_ascii_case(known)));
    scheme.map_or(value, |(_, number)| number)
}

/// The number in E.164, when it is valid.
fn valid(text: &str, region: Id) -> Option<String> {
    let number = phonenumber::parse(Some(region), text).ok()?;
    let plain = number.extension().is_none() && phonenumber::is_valid(&number);
    plain.then(|| number.format().mode(phonenumber::Mode::E164).to_string())
}

/// The number with the ninth digit, when it is a Brazilian mobile number of before 2016: area code, then eight digits
/// that begin with 6 to 9 (Anatel, Resolução 553/2010).
fn with_ninth_digit(text: &str, region: Id) -> Option<String> {
    let digits: String = text.chars().filter(char::is_ascii_digit).collect();
    let national = match text.starts_with('+') {
        true => digits.strip_prefix("55")?,
        false if region != Id::BR => return None,
        false => digits.strip_prefix("55").filter(|rest| rest.len() == 10).unwrap_or(&digits),
    };
    let national = national.strip_prefix('0').unwrap_or(national);
    let (area, line) = (national.get(..2)?, national.get(2..)?);
    (line.len() == 8 && line.starts_with(['6', '7', '8', '9'])).then(|| format!("+55{area}9{line}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn br(text: &str) -> String {
        normal(text, Id::BR, false).unwrap()
    }

    #[test]
    fn brazilian_numbers_come_out_in_e164() {
        for text in ["(11) 98765-4321", "11987654321", "+55 11 98765 4321", "5511987654321", "011 98765-4321"] {
            assert_eq!(br(text), "+5511987654321", "{text}");
        }
        assert_eq!(br("(11) 3031-2000"), "+551130312000");
    }

    #[test]
    fn a_missing_ninth_digit_is_added_to_mobiles_alone() {
        for text in ["(11) 8765-4321", "1187654321", "+551187654321", "551187654321"] {
            assert_eq!(br(text), "+5511987654321", "{text}");
        }
        assert_eq!(br("+55 11 3031 2000"), "+551130312000");
    }

    #[test]
    fn the_account_of_whatsapp_has_its_country_without_a_plus() {
        let whatsapp = |text| normal(text, Id::BR, true).unwrap();
        assert_eq!(whatsapp("551187654321"), "+5511987654321");
        assert_eq!(whatsapp("5511987654321@s.whatsapp.net"), "+5511987654321");
        assert_eq!(whatsapp("447400123456"), "+447400123456");
        assert_eq!(whatsapp("+351912345678"), "+351912345678");
    }

    #[test]
    fn a_number_is_the_same_however_it_is_written_and_whatever_it_is_sent_as() {
        for text in [
            "(11) 98765-4321",
            "11 98765-4321",
            "11-98765-4321",
            "11.98765.4321",
            "011 98765-4321",
            "011987654321",
            "11 8765-4321",
            "0 15 11 98765-4321",
            "+55 (11) 98765-4321",
            "0055 11 987654321",
            "tel:+55-11-98765-4321",
            "sip:+5511987654321@pbx.example",
        ] {
            for whatsapp in [false, true] {
                assert_eq!(normal(text, Id::BR, whatsapp).unwrap(), "+5511987654321", "{text} {whatsapp}");
            }
        }
        for whatsapp in [false, true] {
            assert_eq!(normal("51 99876-5432", Id::BR, whatsapp).unwrap(), "+5551998765432");
            assert_eq!(normal("00351912345678", Id::BR, whatsapp).unwrap(), "+351912345678");
        }
    }

    #[test]
    fn an_account_with_its_domain_is_of_the_country_that_it_begins_with() {
        for account in ["51998765432", "6591234567", "4791234567", "34912345678", "14155552671", "5511987654321"] {
            assert_eq!(normal(&format!("{account}@s.whatsapp.net"), Id::BR, true).unwrap(), format!("+{account}"));
        }
        assert_eq!(normal("51998765432", Id::BR, true).unwrap(), "+5551998765432", "who leaves it out is at home");
    }

    #[test]
    fn numbers_of_other_countries_keep_their_country() {
        assert_eq!(br("+44 7400 123456"), "+447400123456");
        assert_eq!(normal("912 345 678", Id::PT, false).unwrap(), "+351912345678");
    }

    #[test]
    fn nine_of_the_same_digit_only_fill_a_field() {
        for filler in ["(11) 99999-9999", "11 9999-9999", "+5521999999999"] {
            assert!(is_filler(&br(filler)), "{filler}");
        }
        for number in ["(11) 3333-3333", "(11) 98888-8888", "(99) 99999-9998", "+44 7400 123456"] {
            assert!(!is_filler(&br(number)), "{number}");
        }
    }

    #[test]
    fn what_is_no_number_is_refused() {
        for wrong in ["", "ana", "123", "00", "+99912345", "11 98765-43210000"] {
            assert!(normal(wrong, Id::BR, false).is_err(), "{wrong}");
        }
    }

    #[test]
    fn what_is_kept_is_what_was_checked() {
        let phones = Phones::of(Id::BR);
        let texts = ["(11) 8765-4321", "5511987654321", "447400123456", "+44 7400 123456", "+3906123456", "123", "ana"];
        for (text, whatsapp) in [false, true, false, true].iter().flat_map(|account| texts.map(|text| (text, *account)))
        {
            assert_eq!(phones.normal(text, whatsapp), normal(text, Id::BR, whatsapp), "{text} {whatsapp}");
        }
        let valid = |whatsapp| texts.iter().filter(|text| normal(text, Id::BR, whatsapp).is_ok()).count();
        assert_eq!((phones.numbers.len(), phones.accounts.len()), (valid(false), valid(true)));
        let spaces = " ".repeat(KEPT_BYTES);
        assert!(phones.normal(&format!("{spaces}11987654321"), false).is_ok());
        assert_eq!(phones.numbers.len(), valid(false), "too long to be kept");
    }
}
