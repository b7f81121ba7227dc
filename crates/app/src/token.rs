//! Bearer tokens with enough entropy that nobody guesses them (RFC 7644 section 7.4).

/// Letters and digits that are not mistaken for one another when read aloud or typed.
const ALPHABET: &[u8; 32] = b"abcdefghijkmnpqrstuvwxyz23456789";
/// Five bits each: 160 bits in all.
const LETTERS: usize = 32;

/// A new random token.
pub(crate) fn random() -> Result<String, getrandom::Error> {
    let mut bytes = [0; LETTERS];
    getrandom::fill(&mut bytes)?;
    Ok(bytes.iter().map(|byte| char::from(ALPHABET[usize::from(byte & 31)])).collect())
}

#[cfg(test)]
mod tests {
    #[test]
    fn tokens_are_long_plain_and_never_the_same() {
        let (one, other) = (super::random().unwrap(), super::random().unwrap());
        assert_ne!(one, other);
        assert_eq!(one.len(), super::LETTERS);
        assert!(one.bytes().all(|byte| super::ALPHABET.contains(&byte)));
    }
}
