//! "Did you mean ...?"

/// The candidate that is nearest to the word, if one is near enough: a typing mistake or two, or the beginning of one.
pub(super) fn nearest<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    const LONGEST: usize = 64;
    let word = word.to_ascii_lowercase();
    if word.is_empty() || word.len() > LONGEST {
        return None;
    }
    let allowed = match word.chars().count() {
        1..=2 => 1,
        3..=5 => 2,
        _ => 3,
    };
    let ranked = candidates.into_iter().filter(|candidate| candidate.len() <= LONGEST).filter_map(|candidate| {
        let lower = candidate.to_ascii_lowercase();
        if lower.starts_with(&word) {
            return Some((0, candidate));
        }
        let distance = distance(&word, &lower);
        // As many mistakes as letters would make anything near.
        (distance <= allowed && distance < lower.len().min(word.len())).then_some((distance, candidate))
    });
    ranked.min_by_key(|(distance, _)| *distance).map(|(_, candidate)| candidate)
}

/// How many letters have to be put in, left out, replaced or swapped with their neighbour.
fn distance(left: &str, right: &str) -> usize {
    let (left, right): (Vec<char>, Vec<char>) = (left.chars().collect(), right.chars().collect());
    let mut before_last: Vec<usize> = Vec::new();
    let mut last: Vec<usize> = (0..=right.len()).collect();
    for (i, a) in left.iter().enumerate() {
        let mut row = vec![i + 1];
        for (j, b) in right.iter().enumerate() {
            let replaced = last[j] + usize::from(a != b);
            let mut best = replaced.min(last[j + 1] + 1).min(row[j] + 1);
            if i > 0 && j > 0 && *a == right[j - 1] && left[i - 1] == *b {
                best = best.min(before_last[j - 1] + 1);
            }
            row.push(best);
        }
        before_last = std::mem::replace(&mut last, row);
    }
    last[right.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mistyped_word_finds_the_one_that_was_meant() {
        let fields = ["status", "method", "user", "seq", "op"];
        for (word, expected) in [
            ("staus", Some("status")),
            ("sattus", Some("status")),
            ("METHD", Some("method")),
            ("usr", Some("user")),
            ("stat", Some("status")),
            ("colour", None),
            ("x", None),
            ("", None),
        ] {
            assert_eq!(nearest(word, fields), expected, "{word}");
        }
    }
}
