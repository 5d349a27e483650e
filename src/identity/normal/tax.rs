//! Brazilian tax numbers, with their check digits.
//!
//! CPF and CNPJ: modulus 11, Receita Federal. From July 2026 on the first twelve places of a CNPJ may be letters
//! (Instrução Normativa RFB 2.229/2024): each counts as its ASCII code less 48.

use super::Refusal;

const CPF_HELP: &str = "send the eleven digits of a CPF, its check digits included";
const CNPJ_HELP: &str = "send the fourteen characters of a CNPJ, its check digits included";

/// Eleven digits without punctuation; leading zeroes that a spreadsheet lost are put back.
pub(super) fn cpf(value: &str) -> Result<String, Refusal> {
    let values = places(value, 11)
        .filter(|places| places.iter().all(|place| *place < 10))
        .ok_or(("has not eleven digits", CPF_HELP))?;
    let (first, second) = (check(&values, 9, 10), check(&values, 10, 11));
    if values.get(9..) != Some(&[first, second]) {
        return Err(("has check digits that do not fit", CPF_HELP));
    }
    Ok(text(&values))
}

/// Fourteen digits or letters without punctuation.
pub(super) fn cnpj(value: &str) -> Result<String, Refusal> {
    let values = places(value, 14).ok_or(("has not fourteen places", CNPJ_HELP))?;
    let (first, second) = (check(&values, 12, 9), check(&values, 13, 9));
    if values.get(12..) != Some(&[first, second]) {
        return Err(("has check digits that do not fit", CNPJ_HELP));
    }
    Ok(text(&values))
}

/// The places of a number: their ASCII codes less 48, without punctuation, filled with zeroes in front when at most three
/// are missing and all are digits.
fn places(value: &str, count: usize) -> Option<Vec<u8>> {
    let mut places = Vec::with_capacity(count);
    for c in value.trim().chars() {
        match c {
            '.' | '-' | '/' | ' ' => {}
            c if c.is_ascii_alphanumeric() => places.push((c.to_ascii_uppercase() as u8).checked_sub(48)?),
            _ => return None,
        }
    }
    let missing = count.checked_sub(places.len())?;
    let fits = missing == 0 || (missing <= 3 && places.iter().all(|place| *place < 10));
    fits.then(|| [vec![0; missing], places].concat())
}

/// The check digit over the first `count` places, with weights that fall from `top` to 2 and begin again at 9.
fn check(places: &[u8], count: usize, top: u32) -> u8 {
    let weight = |from_end: usize| match top {
        9 => 2 + (from_end as u32 % 8),
        _ => 2 + from_end as u32,
    };
    let sum: u32 =
        places.iter().take(count).rev().enumerate().map(|(from_end, place)| u32::from(*place) * weight(from_end)).sum();
    match sum % 11 {
        0 | 1 => 0,
        rest => (11 - rest) as u8,
    }
}

fn text(places: &[u8]) -> String {
    places.iter().map(|place| char::from(place + 48)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_with_the_right_check_digits_come_out_bare() {
        // Widely published examples; the last is that of the Receita Federal for letters.
        assert_eq!(cpf("529.982.247-25").unwrap(), "52998224725");
        assert_eq!(cpf("111.444.777-35").unwrap(), "11144477735");
        assert_eq!(cnpj("11.222.333/0001-81").unwrap(), "11222333000181");
        assert_eq!(cnpj("12.abc.345/01de-35").unwrap(), "12ABC34501DE35");
    }

    #[test]
    fn zeroes_that_a_spreadsheet_lost_are_put_back() {
        assert_eq!(cpf("191").unwrap_err().0, "has not eleven digits");
        assert_eq!(cnpj("191").unwrap_err().0, "has not fourteen places");
        assert_eq!(cnpj("00000000000191").unwrap(), "00000000000191");
        assert_eq!(cpf("1234567890").unwrap(), "01234567890");
    }

    #[test]
    fn every_single_wrong_digit_is_found() {
        let right = "52998224725";
        for at in 0..right.len() {
            let mut wrong = right.as_bytes().to_vec();
            wrong[at] = b'0' + (wrong[at] - b'0' + 1) % 10;
            assert!(cpf(std::str::from_utf8(&wrong).unwrap()).is_err(), "{at}");
        }
    }

    #[test]
    fn letters_and_other_lengths_are_no_cpf() {
        for wrong in ["5299822472A", "529982247255", "ça"] {
            assert!(cpf(wrong).is_err(), "{wrong}");
        }
    }
}
