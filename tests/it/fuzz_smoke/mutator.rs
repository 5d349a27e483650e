//! Bytes made of good bytes by small damage. The same seed gives the same bytes on every machine.

/// splitmix64 (Steele, Lea and Flood 2014): small, and good enough to choose where to damage.
pub(crate) struct Dice(u64);

impl Dice {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed)
    }

    fn roll(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number below `bound`; 0 when there is none.
    pub(crate) fn below(&mut self, bound: usize) -> usize {
        if bound == 0 { 0 } else { (self.roll() % bound as u64) as usize }
    }

    fn byte(&mut self) -> u8 {
        self.roll() as u8
    }

    /// Any finite number: every bit pattern is as likely.
    pub(crate) fn float(&mut self) -> f64 {
        let float = f64::from_bits(self.roll());
        if float.is_finite() { float } else { self.float() }
    }

    pub(crate) fn one_of<'a, T>(&mut self, all: &'a [T]) -> &'a T {
        &all[self.below(all.len())]
    }
}

/// Pieces on which the decoders' grammars turn: bincode's marks of long integers, lengths that no input has, JSON's
/// brackets, numbers at the edge, letters whose lower case is longer, text that is not UTF-8.
const PIECES: &[&[u8]] = &[
    &[0],
    &[0xff; 8],
    &[251, 0xff, 0xff],
    &[252, 0xff, 0xff, 0xff, 0x7f],
    &[253, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff],
    &[254],
    &[0x80, 0, 0, 0],
    b"{",
    b"}",
    b"[",
    b"]",
    b"\"",
    b",",
    b":",
    b"\\u0000",
    b"\\ud800",
    b"null",
    b"-1",
    b"1e400",
    b"0.1",
    b"2.5e-7",
    b"123456789.123456789",
    b"922337203685477.5807",
    b"18446744073709551615",
    b"9999-12-31T23:59:59.9999999Z",
    b"\n",
    b"\r\n",
    "\u{feff}".as_bytes(),
    "Ⱥ".as_bytes(),
    "İ".as_bytes(),
    "\u{85}".as_bytes(),
    "\u{2028}".as_bytes(),
    b"\xc3\x28",
    b"\xf0\x9f",
    b" ",
    b"(",
    b")",
    b"novelo.",
    b"%F0%9F",
    b"%",
];

/// A copy of one of the good inputs with one to four damages.
pub(crate) fn damaged(dice: &mut Dice, good: &[Vec<u8>]) -> Vec<u8> {
    let mut bytes = dice.one_of(good).clone();
    for _ in 0..=dice.below(4) {
        damage(dice, &mut bytes, good);
    }
    bytes
}

fn damage(dice: &mut Dice, bytes: &mut Vec<u8>, good: &[Vec<u8>]) {
    let at = dice.below(bytes.len());
    let end = at + dice.below((bytes.len() - at).min(64) + 1);
    match dice.below(9) {
        0 if !bytes.is_empty() => bytes[at] ^= 1 << dice.below(8),
        1 if !bytes.is_empty() => bytes[at] = dice.byte(),
        2 => drop(bytes.drain(at..end)),
        3 => bytes.truncate(at),
        4 => put(bytes, at..at, &[dice.byte()]),
        5 => {
            let piece: &&[u8] = dice.one_of(PIECES);
            put(bytes, at..end, piece);
        }
        6 => put(bytes, at..at, &dice.one_of(PIECES).repeat(1 + dice.below(40))),
        7 => {
            let piece = bytes[at..end].to_vec();
            let to = dice.below(bytes.len());
            put(bytes, to..to, &piece);
        }
        _ => {
            let other = dice.one_of(good);
            let from = dice.below(other.len());
            let until = from + dice.below((other.len() - from).min(200) + 1);
            put(bytes, at..end, &other[from..until]);
        }
    }
}

fn put(bytes: &mut Vec<u8>, range: std::ops::Range<usize>, piece: &[u8]) {
    bytes.splice(range, piece.iter().copied());
}

#[test]
fn the_same_seed_gives_the_same_bytes_and_another_gives_others() {
    let good = [b"{\"a\": [1, 2, 3]}".to_vec(), vec![1, 251, 0, 3]];
    let many = |seed| {
        let mut dice = Dice::new(seed);
        (0..200).map(|_| damaged(&mut dice, &good)).collect::<Vec<_>>()
    };
    assert_eq!(many(1), many(1));
    assert_ne!(many(1), many(2));
    let different: std::collections::BTreeSet<Vec<u8>> = many(1).into_iter().collect();
    assert!(different.len() > 150, "only {} different inputs of 200", different.len());
}
